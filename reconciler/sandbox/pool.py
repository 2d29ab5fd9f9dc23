"""One identity pool as plain JSON data, and the answers made of it."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from reconciler.sandbox.shapes import JsonObject

T = TypeVar("T")

AWS_TAG_PREFIX = "aws:"


@dataclass(frozen=True)
class Pool:
    """A pool, with everything that hangs on it. Never changed: a change makes a new one.

    `settings`, `roles` and the values of `principal_tags` and `identities` are members of the
    API's own shapes (IdentityPool, GetIdentityPoolRolesResponse,
    GetPrincipalTagAttributeMapResponse, IdentityDescription) without the ids; what is absent
    or empty is left out. `principal_tags` is keyed by provider, `identities` by identity id.
    `links` has the identity id of each login: by provider, then by the provider's user.
    """

    account: str
    region: str
    settings: JsonObject
    roles: JsonObject
    principal_tags: dict[str, JsonObject]
    identities: dict[str, JsonObject]
    links: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.settings["IdentityPoolId"])

    @property
    def name(self) -> str:
        return str(self.settings["IdentityPoolName"])

    @property
    def tags(self) -> dict[str, str]:
        return dict(self.settings.get("IdentityPoolTags", {}))

    @cached_property
    def text(self) -> str:
        """This pool as one line of the state file; made once, as a pool never changes."""
        return json.dumps(
            {
                "account": self.account,
                "region": self.region,
                "settings": self.settings,
                "roles": self.roles,
                "principalTags": self.principal_tags,
                "identities": self.identities,
                "links": self.links,
            }
        )

    def without_identity(self, identity_id: str) -> "Pool":
        """This pool without an identity and what is linked to it."""
        left = {key: value for key, value in self.identities.items() if key != identity_id}
        links = {
            provider: {user: owner for user, owner in users.items() if owner != identity_id}
            for provider, users in self.links.items()
        }
        return replace(
            self, identities=left, links={key: each for key, each in links.items() if each}
        )

    def described(self, turn: int) -> JsonObject:
        """The answer of DescribeIdentityPool: of what was never set, two fields are there.

        They are so in recorded answers (the placebo data of cloud-custodian/cloud-custodian);
        every other empty field is absent, AllowClassicFlow included. `turn` numbers the answers,
        as their order varies.
        """
        settings: JsonObject = {"IdentityPoolTags": {}, **self.settings}
        if clients := settings.get("CognitoIdentityProviders"):
            settings["CognitoIdentityProviders"] = [
                {**client, "ServerSideTokenCheck": client.get("ServerSideTokenCheck", False)}
                for client in clients
            ]
        return _scattered_members(self.id, turn, settings)

    def described_roles(self, turn: int) -> JsonObject:
        """The answer of GetIdentityPoolRoles; the rules of a mapping keep their order."""
        return {"IdentityPoolId": self.id, **_scattered_members(self.id, turn, self.roles)}

    def described_principal_tags(self, provider: str, turn: int) -> JsonObject:
        """The answer of GetPrincipalTagAttributeMap; KeyError for a provider never set."""
        answer = _scattered_members(self.id, turn, self.principal_tags[provider])
        return {"IdentityPoolId": self.id, "IdentityProviderName": provider, **answer}


def present(members: JsonObject) -> JsonObject:
    """The members without empty lists and maps, which AWS does not tell from absent ones."""
    return {name: value for name, value in members.items() if value not in ([], {})}


def scattered(pool_id: str, turn: int, items: list[T]) -> list[T]:
    """The items in an order of the pool's own, which moves on by one with each turn.

    AWS returns providers and tags in any order (hashicorp/terraform-provider-aws#15178, #47029,
    #9684, #11263). A client that leans on one is to fail here and not there, so the order is
    never the one that they were given in; only of three or more items it can vary, too.
    """
    shuffled = sorted(items, key=lambda item: _digest(pool_id, item))
    moved = _rotated(shuffled, turn)
    return moved if moved != items else _rotated(moved, 1)


def _rotated(items: list[T], by: int) -> list[T]:
    start = by % max(1, len(items))
    return [*items[start:], *items[:start]]


def _scattered_members(pool_id: str, turn: int, members: JsonObject) -> JsonObject:
    return {name: _scattered_value(pool_id, turn, value) for name, value in members.items()}


def _scattered_value(pool_id: str, turn: int, value: object) -> object:
    if isinstance(value, list):
        return scattered(pool_id, turn, value)
    if isinstance(value, dict):
        return dict(scattered(pool_id, turn, list(value.items())))
    return value


def _digest(pool_id: str, item: object) -> bytes:
    return hashlib.sha256(f"{pool_id}\n{json.dumps(item, sort_keys=True)}".encode()).digest()
