"""Checks values against the shapes of botocore's cognito-identity model."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

from reconciler.sandbox.patterns import matcher

API_VERSION = "2014-06-30"

# JSON whose shape the service model describes: checked here, once, when it comes in.
JsonObject: TypeAlias = dict[str, Any]
Shape: TypeAlias = Mapping[str, Any]

_KINDS: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "timestamp": (int, float),
}


class WrongTypeError(Exception):
    """A value is of another JSON type than its shape says."""

    def __init__(self, path: str, expected: str) -> None:
        self.path = path
        super().__init__(f"'{path}' must be a {expected}")


class ConstraintsError(Exception):
    """Values of the right type break constraints of the model.

    AWS quotes the value; it is left out here, because it may hold a provider's secret.
    """

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        listed = "; ".join(
            f"Value at '{path}' failed to satisfy constraint: {constraint}"
            for path, constraint in problems
        )
        many = "error" if len(problems) == 1 else "errors"
        super().__init__(f"{len(problems)} validation {many} detected: {listed}")


@cache
def service_model() -> JsonObject:
    """The service model that the installed botocore carries."""
    from botocore.loaders import Loader

    model: JsonObject = Loader().load_data(f"cognito-identity/{API_VERSION}/service-2")
    return model


def input_shape(operation: str) -> str | None:
    """The name of an operation's input shape; None if there is no such operation."""
    found: JsonObject | None = service_model()["operations"].get(operation)
    return found["input"]["shape"] if found else None


def conform(shape: str, value: object) -> JsonObject:
    """The value as its structure shape knows it: unknown members and nulls are dropped.

    Raises WrongTypeError at the first wrong type, else ConstraintsError with all of them.
    """
    reading = _Reading(service_model()["shapes"])
    conformed: JsonObject = reading.read(shape, value, "")
    if reading.problems:
        raise ConstraintsError(reading.problems)
    return conformed


class _Reading:
    """One pass over one value, gathering what is wrong with it."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self.problems: list[tuple[str, str]] = []
        self._shapes = shapes
        self._readers: dict[str, Callable[[Shape, Any, str], Any]] = {
            "structure": self._structure,
            "map": self._map,
            "list": self._list,
        }

    def read(self, name: str, value: object, path: str) -> Any:
        shape = self._shapes[name]
        kind = shape["type"]
        _require(value, kind, path)
        for constraint in _broken(shape, value):
            self.problems.append((path, constraint))
        reader = self._readers.get(kind)
        return reader(shape, value, path) if reader else value

    def _structure(self, shape: Shape, value: JsonObject, path: str) -> JsonObject:
        for name in shape.get("required", ()):
            if value.get(name) is None:
                self.problems.append((_below(path, name), "Member must not be null"))
        return {
            name: self.read(member["shape"], value[name], _below(path, name))
            for name, member in shape["members"].items()
            if value.get(name) is not None
        }

    def _list(self, shape: Shape, value: list[object], path: str) -> list[Any]:
        member = shape["member"]["shape"]
        return [
            self.read(member, item, f"{path}.{number}.member")
            for number, item in enumerate(value, start=1)
        ]

    def _map(self, shape: Shape, value: JsonObject, path: str) -> JsonObject:
        values = shape["value"]["shape"]
        self._each(shape["key"]["shape"], list(value), path, "keys")
        if self._shapes[values]["type"] == "structure":
            return {
                key: self.read(values, item, f"{path}.{key}.member") for key, item in value.items()
            }
        self._each(values, list(value.values()), path, "value")
        return dict(value)

    def _each(self, name: str, items: list[object], path: str, what: str) -> None:
        shape = self._shapes[name]
        broken: dict[str, None] = {}
        for item in items:
            _require(item, shape["type"], path)
            broken.update(dict.fromkeys(_broken(shape, item)))
        if broken:
            constraint = f"Map {what} must satisfy constraint: [{', '.join(broken)}]"
            self.problems.append((path, constraint))


def _require(value: object, kind: str, path: str) -> None:
    wrong_bool = isinstance(value, bool) and kind != "boolean"
    if wrong_bool or not isinstance(value, _KINDS[kind]):
        raise WrongTypeError(path or "request", kind)


def _below(path: str, member: str) -> str:
    name = member[0].lower() + member[1:]
    return f"{path}.{name}" if path else name


def _broken(shape: Shape, value: Any) -> list[str]:
    if shape["type"] in ("boolean", "structure", "timestamp"):
        return []
    is_number = shape["type"] in ("integer", "long")
    size, what = (value, "value") if is_number else (len(value), "length")
    broken = []
    if "max" in shape and size > shape["max"]:
        broken.append(f"Member must have {what} less than or equal to {shape['max']}")
    if "min" in shape and size < shape["min"]:
        broken.append(f"Member must have {what} greater than or equal to {shape['min']}")
    if "enum" in shape and value not in shape["enum"]:
        broken.append(f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]")
    if "pattern" in shape and not matcher(shape["pattern"])(value):
        broken.append(f"Member must satisfy regular expression pattern: {shape['pattern']}")
    return broken
