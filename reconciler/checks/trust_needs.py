"""The trust policies that roles need, of all the pools that hand them out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from reconciler.checks.role_uses import role_uses, session_tags
from reconciler.checks.trust import SIGN_INS, TAG_SESSION, WEB_IDENTITY, Use
from reconciler.model.base import JsonValue
from reconciler.model.written import PoolData

# IAM takes it, and no token has it: until it is replaced, nobody is let in.
_PLACEHOLDER: Final = "REPLACE-WITH-ID-OF-{spec}-IN-{target}"


class TrustedPool(NamedTuple):
    """A spec's pool in a target; ``name`` is what trust policies call its issuer.

    ``pool_id`` is ``None`` where there is no pool yet.
    """

    spec: str
    target: str
    name: str
    pool_id: str | None

    @property
    def aud(self) -> str:
        """What its tokens have as ``aud``, or what is to be replaced by it."""
        return self.pool_id or _PLACEHOLDER.format(spec=self.spec, target=self.target)


class TrustedUsers(NamedTuple):
    """Those of a pool who get a role, and whether their sessions get principal tags."""

    pool: TrustedPool
    uses: tuple[Use, ...]
    has_tags: bool


@dataclass(frozen=True, slots=True)
class NeededTrust:
    """Who gets a role, in the order of specs and targets."""

    arn: str
    users: tuple[TrustedUsers, ...]

    @property
    def policy(self) -> dict[str, JsonValue]:
        """The trust policy: a statement for all pools of which the same users get the role.

        A statement for all would let in guests of each pool of which only users are to get it.
        """
        kinds: dict[tuple[str, tuple[Use, ...], bool], list[str]] = {}
        for pool, uses, has_tags in self.users:
            kinds.setdefault((pool.name, uses, has_tags), []).append(pool.aud)
        statements: list[JsonValue] = [
            {
                "Effect": "Allow",
                "Principal": {"Federated": name},
                "Action": [WEB_IDENTITY, TAG_SESSION] if has_tags else WEB_IDENTITY,
                "Condition": {
                    "StringEquals": {f"{name}:aud": _one_or_many(sorted(set(auds)))},
                    "ForAnyValue:StringLike": {f"{name}:amr": _one_or_many(uses)},
                },
            }
            for (name, uses, has_tags), auds in kinds.items()
        ]
        return {"Version": "2012-10-17", "Statement": statements}


def needed_trust(pools: Iterable[tuple[TrustedPool, PoolData]]) -> list[NeededTrust]:
    """What each role of these pools needs, by its ARN."""
    found: dict[str, list[TrustedUsers]] = {}
    for where, pool in pools:
        for arn, use in role_uses(pool).items():
            uses = tuple(each for each in SIGN_INS if each in use.uses)
            users = TrustedUsers(where, uses, bool(session_tags(use, pool)))
            found.setdefault(arn, []).append(users)
    return [NeededTrust(arn, tuple(users)) for arn, users in sorted(found.items())]


def _one_or_many(values: Collection[str]) -> JsonValue:
    listed: list[JsonValue] = [*values]
    return listed[0] if len(listed) == 1 else listed
