"""The trust policies that roles need, for people and for programs."""

import json
from collections.abc import Iterable, Iterator, Sequence

from reconciler.checks.trust_needs import NeededTrust, TrustedUsers
from reconciler.reports.escape import escape

_WHO = {"authenticated": "signed-in users", "unauthenticated": "guests"}


def trust_text(roles: Sequence[NeededTrust]) -> str:
    """Each policy below its role and who gets that."""
    if not roles:
        return "No pool names a role.\n"
    return "\n".join("\n".join(_lines(role)) + "\n" for role in roles)


def _lines(role: NeededTrust) -> Iterator[str]:
    yield f"# {escape(role.arn)}"
    for users in role.users:
        yield f"# {_who(users)}"
    yield json.dumps(role.policy, indent=2)


def _who(users: TrustedUsers) -> str:
    who = " and ".join(_WHO[use] for use in users.uses)
    missing = "" if users.pool.pool_id else ", where there is no pool yet"
    tags = ", with principal tags" if users.has_tags else ""
    return escape(f"{who} of {users.pool.spec} in {users.pool.target}{tags}{missing}")


def trust_json(roles: Iterable[NeededTrust]) -> str:
    """The policies with who gets each role; ``poolId`` is null where there is no pool yet."""
    found = [
        {
            "arn": role.arn,
            "users": [
                {
                    "spec": users.pool.spec,
                    "target": users.pool.target,
                    "poolId": users.pool.pool_id,
                    "signIns": list(users.uses),
                    "principalTags": users.has_tags,
                }
                for users in role.users
            ],
            "trustPolicy": role.policy,
        }
        for role in roles
    ]
    return json.dumps({"schemaVersion": 1, "roles": found}, indent=2) + "\n"


def without_pool(roles: Iterable[NeededTrust]) -> list[str]:
    """A sentence for each placeholder that stands in the policies."""
    pools = dict.fromkeys(users.pool for role in roles for users in role.users)
    return [
        f"There is no pool {pool.spec} in target {pool.target} yet: {pool.aud} stands for its id. "
        "Apply the spec, and run idpool trust again."
        for pool in pools
        if pool.pool_id is None
    ]
