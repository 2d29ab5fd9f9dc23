"""Layers: who says fields of a spec in a target, and what they say laid over each other.

The order is: defaults of the project, those of the target, ``spec``, ``perTarget`` (globs, then the
name).  A layer's field replaces the one below it; maps unite by their first key.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Final, NamedTuple, TypeAlias, cast

from reconciler.model.base import JsonValue
from reconciler.model.findings import RuleId
from reconciler.model.pool_fields import PRINCIPAL_TAGS_FIELD, ROLES_FIELDS
from reconciler.model.project import Project, Target
from reconciler.model.written import SpecData
from reconciler.specs.schema import pool_fields, subschema
from reconciler.specs.schema_messages import empty_fix
from reconciler.text.problems import FieldPath, Problem, quoted

Fields: TypeAlias = Mapping[str, JsonValue]
PER_TARGET: Final = "perTarget"


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


def layers_of(value: SpecData, target: Target, project: Project) -> list[Layer]:
    """What says fields of the spec in this target, the lowest first."""
    own = [Layer(("spec",), cast("Fields", value["spec"])), *overlays(value, target)]
    if not project.has_defaults:
        return own
    managed = laid_over(own).fields
    under = [
        Layer(path, _filling_in(fields, managed), in_project=True)
        for path, fields in project.defaults_in(target.name)
    ]
    return [*under, *own]


def overlays(value: SpecData, target: Target) -> Iterator[Layer]:
    """What ``perTarget`` says for a target: globs in the order of the document, then the name."""
    written = cast("Mapping[str, Fields]", value.get(PER_TARGET, {}))
    fitting = [pattern for pattern in written if fnmatchcase(target.name, pattern)]
    for pattern in sorted(fitting, key=target.name.__eq__):
        yield Layer((PER_TARGET, pattern), written[pattern])


def _filling_in(fields: Fields, managed: Fields) -> Fields:
    """Defaults never begin to manage: what may be unmanaged has them only where it is managed."""
    left_out = {PRINCIPAL_TAGS_FIELD} - managed.keys()
    if not managed.keys() & set(ROLES_FIELDS):
        left_out |= set(ROLES_FIELDS)
    return {name: value for name, value in fields.items() if name not in left_out}


def half_ended(layers: Sequence[Layer], fields: Fields) -> Iterator[LayerProblem]:
    """AWS writes Roles and RoleMappings in one call: both are managed, or none."""
    for name, other in zip(ROLES_FIELDS, reversed(ROLES_FIELDS), strict=True):
        said = [each for each in layers if name in each.fields]
        if said and said[-1].fields[name] is None and other in fields:
            path = (*said[-1].path, name)
            problem = Problem.of(path, RuleId.HALF_ENDED, field=name, other=other)
            yield LayerProblem(said[-1], problem)


def place_in(written: Mapping[FieldPath, Written], path: FieldPath) -> Written | None:
    """Where a value of united fields, or what it stands in, is written."""
    for length in range(len(path), 1, -1):
        if found := written.get(path[:length]):
            return Written(found.layer, (*found.path, *path[length:]))
    return None


@cache
def map_fields() -> frozenset[str]:
    """The fields that unite by their first key."""
    parts = {name: subschema("effective-pool", ("spec", name)) for name in pool_fields()}
    return frozenset(name for name, part in parts.items() if part.get("type") == "object")


@dataclass(frozen=True, slots=True)
class United:
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
            elif isinstance(value, dict) and name in map_fields():
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
        if layer.path[0] != PER_TARGET or not set("*?") & set(str(layer.path[1])):
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


def laid_over(layers: Sequence[Layer]) -> United:
    """All layers over each other, the lowest first."""
    united = United()
    for layer in layers:
        united.lay(layer)
    return united
