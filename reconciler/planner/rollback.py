"""The way back: from a receipt and what is live now to a plan that undoes the run."""

from collections.abc import Collection, Iterable, Iterator

from reconciler.model.changes import Change, Notice, Refusal
from reconciler.model.findings import Source
from reconciler.model.live import LivePool, LiveTarget, ReadProblem, Want
from reconciler.model.plan import PoolPlan, TargetPlan
from reconciler.model.pool import FIELDS, Pool, in_live_terms
from reconciler.model.pool_fields import PRINCIPAL_TAGS_FIELD, ROLES_FIELDS, FieldKind
from reconciler.model.project import NAME_TAG, OWNER_TAG, Project, Target
from reconciler.model.receipt import PoolReceipt, Receipt
from reconciler.planner.actions import actions_for
from reconciler.planner.desired import want_of
from reconciler.planner.diff import changes_between
from reconciler.planner.masked import canonical_masked, moved_fields, restored, secret_reason
from reconciler.planner.masked import may_have_changed as secret_may_have_changed
from reconciler.planner.refusals import noticed, refusals_of, refused, target_refusals, unreadable


def other_place(receipt: Receipt, here: Target) -> Iterator[Refusal]:
    """The target of this name is not where the run was."""
    then = next((target for target in receipt.targets if target.name == here.name), here)
    for what in ("account", "region"):
        old, new = getattr(then, what), getattr(here, what)
        if None not in (old, new) and old != new:
            yield refused("other-place", what=what, old=old, target=here.name, new=new)


def undoable(receipt: Receipt) -> tuple[PoolReceipt, ...]:
    """The pools that the run has changed, or may have changed."""
    return tuple(
        pool
        for pool in receipt.pools
        if any(action.outcome in ("done", "unknown") for action in pool.actions)
    )


def rollback_wants(pools: Collection[PoolReceipt], live: LiveTarget) -> tuple[Want, ...]:
    """What else must be read of the pools of this target: only what the run managed."""
    by_id = {pool.pool_id: pool for pool in live.pools}
    here = [pool for pool in pools if pool.target == live.target.name]
    return tuple(
        want_of(by_id[pool.pool_id], pool.before, pool.after)
        for pool in here
        if pool.pool_id in by_id and pool.before is not None
    )


def rollback_target(receipt: Receipt, live: LiveTarget, project: Project, file: str) -> TargetPlan:
    """The plan that takes back what the run did in one target.

    ``live`` must hold what ``rollback_wants`` asked for; ``file`` is the receipt's, for people.
    """
    refusals = (*target_refusals(live), *other_place(receipt, live.target))
    if refusals:
        return TargetPlan(target=live.target, refusals=tuple(refusals))
    by_id = {pool.pool_id: pool for pool in live.pools}
    unread = live.problems
    plans: list[PoolPlan] = []
    for pool in undoable(receipt):
        if pool.target == live.target.name:
            found = by_id.get(pool.pool_id or "")
            refusal = _refusal(pool, found, unread.get(pool.pool_id), project.owner)
            plans.append(_plan_pool(pool, found, refusal, Source(file=file)))
    return TargetPlan(target=live.target, pools=tuple(plans))


def _plan_pool(
    receipt: PoolReceipt, live: LivePool | None, refusal: Refusal | None, source: Source
) -> PoolPlan:
    plan = PoolPlan(
        name=receipt.name,
        source=source,
        pool_id=receipt.pool_id,
        ignored=receipt.ignored,
        refusals=(refusal,) if refusal else (),
    )
    if refusal or live is None or receipt.before is None:
        return plan
    seen = plan.model_copy(update={"live": live.pool})
    return _plan_back(seen, live.pool, receipt, canonical_masked(receipt.before))


def _refusal(
    receipt: PoolReceipt, live: LivePool | None, problem: ReadProblem | None, owner: str
) -> Refusal | None:
    """Why the live pool is not the one that the run has left.

    One that cannot be read is neither gone nor changed: nobody knows.
    """
    if problem is not None:
        return unreadable(receipt.pool_id or "", problem)
    if receipt.before is None:
        return _made_by_the_run(receipt, live)
    if receipt.after is None:
        return refused("deleted", pool_id=receipt.pool_id)
    if live is None:
        return refused("gone", pool_id=receipt.pool_id)
    return _not_ours(receipt, receipt.before, live, owner)


def _made_by_the_run(receipt: PoolReceipt, live: LivePool | None) -> Refusal | None:
    if not receipt.pool_id:
        return refused("perhaps-created")
    return refused("created", pool_id=receipt.pool_id) if live else None


def _not_ours(receipt: PoolReceipt, before: Pool, live: LivePool, owner: str) -> Refusal | None:
    ours = {OWNER_TAG: owner, NAME_TAG: receipt.name}
    is_ours = all(live.pool.IdentityPoolTags.get(key) == value for key, value in ours.items())
    if not (is_ours or _is_given_back(before, live.pool, receipt)):
        return refused("not-ours", pool_id=receipt.pool_id, owner=owner, name=receipt.name)
    if before.IdentityPoolTags.get(OWNER_TAG, owner) != owner:
        return refused("was-of-another", pool_id=receipt.pool_id)
    return None


def _is_given_back(before: Pool, live: Pool, receipt: PoolReceipt) -> bool:
    """Whether a rollback has taken our tags off already; roles and principal tags come after them.

    All that Describe shows is as it was then.  That is no pool of ours, so a receipt that claims so
    of any other state is not believed.
    """
    sub_resources = {*ROLES_FIELDS, PRINCIPAL_TAGS_FIELD}
    return sub_resources.issuperset(moved_fields(live, receipt.ignored, canonical_masked(before)))


def _plan_back(plan: PoolPlan, live: Pool, receipt: PoolReceipt, before: Pool) -> PoolPlan:
    """Bring ``live`` to ``before``, unless it is there already."""
    after = canonical_masked(receipt.after or before)
    wanted, lost = _settable(restored(before, live))
    desired = in_live_terms(wanted, live, receipt.ignored)
    changes = changes_between(live, desired)
    refusals = tuple(_refusals(receipt, before, after, live))
    if changes and not refusals:
        refusals = tuple(refusals_of(live, desired))
    doubt = secret_may_have_changed(receipt, before, after)
    return plan.model_copy(
        update={
            "desired": desired,
            "changes": changes,
            "refusals": refusals,
            "actions": () if refusals else actions_for(live, desired, changes, receipt.ignored),
            "notices": () if refusals else tuple(_notices(changes, lost, doubt=doubt)),
        }
    )


def _refusals(receipt: PoolReceipt, before: Pool, after: Pool, live: Pool) -> Iterator[Refusal]:
    ignored = receipt.ignored
    # As the run has left it, or as a rollback that did not come to its end has.
    moved = moved_fields(live, ignored, before, after)
    if moved:
        yield refused("stale", pool_id=receipt.pool_id, moved=", ".join(moved))
    lost = secret_reason(receipt, before, after, live)
    if lost:
        yield refused("secret-unknown", lost=lost)


def _settable(before: Pool) -> tuple[Pool, frozenset[str]]:
    """The state of before as it can be had again, and the fields that AWS can never unset."""
    lost = frozenset(
        name
        for name, row in FIELDS.items()
        if row.kind is FieldKind.CLASSIC_FLOW and getattr(before, name) is None
    )
    return before.model_copy(update=dict.fromkeys(lost, True)), lost


def _notices(changes: Iterable[Change], lost: Collection[str], *, doubt: bool) -> Iterator[Notice]:
    if doubt:
        yield noticed("secret-kept")
    for change in changes:
        if change.field in lost:
            yield noticed("was-unset", field=change.field)
