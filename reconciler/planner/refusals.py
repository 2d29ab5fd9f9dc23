"""What will not be done: what would lose identities or AWS cannot make; pools left unread."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from heapq import nsmallest
from importlib.resources import files
from typing import Any, Final, cast

from reconciler.model.changes import Change, Notice, Refusal
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


@cache
def _wording() -> dict[str, dict[str, Any]]:
    text = (files("reconciler.planner") / "wording.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _told(name: str, facts: Mapping[str, object]) -> dict[str, Any]:
    row = {"rule": name, **_wording()[name]}
    return row | {key: row[key].format(**facts) for key in row if key != "is_error"}


def wording_of_rules() -> dict[str, list[Mapping[str, Any]]]:
    """The rows of ``wording.toml`` by the rule that they are of."""
    by_rule: dict[str, list[Mapping[str, Any]]] = {}
    for name, row in _wording().items():
        by_rule.setdefault(row.get("rule", name), []).append(row)
    return by_rule


def refused(name: str, /, **facts: object) -> Refusal:
    """The refusal that ``wording.toml`` has under this name, with the facts in its sentences."""
    return Refusal(**_told(name, facts))


def noticed(name: str, /, **facts: object) -> Notice:
    """The notice that ``wording.toml`` has under this name, with the facts in its sentence."""
    return Notice(**_told(name, facts))


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
            yield refused("other-account", field=f"{field}{place}", own=own, target=target)


def tombstone_refusals(spec: Spec, live: LivePool) -> Iterator[Refusal]:
    """Why an existing pool may not be deleted by this tombstone."""
    if live.identities and not spec.lifecycle.delete_identities:
        identities = identities_in_words(live.identities)
        yield refused("holds-identities", pool=live, identities=identities)


def target_refusals(live: LiveTarget) -> Iterator[Refusal]:
    """Why a whole target is left alone."""
    if not live.is_the_named_account:
        yield refused("wrong-account", live=live)


def failed_target(target: Target, problem: AwsProblem) -> TargetPlan:
    """The plan of a target that could not be opened or read: an error, and the others go on."""
    said = str(problem).removeprefix(f"target {target.name}: ")
    refusal = refused(TARGET_FAILED, problem=said, hint=problem.hint or "try again")
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
    yield refused("developer-provider", what=what, old=old)


def _too_many_tags(desired: Pool) -> Iterator[Refusal]:
    tags = [key for key in desired.IdentityPoolTags if not key.startswith(AWS_TAG_PREFIX)]
    if len(tags) > MAX_TAGS:
        yield refused("too-many-tags", count=len(tags), most=MAX_TAGS)


def unreadable(pool_id: str, problem: ReadProblem) -> Refusal:
    """The error of a pool, or of a part of it, that could not be read."""
    facts = [fact for fact in (problem.operation, problem.code) if fact not in problem.message]
    message = problem.message + (f" ({', '.join(facts)})" if facts else "")
    return refused(UNREADABLE, pool_id=pool_id, message=message, hint=problem.hint or _AGAIN)


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


def owner_unknown(spec: Spec, unread: Sequence[UnreadPool], why: str) -> Refusal:
    """Pools that cannot be read may be the spec's; those come first that have its pool's name."""
    wanted = spec.pool.IdentityPoolName
    first = nsmallest(
        _MOST_NAMED, unread, key=lambda pool: (pool.pool_name != wanted, pool.pool_id)
    )
    shown = [f"{pool.pool_id} ({pool.pool_name!r})" for pool in first]
    more = len(unread) - _MOST_NAMED
    pools = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
    return refused("owner-unknown", pools=pools, why=why)
