"""What will not be done: what would lose identities or AWS cannot make; pools left unread."""

from collections.abc import Iterator, Sequence
from heapq import nsmallest
from typing import Final, cast

from reconciler.model.changes import Change, Refusal
from reconciler.model.errors import AwsProblem
from reconciler.model.live import LivePool, LiveTarget, ReadProblem, UnreadPool, identities_in_words
from reconciler.model.plan import UNREADABLE, PoolPlan, TargetPlan, UnreadPlan
from reconciler.model.pool import Pool
from reconciler.model.pool_fields import ROLES_FIELDS
from reconciler.model.project import AWS_TAG_PREFIX, MAX_TAGS, Target
from reconciler.model.providers import account_arns
from reconciler.model.spec import Spec, spec_as_api
from reconciler.model.written import PoolData

TARGET_FAILED = "target-failed"
_OF_THE_ACCOUNT: Final = frozenset({"SamlProviderARNs", *ROLES_FIELDS})
_MOST_NAMED = 3
_AGAIN = "try again; if that does not help, look at the pool in the AWS console"


def refusals_of(live: Pool, desired: Pool) -> Iterator[Refusal]:
    """Why an existing pool cannot be brought to ``desired``."""
    yield from _developer_provider(live, desired)
    yield from _too_many_tags(desired)


def account_refusals(spec: Spec, target: Target, changes: Sequence[Change]) -> Iterator[Refusal]:
    """What AWS takes of the pool's own account only, where this plan sends it.

    Where the account is known offline, the spec is not valid.  What live has and the plan does not
    change is no reason: such a pool can be adopted as it is.
    """
    changed = {change.field for change in changes}
    sent = {*changed, *(ROLES_FIELDS if changed.intersection(ROLES_FIELDS) else ())}
    if target.account is None or not sent.intersection(_OF_THE_ACCOUNT):
        return
    for own in account_arns(cast("PoolData", spec_as_api(spec.document.spec))):
        field, *below = own.path
        if own.account != target.account and field in sent:
            place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in below)
            yield Refusal(
                rule="other-account",
                field=f"{field}{place}",
                reason=(
                    f"{own.arn} is a {own.what} of account {own.account}, and target "
                    f"{target.name} is account {target.account}: AWS takes a {own.what} of the "
                    "pool's own account only"
                ),
                way_out=f"write the ARN of a {own.what} of account {target.account}",
            )


def tombstone_refusals(spec: Spec, live: LivePool) -> Iterator[Refusal]:
    """Why an existing pool may not be deleted by this tombstone."""
    if live.identities and not spec.lifecycle.delete_identities:
        yield Refusal(
            rule="holds-identities",
            field="lifecycle.delete",
            reason=(
                f"{live.pool_id} ({live.pool.IdentityPoolName!r}) "
                f"{identities_in_words(live.identities)}, and deleting the pool loses every one "
                "of them for good"
            ),
            way_out="if nobody needs them, set lifecycle.deleteIdentities: true as well",
        )


def target_refusals(live: LiveTarget) -> Iterator[Refusal]:
    """Why a whole target is left alone."""
    if not live.is_the_named_account:
        yield Refusal(
            rule="wrong-account",
            reason=(
                f"the credentials belong to account {live.target.account}, and target "
                f"{live.target.name} is account {live.expected_account}"
            ),
            way_out="use credentials or a roleArn of that account, or correct the target",
        )


def failed_target(target: Target, problem: AwsProblem) -> TargetPlan:
    """The plan of a target that could not be opened or read: an error, and the others go on."""
    refusal = Refusal(
        rule=TARGET_FAILED,
        reason=str(problem).removeprefix(f"target {target.name}: "),
        way_out=problem.hint or "try again",
        is_error=True,
    )
    return TargetPlan(target=target, refusals=(refusal,))


def failure_as_saved(now: TargetPlan, then: TargetPlan) -> TargetPlan:
    """A target that fails again, in the words of a saved plan: AWS never says it twice alike."""
    rules = {refusal.rule for refusal in (*now.refusals, *then.refusals)}
    again = bool(now.refusals and then.refusals) and rules == {TARGET_FAILED}
    return now.model_copy(update={"refusals": then.refusals}) if again else now


def _developer_provider(live: Pool, desired: Pool) -> Iterator[Refusal]:
    old, new = live.DeveloperProviderName, desired.DeveloperProviderName
    if not old or old == new:
        return
    what = f"changed from {old!r} to {new!r}" if new else f"removed (it is {old!r})"
    yield Refusal(
        rule="developer-provider",
        field="DeveloperProviderName",
        reason=(
            f"the developer provider would be {what}: AWS lets it be set once and never changed, "
            "and a new pool in its place would lose every identity id"
        ),
        way_out=(
            f"write DeveloperProviderName: {old} into the spec; for another provider, describe a "
            "second pool with a spec of its own and move the users"
        ),
    )


def _too_many_tags(desired: Pool) -> Iterator[Refusal]:
    tags = [key for key in desired.IdentityPoolTags if not key.startswith(AWS_TAG_PREFIX)]
    if len(tags) > MAX_TAGS:
        yield Refusal(
            rule="too-many-tags",
            field="IdentityPoolTags",
            reason=(
                f"the pool would carry {len(tags)} tags with those that are left alone, and AWS "
                f"allows {MAX_TAGS}"
            ),
            way_out="remove tags from the spec, or narrow ignoreTags or ignoreChanges",
        )


def unreadable(pool_id: str, problem: ReadProblem) -> Refusal:
    """The error of a pool, or of a part of it, that could not be read."""
    facts = [fact for fact in (problem.operation, problem.code) if fact not in problem.message]
    context = f" ({', '.join(facts)})" if facts else ""
    return Refusal(
        rule=UNREADABLE,
        reason=f"{pool_id} cannot be read: {problem.message}{context}",
        way_out=problem.hint or _AGAIN,
        is_error=True,
    )


def unread_plans(unread: Sequence[UnreadPool]) -> tuple[UnreadPlan, ...]:
    """The errors of pools that no spec is known to have."""
    return tuple(
        UnreadPlan(
            pool_id=pool.pool_id,
            pool_name=pool.pool_name,
            refusal=unreadable(pool.pool_id, pool.problem),
        )
        for pool in unread
    )


def not_created(spec: Spec, unread: Sequence[UnreadPool]) -> Refusal:
    """No pool is known to be the spec's, which says nothing yet."""
    verb = "deleting it" if spec.lifecycle.delete else "creating one"
    return _owner_unknown(spec, unread, f"may be this spec's pool: {verb} has to wait")


def not_adopted(spec: Spec, unread: Sequence[UnreadPool]) -> Refusal:
    """Adopting writes our tags, which another pool may have."""
    return _owner_unknown(spec, unread, "may be this spec's pool already: adopting has to wait")


def not_deleted(spec: Spec, unread: Sequence[UnreadPool]) -> Refusal:
    """Of two pools with our tags only a person knows which one is in use."""
    return _owner_unknown(spec, unread, "may be a second pool of this spec: deleting has to wait")


def unread_as_saved(
    now: Sequence[UnreadPlan], then: Sequence[UnreadPlan]
) -> tuple[UnreadPlan, ...]:
    """The pools in the order and words of a saved plan: AWS never says it twice alike."""
    told = {pool.pool_id: (number, pool) for number, pool in enumerate(then)}
    in_order = sorted(now, key=lambda pool: told[pool.pool_id][0] if pool.pool_id in told else -1)
    return tuple(told[p.pool_id][1] if p.pool_id in told else p for p in in_order)


def refusals_as_saved(now: PoolPlan, then: PoolPlan) -> PoolPlan:
    """A pool that cannot be read, in the words of a saved plan."""
    if now.pool_id != then.pool_id or {UNREADABLE} != {
        r.rule for r in (*now.refusals, *then.refusals)
    }:
        return now
    return now.model_copy(update={"refusals": then.refusals})


def _owner_unknown(spec: Spec, unread: Sequence[UnreadPool], why: str) -> Refusal:
    return Refusal(
        rule="owner-unknown",
        reason=f"{_named(spec, unread)} cannot be read, and {why}",
        way_out="let idpool read that pool, whose error is told with it, and plan again",
    )


def _named(spec: Spec, unread: Sequence[UnreadPool]) -> str:
    """The pools, those first that have the name of the spec's."""
    wanted = spec.pool.IdentityPoolName
    first = nsmallest(
        _MOST_NAMED, unread, key=lambda pool: (pool.pool_name != wanted, pool.pool_id)
    )
    shown = [f"{pool.pool_id} ({pool.pool_name!r})" for pool in first]
    more = len(unread) - _MOST_NAMED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
