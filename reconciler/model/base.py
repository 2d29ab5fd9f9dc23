"""What every model here shares: frozen, strict about unknown fields, canonical as JSON."""

import hashlib
import json

from pydantic import BaseModel, ConfigDict, JsonValue

from reconciler.model.config import camel_case

__all__ = ["ApiShape", "JsonValue", "Record", "canonical_json", "digest"]


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
