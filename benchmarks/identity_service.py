"""cognito-identity in memory, as cheap as Python allows: dicts for state, ready bytes for reads.

The wire shapes are those of the service model (AWS JSON 1.1; STS: AWS query, XML).  Requests are
not checked: the sandbox does that.  This is here to cost next to nothing beside its client.
"""

import json
import random
import uuid
from bisect import bisect_right, insort
from collections.abc import Callable, Mapping
from typing import Any, Final

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-west-1"

JsonObject = dict[str, Any]

_CALLER: Final = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:iam::{ACCOUNT}:user/benchmark</Arn><UserId>AIDABENCHMARK</UserId>
<Account>{ACCOUNT}</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>{uuid.UUID(int=0)}</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>""".encode()


class Refused(Exception):
    """An error of the API: its code is the first argument, its message the second."""


class IdentityService:
    """The pools of one account in one region, and how often each operation was called.

    The ids are random and the same in every process, so that two runs list pools in one order.
    """

    def __init__(self) -> None:
        self._ids = random.Random(0)  # noqa: S311
        self._operations: Mapping[bytes, tuple[str, Callable[[JsonObject], bytes]]] = {
            operation.__name__.replace("_", "").encode(): (_api_name(operation), operation)
            for operation in (
                self.list_identity_pools,
                self.describe_identity_pool,
                self.get_identity_pool_roles,
                self.get_principal_tag_attribute_map,
                self.list_identities,
                self.list_tags_for_resource,
                self.create_identity_pool,
                self.update_identity_pool,
                self.delete_identity_pool,
                self.set_identity_pool_roles,
                self.set_principal_tag_attribute_map,
                self.tag_resource,
                self.untag_resource,
            )
        }
        self.calls: dict[str, int] = {}
        self.empty()

    def empty(self) -> None:
        """Forget all pools."""
        self._sorted_ids: list[str] = []
        self._settings: dict[str, JsonObject] = {}
        self._described: dict[str, bytes] = {}
        self._roles: dict[str, bytes] = {}
        self._principal_tags: dict[tuple[str, str], bytes] = {}

    @property
    def pool_ids(self) -> list[str]:
        """The ids of all pools, in the order of the listing."""
        return list(self._sorted_ids)

    def add(self, pools: list[JsonObject]) -> None:
        """Pools that are there already: ``settings`` for CreateIdentityPool, and ``roles``."""
        for pool in pools:
            pool_id = self._new(pool["settings"])
            if pool.get("roles"):
                self.set_identity_pool_roles({"IdentityPoolId": pool_id, **pool["roles"]})

    def answer(self, operation: bytes, body: bytes) -> bytes:
        """The body of the answer of an operation, named in lower case.  Raises ``Refused``."""
        try:
            name, respond = self._operations[operation]
        except KeyError:
            raise Refused("UnknownOperationException", f"no operation {operation!r}") from None
        self.count(name)
        try:
            return respond(json.loads(body))
        except KeyError as missing:
            raise Refused("InvalidParameterException", f"there is no {missing}") from None
        except ValueError as wrong:
            raise Refused("SerializationException", str(wrong)) from None

    def count(self, name: str) -> None:
        """One more call of the operation."""
        self.calls[name] = self.calls.get(name, 0) + 1

    def caller_identity(self) -> bytes:
        """STS GetCallerIdentity."""
        self.count("GetCallerIdentity")
        return _CALLER

    def list_identity_pools(self, request: JsonObject) -> bytes:
        start = bisect_right(self._sorted_ids, request.get("NextToken", ""))
        end = start + request["MaxResults"]
        ids = self._sorted_ids[start:end]
        names = (self._settings[pool_id]["IdentityPoolName"] for pool_id in ids)
        pools = [
            {"IdentityPoolId": pool_id, "IdentityPoolName": name}
            for pool_id, name in zip(ids, names, strict=True)
        ]
        more = {"NextToken": ids[-1]} if end < len(self._sorted_ids) else {}
        return _json({"IdentityPools": pools, **more})

    def describe_identity_pool(self, request: JsonObject) -> bytes:
        return self._of(self._described, request)

    def get_identity_pool_roles(self, request: JsonObject) -> bytes:
        return self._of(self._roles, request)

    def get_principal_tag_attribute_map(self, request: JsonObject) -> bytes:
        key = (self._known(request), request["IdentityProviderName"])
        try:
            return self._principal_tags[key]
        except KeyError:
            raise _not_found(key[1]) from None

    def list_identities(self, request: JsonObject) -> bytes:
        return _json({"IdentityPoolId": self._known(request), "Identities": []})

    def list_tags_for_resource(self, request: JsonObject) -> bytes:
        return _json({"Tags": self._tags(request)})

    def create_identity_pool(self, request: JsonObject) -> bytes:
        return self._described[self._new(request)]

    def update_identity_pool(self, request: JsonObject) -> bytes:
        pool_id = self._known(request)
        self._store(pool_id, request)
        return self._described[pool_id]

    def delete_identity_pool(self, request: JsonObject) -> bytes:
        pool_id = self._known(request)
        self._sorted_ids.remove(pool_id)
        del self._settings[pool_id], self._described[pool_id], self._roles[pool_id]
        for key in [key for key in self._principal_tags if key[0] == pool_id]:
            del self._principal_tags[key]
        return b"{}"

    def set_identity_pool_roles(self, request: JsonObject) -> bytes:
        self._roles[self._known(request)] = _json(request)
        return b"{}"

    def set_principal_tag_attribute_map(self, request: JsonObject) -> bytes:
        key = (self._known(request), request["IdentityProviderName"])
        self._principal_tags[key] = answer = _json(request)
        return answer

    def tag_resource(self, request: JsonObject) -> bytes:
        return self._retag(request, {**self._tags(request), **request["Tags"]})

    def untag_resource(self, request: JsonObject) -> bytes:
        removed = request["TagKeys"]
        kept = {k: v for k, v in self._tags(request).items() if k not in removed}
        return self._retag(request, kept)

    def _new(self, settings: JsonObject) -> str:
        pool_id = f"{REGION}:{uuid.UUID(int=self._ids.getrandbits(128), version=4)}"
        insort(self._sorted_ids, pool_id)
        self._store(pool_id, settings)
        self._roles[pool_id] = _json({"IdentityPoolId": pool_id})
        return pool_id

    def _store(self, pool_id: str, settings: JsonObject) -> None:
        whole = {**settings, "IdentityPoolId": pool_id}
        self._settings[pool_id] = whole
        self._described[pool_id] = _json(whole)

    def _known(self, request: JsonObject) -> str:
        pool_id: str = request["IdentityPoolId"]
        if pool_id not in self._settings:
            raise _not_found(pool_id)
        return pool_id

    def _of(self, answers: Mapping[str, bytes], request: JsonObject) -> bytes:
        try:
            return answers[request["IdentityPoolId"]]
        except KeyError as missing:
            raise _not_found(str(missing)) from None

    def _tagged_id(self, request: JsonObject) -> str:
        return self._known({"IdentityPoolId": request["ResourceArn"].partition("identitypool/")[2]})

    def _tags(self, request: JsonObject) -> dict[str, str]:
        return self._settings[self._tagged_id(request)].get("IdentityPoolTags") or {}

    def _retag(self, request: JsonObject, tags: dict[str, str]) -> bytes:
        pool_id = self._tagged_id(request)
        self._store(pool_id, {**self._settings[pool_id], "IdentityPoolTags": tags})
        return b"{}"


def _api_name(operation: Callable[[JsonObject], bytes]) -> str:
    return "".join(word.capitalize() for word in operation.__name__.split("_"))


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _not_found(what: str) -> Refused:
    return Refused("ResourceNotFoundException", f"{what} not found")
