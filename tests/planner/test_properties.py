"""What holds for any pool: edits tell the truth, and actions lead exactly to desired."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.executor.freshness import new_pool, pool_after
from reconciler.model.live import LivePool
from reconciler.model.plan import PoolPlan
from reconciler.model.pool import POOL_FIELDS, Pool, canonical_pool, same
from reconciler.model.project import Project
from reconciler.model.spec import Spec
from reconciler.planner.diff import changes_between
from tests.planner import strategies as pools
from tests.planner.interpreter import applied
from tests.planner.support import (
    EU,
    OWNER,
    POOL_ID,
    our_tags,
    plan_of,
    plan_one,
    read_for,
    spec,
    whole_plan,
)
from tests.strategies import pool_specs
from tests.support.cli import ACCOUNT

projects = st.builds(Project, owner=st.just(OWNER), ignore_tags=pools.ignored_tags)


def canonical(api: Mapping[str, Any]) -> Pool:
    return canonical_pool(api)


def stored_pool(api: Mapping[str, Any], wanted: Mapping[str, Any] | None = None) -> LivePool:
    """A live pool of ours; its developer provider is none, or the one that is wanted."""
    tags = {**api["IdentityPoolTags"], **our_tags()}
    developer = (wanted or {}).get("DeveloperProviderName", "") and api["DeveloperProviderName"]
    if developer:
        developer = (wanted or {})["DeveloperProviderName"]
    update = {"IdentityPoolTags": tags, "DeveloperProviderName": developer}
    return LivePool(pool_id=POOL_ID, pool=canonical_pool({**api, **update}))


def specified(api: Mapping[str, Any], ignored: list[str] | None = None) -> Spec:
    return spec(lifecycle={"ignoreChanges": ignored or []}, **api)


def differing(one: Pool, other: Pool) -> set[str]:
    return {f for f in POOL_FIELDS if not same(f, one, other)}


def carried_out(planned: PoolPlan) -> Pool | None:
    """The pool after every action; each may write only what the plan names."""
    named = {change.field for change in planned.changes}
    pool = planned.live
    for action in planned.actions:
        assert planned.desired is not None
        if action.kind == "CreatePool":
            assert pool is None
            pool = new_pool(planned.desired)
            continue
        assert pool is not None
        after = pool_after(action, pool, planned.desired)
        written = differing(pool, after)
        assert written
        assert written <= named
        pool = after
    return pool


@given(pools.stored.flatmap(lambda api: st.tuples(st.just(api), pools.same_pools(api))))
def test_one_pool_told_in_two_ways_is_one_pool(told: tuple[dict, dict]) -> None:
    """Null, "", [], {} and absent are one value; sets and maps have no order."""
    one, other = (canonical(api) for api in told)
    assert one == other
    assert changes_between(one, other) == ()
    assert one.model_dump_json() == other.model_dump_json()


@given(pools.stored, pools.specified)
def test_before_and_the_edits_give_after(stored: dict, wanted: dict) -> None:
    live, desired = canonical(stored), specified(wanted).pool
    changes = changes_between(live, desired)
    for change in changes:
        assert change.edits
        if any(edit.secret for edit in change.edits):
            continue
        assert change.before != change.after
        assert applied(change) == change.after


@given(pools.specified)
def test_the_edits_of_a_new_pool_give_the_pool(wanted: dict) -> None:
    for change in changes_between(None, specified(wanted).pool):
        assert applied(change) == change.after


@given(pools.stored, pools.specified)
def test_every_field_that_differs_is_named_and_no_other(stored: dict, wanted: dict) -> None:
    live, desired = canonical(stored), specified(wanted).pool
    managed = {field for field in POOL_FIELDS if desired.manages(field)}
    named = [change.field for change in changes_between(live, desired)]
    assert len(named) == len(set(named))
    assert set(named) == differing(live, desired) & managed


@given(pools.specified, projects, pools.ignored_fields)
def test_the_plan_of_live_equal_to_desired_is_empty(
    wanted: dict, project: Project, ignored: list[str]
) -> None:
    written = specified(wanted, ignored)
    desired = plan_one(written, project=project).desired
    assert desired is not None
    planned = plan_one(written, LivePool(pool_id=POOL_ID, pool=desired), project=project)
    assert (planned.changes, planned.actions, planned.refusals) == ((), (), ())


@given(pools.stored, pools.specified, projects, pools.ignored_fields)
def test_from_any_live_pool_the_actions_lead_to_desired(
    stored: dict, wanted: dict, project: Project, ignored: list[str]
) -> None:
    """And nowhere else on the way: no field moves that the plan does not name."""
    written = specified(wanted, ignored)
    live = read_for(written, stored_pool(stored, wanted), project)
    planned = plan_one(written, live, project=project)
    assert planned.refusals == ()
    reached = carried_out(planned)
    assert reached == planned.desired
    again = plan_one(written, live.model_copy(update={"pool": reached}), project=project)
    assert (again.changes, again.actions, again.refusals) == ((), (), ())


@given(pool_specs(), pool_specs())
def test_from_any_valid_spec_to_any_other(before: dict, after: dict) -> None:
    """On the whole width of what the loader takes; the developer provider stays as it was."""
    written = specified({**after, "DeveloperProviderName": before.get("DeveloperProviderName", "")})
    tags = {**before.get("IdentityPoolTags", {}), **our_tags()}
    full = LivePool(pool_id=POOL_ID, pool=canonical({**before, "IdentityPoolTags": tags}))
    # The account that the ARNs of these specs are of.
    here = replace(EU, account=ACCOUNT)
    planned = plan_one(written, read_for(written, full), target=here)
    assert planned.refusals == ()
    assert carried_out(planned) == planned.desired
    for change in planned.changes:
        if not any(edit.secret for edit in change.edits):
            assert applied(change) == change.after


@given(pools.specified, projects, pools.ignored_fields)
def test_a_creation_leads_to_desired(wanted: dict, project: Project, ignored: list[str]) -> None:
    written = specified(wanted, ignored)
    planned = plan_one(written, project=project)
    reached = carried_out(planned)
    assert reached is not None
    assert reached == planned.desired
    again = plan_one(written, LivePool(pool_id=POOL_ID, pool=reached), project=project)
    assert again.verb == "keep"


@given(pools.stored, pools.specified)
def test_a_refused_pool_has_no_actions(stored: dict, wanted: dict) -> None:
    """Whatever else differs, a developer provider that would change stops the pool."""
    live = LivePool(
        pool_id=POOL_ID,
        pool=canonical({**stored, "DeveloperProviderName": "login.live"}).model_copy(
            update={"IdentityPoolTags": our_tags()}
        ),
    )
    written = specified(wanted)
    planned = plan_one(written, read_for(written, live))
    assert [refusal.rule for refusal in planned.refusals] == ["developer-provider"]
    assert planned.actions == ()
    assert "DeveloperProviderName" in [change.field for change in planned.changes]


@given(
    pools.stored.flatmap(lambda api: st.tuples(st.just(api), pools.same_pools(api))),
    pools.specified,
)
def test_the_order_of_an_answer_does_not_change_the_digest(
    told: tuple[dict, dict], wanted: dict
) -> None:
    digests = set()
    for api in told:
        live = canonical_pool(api)
        tags = {**our_tags(), **live.IdentityPoolTags}
        pool = canonical_pool({**api, "IdentityPoolTags": tags})
        plan = plan_of([specified(wanted)], LivePool(pool_id=POOL_ID, pool=pool))
        digests.add(whole_plan(plan).digest)
    assert len(digests) == 1
