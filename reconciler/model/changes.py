"""Changes, refusals and actions: what differs, what is not done, one thing to do to one pool."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, JsonValue, field_serializer

from reconciler.model.project import OwnerTags
from reconciler.model.records import Record
from reconciler.model.secrets import mask_half

EditOp = Literal["add", "remove", "change", "move"]
# The API operation that each action sends.
OPERATIONS = {
    "CreatePool": "CreateIdentityPool",
    "UpdatePool": "UpdateIdentityPool",
    "TagPool": "TagResource",
    "UntagPool": "UntagResource",
    "SetRoles": "SetIdentityPoolRoles",
    "SetPrincipalTags": "SetPrincipalTagAttributeMap",
    "DeletePool": "DeleteIdentityPool",
    "DeleteTwin": "DeleteIdentityPool",
}


class Edit(Record):
    """One step inside a field: a member added, removed or changed, a rule moved.

    ``path`` leads from the field to the member (("graph.facebook.com", "Rules", 2)); rule numbers
    are 1-based, those of ``before`` for a removal and of ``after`` otherwise.  Secrets are masked
    in ``before`` and ``after``; ``secret`` says that the masked part is what changed.
    """

    op: EditOp
    path: tuple[str | int, ...]
    before: JsonValue = None
    after: JsonValue = None
    secret: bool = False


class ValueOrigin(Record):
    """Where a value of a spec comes from that is not written in it as it is.

    ``path`` is the field and what leads to the member, as in ``Edit``; both texts of a client have
    the same.  ``expression``: the reference, or the text that holds some; ``layer``: what it is
    written in besides ``spec``; ``place``: file and line of that; ``var_place``: of the var that
    the expression names first; ``source`` and ``version``: what was read; ``digest``: of the value,
    "" where that may be a secret.
    """

    path: tuple[str | int, ...]
    expression: str = ""
    layer: str = ""
    place: str = ""
    var_place: str = ""
    source: str = ""
    version: str = ""
    digest: str = ""

    @property
    def text(self) -> str:
        """``role.shop-customer``, ``defaults idpool.yaml:4``."""
        layer = f"{self.layer} {self.place}" if self.layer else ""
        return ", ".join(filter(None, (self.expression, layer)))


def origin_text(origins: Iterable[ValueOrigin], path: tuple[str | int, ...]) -> str:
    """Where the value at a path comes from, "" where from the spec as it is.

    What a layer says as a whole covers all below it; a reference is one text.
    """
    origins = tuple(origins)
    if exact := [each.text for each in origins if each.path == path]:
        return ", ".join(dict.fromkeys(exact))
    above = [each for each in origins if each.layer and each.path == path[: len(each.path)]]
    nearest = max(above, key=lambda each: len(each.path), default=None)
    return f"{nearest.layer} {nearest.place}" if nearest else ""


def origins_at(
    origins: Iterable[ValueOrigin], path: tuple[str | int, ...]
) -> tuple[ValueOrigin, ...]:
    """Where the value at a path, or what is below it, comes from; of rules all of their mapping.

    Nothing where all of it is the spec's own text.
    """
    origins = tuple(origins)
    if exact := [each for each in origins if each.path == path]:
        return tuple(exact)
    if above := [e for e in origins if e.layer and e.path == path[: len(e.path)]]:
        return tuple(above)
    part = path[: path.index("Rules")] if "Rules" in path[2:] else path
    return tuple(each for each in origins if each.path[: len(part)] == part)


class Change(Record):
    """One difference between desired and live, on one field.

    ``before`` and ``after`` are the whole field, masked; ``edits`` say how they differ, ``origins``
    where what is wanted comes from, as far as that is not the spec's own text.
    """

    field: str
    before: JsonValue
    after: JsonValue
    edits: tuple[Edit, ...]
    origins: tuple[ValueOrigin, ...] = ()
    irreversible: bool = False


class Refusal(Record):
    """A change that idpool will not make.  ``rule`` is a stable id.

    ``is_error``: not a matter of judgement but of a broken state (exit 1 instead of 3).
    """

    rule: str
    reason: str
    way_out: str
    field: str = ""
    is_error: bool = False


class Notice(Record):
    """Something that a reviewer should know and that stops nothing."""

    rule: str
    message: str


class CreatePool(Record):
    """CreateIdentityPool with every field and both ownership tags.

    ``allow_same_name``: a pool of the same IdentityPoolName is no reason against it; ``former`` are
    the tags of before, a pool with which is the spec's, too.
    """

    kind: Literal["CreatePool"] = "CreatePool"
    allow_same_name: bool = False
    former: tuple[OwnerTags, ...] = ()


class UpdatePool(Record):
    """UpdateIdentityPool; sends every field, changes those in ``fields``."""

    kind: Literal["UpdatePool"] = "UpdatePool"
    fields: tuple[str, ...]


class TagPool(Record):
    """TagResource with these tags, added or changed."""

    kind: Literal["TagPool"] = "TagPool"
    tags: dict[str, str]


class UntagPool(Record):
    """UntagResource of these keys."""

    kind: Literal["UntagPool"] = "UntagPool"
    keys: tuple[str, ...]


class SetRoles(Record):
    """SetIdentityPoolRoles; always sends Roles and RoleMappings together."""

    kind: Literal["SetRoles"] = "SetRoles"
    fields: tuple[str, ...]


class SetPrincipalTags(Record):
    """SetPrincipalTagAttributeMap of one provider."""

    kind: Literal["SetPrincipalTags"] = "SetPrincipalTags"
    provider: str

    @field_serializer("provider")
    def _mask(self, provider: str) -> str:
        return mask_half(provider)


class DeletePool(Record):
    """DeleteIdentityPool: only ever from a tombstone.

    ``identities``: how many the pool holds, as ``LivePool`` counts them.
    """

    kind: Literal["DeletePool"] = "DeletePool"
    with_identities: bool = False
    identities: int = 0


class DeleteTwin(Record):
    """DeleteIdentityPool of another pool than the spec's: an empty one that ``journal`` says a run
    has made that did not come to its end.  ``tags`` are those that it carries.
    """

    kind: Literal["DeleteTwin"] = "DeleteTwin"
    pool_id: str
    tags: OwnerTags
    journal: str


Action = Annotated[
    CreatePool
    | UpdatePool
    | TagPool
    | UntagPool
    | SetRoles
    | SetPrincipalTags
    | DeletePool
    | DeleteTwin,
    Field(discriminator="kind"),
]
