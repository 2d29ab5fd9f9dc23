"""What CloudTrail remembers: each write call, by whom and from where."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from reconciler.sandbox.pools import Place
from reconciler.sandbox.shapes import JsonObject

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
# AWS records more.  The other parameters are left out: one of them may be a provider's secret.
_RECORDED = ("identityPoolId", "identityPoolName", "identityPoolTags", "resourceArn", "tags")


@dataclass(frozen=True)
class Event:
    """One record of CloudTrail, with the place it belongs to. Never changed."""

    place: Place
    record: JsonObject

    @property
    def id(self) -> str:
        return str(self.record["eventID"])

    @property
    def time(self) -> datetime:
        return datetime.fromisoformat(str(self.record["eventTime"]))

    @cached_property
    def text(self) -> str:
        """This event as one line of the state file."""
        place = {"account": self.place.account, "region": self.place.region}
        return json.dumps({**place, "record": self.record})


def event_of(
    operation: str, request: JsonObject, answer: JsonObject, place: Place, caller: JsonObject
) -> Event:
    """The event of a call that was carried out; ``caller`` is its part about who sent it."""
    return Event(
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
