"""Reports on a real rich console: nothing is wrapped, and colour adds nothing to the words."""

import io

import pytest
from rich.console import Console

from reconciler.reports.error_text import findings_text
from reconciler.reports.plan_report import plan_report
from reconciler.reports.receipt_report import receipt_report
from reconciler.reports.text_report import report_text
from tests.reports.plans import PLANS
from tests.reports.receipts import RECEIPTS
from tests.reports.test_findings_text import FINDINGS

TEXTS = {
    **{
        f"plan-{name}": report_text(plan_report(plan, verbose=True)) for name, plan in PLANS.items()
    },
    **{f"receipt-{name}": report_text(receipt_report(*parts)) for name, parts in RECEIPTS.items()},
    "findings": findings_text(FINDINGS),
}


def printed(console: Console, name: str) -> str:
    with console.capture() as capture:
        console.print(TEXTS[name], soft_wrap=True)
    return capture.get()


@pytest.mark.parametrize("name", TEXTS)
def test_a_narrow_console_neither_wraps_nor_crops(name: str) -> None:
    console = Console(file=io.StringIO(), width=40, color_system=None)
    assert printed(console, name) == TEXTS[name].plain + "\n"


@pytest.mark.parametrize("name", TEXTS)
def test_no_line_ends_in_white_space(name: str) -> None:
    lines = TEXTS[name].plain.split("\n")
    assert lines == [line.rstrip() for line in lines]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("+ create", "32"),
        ("- delete", "31"),
        ("~ update", "33"),
        ("! refused", "35"),
        ("calls: ", "2"),
    ],
)
def test_colours(words: str, code: str) -> None:
    """Green adds, red removes, yellow changes, magenta refuses, extras are dim."""
    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard")
    reports = printed(console, "plan-everything") + printed(console, "plan-create")
    first = next(line for line in reports.split("\n") if words in without_colour(line))
    assert f"\x1b[{code}m{words[0]}" in first


def without_colour(line: str) -> str:
    return "".join(part.partition("m")[2] for part in f"\x1b[m{line}".split("\x1b["))
