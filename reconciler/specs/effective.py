"""Effective specs: what a spec means in one target.

The one place where layers and references are resolved: everything behind it sees plain values,
everything before it knows no target.  The order is: defaults of the project, those of the target,
``spec``, ``perTarget`` (globs, then the name), and then references.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Final, TypeAlias, cast

from reconciler.model.base import JsonValue
from reconciler.model.findings import RuleId
from reconciler.model.pool_fields import LOGINS_FIELD, PRINCIPAL_TAGS_FIELD
from reconciler.model.project import Project, Target
from reconciler.model.references import ReadValue
from reconciler.model.secrets import keep_secret
from reconciler.model.written import PoolTestData, SpecData
from reconciler.specs.layers import (
    PER_TARGET,
    Fields,
    Layer,
    LayerProblem,
    United,
    Written,
    half_ended,
    laid_over,
    layers_of,
    place_in,
)
from reconciler.specs.references import Surroundings, Unread, Unresolved, is_secret, resolved
from reconciler.text.problems import FieldPath, Problem, listed, quoted, without_secrets
from reconciler.text.references import (
    BadReference,
    Reference,
    has_reference,
    is_literal,
    parse,
    replaced,
)

# The value of a reference that AWS is asked for.  Raises Unread and Unresolved.
Read: TypeAlias = Callable[[Reference], ReadValue]

# Their keys may be references.
_KEYED: Final = ("RoleMappings", PRINCIPAL_TAGS_FIELD, LOGINS_FIELD)
_KEY_LENGTH: Final = len(("spec", "RoleMappings", "key"))


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
        return place_in(self.written, path)


def effective_specs(value: SpecData, project: Project) -> list[Effective]:
    """What a document means in its targets, once for all of those in which it means the same.

    The document is as its schema asks for, but for ``null`` and references.
    """
    targets = goes_to(value, project)
    if not _differs(value, project):
        return [Effective(tuple(targets), value)]
    groups: list[Effective] = []
    for made in _in_each(value, targets, project):
        same = (n for n, group in enumerate(groups) if _is_same(group, made))
        if (number := next(same, None)) is None:
            groups.append(made)
        else:
            both = (*groups[number].targets, *made.targets)
            groups[number] = replace(groups[number], targets=both)
    return groups


def _in_each(value: SpecData, targets: Iterable[Target], project: Project) -> Iterator[Effective]:
    """What a document means in each target; layers are united again where others lie there."""
    last, united = list[Layer](), United()
    for target in targets:
        layers = layers_of(value, target, project)
        if layers != last:
            last, united = layers, _united(layers)
        yield _with_texts(value, target, project, united)


def goes_to(value: SpecData | PoolTestData, project: Project) -> list[Target]:
    """The targets that a spec, or a test, goes to, in the order of the project."""
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
    return _with_texts(value, target, project, _united(layers_of(value, target, project)), read)


def _united(layers: Sequence[Layer]) -> United:
    united = laid_over(layers)
    united.problems.extend(half_ended(layers, united.fields))
    return united


def _with_texts(
    value: SpecData, target: Target, project: Project, united: United, read: Read | None = None
) -> Effective:
    texts = _Texts(united, Surroundings.of(target, project), read)
    made = {key: each for key, each in value.items() if key != PER_TARGET}
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
        problems=tuple(texts.problems),
    )


def _is_same(one: Effective, other: Effective) -> bool:
    return (one.value, one.written, one.problems) == (other.value, other.written, other.problems)


def _differs(value: SpecData, project: Project) -> bool:
    """Whether the document may mean anything but what it says."""
    return bool(
        project.has_defaults
        or value.get(PER_TARGET)
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


class _Texts:
    """The fields of layers with their references replaced, and what is known of these."""

    def __init__(self, united: United, here: Surroundings, read: Read | None) -> None:
        self.expressions: dict[FieldPath, str] = {}
        self.keys: dict[FieldPath, str] = {}
        self.reads: dict[FieldPath, list[tuple[str, ReadValue]]] = {}
        self.unread: set[FieldPath] = set()
        self.unread_keys: set[FieldPath] = set()
        self.problems = list(united.problems)
        self._as_written = united.written
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
        if place := place_in(self._as_written, written):
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
                raise no_secret(reference)
            try:
                return resolved(reference, self._here)
            except Unread:
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
            raise no_secret(reference)
        self.reads.setdefault(path, []).append((reference.expression, found))
        return found.value

    def _add(
        self, path: FieldPath, rule: RuleId, case: str = "", *, at_key: bool, **values: object
    ) -> None:
        # A key as it is written comes first: another one may have been made that is the same.
        place = place_in(self._as_written if at_key else self.written, path)
        if place is None:
            raise KeyError(path)
        values = {name: without_secrets(path, str(value)) for name, value in values.items()}
        problem = replace(Problem.of(place.path, rule, case, "", None, **values), at_key=at_key)
        self.problems.append(LayerProblem(place.layer, problem))


def no_secret(reference: Reference) -> Unresolved:
    """What is wrong with a secret that stands where AWS, or a report, shows it."""
    said = Problem.of((), RuleId.UNRESOLVED, "secret", reference=reference, field=LOGINS_FIELD)
    return Unresolved(said.message, said.fix)
