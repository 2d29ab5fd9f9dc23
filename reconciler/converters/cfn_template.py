"""Specs as a CloudFormation template, and the file that imports live pools into a stack."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.converters.cfn_sources import POOL, PRINCIPAL_TAGS, ROLES
from reconciler.converters.cloudformation import METADATA
from reconciler.converters.export import Export, ExportedPool, any_secret, not_carried
from reconciler.model.base import JsonValue
from reconciler.model.pool import SETTINGS_FIELDS, TAGS_FIELD, Pool, pool_as_api
from reconciler.text.emission import block_lines

_Resources = dict[str, JsonValue]
_WORD: Final = re.compile(r"[A-Za-z0-9]+")
# Names whose logical id leads back to them: no digit begins a word.
_PLAIN_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*")
_HASH: Final = 6


def to_cloudformation(pools: Sequence[ExportedPool], *, as_json: bool) -> Export:
    """A template of these pools; every resource stays when it leaves the stack."""
    template: dict[str, JsonValue] = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Identity pools that idpool has kept",
        "Resources": {key: value for each in pools for key, value in _resources(each).items()},
    }
    text = json.dumps(template, indent=2, ensure_ascii=False) if as_json else _yaml(template)
    imports = [entry for each in pools for entry in _imports(each)]
    return Export(
        text=f"{text}\n",
        holds_secret=any_secret(pools),
        notes=(*not_carried(pools), *_lifecycles(pools)),
        steps=tuple(_steps(bool(imports))),
        imports=f"{json.dumps(imports, indent=2)}\n" if imports else "",
    )


def logical_id(name: str) -> str:
    """The beginning of a spec's logical ids: other names have other ones, whatever is added."""
    words = "".join(word.capitalize() for word in _WORD.findall(name))
    return words if _PLAIN_NAME.fullmatch(name) else f"Pool{words}{_hash(name)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH]


def _yaml(template: dict[str, JsonValue]) -> str:
    return "\n".join(block_lines(template, 0))


def _resources(each: ExportedPool) -> _Resources:
    head = logical_id(each.name)
    pool_id = f"{head}Pool"
    resources: _Resources = {pool_id: _resource(POOL, _pool(each.pool), name=each.name)}
    reference: JsonValue = {"Ref": pool_id}
    if each.pool.Roles is not None:
        roles = {"IdentityPoolId": reference, **_roles(each.pool)}
        resources[f"{head}Roles"] = _resource(ROLES, roles)
    for provider, tags in (each.pool.PrincipalTagAttributeMaps or {}).items():
        fields: dict[str, JsonValue] = {
            "IdentityPoolId": reference,
            "IdentityProviderName": provider,
            "UseDefaults": tags.UseDefaults,
            "PrincipalTags": dict(tags.PrincipalTags),
        }
        resources[_tags_id(head, provider)] = _resource(PRINCIPAL_TAGS, fields)
    return resources


def _tags_id(head: str, provider: str) -> str:
    return f"{head}Tags{_hash(provider)}"


def _resource(kind: str, properties: dict[str, JsonValue], name: str = "") -> JsonValue:
    resource: dict[str, JsonValue] = {
        "Type": kind,
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
    }
    if name:
        resource["Metadata"] = {METADATA: {"name": name}}
    return {**resource, "Properties": properties}


def _pool(pool: Pool) -> dict[str, JsonValue]:
    """What is not set is left out; a flag is said, for AWS has defaults of its own."""
    api = {name: pool_as_api(pool).get(name) for name in (*SETTINGS_FIELDS, TAGS_FIELD)}
    api[TAGS_FIELD] = [{"Key": k, "Value": v} for k, v in pool.IdentityPoolTags.items()]
    return {key: value for key, value in api.items() if value or value is False}


def _roles(pool: Pool) -> dict[str, JsonValue]:
    mappings: dict[str, JsonValue] = {
        _mapping_key(provider): {"IdentityProvider": provider, **mapping.to_api()}
        for provider, mapping in (pool.RoleMappings or {}).items()
    }
    roles: dict[str, JsonValue] = {"Roles": dict(pool.Roles or {})}
    return {**roles, "RoleMappings": mappings} if mappings else roles


def _mapping_key(provider: str) -> str:
    words = "".join(word.capitalize() for word in _WORD.findall(provider))
    return f"{words[:40]}{_hash(provider)}"


def _imports(each: ExportedPool) -> Iterator[dict[str, JsonValue]]:
    """Entries of ``--resources-to-import``: the primary identifiers of the resource schemas."""
    if each.pool_id is None:
        return
    head = logical_id(each.name)
    yield _import(POOL, f"{head}Pool", Id=each.pool_id)
    if each.sets_roles:
        yield _import(ROLES, f"{head}Roles", Id=each.pool_id)
    for provider in each.pool.PrincipalTagAttributeMaps or {}:
        yield _import(
            PRINCIPAL_TAGS,
            _tags_id(head, provider),
            IdentityPoolId=each.pool_id,
            IdentityProviderName=provider,
        )


def _import(kind: str, resource_id: str, **identifier: JsonValue) -> dict[str, JsonValue]:
    return {
        "ResourceType": kind,
        "LogicalResourceId": resource_id,
        "ResourceIdentifier": identifier,
    }


def _lifecycles(pools: Sequence[ExportedPool]) -> Iterator[str]:
    for each in pools:
        if each.lifecycle.ignore_changes:
            fields = ", ".join(each.lifecycle.ignore_changes)
            yield f"{each.name}: CloudFormation will write {fields}: it knows no ignoreChanges."


def _steps(has_imports: bool) -> Iterator[str]:
    yield "To take the live pools into a stack, without a new one:"
    if not has_imports:
        yield "  1. Give the pools' ids with --id NAME=ID, and a file with --import-file"
        return
    yield "  1. aws cloudformation create-change-set --change-set-type IMPORT --stack-name STACK \\"
    yield "       --change-set-name import --template-body file://TEMPLATE \\"
    yield "       --resources-to-import file://IMPORTS     (written with --import-file)"
    yield "  2. Look at the change set: every resource is to be imported, none added; execute it"
    yield "  3. Remove the specs from this repository; the ownership tags may be removed, too"
