"""All pools of one sandbox as plain JSON data, their answers and their pages."""

import base64
import binascii
import hashlib
import json
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import count
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from reconciler.sandbox.faults import invalid
from reconciler.sandbox.shapes import JsonObject

T = TypeVar("T")
AWS_TAG_PREFIX = "aws:"
# Every change rewrites the state file, events and all.
MOST_EVENTS = 250


class AccountRegion(NamedTuple):
    """Where pools live: each account has its own in each region."""

    account: str
    region: str


def page(kind: str, ids: Iterable[str], request: JsonObject) -> tuple[list[str], JsonObject]:
    """The ids that the request's MaxResults and NextToken ask for, and the token members.

    Ids are random, so their own order is any order; a token names the last id given, so what
    happens to other ids moves nothing. Raises InvalidParameterException for a token of another
    kind of list, or of nobody's making.
    """
    ordered = sorted(ids)
    token = request.get("NextToken")
    start = 0 if token is None else bisect_right(ordered, _last_given(kind, token))
    chosen = ordered[start : start + request["MaxResults"]]
    if start + len(chosen) == len(ordered):
        return chosen, {}
    token = base64.urlsafe_b64encode(f"{kind} {chosen[-1]}".encode()).decode()
    return chosen, {"NextToken": token}


def _last_given(kind: str, token: str) -> str:
    try:
        found, _, last = base64.urlsafe_b64decode(token).decode().rpartition(" ")
    except (binascii.Error, ValueError):
        found, last = "", ""
    if found != kind:
        raise invalid("NextToken is not valid.")
    return last


@dataclass(frozen=True)
class StoredPool:
    """A pool, with everything that hangs on it. Never changed: a change makes a new one.

    `settings`, `roles` and the values of `principal_tags` and `identities` are members of the
    API's own shapes (IdentityPool, GetIdentityPoolRolesResponse,
    GetPrincipalTagAttributeMapResponse, IdentityDescription) without the ids; what is absent
    or empty is left out. `principal_tags` is keyed by provider, `identities` by identity id.
    `links` has the identity id of each login: by provider, then by the provider's user.
    """

    place: AccountRegion
    settings: JsonObject
    roles: JsonObject = field(default_factory=dict)
    principal_tags: dict[str, JsonObject] = field(default_factory=dict)
    identities: dict[str, JsonObject] = field(default_factory=dict)
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
                **self.place._asdict(),
                "settings": self.settings,
                "roles": self.roles,
                "principalTags": self.principal_tags,
                "identities": self.identities,
                "links": self.links,
            }
        )

    def without_identity(self, identity_id: str) -> "StoredPool":
        """This pool without an identity and what is linked to it."""
        left = {key: value for key, value in self.identities.items() if key != identity_id}
        links: dict[str, dict[str, str]] = {}
        for provider, users in self.links.items():
            if others := {user: owner for user, owner in users.items() if owner != identity_id}:
                links[provider] = others
        return replace(self, identities=left, links=links)

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
    done = dict(members)
    for name, value in members.items():
        if isinstance(value, list):
            done[name] = scattered(pool_id, turn, value)
        elif isinstance(value, dict):
            done[name] = dict(scattered(pool_id, turn, list(value.items())))
    return done


def _digest(pool_id: str, item: object) -> bytes:
    return hashlib.sha256(f"{pool_id}\n{json.dumps(item, sort_keys=True)}".encode()).digest()


@dataclass(frozen=True)
class RecordedCall:
    """One record of CloudTrail, with the place it belongs to. Never changed."""

    place: AccountRegion
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
        return json.dumps({**self.place._asdict(), "record": self.record})


class Pools:
    """The pools by place and id, and the last events of them, oldest first.

    `seeds` are what else a place has, see `seeds.py`; `changed` tells whether anything was put or
    removed.
    """

    def __init__(
        self,
        pools: Iterable[StoredPool] = (),
        events: "Iterable[RecordedCall]" = (),
        seeds: Mapping[AccountRegion, JsonObject] = MappingProxyType({}),
    ) -> None:
        self.seeds = dict(seeds)
        self.events: deque[RecordedCall] = deque(events, MOST_EVENTS)
        self._places: dict[AccountRegion, dict[str, StoredPool]] = {}
        self._turns = count()
        self.changed = False
        for pool in pools:
            self._places.setdefault(pool.place, {})[pool.id] = pool

    def at(self, place: AccountRegion) -> Mapping[str, StoredPool]:
        """The pools of one account and region, by id."""
        return MappingProxyType(self._places.get(place, {}))

    def find(self, pool_id: str) -> StoredPool | None:
        """The pool of this id in whatever account: public calls are not signed by one."""
        return next((pool for pool in self if pool.id == pool_id), None)

    def of_identity(self, identity_id: str) -> StoredPool | None:
        """The pool that holds this identity, in whatever account."""
        return next((pool for pool in self if identity_id in pool.identities), None)

    def next_turn(self) -> int:
        """The number of the next answer about a pool; nothing that is kept."""
        return next(self._turns)

    def put(self, pool: StoredPool) -> None:
        """Adds the pool, or replaces the one of the same id; the very same one is no change."""
        pools = self._places.setdefault(pool.place, {})
        self.changed |= pools.get(pool.id) is not pool
        pools[pool.id] = pool

    def remove(self, pool: StoredPool) -> None:
        """Forgets the pool and the identities in it."""
        del self._places[pool.place][pool.id]
        self.changed = True

    def events_at(self, place: AccountRegion) -> "list[RecordedCall]":
        """The last events of one account and region."""
        return [event for event in self.events if event.place == place]

    def record(self, event: RecordedCall) -> None:
        """Remembers an event; beyond the last so many, the oldest is forgotten."""
        self.events.append(event)
        self.changed = True

    def __iter__(self) -> Iterator[StoredPool]:
        for pools in self._places.values():
            yield from pools.values()
