"""Policies and waivers of the project file: read with their places, and refused with a fix."""

from pathlib import Path

import pytest

from reconciler.checks.pool_checks import CHECKS
from reconciler.model.findings import CHECK_RULES, ROLE_RULES
from reconciler.specs.project import load_project
from tests.specs.conftest import FindingsOf

POLICIES = """\
apiVersion: idpool/v1
kind: Project
owner: acme
policies:
  - id: no-guests
    severity: error
    when: target.name.startsWith("prod")
    assert: "!pool.AllowUnauthenticatedIdentities"
    message: no guests in production
    blocks: always
    tests:
      - {pool: {AllowUnauthenticatedIdentities: true}, target: {name: prod-eu}, expect: fail}
      - {pool: {}, live: {}, changes: [Roles], expect: pass}
waivers:
  - {rule: no-guests, spec: shop*, target: prod-*, reason: until June, until: "2026-06-30"}
  - {rule: guest-role-is-users-role, spec: shop, reason: x, until: "2026-06-30"}
"""


def test_what_checks_find_may_be_waived_and_nothing_else() -> None:
    assert {check.rule for check in CHECKS} | set(ROLE_RULES) == CHECK_RULES


def test_policies_and_waivers_are_read_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "idpool.yaml"
    path.write_text(POLICIES)
    project = load_project(path)
    (policy,) = project.policies
    assert policy.id == "no-guests"
    assert policy.when == ('target.name.startsWith("prod")', 7, 11)
    assert policy.asserts == ("!pool.AllowUnauthenticatedIdentities", 8, 13)
    assert policy.always_blocks
    bad, good = policy.tests
    assert (bad.passes, bad.target, bad.line) == (False, {"name": "prod-eu"}, 12)
    assert (good.passes, good.live, good.changes) == (True, {}, ("Roles",))
    one, other = project.waivers
    assert (one.spec, one.target, one.until.isoformat()) == ("shop*", "prod-*", "2026-06-30")
    assert one.covers("no-guests", "shop-2", "prod-eu")
    assert not one.covers("no-guests", "shop-2", "dev")
    assert other.target == "*"


@pytest.mark.parametrize(
    ("old", "new", "place", "rule", "message", "fix"),
    [
        ("id: no-guests", "id: No_Guests", "5:9", "wrong-format", '"No_Guests"', "hyphens"),
        ("id: no-guests", "id: wrong-type", "5:9", "policy-id", "idpool's own", "another id"),
        ("severity: error", "severity: fatal", "6:15", "wrong-value", '"fatal"', "error"),
        ("severity: error", "severity: note", "10:13", "policy-blocks", "note", "severity: error"),
        ("    message: no guests in production\n", "", "5:5", "missing-field", '"message"', "add"),
        ("changes: [Roles]", "changes: [Role]", "13:40", "wrong-value", '"Role"', "Roles"),
        ("pool: {Allow", "pool: {allow", "12:17", "unknown-field", "", "did you mean"),
        ("expect: pass", "expect: true", "13:56", "wrong-type", "", ""),
        ("rule: no-guests", "rule: no-guest", "15:12", "unknown-rule", "neither", '"no-guests"'),
        ("rule: guest-role-is-users-role", "rule: guest-roles", "16:12", "unknown-rule", "", ""),
        ('"2026-06-30"}\n  -', '"2026-06-31"}\n  -', "15:79", "no-such-date", "06-31", "calendar"),
        ("spec: shop*", "spec: Shop", "15:29", "wrong-format", '"Shop"', "name of a spec"),
    ],
)
def test_a_wrong_policy_or_waiver_is_refused(  # noqa: PLR0917 - a row of the table
    old: str,
    new: str,
    place: str,
    rule: str,
    message: str,
    fix: str,
    project_findings_of: FindingsOf,
) -> None:
    """One finding with its place and its fix."""
    assert old in POLICIES
    found = project_findings_of(POLICIES.replace(old, new, 1))
    finding = next(each for each in found if each.rule == rule)
    assert finding.place == f"idpool.yaml:{place}"
    assert message in finding.message
    assert fix in finding.fix


def test_two_policies_have_two_ids(project_findings_of: FindingsOf) -> None:
    """A waiver names one of them."""
    second = "  - {id: no-guests, severity: note, assert: 'true', message: x}\nwaivers:"
    (finding,) = project_findings_of(POLICIES.replace("waivers:", second))
    assert (finding.place, finding.rule) == ("idpool.yaml:14:10", "policy-id")
    assert "policies[0]" in finding.message
