"""Who sent a request, in CloudTrail's words."""

import re
from dataclasses import dataclass

from moto.core.request import Request
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from reconciler.sandbox.pools import Place
from reconciler.sandbox.shapes import JsonObject

_KEY = re.compile(r"Credential=([^/%]{1,128})(?:/|%2F)")
_ACCOUNT = re.compile(r"[0-9]{12}")


def caller_of(request: Request, place: Place) -> JsonObject:
    """The part of an event that says who called, as signature and connection have it."""
    signature = request.headers.get("Authorization", "") + request.query_string.decode("latin-1")
    found = _KEY.search(signature)
    caller = _Caller(place, found[1] if found else "")
    return {"userIdentity": caller.identity, "sourceIPAddress": request.remote_addr or ""}


@dataclass(frozen=True)
class _Caller:
    place: Place
    access_key: str

    @property
    def identity(self) -> JsonObject:
        """CloudTrail's userIdentity."""
        partition = get_partition(self.place.region)
        backend = sts_backends[self.place.account][partition]
        role = backend.get_assumed_role_from_access_key(self.access_key)
        if role is not None:
            return self._session(role.arn, role.role_arn, role.user_id)
        name = self._user_name(partition)
        return {
            "type": "IAMUser",
            "arn": f"arn:{partition}:iam::{self.place.account}:user/{name}",
            "accountId": self.place.account,
            "accessKeyId": self.access_key,
            "userName": name,
        }

    def _user_name(self, partition: str) -> str:
        """A user of moto's IAM; else the one that moto's GetCallerIdentity answers."""
        if not self.access_key or _ACCOUNT.fullmatch(self.access_key):
            return "moto"
        # Only here: it reads megabytes of managed policies.
        from moto.iam.models import iam_backends

        backend = iam_backends[self.place.account][partition]
        user = backend.get_user_from_access_key_id(self.access_key)
        return str(user.name) if user else "moto"

    def _session(self, arn: str, role_arn: str, user_id: str) -> JsonObject:
        issuer = {"type": "Role", "arn": role_arn, "userName": role_arn.rpartition("/")[2]}
        return {
            "type": "AssumedRole",
            "principalId": user_id,
            "arn": arn,
            "accountId": self.place.account,
            "accessKeyId": self.access_key,
            "sessionContext": {"sessionIssuer": issuer},
        }
