"""The HTML report in a real browser: laid out, readable, and without a way out."""

from pathlib import Path
from typing import Any

import pytest

from reconciler.reports.html_report import report_html
from reconciler.reports.plan_report import plan_report
from tests.reports.builders import plan, pool_plan, says
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

_ACCESS = """page => {
  const box = page.document.querySelector(".access");
  const style = element => page.getComputedStyle(element);
  const root = page.document.documentElement;
  return {
    told: [...box.querySelectorAll("li")].map(each => each.innerText),
    isFirst: page.document.body.firstElementChild.contains(box)
      && !page.document.body.innerText.trim().search("widens access:"),
    bar: style(box).borderLeftWidth,
    colours: [...box.querySelectorAll("b")].map(each => style(each).color),
    widest: root.scrollWidth, room: root.clientWidth,
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


@pytest.mark.parametrize("width", [360, 1280])
def test_who_gets_in_is_what_a_reader_sees_first(profile: Path, width: int) -> None:
    """Above all else, in a box with a bar, and within the screen however long a role's ARN is."""
    shown = "role " + "arn:aws:iam::111122223333:role/" + "x" * 200
    access = (says("widens", f"guests get in, with {shown}"), says("narrows", "the flow is off"))
    page = report_html(plan_report(plan(pool_plan("storefront", access=access))))
    seen, _ = ask(page, _ACCESS, profile, width=width)
    assert [each[:15] for each in seen["told"]] == ["widens access: ", "narrows access:"]
    assert seen["told"][0].startswith("widens access: storefront: guests get in, with role arn:")
    assert seen["isFirst"]
    assert seen["bar"] != "0px"
    assert seen["colours"][0] != seen["colours"][1]
    assert seen["widest"] <= seen["room"], "it would have to be scrolled sideways"


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
