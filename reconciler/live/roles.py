"""Roles that pools hand out, as IAM has them, and what users may write of user pools.

Each role is read once in an account, several side by side.  What may not be read is said of that
role alone.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from reconciler.live.aws import Connection
from reconciler.live.calls import Channel
from reconciler.live.failures import NOT_FOUND, codes
from reconciler.live.references import Once, pages
from reconciler.model.errors import AwsProblem
from reconciler.model.providers import account_of
from reconciler.model.roles import (
    Missing,
    ReadClients,
    ReadRole,
    Role,
    RoleFacts,
    RolePolicy,
    Unread,
    UserPoolClients,
)

# An error of IAM; the other services have ``NOT_FOUND``.
_NO_SUCH_ENTITY: Final = "NoSuchEntity"
# PROVIDER:CLIENT, as RoleMappings name a client of a user pool.
_CLIENT: Final = re.compile(r"cognito-idp\.([a-z0-9-]+)\.[a-z0-9.-]+/([A-Za-z0-9_-]+):(\w+)")
# Of one role: IAM lets 10 policies be attached, 25 on request, and bounds inline ones by size.
_MOST_POLICIES: Final = 200
_PAGE: Final = 60  # ListUserPoolClients, MaxResults
# A user pool can have 1,000 (quotas of Amazon Cognito); each is a call.
_MOST_CLIENTS: Final = 100
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RoleReader:
    """Reads roles and clients of one target's account and region; ``read`` is the run's."""

    connection: Connection
    workers: Executor
    read: Once

    def facts(self, roles: Iterable[str], clients: Iterable[str]) -> RoleFacts:
        """What AWS has of these role ARNs, and of user pools by keys in RoleMappings.

        Raises ``AwsProblem`` for what is no answer about one of them.
        """
        target = self.connection.target
        names, keys = sorted(set(roles)), sorted(set(clients))
        return RoleFacts(
            account=target.account,
            region=target.region,
            roles=dict(zip(names, self.workers.map(self._role, names), strict=True)),
            clients=dict(zip(keys, self.workers.map(self._clients, keys), strict=True)),
        )

    def _role(self, arn: str) -> ReadRole:
        account = self.connection.target.account
        if account is not None and account_of(arn) != account:
            return Unread(arn, f"it is of account {account_of(arn)}, and this one is {account}")
        return self._once(("role", account, arn), lambda: self._read_role(arn))

    def _once(self, key: tuple[object, ...], work: Callable[[], _T]) -> _T:
        done: _T = self.read.once(key, work)
        return done

    def _read_role(self, arn: str) -> ReadRole:
        name = arn.rpartition("/")[2]
        answer = _answer(self._iam, arn, "GetRole", RoleName=name)
        if isinstance(answer, Missing | Unread):
            return answer
        found = _mapping(answer.get("Role"))
        if found.get("Arn") != arn:  # names are unique in an account, whatever their path
            return Missing(arn)
        unread: list[str] = []
        policies = (*self._inline(name, unread), *self._attached(name, unread))
        return Role(
            arn=arn,
            trust=found.get("AssumeRolePolicyDocument"),
            policies=policies,
            boundary=self._boundary(found, unread),
            tags=frozenset(str(_mapping(tag).get("Key")) for tag in found.get("Tags") or ()),
            unread=tuple(unread),
        )

    @property
    def _iam(self) -> Channel:
        return self.connection.channel_for("iam")

    def _inline(self, role: str, unread: list[str]) -> Iterator[RolePolicy]:
        for name in self._listed("ListRolePolicies", "PolicyNames", role, unread):
            answer = _answer(
                self._iam, f"policy {name}", "GetRolePolicy", RoleName=role, PolicyName=name
            )
            if isinstance(answer, Unread):
                unread.append(f"{answer.what}: {answer.why}")
            elif not isinstance(answer, Missing):  # it went between two calls
                yield RolePolicy(str(name), answer.get("PolicyDocument"))

    def _attached(self, role: str, unread: list[str]) -> Iterator[RolePolicy]:
        for each in self._listed("ListAttachedRolePolicies", "AttachedPolicies", role, unread):
            arn = str(_mapping(each).get("PolicyArn"))
            policy = self._managed(arn)
            if isinstance(policy, RolePolicy):
                yield policy
            else:
                unread.append(policy)

    def _boundary(self, role: Mapping[str, Any], unread: list[str]) -> RolePolicy | None:
        arn = _mapping(role.get("PermissionsBoundary")).get("PermissionsBoundaryArn")
        policy = self._managed(str(arn)) if arn else None
        if isinstance(policy, str):
            unread.append(policy)
            return RolePolicy(str(arn), None)
        return policy

    def _listed(self, operation: str, field: str, role: str, unread: list[str]) -> list[Any]:
        items: list[Any] = []
        more: dict[str, Any] = {}
        while len(items) < _MOST_POLICIES:
            answer = _answer(self._iam, role, operation, RoleName=role, **more)
            if isinstance(answer, Unread | Missing):
                unread.append(answer.why if isinstance(answer, Unread) else f"{role} is gone")
                break
            items += answer.get(field) or ()
            if not answer.get("IsTruncated") or not answer.get("Marker"):
                break
            more = {"Marker": answer["Marker"]}
        return items[:_MOST_POLICIES]

    def _managed(self, arn: str) -> RolePolicy | str:
        """A managed policy, or a sentence about why it could not be read."""

        def read() -> RolePolicy | str:
            what = f"policy {arn}"
            head = _answer(self._iam, what, "GetPolicy", PolicyArn=arn)
            if isinstance(head, Unread | Missing):
                return _sentence(head)
            version = str(_mapping(head.get("Policy")).get("DefaultVersionId"))
            body = _answer(self._iam, what, "GetPolicyVersion", PolicyArn=arn, VersionId=version)
            if isinstance(body, Unread | Missing):
                return _sentence(body)
            return RolePolicy(arn, _mapping(body.get("PolicyVersion")).get("Document"))

        return self._once(("policy", self.connection.target.account, arn), read)

    def _clients(self, key: str) -> ReadClients:
        named = _CLIENT.fullmatch(key)
        if named is None:
            return Unread(key, "it is no client of a user pool")
        region, pool, client = named.groups()
        once = ("clients", self.connection.target.account, region, pool)
        found = self._once(once, lambda: self._read_clients(region, pool))
        if isinstance(found, UserPoolClients) and client not in found.writes:
            return Missing(f"client {client} of user pool {pool}")
        return found

    def _read_clients(self, region: str, pool: str) -> ReadClients:
        channel = self.connection.channel_for("cognito-idp", region=region)
        writes: dict[str, frozenset[str] | None] = {}
        listed: ReadClients | list[str] = _client_ids(channel, pool)
        if not isinstance(listed, list):
            return listed
        for client in listed:
            what = f"client {client} of user pool {pool}"
            answer = _answer(
                channel, what, "DescribeUserPoolClient", UserPoolId=pool, ClientId=client
            )
            if isinstance(answer, Unread):
                return answer
            if not isinstance(answer, Missing):  # it went between two calls
                named = _mapping(answer.get("UserPoolClient")).get("WriteAttributes")
                writes[client] = frozenset(map(str, named)) if named else None
        return UserPoolClients(writes)


def _client_ids(channel: Channel, pool: str) -> list[str] | Missing | Unread:
    what = f"user pool {pool}"
    parameters = {"UserPoolId": pool, "MaxResults": _PAGE}
    found: list[str] = []
    try:
        for page in pages(channel, "ListUserPoolClients", **parameters):
            found += (str(each.get("ClientId")) for each in page.get("UserPoolClients") or ())
            if len(found) > _MOST_CLIENTS:
                return Unread(what, f"the user pool has more than {_MOST_CLIENTS} clients")
    except AwsProblem as problem:
        return _missed(what, problem)
    return found


def _answer(
    channel: Channel, what: str, operation: str, **parameters: Any
) -> Mapping[str, Any] | Missing | Unread:
    """The answer, or that AWS has no such thing, or does not let it be read."""
    try:
        return channel.read(operation, **parameters)
    except AwsProblem as problem:
        return _missed(what, problem)


def _missed(what: str, problem: AwsProblem) -> Missing | Unread:
    """What a problem says of one thing.  Raises the problem where it is about more."""
    if problem.code in (_NO_SUCH_ENTITY, NOT_FOUND):
        return Missing(what)
    if problem.code in codes("denied"):
        return Unread(what, f"AWS denied {problem.operation}")
    raise problem


def _sentence(missed: Missing | Unread) -> str:
    why = missed.why if isinstance(missed, Unread) else "there is none"
    return f"{missed.what}: {why}"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
