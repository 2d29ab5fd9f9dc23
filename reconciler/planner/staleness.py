"""Whether a saved plan is still the plan, and if not, what has moved."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TypeVar

from reconciler.model.changes import Change
from reconciler.model.plan import (
    MovedOrigin,
    MovedPool,
    MovedSpec,
    Orphan,
    Plan,
    PoolPlan,
    RememberedPool,
    Staleness,
    TargetPlan,
    UnreadPlan,
)
from reconciler.model.pool import POOL_FIELDS, Pool, in_live_terms
from reconciler.model.saved_plan import SavedPlan, SeenOrigin, SeenSpec
from reconciler.planner.diff import changes_between
from reconciler.planner.masked import canonical_masked, masked
from reconciler.planner.refusals import failure_as_saved, refusals_as_saved, unread_as_saved

_PLACE = ("account", "region", "role_arn")
_NOT_THE_SAME = "the plan would not be the same any more"
_T = TypeVar("_T")


def as_saved(fresh: Plan, saved: Plan) -> Plan:
    """A plan with order and places (file and line of each spec) of the saved one.

    Neither decides anything: AWS lists pools in any order, and a comment in a spec moves lines.
    Where nothing has moved, the digest is that of the saved plan then.
    """
    then = {target.target.name: target for target in saved.targets}
    targets = [_target_as_saved(now, then.get(now.target.name)) for now in fresh.targets]
    in_order = _in_order_of(saved.targets, targets, attrgetter("target.name"))
    return fresh.model_copy(update={"targets": in_order})


def _in_order_of(
    then: Sequence[_T], now: Sequence[_T], key: Callable[[_T], object]
) -> tuple[_T, ...]:
    """What is there now, in the order that it had then; what is new comes last."""
    order = {key(each): number for number, each in enumerate(then)}
    return tuple(sorted(now, key=lambda each: order.get(key(each), len(order))))


def staleness(saved: SavedPlan, specs: Sequence[SeenSpec], fresh: Plan) -> Staleness:
    """What has moved: specs, live, or what would be done.  Empty: the saved plan may be applied.

    ``specs`` are those that ``fresh`` was made from, and ``fresh`` is what ``as_saved`` gives.
    Secrets are in neither plan, so of these only counts whether spec and live differ.
    """
    origins = tuple(_moved_origins(saved.specs, specs))
    because = {each.spec for each in origins}
    moved = [each for each in _moved_specs(saved.specs, specs) if each.name not in because]
    return moved_since(saved.whole, fresh, tuple(moved), origins)


def moved_since(
    then: Plan,
    fresh: Plan,
    moved_specs: tuple[MovedSpec, ...] = (),
    moved_origins: tuple[MovedOrigin, ...] = (),
) -> Staleness:
    """What has moved since a plan that is masked; ``fresh`` is what ``as_saved`` gives."""
    now = _without_what_others_write(fresh, then)
    if now.digest == then.digest and not moved_specs and not moved_origins:
        return Staleness()
    facts = tuple(_target_facts(then, now))
    pools = tuple(_moved_pools(then, now))
    nothing = not (moved_specs or moved_origins or pools or facts)
    return Staleness(
        specs=moved_specs,
        origins=moved_origins,
        pools=pools,
        facts=(_NOT_THE_SAME,) if nothing else facts,
    )


def _target_as_saved(now: TargetPlan, then: TargetPlan | None) -> TargetPlan:
    if then is None:
        return now
    before = {pool.name: pool for pool in then.pools}
    pools = [_pool_as_saved(pool, before.get(pool.name)) for pool in now.pools]
    return failure_as_saved(now, then).model_copy(
        update={
            "pools": _in_order_of(then.pools, pools, attrgetter("name")),
            "orphans": _in_order_of(then.orphans, now.orphans, attrgetter("pool_id")),
            "unread": unread_as_saved(now.unread, then.unread),
        }
    )


def _pool_as_saved(now: PoolPlan, then: PoolPlan | None) -> PoolPlan:
    if then is None:
        return now
    return refusals_as_saved(now, then).model_copy(update={"source": then.source})


def _without_what_others_write(fresh: Plan, saved: Plan) -> Plan:
    """The fresh plan as it were if ignored fields and tags were what the saved plan saw.

    They are never compared (``ignoreChanges``, ``ignoreTags``), so they make nothing stale.
    """
    then = {(target, pool.name): pool for target, pool in _each(saved)}

    def untouched(target: TargetPlan) -> TargetPlan:
        name = target.target.name
        pools = (_as_if_untouched(pool, then.get((name, pool.name))) for pool in target.pools)
        return target.model_copy(update={"pools": tuple(pools)})

    return fresh.model_copy(update={"targets": tuple(map(untouched, fresh.targets))})


def _as_if_untouched(now: PoolPlan, then: PoolPlan | None) -> PoolPlan:
    if then is None or then.live is None or now.live is None:
        return now
    seen = canonical_masked(then.live)
    live = in_live_terms(now.live, seen, now.ignored)
    if live == now.live or now.desired is None:
        return now.model_copy(update={"live": live})
    desired = in_live_terms(now.desired, seen, now.ignored)
    changes = changes_between(live, desired)
    return now.model_copy(update={"live": live, "desired": desired, "changes": changes})


def _each(plan: Plan) -> Iterator[tuple[str, PoolPlan]]:
    return ((target.target.name, pool) for target in plan.targets for pool in target.pools)


def _moved_specs(then: Sequence[SeenSpec], now: Sequence[SeenSpec]) -> Iterator[MovedSpec]:
    """A spec that only stands in another file has not moved."""
    same = {(spec.name, spec.digest) for spec in then} & {(spec.name, spec.digest) for spec in now}
    old = {spec.name: spec for spec in then if (spec.name, spec.digest) not in same}
    new = {spec.name: spec for spec in now if (spec.name, spec.digest) not in same}
    for name in sorted({*old, *new}):
        file = (new.get(name) or old[name]).file
        how = "added" if name not in old else "removed" if name not in new else "changed"
        yield MovedSpec.model_validate({"name": name, "file": file, "how": how})


def _moved_origins(then: Sequence[SeenSpec], now: Sequence[SeenSpec]) -> Iterator[MovedOrigin]:
    """What comes from the same place as then, and is another value or version."""
    old = {key: origin for spec in then for key, origin in _origins(spec)}
    moved = defaultdict[MovedOrigin, list[str]](list)
    for spec in now:
        for key, new in _origins(spec):
            was = old.get(key)
            if was and (was.version, was.digest) != (new.version, new.digest):
                what = {"what": new.expression or new.layer, "place": new.var_place or new.place}
                versions = {"then": was.version, "now": new.version}
                moved[MovedOrigin(spec=spec.name, targets=(), **what, **versions)].append(key[0])
    for each, targets in moved.items():
        yield each.model_copy(update={"targets": tuple(dict.fromkeys(targets))})


def _origins(spec: SeenSpec) -> Iterator[tuple[tuple[str, object], SeenOrigin]]:
    """By target, and by what it is and what it was made of.

    A member of a set is called by its value, which changes with what its reference stands for.
    """
    for each in spec.origins:
        path = each.path[:1] if each.expression else each.path
        for target in each.targets:
            yield (target, (spec.name, path, each.expression, each.layer)), each


def _target_facts(saved: Plan, fresh: Plan) -> Iterator[str]:
    then = {target.target.name: target for target in saved.targets}
    for now in fresh.targets:
        before = then.get(now.target.name)
        if before is not None:
            yield from (f"target {now.target.name}: {fact}" for fact in _facts_of(before, now))


def _facts_of(then: TargetPlan, now: TargetPlan) -> Iterator[str]:
    for what in _PLACE:
        old, new = getattr(then.target, what), getattr(now.target, what)
        if old != new:
            yield f"{what.replace('_arn', '')} was {old or 'unknown'} and is {new or 'unknown'}"
    if then.refusals != now.refusals:
        yield from (f"refused now: {r.reason} [{r.rule}]" for r in now.refusals)
        yield from (f"was refused [{r.rule}], and is not any more" for r in then.refusals)
    yield from (f"{new} is an orphan now" for new in _new(then.orphans, now.orphans))
    yield from (f"{old} is no orphan any more" for old in _new(now.orphans, then.orphans))
    yield from (f"{new} cannot be read now" for new in _new(then.unread, now.unread))
    yield from (f"{old} can be read now" for old in _new(now.unread, then.unread))


def _new(then: Sequence[Orphan | UnreadPlan], now: Sequence[Orphan | UnreadPlan]) -> list[str]:
    return sorted({pool.pool_id for pool in now} - {pool.pool_id for pool in then})


def _moved_pools(saved: Plan, fresh: Plan) -> Iterator[MovedPool]:
    then = {(target, pool.name): pool for target, pool in _each(saved)}
    for target, now in _each(fresh):
        before = then.get((target, now.name))
        if before is not None:
            live = _moved_live(before, now)
            facts = tuple(_pool_facts(before, now))
            if live or facts:
                pool_id = now.pool_id or before.pool_id
                yield MovedPool(
                    target=target, name=now.name, pool_id=pool_id, live=live, facts=facts
                )


def _moved_live(then: PoolPlan, now: PoolPlan) -> tuple[Change, ...]:
    """How live has changed, in the fields that were read both times; secrets are masked."""
    before = _live_then(then, now)
    if before is None or now.live is None or then.pool_id != now.pool_id:
        return ()
    return changes_between(before, _known_to_both(masked(now.live), before))


def _live_then(then: PoolPlan, now: PoolPlan) -> Pool | None:
    """What the saved plan saw, secrets masked.

    Of an unchanged pool it has a digest alone.  Live was as desired then, so where that digest is
    the one of what is desired now, that is what live was.
    """
    if then.live is not None:
        return canonical_masked(then.live)
    if isinstance(then, RememberedPool) and now.desired is not None:
        as_desired = now.model_copy(update={"live": now.desired})
        return masked(now.desired) if as_desired.seen == then.seen else None
    return None


def _known_to_both(after: Pool, before: Pool) -> Pool:
    unread = [field for field in POOL_FIELDS if getattr(before, field) is None]
    return after.model_copy(update=dict.fromkeys(unread))


def _pool_facts(then: PoolPlan, now: PoolPlan) -> Iterator[str]:
    yield from _id_facts(then.pool_id, now.pool_id)
    yield from (
        f"refused now: {refusal.reason} [{refusal.rule}]"
        for refusal in now.refusals
        if refusal not in then.refusals
    )
    if isinstance(then, RememberedPool):
        yield from _unchanged_facts(then, now)
    elif then.ignored != now.ignored:
        yield "what is left alone is not the same (ignoreChanges, ignoreTags)"
    changed = _secrets_to_change(then) ^ _secrets_to_change(now)
    if changed:
        yield f"the secret part of {', '.join(sorted(changed))} was changed"
    before, after = _in_words(then), _in_words(now)
    if before != after:
        yield f"the plan was to {before}, and would be to {after}"


def _unchanged_facts(then: RememberedPool, now: PoolPlan) -> Iterator[str]:
    """Where there is something to do now, that and how live has changed say enough."""
    if now.verb == "keep" and then.pool_id == now.pool_id and then.seen != now.seen:
        yield "it was unchanged and is, but live, or what is left alone of it, is not the same"


def _id_facts(then: str | None, now: str | None) -> Iterator[str]:
    if then == now:
        return
    if then is None:
        yield f"there is a pool now: {now}"
    elif now is None:
        yield f"its pool {then} is gone, or is not ours any more"
    else:
        yield f"its pool was {then}, and is {now}"


def _secrets_to_change(pool: PoolPlan) -> set[str]:
    edits = (edit for change in pool.changes for edit in change.edits)
    return {str(edit.path[0]) for edit in edits if edit.secret and edit.path}


def _in_words(pool: PoolPlan) -> str:
    """``update AllowClassicFlow, Roles``; what is done to a pool, field by field."""
    fields: Iterable[str] = (change.field for change in pool.changes)
    shown = ", ".join(fields) if pool.verb == "update" else "it"
    return f"{pool.verb} {shown}"
