"""What live has, in the words of a document: references and layers stay as they are written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast

from reconciler.model.base import JsonValue
from reconciler.model.pool import FIELDS, Pool
from reconciler.model.pool_fields import Call, FieldKind
from reconciler.model.project import Ignored, Target
from reconciler.model.written import SpecData
from reconciler.specs.effective import Effective
from reconciler.specs.layers import Layer, overlays
from reconciler.text.problems import FieldPath
from reconciler.text.references import escaped, literal
from reconciler.writeback.accepted import Block, accepted
from reconciler.writeback.edits import GONE, Removed, Wanted, partners

# Where a value that a layer says may be written.
Into: TypeAlias = Literal["spec", "perTarget", "defaults"]
# Of a field, or of a key of a map field.
Member: TypeAlias = tuple[str, ...]

# Fields whose members are known by their keys.
MAPS: Final = frozenset(
    name
    for name, row in FIELDS.items()
    if row.kind
    in (
        FieldKind.LOGINS,
        FieldKind.TAGS,
        FieldKind.ROLES,
        FieldKind.ROLE_MAPPINGS,
        FieldKind.PRINCIPAL_TAGS,
    )
)
_SPEC: Final[FieldPath] = ("spec",)


class Vote(NamedTuple):
    """What one target would have a member say, in the layer that says it there."""

    target: str
    layer: Layer
    value: Wanted
    is_new: bool  # live differs there


class Differing(Exception):
    """A member that live has in several ways where one layer says it for all."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True)
class Here:
    """A document in one target, and what live has there in the ``fields`` that differ."""

    value: SpecData
    target: Target
    made: Effective
    live: Pool
    ignored: Ignored
    fields: frozenset[str]

    @cached_property
    def own(self) -> Block:
        """What the document means."""
        return dict(self.made.value["spec"])

    @cached_property
    def new(self) -> Block:
        """What it has to mean."""
        return accepted(self.own, self.live, self.ignored, self.fields)

    @cached_property
    def _overlays(self) -> Sequence[Layer]:
        return list(overlays(self.value, self.target))

    @cached_property
    def _spec(self) -> Layer:
        block: Any = self.value["spec"]
        return Layer(_SPEC, block)

    @cached_property
    def votes(self) -> Mapping[Member, Vote]:
        """What each member that differs is to say, by its path as it is written."""
        return dict(self._votes())

    def vote(self, member: Member) -> Vote:
        """What a member is to say here, that is: what it says, where live is as it means."""
        if found := self.votes.get(member):
            return found
        layer = self.layer_of(member)
        return Vote(self.target.name, layer, value_at(layer.fields, member), is_new=False)

    def layer_of(self, member: Member) -> Layer:
        """What says a member here; for one that nothing says it is the spec's to say."""
        for layer in (*reversed(self._overlays), self._spec):
            if _says(layer, member):
                return layer
        written = self.made.written.get(("spec", *member))
        return written.layer if written else self._spec

    def _votes(self) -> Iterator[tuple[Member, Vote]]:
        for field in (field for field in FIELDS if self.own.get(field) != self.new.get(field)):
            if field not in MAPS:
                yield self._vote((field,), (field,))
                continue
            own, new = self.own.get(field) or {}, self.new.get(field) or {}
            for key in dict.fromkeys((*own, *new)):
                if own.get(key) != new.get(key):
                    written = self.made.keys.get(("spec", field, key))
                    yield self._vote((field, key), (field, written or escaped(key)))
            if not own and not new:  # managed from now on, and empty
                yield self._vote((field,), (field,))

    def _vote(self, member: Member, written: Member) -> tuple[Member, Vote]:
        layer = self.layer_of(written)
        said = value_at(layer.fields, written)
        own, new = (_at(each, member) for each in (self.own, self.new))
        value = self._merged(said, own, new, ("spec", *member))
        return written, Vote(self.target.name, layer, value, is_new=True)

    def _merged(self, written: Wanted, own: Wanted, new: Wanted, path: FieldPath) -> Wanted:
        """The new value in the words of what is written, which means ``own``."""
        if own == new or path in self.made.expressions:
            return written
        if new is GONE:
            return written if self._is_made(path) else GONE
        if isinstance(written, dict) and isinstance(own, dict) and isinstance(new, dict):
            return self._merged_map(written, own, new, path)
        if isinstance(written, list) and isinstance(own, list) and isinstance(new, list):
            return self._merged_list(written, own, new, path)
        found: Wanted = literal(new)
        return found

    def _merged_map(self, written: Block, own: Block, new: Block, path: FieldPath) -> JsonValue:
        merged: dict[str, Any] = {}
        for key, said in written.items():
            value = self._merged(said, own.get(key, GONE), new.get(key, GONE), (*path, key))
            if value is not GONE:
                merged[key] = value
        return merged | {key: literal(value) for key, value in new.items() if key not in written}

    def _merged_list(
        self, written: list[Any], own: list[Any], new: list[Any], path: FieldPath
    ) -> JsonValue:
        numbers = partners(own, new)
        merged: dict[int, Any] = {
            number: self._merged(said, is_now, new[number], (*path, place))
            for place, (said, is_now, number) in enumerate(zip(written, own, numbers, strict=True))
            if number is not None
        }
        gone = [place for place, number in enumerate(numbers) if number is None]
        kept = [place for place in gone if self._is_made((*path, place))]
        if path[-1] == "Rules":
            # Where a rule that goes has to stay, nobody knows where among the others.
            return written if kept else [merged.get(n, literal(e)) for n, e in enumerate(new)]
        stay = [
            merged[n] if n is not None else written[p]
            for p, n in enumerate(numbers)
            if n is not None or p in kept
        ]
        return [*stay, *(literal(each) for n, each in enumerate(new) if n not in merged)]

    def _is_made(self, path: FieldPath) -> bool:
        """Whether the value, a part of it or its key was made of references."""
        known = (*self.made.expressions, *self.made.keys)
        return any(each[: len(path)] == path for each in known)


def value_at(fields: Mapping[str, JsonValue], member: Member) -> Wanted:
    """What a layer says of a member, GONE for nothing; ``null`` is nothing, too."""
    value = _at(fields, member)
    return GONE if value is None else value


def _at(fields: Mapping[str, Any], member: Member) -> Wanted:
    value: Any = fields
    for step in member:
        if not isinstance(value, Mapping) or step not in value:
            return GONE
        value = value[step]
    return cast("Wanted", value)


def _says(layer: Layer, member: Member) -> bool:
    """Whether a layer says a member, or that there is none."""
    field, *key = member
    if field not in layer.fields:
        return False
    value = layer.fields[field]
    return not key or not isinstance(value, dict) or key[0] in value


def changes_of(heres: Sequence[Here], into: Into | None) -> dict[FieldPath, Wanted]:
    """What a document, or a project file, is to say otherwise, by its paths.

    What layers say stays, unless it goes ``into`` one.  Raises ``Differing``.
    """
    members = dict.fromkeys(member for here in heres for member in here.votes)
    changes: dict[FieldPath, Wanted] = {}
    for member in members:
        by_layer: dict[FieldPath, list[Vote]] = {}
        for vote in (here.vote(member) for here in heres):
            by_layer.setdefault(vote.layer.path, []).append(vote)
        for votes in by_layer.values():
            if any(vote.is_new for vote in votes):
                changes |= _written(member, votes, into)
    return changes


def _written(
    member: Member, votes: Sequence[Vote], into: Into | None
) -> Mapping[FieldPath, Wanted]:
    """What is written for the targets in which one layer says a member."""
    layer = votes[0].layer
    is_one = all(vote.value == votes[0].value for vote in votes)
    new = [v for v in votes if v.is_new and v.value != value_at(layer.fields, member)]
    if not new or (into is None and layer.path != _SPEC):
        return {}
    if is_one and _is_own(layer, into):
        # What says it is where it is written: below an overlay something else may say it, too.
        is_overlay = layer.path[0] == "perTarget"
        value = _or_null(votes[0].value) if is_overlay else votes[0].value
        return {(*layer.path, *member): value}
    if into == "perTarget":
        return {("perTarget", vote.target, *member): _or_null(vote.value) for vote in new}
    if not is_one and (layer.in_project or layer.path == _SPEC):
        raise Differing(member[0])
    if into == "spec" and layer.in_project:
        return {("spec", *member): _or_null(votes[0].value)}
    return {}


def _is_own(layer: Layer, into: Into | None) -> bool:
    """Whether what a layer says is to be written in the layer itself."""
    kind = "defaults" if layer.in_project else layer.path[0]
    return kind in ("spec", into)


def _or_null(value: Wanted) -> Wanted:
    """What says that there is nothing, though a layer below says something."""
    return None if isinstance(value, Removed) else value


def with_changes(value: Mapping[str, Any], changes: Mapping[FieldPath, Wanted]) -> Block:
    """A document that says these otherwise."""
    result: Block = dict(value)
    for path, wanted in changes.items():
        result = _with(result, path, wanted)
    return result


def _with(value: Any, path: FieldPath, wanted: Wanted) -> Block:
    result = dict(value) if isinstance(value, Mapping) else {}
    step, *rest = path
    key = str(step)
    if rest:
        below = _with(result.get(key), tuple(rest), wanted)
        if below or key in result:
            result[key] = below
        row = FIELDS.get(key)
        if not below and key in result and row and row.call is Call.POOL and value.get(key):
            del result[key]
    elif wanted is GONE:
        result.pop(key, None)
    else:
        result[key] = wanted
    return result
