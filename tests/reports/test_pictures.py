"""Pictures in reports: of pools of which somebody gets another role, where there is room."""

import base64
import hashlib
import re
from typing import Any

from reconciler.model.plan import Plan, PoolPlan
from reconciler.reports.comment import Heading, planned_body
from reconciler.reports.html_report import report_html
from reconciler.reports.markdown_report import report_markdown
from reconciler.reports.plan_report import plan_report
from tests.reports import plans
from tests.reports.builders import EU, OKTA, US, plan, pool, pool_plan, role, scalar, target_plan
from tests.reports.builders import rule as written_rule

CHART = "```mermaid\nflowchart LR\n"
GITHUB = 65_536


def opened(name: str = "storefront", rules: int = 1, **fields: Any) -> PoolPlan:
    """Guests are let in, beside so many rules that stay."""
    ruled = [written_rule("team", "Equals", f"team-{n}", f"shop-{n}") for n in range(rules)]
    mapping = {
        "Type": "Rules",
        "AmbiguousRoleResolution": "Deny",
        "RulesConfiguration": {"Rules": ruled},
    }
    before = {
        "SamlProviderARNs": [OKTA],
        "Roles": {"unauthenticated": role("guest")},
        "RoleMappings": {OKTA: mapping},
    }
    change = scalar("AllowUnauthenticatedIdentities", False, True)
    after = pool(**before, AllowUnauthenticatedIdentities=True)
    return pool_plan(name, change, **{"live": pool(**before), "desired": after, **fields})


def markdown(*parts: Any, limit: int | None = None) -> str:
    return report_markdown(plan_report(plan(*parts)), max_bytes=limit)


def html(*parts: Any) -> str:
    return report_html(plan_report(plan(*parts)))


def test_a_reviewer_unfolds_who_gets_which_role() -> None:
    text = markdown(opened())
    assert f"<summary>Who gets which role of <code>storefront</code></summary>\n\n{CHART}" in text
    assert '"#43; guests (no sign-in)"' in text
    assert text.index("AllowUnauthenticatedIdentities") < text.index(CHART)


def test_the_comment_has_it_too_and_keeps_its_limit() -> None:
    heading = Heading("planned", ("prod-eu",))
    body = planned_body(heading, plan(opened()), GITHUB)
    assert CHART in body
    limit = len(body.encode()) - 1
    text = planned_body(heading, plan(opened()), limit)
    assert CHART not in text
    assert len(text.encode()) <= limit


def test_html_has_it_below_the_changes_in_a_style_that_its_policy_allows() -> None:
    text = html(opened())
    assert text.index("<pre>") < text.index('<svg xmlns="http://www.w3.org/2000/svg" class="graph"')
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in text
    assert ".graph text" in style


def test_where_nobody_gets_another_role_nothing_is_drawn() -> None:
    settings = plans.settings()
    assert "mermaid" not in markdown(settings)
    assert "<svg" not in html(settings)
    assert ".graph" not in html(settings)


def test_what_holds_in_several_targets_is_drawn_for_the_first() -> None:
    """Roles have other accounts there, and perhaps other names."""
    theirs = opened()
    other = pool(
        **{
            **theirs.desired.model_dump(),  # type: ignore[union-attr]
            "Roles": {"unauthenticated": role("other-guest")},
        }
    )
    both = (
        target_plan(theirs, target=EU),
        target_plan(opened(desired=other, live=theirs.live), target=US),
    )
    for text, sign in ((markdown(*both), CHART), (html(*both), "<svg ")):
        assert "storefront as in prod-eu" in text
        assert text.count(sign) == 1


def test_a_refused_pool_is_drawn_as_refused() -> None:
    refused = opened(refusals=plans.refused().refusals, actions=())
    assert "storefront (refused)" in html(refused)


def test_a_comment_has_the_pictures_that_fit_and_counts_the_others() -> None:
    several = [opened(f"shop-{number}", rules=8) for number in range(6)]
    whole = markdown(*several)
    assert whole.count(CHART) == 6
    limit = len(whole.encode()) - 1000
    text = markdown(*several, limit=limit)
    assert len(text.encode()) <= limit
    assert 0 < text.count(CHART) < 6
    left = 6 - text.count(CHART)
    assert f"_{left} pool{'s are' if left > 1 else ' is'} too large to be drawn here:_" in text
    assert "Too long" not in text


def test_pictures_go_before_anything_else_does() -> None:
    bare = markdown(opened()).replace(CHART, "")
    without = next(
        text
        for text in (markdown(opened(), limit=limit) for limit in range(len(bare), 500, -50))
        if CHART not in text
    )
    assert "AllowUnauthenticatedIdentities: false -> true" in without


def test_a_large_pool_is_not_drawn_in_a_comment_and_is_in_html() -> None:
    text = markdown(opened(rules=60), limit=GITHUB)
    assert CHART not in text
    assert "_1 pool is too large to be drawn here:_ `idpool graph`" in text
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="graph"' in html(opened(rules=60))


def test_of_many_pools_nothing_is_drawn() -> None:
    many: Plan = plan(*(opened(f"shop-{number}") for number in range(21)))
    assert "mermaid" not in report_markdown(plan_report(many))
    text = report_html(plan_report(many))
    assert "<svg" not in text
    assert text.count("<code>idpool graph --plan FILE</code>") == 1
