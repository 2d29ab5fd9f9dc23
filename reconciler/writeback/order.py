"""The documented order of fields, and where in a document each order holds."""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel

from reconciler.model.pool import FIELDS
from reconciler.model.pool_fields import Kind
from reconciler.model.spec import Lifecycle, Metadata, PoolDocument, PoolSpec
from reconciler.model.spec_values import (
    ClientSpec,
    PrincipalTagMapSpec,
    RoleMappingSpec,
    RolesSpec,
    RulesConfigurationSpec,
    RuleSpec,
)
from reconciler.writeback.emission import Path

# ``*`` stands for any key or number.
_IN_FIELDS: Final[Mapping[Kind, Mapping[Path, type[BaseModel]]]] = {
    Kind.CLIENTS: {("*",): ClientSpec},
    Kind.ROLES: {(): RolesSpec},
    Kind.ROLE_MAPPINGS: {
        ("*",): RoleMappingSpec,
        ("*", "RulesConfiguration"): RulesConfigurationSpec,
        ("*", "RulesConfiguration", "Rules", "*"): RuleSpec,
    },
    Kind.PRINCIPAL_TAGS: {("*",): PrincipalTagMapSpec},
}
_MODELS: Final[Mapping[Path, type[BaseModel]]] = {
    (): PoolDocument,
    ("metadata",): Metadata,
    ("lifecycle",): Lifecycle,
    ("spec",): PoolSpec,
    **{
        ("spec", field, *path): model
        for field, row in FIELDS.items()
        for path, model in _IN_FIELDS.get(row.kind, {}).items()
    },
}


def order_at(path: Path) -> tuple[str, ...]:
    """The names of the fields of the mapping at a path, in their order; none for other maps."""
    model = next((model for place, model in _MODELS.items() if _matches(place, path)), None)
    fields = model.model_fields.items() if model else ()
    return tuple(info.alias or name for name, info in fields)


def _matches(place: Path, path: Path) -> bool:
    return len(place) == len(path) and all(a in ("*", b) for a, b in zip(place, path, strict=True))
