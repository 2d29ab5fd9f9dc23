"""The way back: from a receipt and what is live now to a plan that undoes the run."""

from collections.abc import Collection, Iterable, Iterator

from reconciler.model.changes import Change, Notice, Refusal
from reconciler.model.findings import Source
from reconciler.model.ignored import in_live_terms
from reconciler.model.live import LivePool, LiveTarget, ReadProblem, Want
from reconciler.model.plan import PoolPlan, TargetPlan
from reconciler.model.pool import FIELDS, PRINCIPAL_TAGS_FIELD, ROLES_FIELDS, Pool
from reconciler.model.pool_fields import FieldKind
from reconciler.model.project import NAME_TAG, OWNER_TAG, Project, Target
from reconciler.model.receipt import PoolReceipt, Receipt
from reconciler.planner.actions import actions_for
from reconciler.planner.diff import changes_between
from reconciler.planner.masked import canonical_masked, moved_fields, restored, secret_reason
from reconciler.planner.masked import may_have_changed as secret_may_have_changed
from reconciler.planner.refusals import refusals_of, refused, target_refusals, unreadable


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
        _want(by_id[pool.pool_id], pool.before, pool.after)
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
    source = Source(file=file)
    pools = tuple(
        _not_read(pool, unread[pool.pool_id], source)
        if pool.pool_id in unread
        else _plan_pool(pool, by_id.get(pool.pool_id or ""), project.owner, source)
        for pool in undoable(receipt)
        if pool.target == live.target.name
    )
    return TargetPlan(target=live.target, pools=pools)


def _want(live: LivePool, before: Pool, after: Pool | None) -> Want:
    names = {*live.pool.provider_names, *before.provider_names}
    names |= set(after.provider_names) if after else set()
    return Want(
        pool_id=live.pool_id,
        roles=_manages_roles(before),
        principal_tag_providers=tuple(sorted(names)) if before.manages_principal_tags else None,
    )


def _manages_roles(pool: Pool) -> bool:
    return any(getattr(pool, field) is not None for field in ROLES_FIELDS)


def _not_read(receipt: PoolReceipt, problem: ReadProblem, source: Source) -> PoolPlan:
    """A pool that cannot be read is neither gone nor changed: nobody knows."""
    return PoolPlan(
        name=receipt.name,
        source=source,
        pool_id=receipt.pool_id,
        ignored=receipt.ignored,
        refusals=(unreadable(receipt.pool_id or "", problem),),
    )


def _plan_pool(receipt: PoolReceipt, live: LivePool | None, owner: str, source: Source) -> PoolPlan:
    plan = PoolPlan(
        name=receipt.name, source=source, pool_id=receipt.pool_id, ignored=receipt.ignored
    )
    if receipt.before is None:
        name = "created" if receipt.pool_id else "perhaps-created"
        may_be_there = live is not None or not receipt.pool_id
        refusals = (refused(name, pool_id=receipt.pool_id),) if may_be_there else ()
        return plan.model_copy(update={"refusals": refusals})
    refusal = _unmatched(receipt, receipt.before, live, owner)
    if refusal or live is None:
        return plan.model_copy(update={"refusals": (refusal,) if refusal else ()})
    seen = plan.model_copy(update={"live": live.pool})
    return _plan_back(seen, live.pool, receipt, canonical_masked(receipt.before))


def _unmatched(
    receipt: PoolReceipt, before: Pool, live: LivePool | None, owner: str
) -> Refusal | None:
    """Why the live pool is not the one that the run has left."""
    if receipt.after is None:
        return refused("deleted", pool_id=receipt.pool_id)
    if live is None:
        return refused("gone", pool_id=receipt.pool_id)
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
        yield _unsure_of_secret()
    for change in changes:
        if change.field in lost:
            yield Notice(
                rule="was-unset",
                message=(
                    f"{change.field} was never set before the run, and nothing unsets it: it "
                    "becomes true, which allows the same"
                ),
            )


def _unsure_of_secret() -> Notice:
    return Notice(
        rule="secret-kept",
        message=(
            "receipts hold no secrets: the secret in SupportedLoginProviders stays as it is now, "
            "whether or not the run has changed it"
        ),
    )
