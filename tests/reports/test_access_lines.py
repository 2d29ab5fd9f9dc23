"""Who gets in is the head of a report: told once, what widens access first, and cut short aloud."""

import re

import pytest

from reconciler.model.access import AccessChange
from reconciler.model.changes import CreatePool, SetRoles
from reconciler.model.plan import Plan
from reconciler.model.receipt import ActionReceipt, Receipt
from reconciler.reports.html_report import report_html
from reconciler.reports.markdown_report import report_markdown
from reconciler.reports.plan_report import plan_report
from reconciler.reports.receipt_report import receipt_report
from reconciler.reports.text_report import report_text
from tests.reports.builders import done, plan, pool_plan, pool_receipt, says, scalar

GUESTS = scalar("AllowUnauthenticatedIdentities", False, True)
WIDER, NARROWER = says("widens", "guests get in"), says("narrows", "the classic flow is off")
SAME = says("moves nobody", "RoleMappings changes, and nobody gets another role")
CREATE, ROLES = CreatePool(), SetRoles(fields=("Roles",))
GITHUB = 65_536


def telling(*access: AccessChange, name: str = "storefront") -> Plan:
    return plan(pool_plan(name, GUESTS, access=access))


def many(count: int, sentence: str = "guests get in by way {}") -> Plan:
    """A pool that narrows access, and many that widen it, each in its own way."""
    pools = [
        pool_plan(f"pool-{n}", GUESTS, access=(says("widens", sentence.format(n)),))
        for n in range(count)
    ]
    return plan(pool_plan("last", GUESTS, access=(NARROWER,)), *pools)


def text(whole: Plan) -> str:
    return report_text(plan_report(whole)).plain


def test_what_widens_access_comes_first_whatever_the_order_of_pools() -> None:
    first, *_, last = text(many(3)).split("\n\n", 1)[0].splitlines()
    assert first == "widens access: pool-0: guests get in by way 0"
    assert last == "narrows access: last: the classic flow is off"


def test_a_plan_that_says_nothing_of_access_begins_with_its_counts() -> None:
    assert text(telling()).startswith("Plan: 1 to update.")


def test_twenty_lines_are_told_and_the_others_counted_and_told_with_their_pools() -> None:
    told = text(many(23))
    head, rest = told.split("\n\n", 1)
    assert len(head.splitlines()) == 22
    assert head.splitlines()[-2:] == [
        "widens access: in 3 more ways, told below, with the pool",
        "narrows access: in 1 way, told below, with the pool",
    ]
    assert "widens access: guests get in by way 22" in rest
    assert "narrows access: the classic flow is off" in rest


def test_many_pools_of_one_sentence_are_one_line() -> None:
    pools = (pool_plan(f"pool-{n}", GUESTS, access=(WIDER,)) for n in range(12))
    head = text(plan(*pools)).splitlines()[0]
    assert head.startswith("widens access: pool-0, pool-1, ")
    assert head.endswith("pool-9 and 2 more: guests get in")


@pytest.mark.parametrize("limit", [8_000, 900])
def test_a_comment_with_room_for_nothing_else_still_says_what_widens_access(limit: int) -> None:
    """However long the names are that somebody chooses: they push no line out of sight unsaid."""
    markdown = report_markdown(plan_report(many(30, "x" * 4_000 + " {}")), max_bytes=limit)
    assert len(markdown.encode()) <= limit
    assert markdown.splitlines()[:2] == [
        "- **widens access:** in 30 ways, too long for here",
        "- **narrows access:** in 1 way, too long for here",
    ]


def test_a_comment_tells_as_much_as_half_of_its_room_holds() -> None:
    whole = many(4, "x" * 400 + " {}")
    markdown = report_markdown(plan_report(whole), max_bytes=2_000)
    told = [line for line in markdown.splitlines() if line.startswith("- **")]
    assert [line[-6:] for line in told[:2]] == ["xxxx 0", "xxxx 1"]
    assert told[2:] == [
        "- **widens access:** in 2 more ways, too long for here",
        "- **narrows access:** in 1 way, too long for here",
    ]


def test_a_comment_without_room_for_anything_ends() -> None:
    assert report_markdown(plan_report(telling(WIDER)), max_bytes=-1)
    assert report_markdown(plan_report(telling()), max_bytes=-1)


def test_every_format_for_people_begins_with_it() -> None:
    whole = telling(WIDER, SAME)
    report = plan_report(whole)
    assert report_markdown(report).splitlines()[:2] == [
        "- **widens access:** `storefront`: guests get in",
        "- **moves nobody:** `storefront`: `RoleMappings` changes, and nobody gets another role",
    ]
    body = re.sub(r"<[^>]*>", "", report_html(report).split("<body>")[1])
    assert body.index("widens access: storefront: guests get in") < body.index("to update")


def applied(*actions: ActionReceipt) -> list[str]:
    """What is told at the head of what an apply has done."""
    receipt = Receipt(plan_digest="", pools=(pool_receipt("storefront", *actions),))
    told = report_text(receipt_report(receipt, telling(WIDER, NARROWER, SAME))).plain
    return [line for line in told.splitlines() if re.search(r"access:|nobody:", line)]


def test_what_was_applied_says_who_gets_in_now() -> None:
    assert applied(done(CREATE), done(ROLES)) == [
        "widened access: storefront: guests get in",
        "narrowed access: storefront: the classic flow is off",
        "moved nobody: storefront: RoleMappings changes, and nobody gets another role",
    ]


@pytest.mark.parametrize("outcome", ["failed", "unknown", "skipped"])
def test_what_was_applied_in_part_may_have_let_somebody_in(outcome: str) -> None:
    """Nobody is told to stay who he was: what moves nobody does so as a whole."""
    assert applied(done(CREATE), done(ROLES, outcome)) == [  # type: ignore[arg-type]
        "may have widened access: storefront: guests get in",
        "may have narrowed access: storefront: the classic flow is off",
    ]


def test_what_was_not_applied_lets_nobody_in() -> None:
    assert applied(done(CREATE, "failed"), done(ROLES, "skipped")) == []
    assert applied(done(CREATE, "unknown"), done(ROLES, "skipped"))[0].startswith("may have")
