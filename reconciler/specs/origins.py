"""Where the values of an effective spec come from, by the paths that changes have."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from reconciler.model.base import digest
from reconciler.model.changes import ValueOrigin
from reconciler.model.pool_fields import LOGINS_FIELD
from reconciler.model.project import Project
from reconciler.model.references import ReadValue
from reconciler.specs.effective import Effective
from reconciler.specs.layers import Layer
from reconciler.text.problems import FieldPath, path_text
from reconciler.text.references import Parts, Reference, as_written, parse, references


class PlaceOf(NamedTuple):
    """``file:line`` of a path in the document of a layer, and of the first var in a text."""

    of_layer: Callable[[Layer, FieldPath], str]
    of_vars: Callable[[str], str]


def var_place(project: Project, target: str) -> Callable[[str], str]:
    """Where the project file says the first var of a text, "" where there is none."""

    def place_of(text: str) -> str:
        for each in _all_references(parse(text)):
            if each.scheme == "var":
                name = as_written(each.name)
                ways = (("targets", target, "vars", name), ("vars", name))
                found = next((project.places[way] for way in ways if way in project.places), None)
                return f"{project.file}:{found[0]}" if found else ""
        return ""

    return place_of


def _all_references(parts: Parts) -> Iterator[Reference]:
    for each in references(parts):
        yield each
        yield from _all_references(each.name)


def origins_of(made: Effective, place_of: PlaceOf) -> tuple[ValueOrigin, ...]:
    """Of every value that is not written in ``spec:`` as it is; a field's own path is ``(field,)``.

    Members are called as changes call them: of a set by their values, of clients by their keys,
    rules by their numbers from 1.
    """
    spec: Mapping[str, Any] = made.value["spec"]
    paths = dict.fromkeys((*_layered(made), *made.keys, *made.expressions))
    return tuple(_origin(made, path, changed_path(path, spec), place_of) for path in paths)


def _layered(made: Effective) -> Iterator[FieldPath]:
    """Fields and keys of maps; of a map as a whole its keys say it."""
    spec: Mapping[str, Any] = made.value["spec"]
    for path, written in made.written.items():
        field = spec.get(str(path[1]))
        is_map = len(path) == len(("spec", "field")) and isinstance(field, dict)
        if written.layer.path != ("spec",) and field is not None and not is_map:
            yield path


def _origin(made: Effective, path: FieldPath, called: FieldPath, place_of: PlaceOf) -> ValueOrigin:
    text = made.expressions.get(path) or made.keys.get(path, "")
    written = made.place(path)
    reads = made.reads.get(path, ())
    layer, place = "", ""
    if written is not None and written.layer.path != ("spec",):
        layer, place = path_text(written.layer.path), place_of.of_layer(*written)
    return ValueOrigin(
        path=called,
        expression=_short(text),
        layer=layer,
        place=place,
        var_place=place_of.of_vars(text) if text else "",
        source=", ".join(read.source for _, read in reads),
        version=", ".join(filter(None, (read.version for _, read in reads))),
        digest=_digest(made, path, reads),
    )


def _digest(made: Effective, path: FieldPath, reads: Sequence[tuple[str, ReadValue]]) -> str:
    """Of the value; of what may be a secret there is none, for a short one could be guessed."""
    if path[1] == LOGINS_FIELD or any(read.is_secret for _, read in reads):
        return ""
    if path in made.keys:
        return digest(path[-1])
    value: Any = made.value
    for step in path:
        value = value[step]
    return digest(value)


def _short(text: str) -> str:
    """``role.shop`` for a text that is one reference, else the text."""
    parts = parse(text)
    only = parts[0] if len(parts) == 1 else None
    return only.expression if isinstance(only, Reference) else text


def changed_path(path: FieldPath, spec: Mapping[str, Any]) -> FieldPath:
    """What changes call the value at a path of an effective document."""
    field, rest = str(path[1]), list(path[2:])
    match rest:
        case [int(index)] if isinstance(spec[field], list) and isinstance(spec[field][index], str):
            return field, spec[field][index]
        case [int(index), *_]:
            client = spec[field][index]
            return field, f"{client['ProviderName']}:{client['ClientId']}"
        case [key, "RulesConfiguration", "Rules", int(index), *part]:
            return field, key, "Rules", index + 1, *part
    return field, *rest
