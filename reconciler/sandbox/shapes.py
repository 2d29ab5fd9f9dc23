"""Checks values against the shapes of botocore's cognito-identity model."""

import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from botocore.loaders import create_loader

_CATEGORIES = re.compile(r"\[((?:\\p\{[LMSNPZC]\})+)\]\+")
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


@cache
def matcher(pattern: str) -> Callable[[str], bool]:
    """A test whether a whole text matches a pattern of the model.

    Python's `re` has no Unicode categories, so a class made of nothing else is tested
    character by character. A pattern that mixes both is passed over (nothing is refused);
    a test holds that the model of the installed botocore has none.
    """
    categories = _CATEGORIES.fullmatch(pattern)
    if categories:
        allowed = frozenset(re.findall(r"\{(.)\}", categories[1]))
        return lambda text: all(unicodedata.category(char)[0] in allowed for char in text)
    if not understood(pattern):
        return lambda _: True
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


def understood(pattern: str) -> bool:
    """Whether `matcher` really tests this pattern."""
    return r"\p" not in pattern or _CATEGORIES.fullmatch(pattern) is not None


class WrongTypeError(Exception):
    """A value is of another JSON type than its shape says."""

    def __init__(self, path: str, expected: str) -> None:
        self.path = path
        super().__init__(f"'{path}' must be a {expected}")


class BrokenConstraint(NamedTuple):
    """One value that breaks one constraint of the model."""

    value: object
    path: str
    constraint: str


class ConstraintsError(Exception):
    """Values of the right type break constraints of the model; says it as AWS does.

    AWS quotes the values as Java prints them, as reported in getmoto/moto#4415,
    aws-amplify/aws-sdk-ios#2317 and aws/aws-sdk-cpp#1085. One may be a provider's secret:
    `without_values` is for those who show the message themselves.
    """

    def __init__(self, broken: list[BrokenConstraint]) -> None:
        super().__init__(_told(broken, [f"Value {_quoted(found.value)}" for found in broken]))
        self.without_values = _told(broken, ["Value"] * len(broken))


def _told(broken: list[BrokenConstraint], values: list[str]) -> str:
    listed = "; ".join(
        f"{value} at '{found.path}' failed to satisfy constraint: {found.constraint}"
        for value, found in zip(values, broken, strict=True)
    )
    many = "error" if len(broken) == 1 else "errors"
    return f"{len(broken)} validation {many} detected: {listed}"


def _quoted(value: object) -> str:
    return "null" if value is None else f"'{_as_java_prints(value)}'"


def _as_java_prints(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}={_as_java_prints(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_as_java_prints, value))}]"
    return "null" if value is None else str(value)


@cache
def service_model() -> JsonObject:
    """The service model that a client of this process has: of AWS_DATA_PATH, else botocore's."""
    loader = create_loader(os.environ.get("AWS_DATA_PATH"))
    model: JsonObject = loader.load_data(f"cognito-identity/{API_VERSION}/service-2")
    return model


def input_shape(operation: str) -> str | None:
    """The name of an operation's input shape; None if there is no such operation."""
    found: JsonObject | None = service_model()["operations"].get(operation)
    return found["input"]["shape"] if found else None


def has_output(operation: str) -> bool:
    """Whether an operation answers anything; the body of the others is empty."""
    return "output" in service_model()["operations"][operation]


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
        self.problems: list[BrokenConstraint] = []
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
            self.problems.append(BrokenConstraint(value, path, constraint))
        reader = self._readers.get(kind)
        return reader(shape, value, path) if reader else value

    def _structure(self, shape: Shape, value: JsonObject, path: str) -> JsonObject:
        for name in shape.get("required", ()):
            if value.get(name) is None:
                missing = BrokenConstraint(None, _below(path, name), "Member must not be null")
                self.problems.append(missing)
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
        self._each(shape["key"]["shape"], list(value), value, path, "keys")
        if self._shapes[values]["type"] == "structure":
            return {
                key: self.read(values, item, f"{path}.{key}.member") for key, item in value.items()
            }
        self._each(values, list(value.values()), value, path, "value")
        return dict(value)

    def _each(
        self, name: str, items: list[object], whole: JsonObject, path: str, what: str
    ) -> None:
        """Of a map AWS quotes the whole, and says all that its keys or values must satisfy."""
        shape = self._shapes[name]
        for item in items:
            _require(item, shape["type"], path)
        if any(_broken(shape, item) for item in items):
            listed = ", ".join(says for says, _ in _constraints(shape))
            constraint = f"Map {what} must satisfy constraint: [{listed}]"
            self.problems.append(BrokenConstraint(whole, path, constraint))


def _require(value: object, kind: str, path: str) -> None:
    wrong_bool = isinstance(value, bool) and kind != "boolean"
    if wrong_bool or not isinstance(value, _KINDS[kind]):
        raise WrongTypeError(path or "request", kind)


def _below(path: str, member: str) -> str:
    name = member[0].lower() + member[1:]
    return f"{path}.{name}" if path else name


def _broken(shape: Shape, value: Any) -> list[str]:
    return [says for says, holds in _constraints(shape) if not holds(value)]


def _constraints(shape: Shape) -> Iterator[tuple[str, Callable[[Any], bool]]]:
    """What a shape asks of a value, in AWS's words and order, each with its test."""
    if shape["type"] in ("boolean", "structure", "timestamp"):
        return
    is_number = shape["type"] in ("integer", "long")
    size, what = (int, "value") if is_number else (len, "length")
    says = "Member must satisfy"
    if (most := shape.get("max")) is not None:
        yield f"Member must have {what} less than or equal to {most}", lambda v: size(v) <= most
    if (least := shape.get("min")) is not None:
        says_least = f"Member must have {what} greater than or equal to {least}"
        yield says_least, lambda v: size(v) >= least
    if names := shape.get("enum"):
        yield f"{says} enum value set: [{', '.join(names)}]", lambda v: v in names
    if pattern := shape.get("pattern"):
        yield f"{says} regular expression pattern: {pattern}", matcher(pattern)
