"""Who wrote: CloudTrail's event history of the last 90 days, asked within a bound on calls."""

import json
import re
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from reconciler.live.aws import Connection
from reconciler.live.calls import Channel
from reconciler.model.drift import Write
from reconciler.model.errors import AwsProblem
from reconciler.model.live import Asked, LiveTarget, TrailEvent

# Roles that IAM Identity Center makes: AWSReservedSSO_PERMISSION-SET_16-hex-digits; the session is
# named after the user (IAM Identity Center user guide, "Referencing permission sets").
_SSO_ROLE = re.compile(r"AWSReservedSSO_(?P<set>.+)_[0-9a-f]{16}")
_SESSION = re.compile(r"arn:[^:]*:sts::[0-9]*:assumed-role/(?P<role>.+)/(?P<session>[^/]+)")
# At two a second, the documented rate, a target takes ten seconds at most.
MOST_CALLS = 20
_PAGE = 50
_CREATE = "CreateIdentityPool"
_SOURCE = "cognito-identity.amazonaws.com"


def who_of(identity: Mapping[str, Any]) -> str:
    """A user's name, role and session, or the service; "" where the event names nobody."""
    kind = identity.get("type")
    if kind == "AssumedRole":
        return _session(identity)
    if kind == "Root":
        return "the account's root user"
    if identity.get("invokedBy"):
        return f"AWS service {identity['invokedBy']}"
    name = identity.get("userName") or str(identity.get("arn") or "").rpartition("/")[2]
    return f"user {name}" if name else ""


def _session(identity: Mapping[str, Any]) -> str:
    found = _SESSION.fullmatch(str(identity.get("arn") or ""))
    context, principal = _part(identity, "sessionContext"), str(identity.get("principalId") or "")
    issuer = str(_part(context, "sessionIssuer").get("userName") or "")
    role = issuer or (found["role"] if found else "")
    session = found["session"] if found else principal.partition(":")[2]
    sso = _SSO_ROLE.fullmatch(role)
    if sso:
        return f"{session} (Identity Center, {sso['set']})"
    behind = context.get("sourceIdentity")
    person = f", for {behind}" if behind else ""
    return f"role {role or 'unknown'}, session {session or 'unknown'}{person}"


def last_writes(connection: Connection, asked: Sequence[Asked]) -> tuple[TrailEvent, ...]:
    """The events of these pools that are found, newest first.

    Each call's name is looked up once; further pages only for pools that nothing was found of, and
    ``MOST_CALLS`` in all.  Raises ``AwsProblem``.
    """
    if not asked:
        return ()
    channel = connection.channel_for("cloudtrail")
    with closing(channel.client):
        events = _look_up(channel, asked)
    return tuple(sorted(events, key=lambda event: event.write.at, reverse=True))


def with_creation(
    connection: Connection, live: LiveTarget, pool_ids: Collection[str]
) -> LiveTarget:
    """``live`` with when these pools were made, as far as CloudTrail may be asked and tells.

    No API of the pool itself does.
    """
    asked = [Asked(owner="", name="", pool_id=each, calls=(_CREATE,)) for each in pool_ids]
    try:
        events = last_writes(connection, asked)
    except AwsProblem:
        return live
    made = {event.pool_id: event.write.at for event in events}
    pools = (p.model_copy(update={"created_at": made.get(p.pool_id, "")}) for p in live.pools)
    return live.model_copy(update={"pools": tuple(pools)})


def _look_up(channel: Channel, asked: Sequence[Asked]) -> list[TrailEvent]:
    names = dict.fromkeys(name for each in asked for name in each.calls)
    left: deque[tuple[str, str]] = deque((name, "") for name in names)
    events: list[TrailEvent] = []
    for _ in range(MOST_CALLS):
        if not left:
            break
        name, token = left.popleft()
        open_still = (each for each in asked if not each.is_answered_by(events))
        if token and not any(name in each.calls for each in open_still):
            continue
        page = _page(channel, name, token)
        events += _events(page.get("Events") or ())
        if page.get("NextToken"):
            left.append((name, page["NextToken"]))
    return events


def _page(channel: Channel, name: str, token: str) -> Mapping[str, Any]:
    attribute = {"AttributeKey": "EventName", "AttributeValue": name}
    more = {"NextToken": token} if token else {}
    return channel.read("LookupEvents", LookupAttributes=[attribute], MaxResults=_PAGE, **more)


def _events(found: Iterable[Mapping[str, Any]]) -> Iterable[TrailEvent]:
    for event in found:
        record = _record(event.get("CloudTrailEvent"))
        # TagResource is a call of many services; what failed has changed nothing.
        if record.get("eventSource") != _SOURCE or record.get("errorCode"):
            continue
        pool_id = _pool_id(record)
        if pool_id:
            yield TrailEvent(pool_id=pool_id, tags=_tags(record), write=_write(event, record))


def _record(text: object) -> dict[str, Any]:
    """The event itself, which is JSON inside JSON; ``{}`` where it cannot be read."""
    try:
        record = json.loads(str(text))
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _pool_id(record: Mapping[str, Any]) -> str:
    request, answer = _part(record, "requestParameters"), _part(record, "responseElements")
    arn = str(request.get("resourceArn") or "")
    given = request.get("identityPoolId") or answer.get("identityPoolId")
    return str(given or arn.partition(":identitypool/")[2])


def _tags(record: Mapping[str, Any]) -> dict[str, str]:
    tags = _part(_part(record, "requestParameters"), "identityPoolTags")
    return {str(key): str(value) for key, value in tags.items()}


def _write(event: Mapping[str, Any], record: Mapping[str, Any]) -> Write:
    identity = _part(record, "userIdentity")
    return Write(
        at=_moment(event.get("EventTime"), record),
        call=str(record.get("eventName") or event.get("EventName") or ""),
        who=who_of(identity) or str(event.get("Username") or "unknown"),
        principal=str(identity.get("arn") or ""),
        # An address, or the AWS service that made the call for somebody.
        address=str(record.get("sourceIPAddress") or ""),
        event_id=str(event.get("EventId") or ""),
    )


def _moment(value: object, record: Mapping[str, Any]) -> str:
    if not isinstance(value, datetime):
        return str(record.get("eventTime") or "")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part that may be ``null``, or a text where CloudTrail has cut it off."""
    part = record.get(name)
    return part if isinstance(part, dict) else {}
