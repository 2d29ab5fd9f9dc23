"""How our own data is read from JSON and written to it: strictly, and with names in camelCase.

A few of these data are plain dataclasses; in pydantic's models they are fields like others.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic import ConfigDict


def camel_case(name: str) -> str:
    """``role_arn`` as ``roleArn``."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


RECORD_CONFIG: Final["ConfigDict"] = {
    "frozen": True,
    "extra": "forbid",
    "alias_generator": camel_case,
    "validate_by_name": True,
    "serialize_by_alias": True,
}
