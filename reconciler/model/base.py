"""What every document and record shares: its version, its kind, and its canonical JSON.

Nothing here loads pydantic, whose import is half of what checking a spec takes: what only checks
files keeps none of them, and needs no models.
"""

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydantic import ConfigDict, JsonValue
else:
    JsonValue = Any  # models take the real one from pydantic

API_VERSION: Final = "idpool/v1"
POOL_KIND: Final = "IdentityPool"
PROJECT_KIND: Final = "Project"
TEST_KIND: Final = "IdentityPoolTest"

__all__ = [
    "API_VERSION",
    "POOL_KIND",
    "PROJECT_KIND",
    "RECORD_CONFIG",
    "TEST_KIND",
    "JsonValue",
    "camel_case",
    "canonical_json",
    "digest",
]


def camel_case(name: str) -> str:
    """``role_arn`` as ``roleArn``."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


# For the few of these data that are plain dataclasses.
RECORD_CONFIG: "Final[ConfigDict]" = {
    "frozen": True,
    "extra": "forbid",
    "alias_generator": camel_case,
    "validate_by_name": True,
    "serialize_by_alias": True,
}


def canonical_json(value: object) -> str:
    """One text per value: sorted keys, no white space, characters as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: object) -> str:
    """SHA-256 over the canonical JSON of a value, as ``sha256:<64 hex digits>``."""
    return "sha256:" + hashlib.sha256(canonical_json(value).encode()).hexdigest()
