"""From a plan to drift: what an apply would change is what has moved away in AWS."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from reconciler.model.changes import Change, Edit, EditOp
from reconciler.model.drift import (
    Difference,
    DifferenceKind,
    Drift,
    FieldDrift,
    IgnoredDrift,
    PoolDrift,
    PoolDriftKind,
    TargetDrift,
    Write,
)
from reconciler.model.findings import Finding
from reconciler.model.live import Asked, TrailEvent
from reconciler.model.plan import Plan, PoolPlan, TargetPlan
from reconciler.model.pool import FIELDS
from reconciler.model.pool_fields import TAGS_FIELD, Call
from reconciler.model.project import Ignore, first_that_covers

# An edit leads from live to the specs; a difference goes the other way.
_KINDS: Mapping[EditOp, DifferenceKind] = {
    "add": "removed",
    "remove": "added",
    "change": "changed",
    "move": "moved",
}
MOST_WRITES = 3
_BY_FIELD: Mapping[str, tuple[str, ...]] = {
    **{name: (row.call.value,) for name, row in FIELDS.items()},
    TAGS_FIELD: (Call.POOL.value, "TagResource", "UntagResource"),
}
_DELETION = "DeleteIdentityPool"
_OF_MISSING = (_DELETION, "CreateIdentityPool", "UpdateIdentityPool")


def drift_of(plan: Plan, ignore: Sequence[Ignore], today: date) -> Drift:
    """The drift that a plan shows.  Entries that have expired by ``today`` hide nothing."""
    valid = [entry for entry in ignore if entry.holds_on(today)]
    return Drift(
        owner=plan.owner,
        targets=tuple(_target(target, valid) for target in plan.targets),
        findings=tuple(_expired(entry) for entry in ignore if not entry.holds_on(today)),
    )


def _target(plan: TargetPlan, ignore: Sequence[Ignore]) -> TargetDrift:
    pools = (_pool(pool, ignore) for pool in plan.pools)
    return TargetDrift(
        target=plan.target,
        checked=len(plan.pools),
        pools=tuple(pool for pool in pools if pool is not None),
        orphans=plan.orphans,
        unread=plan.unread,
        refusals=plan.refusals,
    )


def _pool(plan: PoolPlan, ignore: Sequence[Ignore]) -> PoolDrift | None:
    if plan.verb == "keep":
        return None
    # A pool that is not there differs in everything, which says nothing.
    changes = plan.changes if plan.live is not None else ()
    parts = [
        (change, entry, tuple(differences))
        for change in changes
        for entry, differences in _split(plan.name, change, ignore).items()
    ]
    fields = tuple(
        FieldDrift(
            field=change.field,
            spec=change.after,
            live=change.before,
            differences=counted,
            origins=change.origins,
        )
        for change, entry, counted in parts
        if entry is None
    )
    return PoolDrift(
        name=plan.name,
        source=plan.source,
        pool_id=plan.pool_id,
        kind=_kind(plan, fields),
        fields=fields,
        ignored=tuple(
            IgnoredDrift(
                field=change.field,
                differences=known,
                origins=change.origins,
                path=entry.path,
                reason=entry.reason,
                until=entry.until,
            )
            for change, entry, known in parts
            if entry is not None
        ),
        refusals=plan.refusals,
    )


def _kind(plan: PoolPlan, fields: tuple[FieldDrift, ...]) -> PoolDriftKind:
    match plan.verb:
        case "refuse":
            return "refused"
        case "create":
            return "missing"
        case "delete":
            return "undeleted"
        case _:
            return "changed" if fields else "ignored"


def _split(
    name: str, change: Change, ignore: Sequence[Ignore]
) -> dict[Ignore | None, list[Difference]]:
    """The differences of a field by the entry that ignores them, ``None`` for those that count.

    A field that differs without a member that does (managed, and empty) differs as a whole.
    """
    parts: dict[Ignore | None, list[Difference]] = {}
    for difference in differences_of(change):
        entry = first_that_covers(ignore, name, change.field, difference.path)
        parts.setdefault(entry, []).append(difference)
    return parts


def differences_of(change: Change) -> tuple[Difference, ...]:
    """The members of a field that differ; one, the whole, where none does."""
    whole = Edit(op="change", path=(), before=change.before, after=change.after)
    return tuple(map(_difference, change.edits or (whole,)))


def _difference(edit: Edit) -> Difference:
    return Difference(
        kind=_KINDS[edit.op],
        path=edit.path,
        spec=edit.after,
        live=edit.before,
        secret=edit.secret,
    )


def _expired(entry: Ignore) -> Finding:
    return Finding(
        file=entry.source.file,
        line=entry.source.line,
        column=entry.column,
        path=f"ignore: {entry.path}",
        rule="ignore-expired",
        message=f"expired on {entry.until.isoformat()}, and hides nothing any more",
        fix="remove it, or extend it with a new date",
        severity="warning",
    )


def asked_of(target: TargetDrift, owner: str) -> tuple[Asked, ...]:
    """What CloudTrail is to be asked about one target."""
    asked = (_asked(pool, owner) for pool in target.pools)
    return tuple(each for each in asked if each.calls)


def with_writes(drift: Drift, events: Mapping[str, Iterable[TrailEvent]]) -> Drift:
    """The drift with the last writes of each pool; ``events`` are by target, newest first."""

    def with_own(target: TargetDrift) -> TargetDrift:
        found = tuple(events.get(target.target.name, ()))
        pools = tuple(
            pool.model_copy(update={"writes": tuple(_writes(_asked(pool, drift.owner), found))})
            for pool in target.pools
        )
        return target.model_copy(update={"pools": pools})

    return drift.model_copy(update={"targets": tuple(map(with_own, drift.targets))})


def _asked(pool: PoolDrift, owner: str) -> Asked:
    if pool.kind == "missing":
        calls: tuple[str, ...] = _OF_MISSING
    else:
        every = (call for field in pool.fields for call in _BY_FIELD[field.field])
        calls = tuple(dict.fromkeys(every))
    return Asked(owner=owner, name=pool.name, pool_id=pool.pool_id, calls=calls)


def _writes(asked: Asked, events: Sequence[TrailEvent]) -> list[Write]:
    calls = (_DELETION,) if asked.pool_id is None else asked.calls
    found = [event.write for event in asked.matching(events) if event.write.call in calls]
    return found[:MOST_WRITES]
