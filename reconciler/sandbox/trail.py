"""CloudTrail's LookupEvents on the events of the sandbox; moto's CloudTrail has no such call."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from reconciler.sandbox.events import Event
from reconciler.sandbox.faults import ApiError
from reconciler.sandbox.pools import Place, Pools
from reconciler.sandbox.shapes import JsonObject

_PAGE = 50


def username(event: Event) -> str:
    """A user's name; of an assumed role, the session's."""
    identity = event.record["userIdentity"]
    return str(identity.get("userName") or str(identity.get("arn", "")).rpartition("/")[2])


_ATTRIBUTES: Mapping[str, Callable[[Event], str]] = {
    "EventId": lambda event: event.id,
    "EventName": lambda event: str(event.record["eventName"]),
    "EventSource": lambda event: str(event.record["eventSource"]),
    "ReadOnly": lambda event: str(event.record["readOnly"]).lower(),
    "Username": username,
    "AccessKeyId": lambda event: str(event.record["userIdentity"].get("accessKeyId", "")),
    # Events of identity pools name no resource, as far as anybody has documented.
    "ResourceType": lambda _: "",
    "ResourceName": lambda _: "",
}


def look_up(body: bytes, place: Place, pools: Pools) -> str:
    """The answer of LookupEvents as JSON.  Raises ApiError."""
    request = _request(body)
    matches = _matcher(request)
    found = [event for event in pools.events_at(place) if matches(event)]
    found.reverse()  # newest first
    start = _start(found, request.get("NextToken"))
    size = _size(request.get("MaxResults", _PAGE))
    chosen = found[start : start + size]
    answer: JsonObject = {"Events": [_described(event) for event in chosen]}
    if start + len(chosen) < len(found):
        answer["NextToken"] = base64.urlsafe_b64encode(chosen[-1].id.encode()).decode()
    return json.dumps(answer)


def _request(body: bytes) -> JsonObject:
    try:
        request = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise ApiError("SerializationException", str(error)) from None
    if not isinstance(request, dict):
        raise ApiError("SerializationException", "the request must be a structure")
    return request


def _matcher(request: JsonObject) -> Callable[[Event], bool]:
    key, value = _attribute(request.get("LookupAttributes") or [])
    begin, end = _moment(request.get("StartTime")), _moment(request.get("EndTime"))
    if begin and end and begin > end:
        raise ApiError("InvalidTimeRangeException", "The start time is after the end time.")

    def matches(event: Event) -> bool:
        in_time = (begin is None or event.time >= begin) and (end is None or event.time <= end)
        return in_time and (not key or _ATTRIBUTES[key](event) == value)

    return matches


def _attribute(attributes: object) -> tuple[str, str]:
    if not attributes:
        return "", ""
    only = attributes[0] if isinstance(attributes, list) and len(attributes) == 1 else None
    key = only.get("AttributeKey") if isinstance(only, dict) else None
    value = only.get("AttributeValue") if isinstance(only, dict) else None
    if not isinstance(key, str) or key not in _ATTRIBUTES or not isinstance(value, str):
        raise ApiError("InvalidLookupAttributesException", "There is one attribute, of a known key")
    return key, value


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ApiError("SerializationException", "a time must be a number")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        raise ApiError("InvalidTimeRangeException", "This is no time.") from None


def _size(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _PAGE:
        raise ApiError("InvalidMaxResultsException", f"MaxResults must be 1 to {_PAGE}.")
    return value


def _start(found: list[Event], token: object) -> int:
    """Where the page begins: a token names the last event given, so new ones move nothing."""
    if token is None:
        return 0
    try:
        last = base64.urlsafe_b64decode(str(token)).decode()
    except (binascii.Error, ValueError):
        last = ""
    place = next((number for number, event in enumerate(found) if event.id == last), None)
    if place is None:
        raise ApiError("InvalidNextTokenException", "NextToken is not valid.")
    return place + 1


def _described(event: Event) -> JsonObject:
    return {
        "EventId": event.id,
        "EventName": event.record["eventName"],
        "ReadOnly": str(event.record["readOnly"]).lower(),
        "AccessKeyId": event.record["userIdentity"].get("accessKeyId", ""),
        "EventTime": event.time.timestamp(),
        "EventSource": event.record["eventSource"],
        "Username": username(event),
        "Resources": [],
        "CloudTrailEvent": json.dumps(event.record),
    }
