"""The text of the state file. What is read is not trusted: every part of it is checked."""

import json
import re
from typing import Any

from reconciler.sandbox.events import Event
from reconciler.sandbox.pool import Pool
from reconciler.sandbox.pools import Place, Pools
from reconciler.sandbox.shapes import ConstraintsError, JsonObject, WrongTypeError, conform

SCHEMA_VERSION = 1

_ENTRY_KEYS = {"account", "region", "settings", "roles", "principalTags", "identities", "links"}
_EVENT_KEYS = {"account", "region", "record"}
_RECORD_TEXTS = ("eventID", "eventTime", "eventName", "eventSource")
_ACCOUNT = re.compile(r"[0-9]{12}")


class BadStateError(ValueError):
    """The text is not a sandbox state; says what is wrong with it."""


def encode(pools: Pools) -> str:
    """The pools as text, one to a line, so that unchanged ones need no new serialisation.

    The events follow in the same way.
    """
    lines = ",\n".join(pool.text for pool in pools)
    events = ",\n".join(event.text for event in pools.events)
    head = f'{{"schemaVersion": {SCHEMA_VERSION}, "pools": [\n{lines}\n]'
    return f'{head}, "events": [\n{events}\n]}}\n'


def decode(text: str) -> Pools:
    """The pools that the text holds. Raises BadStateError."""
    state = _parse(text)
    # A state without events was written before there were any.
    if not isinstance(state, dict) or {*state, "events"} != {"schemaVersion", "pools", "events"}:
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
    if not isinstance(state.get("events", []), list):
        raise BadStateError("'events' is not a list")
    return Pools(found, [_event(n, entry) for n, entry in enumerate(state.get("events", []))])


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


def _event(number: int, entry: Any) -> Event:
    if not isinstance(entry, dict) or set(entry) != _EVENT_KEYS:
        raise BadStateError(f"event {number}: must have exactly {', '.join(sorted(_EVENT_KEYS))}")
    record, place = entry["record"], (entry["account"], entry["region"])
    texts = [record.get(key) for key in _RECORD_TEXTS] if isinstance(record, dict) else [None]
    if not all(isinstance(text, str) for text in (*place, *texts)):
        raise BadStateError(f"event {number}: a text is missing")
    if not isinstance(record.get("userIdentity"), dict) or record.get("readOnly") is not False:
        raise BadStateError(f"event {number}: is not the record of a write")
    event = Event(Place(*place), record)
    try:
        aware = event.time.tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise BadStateError(f"event {number}: 'eventTime' is no time")
    return event


def _pool(number: int, entry: Any) -> Pool:
    try:
        return _checked(entry)
    except ConstraintsError as error:
        raise BadStateError(f"pool {number}: {error.without_values}") from None
    except (BadStateError, WrongTypeError) as error:
        raise BadStateError(f"pool {number}: {error}") from None


def _checked(entry: Any) -> Pool:
    # A pool without links was written before logins were told apart.
    if not isinstance(entry, dict) or {*entry, "links"} != _ENTRY_KEYS:
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
        links=_links(entry.get("links", {}), entry["identities"]),
    )


def _links(links: Any, identities: dict[str, JsonObject]) -> dict[str, dict[str, str]]:
    if not isinstance(links, dict) or not all(isinstance(each, dict) for each in links.values()):
        raise BadStateError("'links' is not a map of maps")
    owners = [owner for users in links.values() for owner in users.values()]
    if not all(isinstance(owner, str) and owner in identities for owner in owners):
        raise BadStateError("'links' names an identity that is not there")
    return {provider: dict(users) for provider, users in links.items()}


def _each(shape: str, values: Any) -> dict[str, JsonObject]:
    if not isinstance(values, dict):
        raise BadStateError(f"a map of {shape} is not an object")
    return {key: _exactly(shape, value) for key, value in values.items()}


def _exactly(shape: str, value: Any) -> JsonObject:
    conformed = conform(shape, value)
    if conformed != value:
        raise BadStateError(f"has members that {shape} does not know")
    return conformed
