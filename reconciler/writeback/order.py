"""The documented order of fields, and where in a document each order holds."""

from typing import Final

from pydantic import BaseModel

from reconciler.model.spec import (
    ClientSpec,
    Lifecycle,
    Metadata,
    PoolDocument,
    PoolSpec,
    PrincipalTagMapSpec,
    RoleMappingSpec,
    RolesSpec,
    RulesConfigurationSpec,
    RuleSpec,
)
from reconciler.writeback.emission import Path

# ``*`` stands for any key or number.
_MODELS: Final[dict[Path, type[BaseModel]]] = {
    (): PoolDocument,
    ("metadata",): Metadata,
    ("lifecycle",): Lifecycle,
    ("spec",): PoolSpec,
    ("spec", "CognitoIdentityProviders", "*"): ClientSpec,
    ("spec", "Roles"): RolesSpec,
    ("spec", "RoleMappings", "*"): RoleMappingSpec,
    ("spec", "RoleMappings", "*", "RulesConfiguration"): RulesConfigurationSpec,
    ("spec", "RoleMappings", "*", "RulesConfiguration", "Rules", "*"): RuleSpec,
    ("spec", "PrincipalTagAttributeMaps", "*"): PrincipalTagMapSpec,
}


def order_at(path: Path) -> tuple[str, ...]:
    """The names of the fields of the mapping at a path, in their order; none for other maps."""
    model = next((model for place, model in _MODELS.items() if _matches(place, path)), None)
    fields = model.model_fields.items() if model else ()
    return tuple(info.alias or name for name, info in fields)


def _matches(place: Path, path: Path) -> bool:
    return len(place) == len(path) and all(a in ("*", b) for a, b in zip(place, path, strict=True))
