"""Seeded IAM roles, put into moto's IAM, which answers for them."""

import json
from collections.abc import Mapping
from threading import Lock
from typing import Any, Final

from moto.iam.models import IAMBackend, iam_backends

from reconciler.sandbox.pools import AccountRegion
from reconciler.sandbox.seeds import Seeds

# moto has one IAM for all accounts of a partition.
_PARTITION: Final = "aws"


class PlantedRoles:
    """The roles of seeds that moto has by now; one that was seeded anew replaces the old one."""

    def __init__(self) -> None:
        self._planted: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._lock = Lock()

    def plant(self, everywhere: Mapping[AccountRegion, Seeds], account: str) -> None:
        """Put what was seeded in any region of an account there; moto is asked next."""
        with self._lock:
            for place, seeds in everywhere.items():
                for name, thing in (
                    seeds.get("role", {}).items() if place.account == account else ()
                ):
                    if self._planted.get((account, name)) != thing:
                        _plant(iam_backends[account][_PARTITION], account, name, thing)
                        self._planted[account, name] = thing


def _plant(iam: IAMBackend, account: str, name: str, thing: Mapping[str, Any]) -> None:
    for role in [role for role in iam.get_roles() if role.name == name]:
        iam.roles.pop(role.id)
    managed = {f"{name}-{each}": document for each, document in thing["managed"].items()}
    boundary = f"{name}-boundary" if thing["boundary"] else None
    if boundary:
        managed |= {boundary: thing["boundary"]}
    for each, document in managed.items():
        iam.managed_policies.pop(_arn(account, each), None)
        iam.create_policy("", "/", json.dumps(document), each, [])
    iam.create_role(
        name,
        json.dumps(thing["trust"]),
        thing["path"],
        _arn(account, boundary) if boundary else None,
        "",
        [{"Key": key, "Value": value} for key, value in thing["tags"].items()],
        None,
    )
    for each, document in thing["policies"].items():
        iam.put_role_policy(name, each, json.dumps(document))
    for each in managed.keys() - {boundary}:
        iam.attach_role_policy(_arn(account, each), name)


def _arn(account: str, policy: str) -> str:
    return f"arn:aws:iam::{account}:policy/{policy}"
