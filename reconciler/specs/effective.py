"""Effective specs: what a spec means in one target.

The one place where layers and references are resolved: everything behind it sees plain values,
everything before it knows no target.  The order is: defaults of the project, those of the target,
``spec``, ``perTarget`` (globs, then the name), and then references.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache
from typing import Final, NamedTuple, TypeAlias, cast

from reconciler.model.base import JsonValue
from reconciler.model.findings import RuleId
from reconciler.model.pool_fields import LOGINS_FIELD, PRINCIPAL_TAGS_FIELD, ROLES_FIELDS
from reconciler.model.project import Project, Target
from reconciler.model.references import ReadValue
from reconciler.model.secrets import keep_secret
from reconciler.model.written import SpecData
from reconciler.specs.references import Surroundings, Unread, Unresolved, is_secret, resolved
from reconciler.specs.schema import pool_fields, subschema
from reconciler.specs.schema_messages import empty_fix
from reconciler.text.problems import FieldPath, Problem, listed, quoted, without_secrets
from reconciler.text.references import (
    BadReference,
    Reference,
    has_reference,
    is_literal,
    parse,
    replaced,
)

Fields: TypeAlias = Mapping[str, JsonValue]
# The value of a reference that AWS is asked for.  Raises Unread and Unresolved.
Read: TypeAlias = Callable[[Reference], ReadValue]

_PER_TARGET: Final = "perTarget"
# Their keys may be references.
_KEYED: Final = ("RoleMappings", PRINCIPAL_TAGS_FIELD, LOGINS_FIELD)
_KEY_LENGTH: Final = len(("spec", "RoleMappings", "key"))


class Layer(NamedTuple):
    """Fields as one place says them, which is at ``path`` in the spec or in the project file."""

    path: FieldPath
    fields: Fields
    in_project: bool = False


class Written(NamedTuple):
    """Where something is written: a path in the document of its layer."""

    layer: Layer
    path: FieldPath


class LayerProblem(NamedTuple):
    """What is wrong in a layer; the problem's path is one in its document."""

    layer: Layer
    problem: Problem


@dataclass(frozen=True, slots=True)
class Effective:
    """A spec as it is in some targets, where it is the same.

    All paths are those of ``value``, the document.  ``written``: where a field or the key of a map
    is written, and all below it; ``expressions``: the text that a value was made of, ``keys`` the
    one of a key; ``unread`` and ``unread_keys``: what of these is as written, for only AWS knows.
    ``reads``: what AWS was asked for, by expression; a key has the path of the written one.
    """

    targets: tuple[Target, ...]
    value: SpecData
    written: Mapping[FieldPath, Written] = field(default_factory=dict)
    expressions: Mapping[FieldPath, str] = field(default_factory=dict)
    keys: Mapping[FieldPath, str] = field(default_factory=dict)
    unread: frozenset[FieldPath] = frozenset()
    unread_keys: frozenset[FieldPath] = frozenset()
    reads: Mapping[FieldPath, Sequence[tuple[str, ReadValue]]] = field(default_factory=dict)
    problems: tuple[LayerProblem, ...] = ()

    @property
    def is_made(self) -> bool:
        """Whether it is more than what the document says."""
        return bool(self.written)

    @property
    def open_fields(self) -> frozenset[str]:
        """The fields that say not all yet."""
        return frozenset(str(path[1]) for path in (*self.unread, *self.unread_keys))

    def is_open(self, problem: Problem) -> bool:
        """Whether a problem is about a text of which only AWS has the value."""
        unread = self.unread_keys if problem.at_key else self.unread
        return problem.path in unread

    def place(self, path: FieldPath) -> Written | None:
        """Where the value at a path is written, ``None``: at this path of the spec."""
        return _place(self.written, path)


def effective_specs(value: SpecData, project: Project) -> list[Effective]:
    """What a document means in its targets, once for all of those in which it means the same.

    The document is as its schema asks for, but for ``null`` and references.
    """
    targets = goes_to(value, project)
    if not _differs(value, project):
        return [Effective(tuple(targets), value)]
    groups: list[Effective] = []
    for made in (effective(value, target, project) for target in targets):
        same = (n for n, group in enumerate(groups) if _is_same(group, made))
        if (number := next(same, None)) is None:
            groups.append(made)
        else:
            both = (*groups[number].targets, *made.targets)
            groups[number] = replace(groups[number], targets=both)
    return groups


def goes_to(value: SpecData, project: Project) -> list[Target]:
    """The targets that a spec goes to, in the order of the project."""
    wanted = value["metadata"].get("targets")
    return [
        target
        for target in project.targets
        if wanted is None or any(fnmatchcase(target.name, pattern) for pattern in wanted)
    ]


def effective(
    value: SpecData, target: Target, project: Project, read: Read | None = None
) -> Effective:
    """What a document means in one target; ``read``: gives the values that AWS was asked for."""
    layers = _layers(value, target, project)
    united = _united(layers)
    united.problems.extend(_half_ended(layers, united.fields))
    texts = _Texts(united, Surroundings.of(target, project), read)
    made = {key: each for key, each in value.items() if key != _PER_TARGET}
    made["lifecycle"] = {**value.get("lifecycle", {}), "delete": _is_deleted(value, target)}
    made["spec"] = texts.replaced(united.fields)
    return Effective(
        targets=(target,),
        value=cast("SpecData", made),
        written=texts.written,
        expressions=texts.expressions,
        keys=texts.keys,
        unread=frozenset(texts.unread),
        unread_keys=frozenset(texts.unread_keys),
        reads=texts.reads,
        problems=tuple(united.problems),
    )


def _is_same(one: Effective, other: Effective) -> bool:
    return (one.value, one.written, one.problems) == (other.value, other.written, other.problems)


def _differs(value: SpecData, project: Project) -> bool:
    """Whether the document may mean anything but what it says."""
    return bool(
        project.has_defaults
        or value.get(_PER_TARGET)
        or isinstance(value.get("lifecycle", {}).get("delete"), list)
        or _is_marked(cast("JsonValue", value["spec"]))
    )


def _is_marked(value: JsonValue) -> bool:
    """Whether a reference or a null stands in it."""
    if isinstance(value, str):
        return has_reference(value)
    if isinstance(value, dict):
        return any(map(has_reference, value)) or any(map(_is_marked, value.values()))
    return value is None or (isinstance(value, list) and any(map(_is_marked, value)))


def _is_deleted(value: SpecData, target: Target) -> bool:
    delete = value.get("lifecycle", {}).get("delete", False)
    if isinstance(delete, list):
        return any(fnmatchcase(target.name, pattern) for pattern in delete)
    return delete


def _layers(value: SpecData, target: Target, project: Project) -> list[Layer]:
    """What says fields of the spec in this target, the lowest first."""
    own = [Layer(("spec",), cast("Fields", value["spec"])), *overlays(value, target)]
    if not project.has_defaults:
        return own
    managed = _united(own).fields
    under = [
        Layer(path, _filling_in(fields, managed), in_project=True)
        for path, fields in project.defaults_in(target.name)
    ]
    return [*under, *own]


def overlays(value: SpecData, target: Target) -> Iterator[Layer]:
    """What ``perTarget`` says for a target: globs in the order of the document, then the name."""
    written = cast("Mapping[str, Fields]", value.get(_PER_TARGET, {}))
    fitting = [pattern for pattern in written if fnmatchcase(target.name, pattern)]
    for pattern in sorted(fitting, key=target.name.__eq__):
        yield Layer((_PER_TARGET, pattern), written[pattern])


def _filling_in(fields: Fields, managed: Fields) -> Fields:
    """Defaults never begin to manage: what may be unmanaged has them only where it is managed."""
    left_out = {PRINCIPAL_TAGS_FIELD} - managed.keys()
    if not managed.keys() & set(ROLES_FIELDS):
        left_out |= set(ROLES_FIELDS)
    return {name: value for name, value in fields.items() if name not in left_out}


def _half_ended(layers: Sequence[Layer], fields: Fields) -> Iterator[LayerProblem]:
    """AWS writes Roles and RoleMappings in one call: both are managed, or none."""
    for name, other in zip(ROLES_FIELDS, reversed(ROLES_FIELDS), strict=True):
        said = [each for each in layers if name in each.fields]
        if said and said[-1].fields[name] is None and other in fields:
            path = (*said[-1].path, name)
            problem = Problem.of(path, RuleId.HALF_ENDED, field=name, other=other)
            yield LayerProblem(said[-1], problem)


def _place(written: Mapping[FieldPath, Written], path: FieldPath) -> Written | None:
    for length in range(len(path), 1, -1):
        if found := written.get(path[:length]):
            return Written(found.layer, (*found.path, *path[length:]))
    return None


@cache
def _map_fields() -> frozenset[str]:
    """Those that unite by their first key."""
    parts = {name: subschema("effective-pool", ("spec", name)) for name in pool_fields()}
    return frozenset(name for name, part in parts.items() if part.get("type") == "object")


@dataclass(frozen=True, slots=True)
class _United:
    """The fields of layers laid over each other, where each is written, and what is wrong."""

    fields: dict[str, JsonValue] = field(default_factory=dict)
    written: dict[FieldPath, Written] = field(default_factory=dict)
    problems: list[LayerProblem] = field(default_factory=list)
    globs: dict[FieldPath, tuple[Layer, JsonValue]] = field(default_factory=dict)

    def lay(self, layer: Layer) -> None:
        """Lay one more over those that are there."""
        for name, value in layer.fields.items():
            if value is None:
                self._remove(layer, (name,), self.fields)
            elif isinstance(value, dict) and name in _map_fields():
                self._unite(layer, name, value)
            else:
                self._put(layer, (name,), value, self.fields)

    def _unite(self, layer: Layer, name: str, value: dict[str, JsonValue]) -> None:
        below = self.fields.get(name)
        members = dict(below) if isinstance(below, dict) else {}
        self.fields[name] = members
        self.written.setdefault(("spec", name), Written(layer, (*layer.path, name)))
        for key, member in value.items():
            if member is None:
                self._remove(layer, (name, key), members)
            else:
                self._put(layer, (name, key), member, members)

    def _put(
        self, layer: Layer, path: tuple[str, ...], value: JsonValue, into: dict[str, JsonValue]
    ) -> None:
        self._compare_globs(layer, path, value)
        if path[-1] in into:
            self._forget(path)
        into[path[-1]] = value
        self.written["spec", *path] = Written(layer, (*layer.path, *path))

    def _remove(self, layer: Layer, path: tuple[str, ...], from_: dict[str, JsonValue]) -> None:
        self._compare_globs(layer, path, None)
        if from_.pop(path[-1], None) is None:
            part = subschema("effective-pool", ("spec", *path))
            fix = empty_fix(path, (str(part.get("type", "object")),))
            self._add(layer, path, RuleId.NULL_REMOVES_NOTHING, fix)
        self._forget(path)

    def _forget(self, path: tuple[str, ...]) -> None:
        above = ("spec", *path)
        for known in [each for each in self.written if each[: len(above)] == above]:
            del self.written[known]

    def _compare_globs(self, layer: Layer, path: tuple[str, ...], value: JsonValue) -> None:
        """Of two globs none wins over the other."""
        if layer.path[0] != _PER_TARGET or not set("*?") & set(str(layer.path[1])):
            return
        other, said = self.globs.setdefault(path, (layer, value))
        if said != value:
            said_by = quoted(str(other.path[1]))
            self._add(layer, path, RuleId.OVERLAY_CONFLICT, other=said_by)

    def _add(
        self, layer: Layer, path: tuple[str, ...], rule: RuleId, fix: str = "", **values: object
    ) -> None:
        problem = Problem.of((*layer.path, *path), rule, "", fix, None, **values)
        self.problems.append(LayerProblem(layer, problem))


def _united(layers: Sequence[Layer]) -> _United:
    united = _United()
    for layer in layers:
        united.lay(layer)
    return united


class _Texts:
    """The fields of layers with their references replaced, and what is known of these."""

    def __init__(self, united: _United, here: Surroundings, read: Read | None) -> None:
        self.expressions: dict[FieldPath, str] = {}
        self.keys: dict[FieldPath, str] = {}
        self.reads: dict[FieldPath, list[tuple[str, ReadValue]]] = {}
        self.unread: set[FieldPath] = set()
        self.unread_keys: set[FieldPath] = set()
        self._united = united
        self.written = dict(united.written)  # with keys that were made of others
        self._here = here
        self._read = read

    def replaced(self, fields: Fields) -> dict[str, JsonValue]:
        """All fields."""
        return {
            name: self._value(value, ("spec", name)) if _is_marked(value) else value
            for name, value in fields.items()
        }

    def _value(self, value: JsonValue, path: FieldPath) -> JsonValue:
        if isinstance(value, list):
            return [self._value(each, (*path, number)) for number, each in enumerate(value)]
        if isinstance(value, dict):
            return self._mapping(value, path)
        if not isinstance(value, str) or not has_reference(value):
            return value
        text, is_unread = self._text(value, path, at_key=False)
        if any(read.is_secret for _, read in self.reads.get(path, ())):
            keep_secret(str(path[-1]), text)
        if not is_literal(value):
            self.expressions[path] = value
        self.unread |= {path} if is_unread else set()
        return text

    def _mapping(self, value: dict[str, JsonValue], path: FieldPath) -> dict[str, JsonValue]:
        made: dict[str, JsonValue] = {}
        first: dict[str, str] = {}
        for written, member in value.items():
            is_made = has_reference(written)
            key, is_unread = self._key(written, path) if is_made else (written, False)
            if key in made:
                here = (*path, written)
                self._add(here, RuleId.DUPLICATE_KEY, "made", at_key=True, first=quoted(first[key]))
                continue
            if is_made:
                self._move((*path, written), (*path, key), is_unread=is_unread)
            first[key] = written
            made[key] = self._value(member, (*path, key))
        return made

    def _move(self, written: FieldPath, made: FieldPath, *, is_unread: bool) -> None:
        """A key that was made of another one keeps its place."""
        if place := _place(self._united.written, written):
            self.written[made] = place
        self.keys[made] = str(written[-1])
        self.unread_keys |= {made} if is_unread else set()

    def _key(self, written: str, path: FieldPath) -> tuple[str, bool]:
        """The key that it stands for, and whether something of it is not known yet."""
        here = (*path, written)
        if path[-1] in _KEYED and len(here) == _KEY_LENGTH:
            return self._text(written, here, at_key=True)
        self._add(here, RuleId.BAD_REFERENCE, "key", at_key=True, fields=listed(_KEYED))
        return written, True

    def _text(self, text: str, path: FieldPath, *, at_key: bool) -> tuple[str, bool]:
        """The text that it stands for, and whether something of it is not known yet."""
        unread: list[Reference] = []

        may_be_secret = path[1] == LOGINS_FIELD and not at_key

        def value_of(reference: Reference) -> str:
            if is_secret(reference) and not may_be_secret:
                raise _no_secret(reference)
            with suppress(Unread):
                return resolved(reference, self._here)
            with suppress(Unread):
                return self._read_value(reference, path, may_be_secret=may_be_secret)
            unread.append(reference)
            return str(reference)

        try:
            return replaced(parse(text), value_of), bool(unread)
        except BadReference as bad:
            self._add(path, RuleId.BAD_REFERENCE, at_key=at_key, wrong=bad, way=bad.fix)
        except Unresolved as wrong:
            self._add(path, RuleId.UNRESOLVED, at_key=at_key, wrong=wrong, way=wrong.fix)
        return text, True

    def _read_value(self, reference: Reference, path: FieldPath, *, may_be_secret: bool) -> str:
        """Raises Unread and Unresolved."""
        if self._read is None:
            raise Unread
        found = self._read(reference)
        if found.is_secret and not may_be_secret:
            raise _no_secret(reference)
        self.reads.setdefault(path, []).append((reference.expression, found))
        return found.value

    def _add(
        self, path: FieldPath, rule: RuleId, case: str = "", *, at_key: bool, **values: object
    ) -> None:
        # A key as it is written comes first: another one may have been made that is the same.
        place = _place(self._united.written if at_key else self.written, path)
        if place is None:
            raise KeyError(path)
        values = {name: without_secrets(path, str(value)) for name, value in values.items()}
        problem = replace(Problem.of(place.path, rule, case, "", None, **values), at_key=at_key)
        self._united.problems.append(LayerProblem(place.layer, problem))


def _no_secret(reference: Reference) -> Unresolved:
    return Unresolved(
        f"{reference} is a secret, and AWS shows this to all who may describe the pool",
        f"a secret may stand in a value of {LOGINS_FIELD} only",
    )
