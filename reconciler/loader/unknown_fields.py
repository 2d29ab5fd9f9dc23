"""What to do about a field that a document cannot have."""

from collections.abc import Iterator
from functools import cache
from typing import Final

from reconciler.loader.problems import FieldPath, path_text
from reconciler.loader.schema import JsonSchema, SchemaName, resolved, schema, subschema
from reconciler.loader.spelling import meant, squeezed

# Fields that people paste or remember, by their squeezed names.
_SYNC: Final = (
    "remove it: idpool does not carry what is of Amazon Cognito Sync, which AWS has closed to new "
    "customers"
)
_POOL_HINTS: Final = {
    "identitypoolid": "not part of a spec: remove it; to bind the spec to that pool write "
    "metadata.adopt",
    "responsemetadata": "remove it: it belongs to the answer of the call, not to the pool",
    "cognitostreams": _SYNC,
    "cognitoevents": _SYNC,
    "pushsync": _SYNC,
    "tags": 'did you mean "IdentityPoolTags"?',
}
_ENVELOPE_HINTS: Final = {
    "namespace": "remove it: pools have no namespace; an owner is named in idpool.yaml",
    "labels": "remove it; tags of the pool are spec.IdentityPoolTags",
    "annotations": "remove it; tags of the pool are spec.IdentityPoolTags",
    "status": "remove it: a spec says what the pool is to be, not what it is",
    "properties": 'CloudFormation\'s "Properties" are "spec" here',
}


def fix_for(name: SchemaName, parent: FieldPath, field: str) -> str:
    """What to do about an unknown field of the mapping at ``parent``."""
    known = list(subschema(name, parent).get("properties", {}))
    key = squeezed(field)
    hints = _ENVELOPE_HINTS if not parent or parent == ("metadata",) else _POOL_HINTS
    if name == "identity-pool" and key in hints:
        return hints[key]
    if any(squeezed(one) == key for one in known):
        return f'did you mean "{meant(field, known)}"?'
    if elsewhere := _elsewhere(name).get(key):
        return f'"{elsewhere[-1]}" belongs under {path_text(elsewhere[:-1]) or "the top level"}'
    if guess := meant(field, known):
        return f'did you mean "{guess}"?'
    return f"remove it; known here: {', '.join(known)}"


@cache
def _elsewhere(name: SchemaName) -> dict[str, FieldPath]:
    """Every field that stands in one fixed place, by its squeezed name."""
    return {squeezed(str(path[-1])): path for path in _fixed_fields(name, schema(name), ())}


def _fixed_fields(name: SchemaName, part: JsonSchema, path: FieldPath) -> Iterator[FieldPath]:
    for field, value in resolved(name, part).get("properties", {}).items():
        yield (*path, field)
        yield from _fixed_fields(name, value, (*path, field))
