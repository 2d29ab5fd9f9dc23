"""What an exported text says, read without any of idpool's code."""

import json
import re
from collections.abc import Mapping
from typing import Any

import hcl2

_TF = "aws_cognito_identity_pool"
_ESCAPE = re.compile(r'\\(u[0-9a-f]{4}|U[0-9a-f]{8}|[nrt"\\])')
_SHORT = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def specs_of_template(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """``spec:`` blocks by the pools' logical ids, of a template without functions but Ref."""
    resources = template["Resources"]
    specs = {
        key: dict(value["Properties"])
        for key, value in resources.items()
        if value["Type"].endswith("::IdentityPool")
    }
    for spec in specs.values():
        if "IdentityPoolTags" in spec:
            pairs = spec["IdentityPoolTags"]
            spec["IdentityPoolTags"] = {pair["Key"]: pair["Value"] for pair in pairs}
    for value in resources.values():
        properties = dict(value["Properties"])
        if value["Type"].endswith("::IdentityPoolRoleAttachment"):
            _add_roles(specs[properties["IdentityPoolId"]["Ref"]], properties)
        elif value["Type"].endswith("::IdentityPoolPrincipalTag"):
            spec = specs[properties.pop("IdentityPoolId")["Ref"]]
            maps = spec.setdefault("PrincipalTagAttributeMaps", {})
            maps[properties.pop("IdentityProviderName")] = properties
    return specs


def _add_roles(spec: dict[str, Any], properties: dict[str, Any]) -> None:
    mappings = {}
    for mapping in properties.get("RoleMappings", {}).values():
        fields = dict(mapping)
        mappings[fields.pop("IdentityProvider")] = fields
    spec["Roles"], spec["RoleMappings"] = properties["Roles"], mappings


def hcl_values(text: str) -> dict[str, Any]:
    """A configuration as plain values: texts unquoted, references as ``${...}``."""
    values: dict[str, Any] = _unquoted(hcl2.loads(text))
    return values


def _unquoted(value: Any) -> Any:
    if isinstance(value, dict):
        return {_text(k): _unquoted(v) for k, v in value.items() if not k.startswith("__")}
    if isinstance(value, list):
        return [_unquoted(item) for item in value]
    return _text(value) if isinstance(value, str) else value


def _text(raw: str) -> str:
    """A quoted text as Terraform reads it (HCL native syntax specification)."""
    if not raw.startswith('"'):
        return raw
    assert not re.search(r"(?<![$%])[$%]\{", raw), f"a template: {raw}"
    unescaped = _ESCAPE.sub(_unescape, raw[1:-1])
    return re.sub(r"([$%])\1(?=\{)", r"\1", unescaped)


def _unescape(match: "re.Match[str]") -> str:
    code = match[1]
    return _SHORT[code] if code in _SHORT else chr(int(code[1:], 16))


def resources_of(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The resources of a configuration by their addresses."""
    found: dict[str, dict[str, Any]] = {}
    for block in values.get("resource", []):
        for kind, named in block.items():
            found |= {f"{kind}.{name}": body for name, body in named.items()}
    return found


def applied_state(text: str, ids: Mapping[str, str]) -> str:
    """The state (version 4) that Terraform keeps once a configuration is applied.

    ``ids``: pool ids by the pools' names in the configuration.
    """
    resources = []
    for address, body in resources_of(hcl_values(text)).items():
        kind, _, name = address.partition(".")
        attributes = {key: value for key, value in body.items() if key != "lifecycle"}
        pool = attributes.get("identity_pool_id", f"${{{_TF}.{name}.id}}")
        pool_id = ids[pool.removeprefix(f"${{{_TF}.").removesuffix(".id}")]
        attributes |= {"id": pool_id} if kind == _TF else {"identity_pool_id": pool_id}
        resources.append(
            {
                "mode": "managed",
                "type": kind,
                "name": name,
                "instances": [{"schema_version": 0, "attributes": attributes}],
            }
        )
    return json.dumps({"version": 4, "resources": resources})


def spec_of_attributes(resources: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A ``spec:`` block from the attributes of one pool's resources, by their addresses."""
    spec: dict[str, Any] = {}
    for address, body in resources.items():
        kind = address.split(".")[-2] if "." in address else address
        if kind == _TF:
            spec |= _settings(body)
        elif kind.endswith("roles_attachment"):
            spec["Roles"] = body["roles"]
            spec["RoleMappings"] = dict(map(_mapping, body.get("role_mapping") or []))
        else:
            tags = {"UseDefaults": body["use_defaults"]}
            tags["PrincipalTags"] = body.get("principal_tags") or {}
            spec.setdefault("PrincipalTagAttributeMaps", {})[body["identity_provider_name"]] = tags
    return spec


def _settings(body: Mapping[str, Any]) -> dict[str, Any]:
    clients = [
        {
            "ProviderName": client["provider_name"],
            "ClientId": client["client_id"],
            "ServerSideTokenCheck": client["server_side_token_check"],
        }
        for client in body.get("cognito_identity_providers") or []
    ]
    return {
        "IdentityPoolName": body["identity_pool_name"],
        "AllowUnauthenticatedIdentities": body["allow_unauthenticated_identities"],
        "AllowClassicFlow": body.get("allow_classic_flow"),
        "SupportedLoginProviders": body.get("supported_login_providers"),
        "DeveloperProviderName": body.get("developer_provider_name"),
        "OpenIdConnectProviderARNs": body.get("openid_connect_provider_arns"),
        "SamlProviderARNs": body.get("saml_provider_arns"),
        "CognitoIdentityProviders": clients,
        "IdentityPoolTags": body.get("tags_all") or body.get("tags"),
    }


def _mapping(body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    mapping: dict[str, Any] = {
        "Type": body["type"],
        "AmbiguousRoleResolution": body.get("ambiguous_role_resolution"),
    }
    rules = [
        {
            "Claim": rule["claim"],
            "MatchType": rule["match_type"],
            "Value": rule["value"],
            "RoleARN": rule["role_arn"],
        }
        for rule in body.get("mapping_rule") or []
    ]
    if rules:
        mapping["RulesConfiguration"] = {"Rules": rules}
    return body["identity_provider"], mapping
