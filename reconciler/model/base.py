"""What every model here shares: frozen, strict about unknown fields, canonical as JSON."""

import hashlib
import json
from typing import Final

from pydantic import BaseModel, ConfigDict, JsonValue

API_VERSION: Final = "idpool/v1"
POOL_KIND: Final = "IdentityPool"
PROJECT_KIND: Final = "Project"

__all__ = [
    "API_VERSION",
    "POOL_KIND",
    "PROJECT_KIND",
    "RECORD_CONFIG",
    "ApiShape",
    "JsonValue",
    "Record",
    "camel_case",
    "canonical_json",
    "digest",
]


def camel_case(name: str) -> str:
    """``role_arn`` as ``roleArn``."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


# For the few of these data that are plain dataclasses.
RECORD_CONFIG: Final[ConfigDict] = {
    "frozen": True,
    "extra": "forbid",
    "alias_generator": camel_case,
    "validate_by_name": True,
    "serialize_by_alias": True,
}


class Record(BaseModel):
    """Data of our own: snake_case here, camelCase in JSON and YAML."""

    # As RECORD_CONFIG has it; written out because type checkers only understand it so.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=camel_case,
        validate_by_name=True,
        serialize_by_alias=True,
    )


class ApiShape(BaseModel):  # noqa: PLW1641 - what is frozen gets its hash from pydantic
    """Data that AWS defines: fields are called what the API calls them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __eq__(self, other: object) -> bool:
        # Half of pydantic's own price: there are neither extra fields nor private ones to look at.
        # Pools are compared more often than anything else is done with them.
        return type(self) is type(other) and self.__dict__ == other.__dict__


def canonical_json(value: object) -> str:
    """One text per value: sorted keys, no white space, characters as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: object) -> str:
    """SHA-256 over the canonical JSON of a value, as ``sha256:<64 hex digits>``."""
    return "sha256:" + hashlib.sha256(canonical_json(value).encode()).hexdigest()
