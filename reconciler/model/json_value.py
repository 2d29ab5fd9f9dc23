"""Anything that JSON can say, as Python has it."""

from typing import TypeAlias

# The like of pydantic's, which is for the fields of its models, without pydantic.
JsonValue: TypeAlias = dict[str, "JsonValue"] | list["JsonValue"] | str | int | float | bool | None
