"""The text of the state file. What is read is not trusted: every part of it is checked."""

import json
import re
from typing import Any

from reconciler.sandbox.pool import Pool
from reconciler.sandbox.pools import Pools
from reconciler.sandbox.shapes import ConstraintsError, JsonObject, WrongTypeError, conform

SCHEMA_VERSION = 1

_ENTRY_KEYS = {"account", "region", "settings", "roles", "principalTags", "identities"}
_ACCOUNT = re.compile(r"[0-9]{12}")


class BadStateError(ValueError):
    """The text is not a sandbox state; says what is wrong with it."""


def encode(pools: Pools) -> str:
    """The pools as text, one to a line, so that unchanged ones need no new serialisation."""
    lines = ",\n".join(pool.text for pool in pools)
    return f'{{"schemaVersion": {SCHEMA_VERSION}, "pools": [\n{lines}\n]}}\n'


def decode(text: str) -> Pools:
    """The pools that the text holds. Raises BadStateError."""
    state = _parse(text)
    if not isinstance(state, dict) or set(state) != {"schemaVersion", "pools"}:
        raise BadStateError("not a sandbox state file")
    if state["schemaVersion"] != SCHEMA_VERSION:
        raise BadStateError(
            f"schemaVersion is not {SCHEMA_VERSION}: written by another idpool version"
        )
    if not isinstance(state["pools"], list):
        raise BadStateError("'pools' is not a list")
    found = [_pool(number, entry) for number, entry in enumerate(state["pools"])]
    if len({pool.id for pool in found}) != len(found):
        raise BadStateError("two pools have the same id")
    return Pools(found)


def _parse(text: str) -> object:
    try:
        parsed: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadStateError(f"not JSON, line {error.lineno}: {error.msg}") from None
    except (ValueError, RecursionError):
        raise BadStateError(
            "not JSON that can be read: a number or a nesting is too large"
        ) from None
    return parsed


def _pool(number: int, entry: Any) -> Pool:
    try:
        return _checked(entry)
    except (BadStateError, ConstraintsError, WrongTypeError) as error:
        raise BadStateError(f"pool {number}: {error}") from None


def _checked(entry: Any) -> Pool:
    if not isinstance(entry, dict) or set(entry) != _ENTRY_KEYS:
        raise BadStateError(f"must have exactly {', '.join(sorted(_ENTRY_KEYS))}")
    account, region = entry["account"], entry["region"]
    if not isinstance(account, str) or not _ACCOUNT.fullmatch(account):
        raise BadStateError("'account' must be twelve digits")
    settings = _exactly("IdentityPool", entry["settings"])
    if not isinstance(region, str) or settings["IdentityPoolId"].split(":")[0] != region:
        raise BadStateError("the pool id must begin with the region")
    return Pool(
        account=account,
        region=region,
        settings=settings,
        roles=_exactly("GetIdentityPoolRolesResponse", entry["roles"]),
        principal_tags=_each("GetPrincipalTagAttributeMapResponse", entry["principalTags"]),
        identities=_each("IdentityDescription", entry["identities"]),
    )


def _each(shape: str, values: Any) -> dict[str, JsonObject]:
    if not isinstance(values, dict):
        raise BadStateError(f"a map of {shape} is not an object")
    return {key: _exactly(shape, value) for key, value in values.items()}


def _exactly(shape: str, value: Any) -> JsonObject:
    conformed = conform(shape, value)
    if conformed != value:
        raise BadStateError(f"has members that {shape} does not know")
    return conformed
