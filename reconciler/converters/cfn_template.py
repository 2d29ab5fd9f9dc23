"""Specs as a CloudFormation template, and the file that imports live pools into a stack."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from reconciler.converters.cfn_sources import POOL, PRINCIPAL_TAGS, ROLES
from reconciler.converters.cloudformation import METADATA
from reconciler.converters.export import Export, ExportedPool, not_carried, short_hash
from reconciler.model.base import JsonValue
from reconciler.model.pool import SETTINGS_FIELDS, Pool, pool_as_api
from reconciler.model.pool_fields import TAGS_FIELD
from reconciler.text.emission import block_lines

_Object = dict[str, JsonValue]
_WORD: Final = re.compile(r"[A-Za-z0-9]+")
# Names whose logical id leads back to them: no digit begins a word.
_PLAIN_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*")


class _Resource(NamedTuple):
    """One resource; ``identifier`` is the primary one of its schema, where the pool's id is known.

    ``name``: of a pool, its spec's.
    """

    logical_id: str
    kind: str
    properties: _Object
    identifier: _Object
    name: str = ""

    @property
    def written(self) -> _Object:
        """As a template has it; every resource stays when it leaves the stack."""
        kept: _Object = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
        if self.name:
            kept["Metadata"] = {METADATA: {"name": self.name}}
        return {"Type": self.kind, **kept, "Properties": self.properties}

    @property
    def imported(self) -> _Object:
        """An entry of ``--resources-to-import``."""
        return {
            "ResourceType": self.kind,
            "LogicalResourceId": self.logical_id,
            "ResourceIdentifier": self.identifier,
        }


def to_cloudformation(pools: Sequence[ExportedPool], *, as_json: bool) -> Export:
    """A template of these pools."""
    resources = [resource for each in pools for resource in _resources(each)]
    template: _Object = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Identity pools that idpool has kept",
        "Resources": {each.logical_id: each.written for each in resources},
    }
    as_yaml = "\n".join(block_lines(template, 0))
    text = json.dumps(template, indent=2, ensure_ascii=False) if as_json else as_yaml
    imports = [each.imported for each in resources if each.identifier]
    return Export(
        text=f"{text}\n",
        holds_secret=any(each.holds_secret for each in pools),
        notes=(*not_carried(pools), *_lifecycles(pools)),
        steps=tuple(_steps(bool(imports))),
        imports=f"{json.dumps(imports, indent=2)}\n" if imports else "",
    )


def logical_id(name: str) -> str:
    """The beginning of a spec's logical ids: other names have other ones, whatever is added."""
    words = "".join(word.capitalize() for word in _WORD.findall(name))
    return words if _PLAIN_NAME.fullmatch(name) else f"Pool{words}{short_hash(name)}"


def _resources(each: ExportedPool) -> Iterator[_Resource]:
    head, pool_id = logical_id(each.name), each.pool_id
    identifier: _Object = {"Id": pool_id} if pool_id else {}
    reference: _Object = {"IdentityPoolId": {"Ref": f"{head}Pool"}}
    yield _Resource(f"{head}Pool", POOL, _pool(each.pool), identifier, each.name)
    if each.pool.manages_roles:
        roles = {**reference, **_roles(each.pool)}
        yield _Resource(f"{head}Roles", ROLES, roles, identifier)
    for provider, tags in (each.pool.PrincipalTagAttributeMaps or {}).items():
        named: _Object = {"IdentityProviderName": provider}
        yield _Resource(
            f"{head}Tags{short_hash(provider)}",
            PRINCIPAL_TAGS,
            {**reference, **named, **tags.model_dump()},
            {"IdentityPoolId": pool_id, **named} if pool_id else {},
        )


def _pool(pool: Pool) -> _Object:
    """What is not set is left out; a flag is said, for AWS has defaults of its own."""
    api = {name: pool_as_api(pool).get(name) for name in (*SETTINGS_FIELDS, TAGS_FIELD)}
    api[TAGS_FIELD] = [{"Key": k, "Value": v} for k, v in pool.IdentityPoolTags.items()]
    return {key: value for key, value in api.items() if value or value is False}


def _roles(pool: Pool) -> _Object:
    mappings: _Object = {
        _mapping_key(provider): {"IdentityProvider": provider, **mapping.to_api()}
        for provider, mapping in (pool.RoleMappings or {}).items()
    }
    roles: _Object = {"Roles": dict(pool.Roles or {})}
    return {**roles, "RoleMappings": mappings} if mappings else roles


def _mapping_key(provider: str) -> str:
    words = "".join(word.capitalize() for word in _WORD.findall(provider))
    return f"{words[:40]}{short_hash(provider)}"


def _lifecycles(pools: Sequence[ExportedPool]) -> Iterator[str]:
    for each in pools:
        if each.spec.lifecycle.ignore_changes:
            fields = ", ".join(each.spec.lifecycle.ignore_changes)
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
