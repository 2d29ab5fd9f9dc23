"""The principal tags of a session: of which claims a provider's map makes which tags.

The rules are those of the developer guide, "Using attributes for access control".
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypedDict, cast

from reconciler.model.base import JsonValue
from reconciler.model.pool_fields import DEFAULT_PRINCIPAL_TAGS, PRINCIPAL_TAGS_FIELD
from reconciler.model.written import PoolData

NO_CLAIMS: Final = "the claims of the token are not known"


class NotKnown(Exception):
    """What AWS answers is not known; the text says why."""


class TagValue(NamedTuple):
    """The value of a principal tag; "" with a reason where that is not known."""

    value: str
    why_not: str = ""


class _TagMap(TypedDict, total=False):
    UseDefaults: bool
    PrincipalTags: dict[str, str]


def session_tags(
    pool: PoolData, names: Sequence[str], claims: Mapping[str, JsonValue] | None
) -> Mapping[str, TagValue]:
    """The tags of somebody of a provider, which has these names in PrincipalTagAttributeMaps.

    Raises ``NotKnown`` where nothing is known of them.
    """
    if PRINCIPAL_TAGS_FIELD not in pool:
        raise NotKnown("the pool's principal tags are not managed here")
    maps = cast("Mapping[str, _TagMap]", pool[PRINCIPAL_TAGS_FIELD])
    chosen = [maps[name] for name in names if name in maps]
    if not chosen:
        return {}
    if any(other != chosen[0] for other in chosen[1:]):
        raise NotKnown("the provider's two names have different maps")
    tags: Mapping[str, str] = chosen[0].get("PrincipalTags") or {}
    if chosen[0].get("UseDefaults"):
        if tags and tags != DEFAULT_PRINCIPAL_TAGS:
            raise NotKnown("the map has UseDefaults and PrincipalTags")
        tags = DEFAULT_PRINCIPAL_TAGS
    found = {tag: _tag(claim, claims) for tag, claim in tags.items()}
    return {tag: value for tag, value in found.items() if value is not None}


def _tag(claim: str, claims: Mapping[str, JsonValue] | None) -> TagValue | None:
    """A tag of a claim that is not there is none."""
    if claims is None:
        return TagValue("", NO_CLAIMS)
    value = claims.get(claim)
    if value is None:
        return None
    if not isinstance(value, str):
        return TagValue("", f"how AWS writes the claim {claim}, which is no text, is not known")
    return TagValue(value)
