"""The spec: one YAML document that describes one pool, in the API's own shape.

The JSON Schema that editors use is generated from these classes, so their texts are read by
people.  Limits are those of the botocore model of cognito-identity, unless a comment says other.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import (
    Field,
    SkipValidation,
    TypeAdapter,
    ValidationError,
    create_model,
    field_serializer,
)

from reconciler.model.changes import Refusal, ValueOrigin
from reconciler.model.findings import Source
from reconciler.model.pool import FIELDS, POOL_FIELDS, Pool, canonical_pool
from reconciler.model.pool_fields import LOGINS_FIELD, FieldKind
from reconciler.model.pool_fields import Field as PoolField
from reconciler.model.records import ApiShape, Record
from reconciler.model.secrets import mask_login_providers

SpecName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=63,
        pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        description="Lower-case letters, digits and inner hyphens, at most 63 characters.",
    ),
]
PoolId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=55,
        pattern=r"^[A-Za-z0-9_-]+:[0-9a-f-]+$",
        description="An identity pool id: region, colon, UUID.",
    ),
]
TargetName = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
]

# A target's name, or a glob of several: "prod-*".
TargetPattern = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9*?][A-Za-z0-9*?._-]*$")
]
_POOL_ID: Final[TypeAdapter[str]] = TypeAdapter(PoolId)

# What a field of a spec is where it is left out.  AWS is told so: see ``settings_request``.
_LEFT_OUT: Final[Mapping[FieldKind, Any]] = {
    FieldKind.TEXT: "",
    FieldKind.FLAG: False,
    FieldKind.CLASSIC_FLOW: False,
    FieldKind.LOGINS: {},
    FieldKind.SET: [],
    FieldKind.CLIENTS: [],
    FieldKind.TAGS: {},
    # Not managed.
    FieldKind.ROLES: None,
    FieldKind.ROLE_MAPPINGS: None,
    FieldKind.PRINCIPAL_TAGS: None,
}


def _spec_field(name: str, row: PoolField) -> tuple[Any, Any]:
    """A field of a spec, of one row of the pool's table."""
    is_required = Pool.model_fields[name].is_required()
    default = ... if is_required else _LEFT_OUT[row.kind]
    value = row.spec if default is not None else row.spec | None
    return Annotated[value, Field(description=row.says)], default


def _layer_field(row: PoolField) -> tuple[Any, Any]:
    """A field of what lies over or under a spec: nothing is needed there."""
    return Annotated[row.spec | None, Field(description=row.says)], None


if TYPE_CHECKING:
    FieldName = str
    _SpecFields = ApiShape

    class PoolOverlay(ApiShape):
        """As below."""

    class PoolDefaults(ApiShape):
        """As below."""
else:
    FieldName = Literal[*POOL_FIELDS]
    PoolOverlay = create_model(
        "PoolOverlay",
        __base__=ApiShape,
        __doc__="Fields of the pool that differ in some targets; null removes what lies below.",
        **{name: _layer_field(row) for name, row in FIELDS.items()},
    )
    PoolDefaults = create_model(
        "PoolDefaults",
        __base__=ApiShape,
        __doc__="What specs have where they do not say it. Defaults never begin to manage a field.",
        **{name: _layer_field(row) for name, row in FIELDS.items() if row.has_default},
    )
    _SpecFields = create_model(
        "_SpecFields",
        __base__=ApiShape,
        **{name: _spec_field(name, row) for name, row in FIELDS.items()},
    )


class PoolSpec(_SpecFields):
    """The pool itself.  Names are the API's; what is left out is empty, or false."""

    @field_serializer(LOGINS_FIELD)
    def _mask(self, providers: dict[str, str]) -> dict[str, str]:
        return mask_login_providers(providers)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [("IdentityPoolName", getattr(self, "IdentityPoolName", ""))]


class Metadata(Record):
    """Whose spec it is, and where it goes."""

    name: Annotated[SpecName, Field(description="The spec's stable key within its owner.")]
    targets: Annotated[
        list[TargetPattern] | None,
        Field(
            min_length=1,
            description="Targets to apply to, by names or globs. Left out: every target.",
        ),
    ] = None
    adopt: Annotated[
        PoolId | dict[TargetName, PoolId] | None,
        Field(description="The id of an existing pool to take over, or one id for each target."),
    ] = None
    former_names: Annotated[
        list[SpecName],
        Field(
            max_length=20,
            description="Earlier metadata.name, looked for where the present one finds no pool.",
        ),
    ] = []


class Lifecycle(Record):
    """What idpool may and may not do with the pool."""

    ignore_changes: Annotated[
        list[FieldName],
        Field(description="Fields that somebody else writes. The live value always wins."),
    ] = []
    delete: Annotated[
        bool | list[TargetPattern],
        Field(description="Tombstone: the pool must not exist; in some targets: names or globs."),
    ] = False
    delete_identities: Annotated[
        bool, Field(description="Let a tombstone delete a pool that holds identities, too.")
    ] = False
    allow_same_name: Annotated[
        bool,
        Field(description="Another pool of this IdentityPoolName is no reason to refuse."),
    ] = False


class PoolDocument(Record):
    """A spec: one identity pool."""

    api_version: Annotated[Literal["idpool/v1"], Field(description="The format's version.")]
    kind: Annotated[Literal["IdentityPool"], Field(description="The kind of document.")]
    metadata: Metadata
    lifecycle: Lifecycle = Lifecycle()
    spec: PoolSpec
    per_target: Annotated[
        dict[TargetPattern, PoolOverlay],
        Field(description="Fields that differ in some targets, by their names or globs."),
    ] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where a spec's fields are written; specs that say the same are equal wherever they stand.

    ``of``: ``file:line:column`` of the value at a path of the effective document; ``at_key``: of
    its key.
    """

    of: Callable[[tuple[str | int, ...], bool], str]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Places)

    def __hash__(self) -> int:
        return 0


class Spec(Record):
    """What a document means in some targets, with the place it was read from.

    ``targets``: their names, ``None`` for those that the document names.  ``refusals`` say what of
    it means nothing there, and is not in ``document``; ``is_nameless``: its IdentityPoolName is.
    ``origins``: of the values that come from elsewhere.
    """

    source: Source
    document: PoolDocument
    targets: frozenset[str] | None = None
    refusals: tuple[Refusal, ...] = ()
    is_nameless: bool = False
    origins: tuple[ValueOrigin, ...] = ()
    places: SkipValidation[Places | None] = Field(default=None, exclude=True, repr=False)

    @property
    def name(self) -> str:
        """``metadata.name``: the stable key within the owner."""
        return self.document.metadata.name

    @property
    def lifecycle(self) -> Lifecycle:
        """What may be done with the pool."""
        return self.document.lifecycle

    @cached_property
    def pool(self) -> Pool:
        """The pool that the document describes, without tags of our own.

        Made once, for all targets: it is half of what planning an unchanged pool costs.
        """
        return canonical_pool(spec_as_api(self.document.spec))

    def __copy__(self) -> Self:
        """A copy makes its own pool: it may be given another document."""
        copied = super().__copy__()
        copied.__dict__.pop("pool", None)
        return copied

    def place(self, path: tuple[str | int, ...], *, at_key: bool = False) -> str:
        """``file:line:column`` of what the effective document has at a path."""
        if self.places is None:
            return f"{self.source.file}:{self.source.line}:1"
        return self.places.of(path, at_key)

    def goes_to(self, target: str) -> bool:
        """Whether the spec is meant for the target of this name."""
        if self.targets is not None:
            return target in self.targets
        targets = self.document.metadata.targets
        return targets is None or target in targets

    def adopted_id(self, target: str) -> str | None:
        """The pool id that ``metadata.adopt`` names for the target, if any."""
        adopt = self.document.metadata.adopt
        return adopt.get(target) if isinstance(adopt, dict) else adopt


def spec_as_api(spec: PoolSpec) -> dict[str, Any]:
    """The ``spec:`` block as a mapping in the API's shape; what is unmanaged is not in it."""
    api = spec.model_dump(exclude_none=True)
    return {**api, LOGINS_FIELD: getattr(spec, LOGINS_FIELD)}


def is_pool_id(text: str) -> bool:
    """Whether it can be the id of an identity pool."""
    try:
        _POOL_ID.validate_python(text)
    except ValidationError:
        return False
    return True
