"""Where the values of an effective spec come from, by the paths that changes have."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from reconciler.model.base import digest
from reconciler.model.changes import ValueOrigin
from reconciler.model.references import ReadValue
from reconciler.specs.effective import Effective, Layer
from reconciler.text.problems import FieldPath, path_text
from reconciler.text.references import Reference, parse

# ``file:line`` of a path in the document of a layer.
PlaceOf = Callable[[Layer, FieldPath], str]


def origins_of(made: Effective, place_of: PlaceOf) -> tuple[ValueOrigin, ...]:
    """Of every value that is not written in ``spec:`` as it is; a field's own path is ``(field,)``.

    Members are called as changes call them: of a set by their values, of clients by their keys,
    rules by their numbers from 1.
    """
    spec: Mapping[str, Any] = made.value["spec"]
    found: dict[FieldPath, ValueOrigin] = {}
    for path in dict.fromkeys((*_layered(made), *made.keys, *made.expressions)):
        origin = _origin(made, path, place_of)
        here = _as_changed(path, spec)
        found[here] = _together(found[here], origin) if here in found else origin
    return tuple(origin.model_copy(update={"path": path}) for path, origin in found.items())


def _layered(made: Effective) -> Iterator[FieldPath]:
    """Fields and keys of maps; of a map as a whole its keys say it."""
    spec: Mapping[str, Any] = made.value["spec"]
    for path, written in made.written.items():
        field = spec.get(str(path[1]))
        is_map = len(path) == len(("spec", "field")) and isinstance(field, dict)
        if written.layer.path != ("spec",) and field is not None and not is_map:
            yield path


def _origin(made: Effective, path: FieldPath, place_of: PlaceOf) -> ValueOrigin:
    text = made.expressions.get(path) or made.keys.get(path, "")
    written = made.place(path)
    reads = made.reads.get(path, ())
    if written is None or written.layer.path == ("spec",):
        layer = ""
    else:
        layer = f"{path_text(written.layer.path)} {place_of(written.layer, written.path)}"
    return ValueOrigin(
        path=(),
        expression=_short(text),
        layer=layer,
        source=", ".join(read.source for _, read in reads),
        version=", ".join(filter(None, (read.version for _, read in reads))),
        digest=_digest(reads),
    )


def _digest(reads: Any) -> str:
    """Of what was read; of a secret there is none, for a short one could be guessed."""
    values: list[ReadValue] = [read for _, read in reads]
    if not values or any(each.is_secret for each in values):
        return ""
    return digest([each.value for each in values])


def _short(text: str) -> str:
    """``role.shop`` for a text that is one reference, else the text."""
    parts = parse(text)
    only = parts[0] if len(parts) == 1 else None
    return only.expression if isinstance(only, Reference) else text


def _together(one: ValueOrigin, other: ValueOrigin) -> ValueOrigin:
    """Of one member: the two texts of a client."""
    both = {
        name: ", ".join(dict.fromkeys(filter(None, (getattr(one, name), getattr(other, name)))))
        for name in ("expression", "layer", "source", "version", "digest")
    }
    return one.model_copy(update=both)


def _as_changed(path: FieldPath, spec: Mapping[str, Any]) -> FieldPath:
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
