"""Drift is read from the other side: what somebody has opened in AWS, and the spec does not say."""

from datetime import date
from typing import Any

from reconciler.checks.judging import judged, with_drifted_access
from reconciler.checks.rulebook import rulebook_of
from reconciler.model.drift import PoolDrift
from reconciler.model.live import LivePool
from reconciler.model.project import Ignore, Project
from reconciler.model.spec import Spec
from reconciler.planner.drift import drift_of
from reconciler.reports.drift_report import drift_report, slack_message
from reconciler.reports.text_report import report_text
from tests.planner.support import ours, plan_of, role, spec, whole_plan

TODAY = date(2026, 6, 1)
BOOK = rulebook_of(Project(owner="acme/identity"), TODAY)
OPENED: dict[str, Any] = {
    "AllowUnauthenticatedIdentities": True,
    "Roles": {"unauthenticated": role("guest")},
}
CLOSED = spec(AllowClassicFlow=False, Roles={})
KNOWN = Ignore(
    path="storefront.AllowUnauthenticatedIdentities",
    reason="trial",
    until=date(2027, 1, 1),
)


def drifted(wanted: Spec, *live: LivePool, ignore: tuple[Ignore, ...] = ()) -> PoolDrift:
    plan = whole_plan(judged(plan_of([wanted], *live), [wanted], BOOK))
    (pool,) = with_drifted_access(drift_of(plan, ignore, TODAY), plan).targets[0].pools
    return pool


def test_guests_let_in_by_hand_make_live_wider_than_the_spec() -> None:
    pool = drifted(CLOSED, ours(**OPENED))
    assert [(each.effect, each.says) for each in pool.access] == [
        ("widens", "guests get in, with role guest")
    ]


def test_guests_shut_out_by_hand_make_live_narrower() -> None:
    pool = drifted(spec(AllowClassicFlow=False, **OPENED), ours(Roles={}))
    assert [(each.effect, each.says) for each in pool.access] == [
        ("narrows", "guests do not get in any more, who had role guest")
    ]


def test_a_pool_that_is_missing_says_that_and_nothing_else() -> None:
    assert drifted(spec(AllowClassicFlow=False, **OPENED)).access == ()


def test_what_is_ignored_widens_nothing() -> None:
    assert drifted(CLOSED, ours(**OPENED), ignore=(KNOWN,)).access == ()


def test_a_report_of_drift_begins_with_it_and_so_does_a_message() -> None:
    plan = whole_plan(judged(plan_of([CLOSED], ours(**OPENED)), [CLOSED], BOOK))
    drift = with_drifted_access(drift_of(plan, (), TODAY), plan)
    first = "live is wider than the spec: storefront: guests get in, with role guest"
    assert report_text(drift_report(drift)).plain.splitlines()[0] == first
    assert first in slack_message(drift)
    assert drift.digest == drift_of(plan, (), TODAY).digest, "who is told again is decided by it"
