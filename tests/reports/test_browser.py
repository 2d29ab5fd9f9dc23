"""The HTML report in a real browser: laid out, readable, and without a way out."""

from pathlib import Path
from typing import Any

import pytest

from reconciler.reports.html_report import report_html
from reconciler.reports.plan_report import plan_report
from tests.reports.plans import PLANS
from tests.reports.test_escape import hostile_plan
from tests.reports.test_markup import WORST
from tests.support.chromium import ask

pytestmark = pytest.mark.slow  # it starts Chromium

# Everything that is folded up is opened first, as a reader would.
_LOOK = """page => {
  const all = [...page.document.querySelectorAll("details")];
  all.forEach(each => each.open = true);
  const style = element => page.getComputedStyle(element);
  const root = page.document.documentElement;
  return {
    text: page.document.body.innerText,
    title: page.document.title,
    unfolding: all.length,
    flat: all.filter(each => each.lastElementChild.getBoundingClientRect().height < 20).length,
    widest: root.scrollWidth, room: root.clientWidth,
    bodyMax: style(page.document.body).maxWidth,
    alert: style(page.document.querySelector(".alert")).borderLeftWidth,
    loud: style(page.document.querySelector("pre .loud")).backgroundColor,
    ran: Object.keys(page).includes("pwned"),
  };
}"""


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.mark.parametrize("width", [360, 1280])
def test_a_plan_is_laid_out_with_its_style_and_fits_the_screen(profile: Path, width: int) -> None:
    """The style sheet is the one that the page's own policy allows, on a phone, too."""
    seen, requested = ask(
        report_html(plan_report(PLANS["everything"])), _LOOK, profile, width=width
    )
    assert seen["bodyMax"] == "1024px"  # 64rem: the policy's hash fits to the style sheet
    assert seen["alert"] != "0px"
    assert seen["loud"] not in ("rgba(0, 0, 0, 0)", "transparent")
    assert seen["widest"] <= seen["room"], "it would have to be scrolled sideways"
    assert seen["unfolding"] == 3
    assert seen["flat"] == 0
    assert set(requested) - {"/favicon.ico"} == {"/", "/page"}


def test_a_reader_finds_pools_changes_and_who_must_act(profile: Path) -> None:
    seen, _ = ask(report_html(plan_report(PLANS["everything"])), _LOOK, profile)
    for told in ("storefront", "cannot be undone", "way out", "orphan", "444455556666"):
        assert told.lower() in seen["text"].lower(), told


def test_hostile_names_are_text_and_run_nothing(profile: Path) -> None:
    """A control: the same name does run in a page that does not escape it."""
    attack = f'<img src=x onerror="window.pwned=1">{WORST}'
    seen, requested = ask(report_html(plan_report(hostile_plan(attack))), _LOOK, profile)
    assert "window.pwned=1" in seen["text"]
    assert not seen["ran"]
    assert set(requested) - {"/favicon.ico"} == {"/", "/page"}
    control: Any = ask(
        f"<body>{attack}<script>window.pwned=1</script>", "page => page.pwned", profile
    )
    assert control[0] == 1
