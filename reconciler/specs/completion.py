"""Specs whose references AWS has the values of: what they need, and what they mean with it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias, cast

from pydantic import ValidationError

from reconciler.model.base import JsonValue
from reconciler.model.changes import Refusal
from reconciler.model.findings import RuleId, Source
from reconciler.model.project import Project, Target
from reconciler.model.references import NoValue, ReadValue
from reconciler.model.spec import Places, PoolDocument, Spec
from reconciler.model.written import SpecData
from reconciler.specs.checks import effective_problems, without
from reconciler.specs.effective import Effective, Read, effective
from reconciler.specs.layers import Layer
from reconciler.specs.origins import PlaceOf, origins_of, var_place
from reconciler.specs.pool_tests import PoolTest, meant_in
from reconciler.specs.references import SCHEMES, Unread, Unresolved
from reconciler.text.documents import Document, KeyAndValue
from reconciler.text.problems import FieldPath, Problem, path_text
from reconciler.text.references import Reference
from reconciler.text.tree import Leaf

# By scheme and name.
Values: TypeAlias = Mapping[tuple[str, str], ReadValue | NoValue]

_NAME: Final[FieldPath] = ("spec", "IdentityPoolName")
_START: Final = KeyAndValue((1, 1), (1, 1))
# What is checked here was read long ago: no message needs its text any more.
_NO_TEXT: Final = Document("", Leaf(0, 0, 0, 1, 1, "", "", ""), None, {}, ())


@dataclass(frozen=True, slots=True)
class OpenSpec:
    """A document whose meaning only AWS can complete.

    ``places`` are those of keys and values by their paths; ``references`` those in texts of which
    only AWS has the value.
    """

    source: Source
    value: SpecData
    targets: frozenset[str]
    places: Mapping[FieldPath, KeyAndValue]
    references: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """``metadata.name``."""
        return self.value["metadata"]["name"]

    def goes_to(self, target: str) -> bool:
        """Whether it means this here in the target of this name."""
        return target in self.targets

    @property
    def without_pool(self) -> Spec:
        """What is known without AWS: whose it is, and what may be done with it."""
        return Spec(
            source=self.source,
            document=_document_of_nothing(self.value),
            targets=self.targets,
            is_nameless=True,
        )

    def place(self, path: FieldPath, at_key: bool) -> str:
        """``file:line:column`` of what stands at a path, or of what it stands in."""
        ways = (path[:length] for length in range(len(path), 0, -1))
        found = next((self.places[way] for way in ways if way in self.places), _START)
        line, column = found.key if at_key else found.value
        return f"{self.source.file}:{line}:{column}"


def parsed(value: SpecData) -> tuple[PoolDocument | None, list[Problem]]:
    """The model of a value that the schema allows.

    The schema says what the model says, so a problem here is a disagreement between two regular
    expression engines; it is reported like any other.
    """
    try:
        return PoolDocument.model_validate(value, strict=True), []
    except ValidationError as error:
        return None, [
            Problem(tuple(each["loc"]), RuleId.WRONG_FORMAT, each["msg"])
            for each in error.errors(include_url=False, include_input=False)
        ]


def names_to_read(spec: OpenSpec, target: Target, project: Project) -> Mapping[str, set[str]]:
    """The names of each scheme that must be read for a spec in a target."""
    names = defaultdict[str, set[str]](set)

    def note(reference: Reference) -> ReadValue:
        names[reference.scheme].add(_name(reference))
        raise Unread

    effective(spec.value, target, project, note)
    return names


def names_in_test(test: PoolTest, target: Target, project: Project) -> Mapping[str, set[str]]:
    """The names of each scheme that must be read for a test in a target, as AWS knows that.

    Raises Unread where AWS has to be asked which account and region it is.
    """
    names = defaultdict[str, set[str]](set)

    def note(reference: Reference) -> ReadValue:
        if not SCHEMES[reference.scheme].key:
            raise Unread
        names[reference.scheme].add(_name(reference))
        return ReadValue("", "")

    with suppress(Unresolved):  # what runs the test says so
        meant_in(test, target, project, note)
    return names


def known_in(
    meanings: Iterable[Spec | OpenSpec], target: Target, project: Project
) -> tuple[Spec, ...]:
    """What the documents mean in a target as far as that is known without AWS."""
    return tuple(
        each if isinstance(each, Spec) else _known(each, target, project)
        for each in meanings
        if each.goes_to(target.name)
    )


def _known(spec: OpenSpec, target: Target, project: Project) -> Spec:
    made = effective(spec.value, target, project)
    return Spec(
        source=spec.source,
        document=_what_is_left(made, []),
        targets=spec.targets,
        is_nameless=_NAME in made.unread,
    )


def effective_with(value: SpecData, target: Target, project: Project, values: Values) -> Effective:
    """What a document means in a target, with what AWS has answered."""
    return effective(value, target, project, read_from(values))


def read_from(values: Values) -> Read:
    """Gives what AWS has answered for a reference.

    It raises Unresolved where that is nothing, and Unread where AWS was not asked for it.
    """

    def value_of(reference: Reference) -> ReadValue:
        found = values.get((reference.scheme, _name(reference)))
        if found is None:
            raise Unread
        if isinstance(found, NoValue):
            raise Unresolved(f"{reference}: {found.reason}", found.way_out)
        return found

    return value_of


def completed(spec: OpenSpec, target: Target, project: Project, values: Values) -> Spec:
    """What the document means in a target; refusals say what of it means nothing there."""
    made = effective_with(spec.value, target, project, values)
    found = [each for each in effective_problems(made, _NO_TEXT, project) if _is_error(each)]
    is_wrong = found or any(_is_error(problem) for _, problem in made.problems)
    model, strange = (None, []) if is_wrong else parsed(made.value)
    problems = [*found, *strange]
    refusals = (*_of_layers(made, spec, project), *_of_values(made, problems, spec, project))
    if model is None or refusals:
        model = _what_is_left(made, problems)
    return Spec(
        source=spec.source,
        document=model,
        targets=frozenset({target.name}),
        refusals=tuple(refusals),
        is_nameless=any(path == _NAME for path in _wrong(made, problems)),
        places=Places(partial(_written_at, made, spec, project)),
        origins=origins_of(
            made,
            PlaceOf(
                lambda layer, path: _line(_place(layer, path, False, spec, project)),
                var_place(project, target.name),
            ),
        ),
    )


def _name(reference: Reference) -> str:
    return "".join(map(str, reference.name))


def _is_error(problem: Problem) -> bool:
    return problem.severity == "error"


def _of_layers(made: Effective, spec: OpenSpec, project: Project) -> Iterator[Refusal]:
    for layer, problem in made.problems:
        if _is_error(problem):
            yield _refusal(problem, _place(layer, problem.path, problem.at_key, spec, project), "")


def _of_values(
    made: Effective, problems: list[Problem], spec: OpenSpec, project: Project
) -> Iterator[Refusal]:
    for problem in problems:
        place = _written_at(made, spec, project, problem.path, problem.at_key)
        yield _refusal(problem, place, made.expressions.get(problem.path, ""))


def _place(layer: Layer, path: FieldPath, at_key: bool, spec: OpenSpec, project: Project) -> str:
    if not layer.in_project:
        return spec.place(path, at_key)
    line, column = project.place(path)
    return f"{project.file}:{line}:{column}"


def _written_at(
    made: Effective, spec: OpenSpec, project: Project, path: FieldPath, at_key: bool
) -> str:
    written = made.place(path)
    if written is None:
        return spec.place(path, at_key)
    return _place(written.layer, written.path, at_key, spec, project)


def _line(place: str) -> str:
    """``file:line`` of ``file:line:column``."""
    return place.rpartition(":")[0]


def _refusal(problem: Problem, place: str, expression: str) -> Refusal:
    made_of = f" (from {expression})" if expression else ""
    return Refusal(
        rule=problem.rule.value,
        reason=f"{place}: {path_text(problem.shown_path)}: {problem.message}{made_of}",
        way_out=problem.fix,
    )


def _wrong(made: Effective, problems: list[Problem]) -> set[FieldPath]:
    return {*made.unread, *made.unread_keys, *(problem.path for problem in problems)}


def _what_is_left(made: Effective, problems: list[Problem]) -> PoolDocument:
    """The document without what means nothing: enough to find its pool by."""
    wrong = [Problem(path, RuleId.UNRESOLVED, "") for path in _wrong(made, problems)]
    left = without("effective-pool", cast("JsonValue", made.value), wrong)
    model, _ = parsed(cast("SpecData", left)) if left is not None else (None, [])
    if model is not None:
        return model
    return _document_of_nothing(made.value)


def _document_of_nothing(value: SpecData) -> PoolDocument:
    """The document with a pool of which nothing is known."""
    own = {key: each for key, each in value.items() if key != "perTarget"}
    own["spec"] = {"IdentityPoolName": value["metadata"]["name"]}
    return PoolDocument.model_validate(own)
