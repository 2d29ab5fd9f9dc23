"""Drift: the plan, read from the other side; how live has moved away from the specs."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, JsonValue, computed_field

from reconciler.model.access import AccessChange
from reconciler.model.base import digest
from reconciler.model.changes import Refusal, ValueOrigin
from reconciler.model.findings import Finding, Source
from reconciler.model.plan import UNREADABLE, Orphan, UnreadPlan
from reconciler.model.project import Target
from reconciler.model.records import Record

DifferenceKind = Literal["added", "removed", "changed", "moved"]
# missing: no live pool; undeleted: a tombstone's pool is there; ignored: all of it is known.
PoolDriftKind = Literal["changed", "missing", "undeleted", "refused", "ignored"]
_COUNTED: frozenset[PoolDriftKind] = frozenset({"changed", "missing", "undeleted"})
_SHA256 = r"^sha256:[0-9a-f]{64}$"
Digest = Annotated[str, Field(pattern=_SHA256)]


class Difference(Record):
    """One member of a field, as AWS has moved away from the specs.

    ``added``: live has it, and the specs have not.  ``path`` leads from the field to the member and
    is empty for a plain value.  Secrets are masked in ``spec`` and ``live``; ``secret`` says that
    the masked part is what differs.
    """

    kind: DifferenceKind
    path: tuple[str | int, ...] = ()
    spec: JsonValue = None
    live: JsonValue = None
    secret: bool = False


class FieldDrift(Record):
    """One field that is not as its spec says; ``spec`` and ``live`` are the whole field, masked.

    ``origins``: where what the spec says comes from, as far as that is not its own text.
    """

    field: str
    spec: JsonValue
    live: JsonValue
    differences: tuple[Difference, ...]
    origins: tuple[ValueOrigin, ...] = ()


class IgnoredDrift(Record):
    """What differs and is not counted, with the ``ignore:`` entry that says so."""

    field: str
    differences: tuple[Difference, ...]
    origins: tuple[ValueOrigin, ...] = ()
    path: str
    reason: str
    until: date


class Write(Record):
    """One call that changed a pool, as CloudTrail tells.

    ``at`` is ISO 8601 in UTC; ``who`` is what a person knows (a user, or role and session);
    ``principal`` the ARN behind it; ``address`` where the call came from.
    """

    at: str
    call: str
    who: str
    principal: str = ""
    address: str = ""
    event_id: str = ""


class PoolDrift(Record):
    """One pool that is not as its spec says.

    ``pool_id`` is ``None`` where there is no such pool (any more).  ``access`` leads from the spec
    to live: what widens access is open in AWS, and the spec does not say so.  ``writes`` are the
    last ones, newest first; they are empty where nobody has asked for them, or none was found.
    """

    name: str
    source: Source
    pool_id: str | None = None
    kind: PoolDriftKind
    fields: tuple[FieldDrift, ...] = ()
    ignored: tuple[IgnoredDrift, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    access: tuple[AccessChange, ...] = ()
    writes: tuple[Write, ...] = ()

    @property
    def has_drifted(self) -> bool:
        """Whether it counts: what is refused is counted apart, and what is ignored is not."""
        return self.kind in _COUNTED


class TargetDrift(Record):
    """The drift of one target; ``checked`` is how many specs go there, drifted or not."""

    target: Target
    checked: int
    pools: tuple[PoolDrift, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    unread: tuple[UnreadPlan, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @property
    def drifted(self) -> int:
        """How many pools have drifted."""
        return sum(pool.has_drifted for pool in self.pools)

    @property
    def refused(self) -> int:
        """How many pools are refused, and one for a target that is refused as a whole."""
        return sum(bool(pool.refusals) for pool in self.pools) + bool(self.refusals)

    @property
    def unreadable(self) -> int:
        """How many pools could not be read, whether it is known whose they are or not."""
        partly = [r for pool in self.pools for r in pool.refusals if r.rule == UNREADABLE]
        return len(self.unread) + len(partly)

    @property
    def was_compared(self) -> bool:
        """Whether all of the target was: it is the right one, and every pool could be read."""
        return not self.refusals and not self.unreadable


class Drift(Record):
    """The drift of all targets.  ``findings`` are about ``ignore:`` entries that have expired."""

    schema_version: Literal[1] = 1
    owner: str
    targets: tuple[TargetDrift, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def pools(self) -> Iterator[PoolDrift]:
        """Every pool of every target that is told of."""
        return (pool for target in self.targets for pool in target.pools)

    @property
    def refusals(self) -> Iterator[Refusal]:
        """Every refusal, of whole targets, of pools that could not be read, of single pools."""
        for target in self.targets:
            yield from target.refusals
            yield from (pool.refusal for pool in target.unread)
            for pool in target.pools:
                yield from pool.refusals

    @property
    def has_drift(self) -> bool:
        """Whether live has moved away from the specs; orphans count."""
        return any(target.drifted or target.orphans for target in self.targets)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to tell: no drift, no orphan, no refusal."""
        return not self.has_drift and not any(self.refusals)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def digest(self) -> str:
        """``sha256:...`` of what has drifted: the same for as long as the same things differ.

        Not in it: what is ignored, who has written, where specs stand in their files, and the
        order in which AWS lists pools.
        """
        return digest([_told(target) for target in self.targets])


def _told(target: TargetDrift) -> object:
    """What makes the drift of a target another one."""
    return {
        **target.model_dump(mode="json", include={"target"}),
        "refusals": _rules(target.refusals),
        "orphans": sorted(orphan.pool_id for orphan in target.orphans),
        "unread": sorted(pool.pool_id for pool in target.unread),
        "pools": [_told_pool(pool) for pool in target.pools if pool.kind != "ignored"],
    }


def _told_pool(pool: PoolDrift) -> object:
    return {
        "name": pool.name,
        "id": pool.pool_id,
        "kind": pool.kind,
        "refusals": _rules(pool.refusals),
        "fields": {
            field.field: [each.model_dump(mode="json") for each in field.differences]
            for field in pool.fields
        },
    }


def _rules(refusals: Iterable[Refusal]) -> object:
    """Their sentences may list pools, in any order."""
    return [[refusal.rule, refusal.field] for refusal in refusals]


class DriftState(Record):
    """The last run's digest, and for each receiver the digest of the drift it was last told of.

    A receiver that is not in ``told`` knows of no drift.  Its key is a hash of its address: the
    address of a webhook is a secret.
    """

    schema_version: Literal[1] = 1
    digest: Digest
    clean: bool
    told: Annotated[dict[Digest, Digest], Field(max_length=100)] = {}


def is_due(told: Mapping[str, str], receiver: str, drift: Drift) -> bool:
    """Whether a receiver does not know yet what there is to know: new drift, or that it cleared."""
    known = told.get(receiver)
    return known is not None if drift.is_clean else known != drift.digest


def with_told(told: Mapping[str, str], receiver: str, drift: Drift) -> dict[str, str]:
    """What the receivers know once this one was told."""
    others = {key: value for key, value in told.items() if key != receiver}
    return others if drift.is_clean else {**others, receiver: drift.digest}


class KeptDifference(Record):
    """What live has otherwise in a target, and a pull leaves: the value comes from elsewhere.

    ``origin`` says from where (``role.shop-customer``, ``defaults idpool.yaml:4``).
    """

    target: str
    field: str
    difference: Difference
    origin: str
    way_out: str


class PoolPull(Record):
    """One spec whose pool is not as it says.

    ``fields``: how they differ, secrets masked; ``kept``: what of it is left, since it is not the
    spec's own text; ``secrets``: the login providers whose secret is new in the spec; ``reason`` is
    why the spec was left as it is, and ``way_out`` what to do instead, both "" for one that is
    pulled.
    """

    name: str
    source: Source
    pool_id: str | None = None
    fields: tuple[FieldDrift, ...] = ()
    kept: tuple[KeptDifference, ...] = ()
    secrets: tuple[str, ...] = ()
    reason: str = ""
    way_out: str = ""

    @property
    def is_pulled(self) -> bool:
        """Whether its spec takes over what live has, or a part of that."""
        return bool(self.fields) and not self.reason

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left."""
        return not self.reason and not self.kept
