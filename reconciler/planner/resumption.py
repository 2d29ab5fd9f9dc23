"""What a journal tells of a run that was killed, and which part of a plan goes on with it.

Only names are taken from a journal: what is left to do is planned afresh, from what is live.
"""

from collections.abc import Collection, Iterable, Sequence

from reconciler.model.journal import Ended, JournalEntry, RunBegins, RunEnds, Sending, Standing
from reconciler.model.live import LeftCreate
from reconciler.model.plan import Plan, TargetPlan
from reconciler.model.spec import Spec
from reconciler.specs.completion import OpenSpec

PoolKey = tuple[str, str]


def standings(entries: Iterable[JournalEntry]) -> tuple[Standing, ...]:
    """How far the run had got with each pool, in the order of the journal."""
    found: dict[PoolKey, Standing] = {}
    for entry in entries:
        if isinstance(entry, RunBegins):
            for pool in entry.pools:
                found[pool.target, pool.name] = Standing(**pool.model_dump(by_alias=False))
        elif isinstance(entry, Sending | Ended):
            key = entry.target, entry.name
            before = found.get(key) or Standing(target=entry.target, name=entry.name)
            found[key] = _with(before, entry)
    return tuple(found.values())


def left_creates(entries: Iterable[JournalEntry], journal: str) -> tuple[LeftCreate, ...]:
    """The creates that a run has sent, but for those that AWS has refused."""
    found: dict[PoolKey, LeftCreate] = {}
    owner = ""
    for entry in entries:
        if isinstance(entry, RunBegins):
            owner = entry.owner
        if not isinstance(entry, Sending | Ended) or entry.action.kind != "CreatePool":
            continue
        key = entry.target, entry.name
        if isinstance(entry, Sending):
            sent = found[key].unanswered + 1 if key in found else 1
            found[key] = LeftCreate(
                target=entry.target,
                owner=owner,
                name=entry.name,
                at=entry.at,
                unanswered=sent,
                journal=journal,
            )
        elif key in found and entry.created:
            heard = {"pool_id": entry.pool_id, "unanswered": found[key].unanswered - 1}
            found[key] = found[key].model_copy(update=heard)
        elif entry.outcome != "unknown":
            found.pop(key, None)
    return tuple(found.values())


def is_complete(entries: Sequence[JournalEntry], pools: Iterable[Standing]) -> bool:
    """Whether the run came to its end and left nothing open.

    Without its last entry it did not come to look for twins, whatever the actions say.
    """
    return isinstance(entries[-1], RunEnds) and all(pool.is_finished for pool in pools)


def without_spec(
    pools: Iterable[Standing], specs: Sequence[Spec | OpenSpec], targets: Collection[str]
) -> tuple[Standing, ...]:
    """The pools of a journal that no spec describes any more in the targets of this run."""
    by_name: dict[str, list[Spec | OpenSpec]] = {}
    for spec in specs:
        by_name.setdefault(spec.name, []).append(spec)
    return tuple(
        pool
        for pool in pools
        if pool.target not in targets
        or not any(spec.goes_to(pool.target) for spec in by_name.get(pool.name, ()))
    )


def only(plan: Plan, keys: Collection[PoolKey]) -> Plan:
    """The plan for these pools alone.

    Taken out of the whole plan, so that each pool is matched as in a run of all specs.
    """
    targets = tuple(_only(target, keys) for target in plan.targets)
    return plan.model_copy(update={"targets": targets})


def _only(plan: TargetPlan, keys: Collection[PoolKey]) -> TargetPlan:
    pools = tuple(pool for pool in plan.pools if (plan.target.name, pool.name) in keys)
    return plan.model_copy(update={"pools": pools, "orphans": ()})


def _with(before: Standing, entry: Sending | Ended) -> Standing:
    """An action is unknown from its sending until it ended; a repetition is no second action."""
    unknown = tuple(action for action in before.unknown if action != entry.action)
    pool_id = entry.pool_id or before.pool_id
    if isinstance(entry, Sending) or entry.outcome == "unknown":
        update = {"unknown": (*unknown, entry.action)}
    elif entry.outcome == "done":
        update = {"unknown": unknown, "done": (*before.done, entry.action)}
    else:
        update = {"unknown": unknown, "failed": (*before.failed, entry.action)}
    return before.model_copy(update={"pool_id": pool_id, **update})
