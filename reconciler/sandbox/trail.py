"""CloudTrail: what it remembers of each write call, and its LookupEvents."""

import base64
import binascii
import json
import re
import uuid
from datetime import UTC, datetime

from moto.backends import get_backend
from moto.core.request import Request
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from reconciler.sandbox.faults import ApiError
from reconciler.sandbox.pools import AccountRegion, Pools, RecordedCall
from reconciler.sandbox.shapes import JsonObject

_KEY = re.compile(r"Credential=([^/%]{1,128})(?:/|%2F)")
_ACCOUNT = re.compile(r"[0-9]{12}")
SOURCE = "cognito-identity.amazonaws.com"
WRITES = frozenset(
    {
        "CreateIdentityPool",
        "UpdateIdentityPool",
        "DeleteIdentityPool",
        "SetIdentityPoolRoles",
        "SetPrincipalTagAttributeMap",
        "TagResource",
        "UntagResource",
    }
)
_SUMMARISED = ("EventId", "EventName", "EventSource", "ReadOnly", "Username", "AccessKeyId")
# Events of identity pools name no resource, as far as anybody has documented.
_ATTRIBUTES = (*_SUMMARISED, "ResourceType", "ResourceName")
# AWS records more.  The other parameters are left out: one of them may be a provider's secret.
_RECORDED = ("identityPoolId", "identityPoolName", "identityPoolTags", "resourceArn", "tags")
_PAGE = 50


def caller_of(request: Request, place: AccountRegion) -> JsonObject:
    """The part of an event that says who called, as signature and connection have it."""
    signature = request.headers.get("Authorization", "") + request.query_string.decode("latin-1")
    found = _KEY.search(signature)
    identity = _identity(place, found[1] if found else "")
    return {"userIdentity": identity, "sourceIPAddress": request.remote_addr or ""}


def _identity(place: AccountRegion, access_key: str) -> JsonObject:
    """CloudTrail's userIdentity."""
    partition = get_partition(place.region)
    caller = {"accountId": place.account, "accessKeyId": access_key}
    role = sts_backends[place.account][partition].get_assumed_role_from_access_key(access_key)
    if role is None:
        name = _user_name(place.account, partition, access_key)
        arn = f"arn:{partition}:iam::{place.account}:user/{name}"
        return {"type": "IAMUser", "arn": arn, **caller, "userName": name}
    issuer = {"type": "Role", "arn": role.role_arn, "userName": role.role_arn.rpartition("/")[2]}
    session = {"principalId": role.user_id, "arn": role.arn, **caller}
    return {"type": "AssumedRole", **session, "sessionContext": {"sessionIssuer": issuer}}


def _user_name(account: str, partition: str, access_key: str) -> str:
    """A user of moto's IAM; else the one that moto's GetCallerIdentity answers."""
    if not access_key or _ACCOUNT.fullmatch(access_key):
        return "moto"
    # Imported by moto when it is asked for: it reads megabytes of managed policies.
    user = get_backend("iam")[account][partition].get_user_from_access_key_id(access_key)
    return str(user.name) if user else "moto"


def event_of(
    operation: str,
    request: JsonObject,
    answer: JsonObject,
    place: AccountRegion,
    caller: JsonObject,
) -> RecordedCall:
    """The event of a call that was carried out; ``caller`` is its part about who sent it."""
    return RecordedCall(
        place,
        {
            "eventVersion": "1.08",
            **caller,
            "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": SOURCE,
            "eventName": operation,
            "awsRegion": place.region,
            "requestParameters": _recorded(request),
            "responseElements": _recorded(answer) or None,
            "eventID": str(uuid.uuid4()),
            "readOnly": False,
            "eventType": "AwsApiCall",
            "recipientAccountId": place.account,
            "eventCategory": "Management",
        },
    )


def _recorded(members: JsonObject) -> JsonObject:
    """Members under the names that CloudTrail gives them: with a small first letter."""
    named = {name[0].lower() + name[1:]: value for name, value in members.items()}
    return {name: value for name, value in named.items() if name in _RECORDED}


def _summary(event: RecordedCall) -> dict[str, str]:
    """What events can be looked up by; a user's name is, of an assumed role, the session's."""
    record, identity = event.record, event.record["userIdentity"]
    name = identity.get("userName") or str(identity.get("arn", "")).rpartition("/")[2]
    written = str(record["readOnly"]).lower()
    key = identity.get("accessKeyId", "")
    values = (event.id, record["eventName"], record["eventSource"], written, name, key)
    return dict(zip(_SUMMARISED, map(str, values), strict=True))


def look_up(request: object, place: AccountRegion, pools: Pools) -> str:
    """The answer of LookupEvents as JSON.  Raises ApiError."""
    if not isinstance(request, dict):
        raise ApiError("SerializationException", "the request must be a structure")
    found = _found(request, pools.events_at(place))
    start = _start(found, request.get("NextToken"))
    size = _size(request.get("MaxResults", _PAGE))
    chosen = found[start : start + size]
    answer: JsonObject = {"Events": [_described(event) for event in chosen]}
    if start + len(chosen) < len(found):
        answer["NextToken"] = base64.urlsafe_b64encode(chosen[-1].id.encode()).decode()
    return json.dumps(answer)


def _found(request: JsonObject, events: list[RecordedCall]) -> list[RecordedCall]:
    """The events that a request is about, newest first."""
    key, value = _attribute(request.get("LookupAttributes") or [])
    begin, end = _moment(request.get("StartTime")), _moment(request.get("EndTime"))
    if begin and end and begin > end:
        raise ApiError("InvalidTimeRangeException", "The start time is after the end time.")
    return [
        event
        for event in reversed(events)
        if (begin is None or event.time >= begin)
        and (end is None or event.time <= end)
        and (not key or _summary(event).get(key, "") == value)
    ]


def _attribute(attributes: object) -> tuple[str, str]:
    if not attributes:
        return "", ""
    match attributes:
        case [{"AttributeKey": str(key), "AttributeValue": str(value)}] if key in _ATTRIBUTES:
            return key, value
    raise ApiError("InvalidLookupAttributesException", "There is one attribute, of a known key")


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


def _start(found: list[RecordedCall], token: object) -> int:
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


def _described(event: RecordedCall) -> JsonObject:
    return {
        **_summary(event),
        "EventTime": event.time.timestamp(),
        "Resources": [],
        "CloudTrailEvent": json.dumps(event.record),
    }
