"""A target that cannot be opened or read is one failure: the others are planned and applied."""

from pathlib import Path

import pytest

from tests.faults.commands import LIST, RECEIPT, command, receipt
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.support.cli import ACCOUNT, Idpool
from tests.support.specs import document, yaml_of

ROLE = f"arn:aws:iam::{ACCOUNT}:role/idpool"
DENIED = Fault(FaultKind.ACCESS_DENIED, "AssumeRole")
WHOLE = "! refused the whole target"
WHY = "AWS denied AssumeRole"


def project(**roles: str) -> str:
    """A project with these targets, in a region each; "" for no role."""
    lines = ["apiVersion: idpool/v1", "kind: Project", "owner: acme", "targets:"]
    for (name, role), region in zip(roles.items(), ("eu-west-1", "us-east-1"), strict=True):
        arn = f', roleArn: "{role}"' if role else ""
        lines.append(f'  {name}: {{account: "{ACCOUNT}", region: {region}{arn}}}')
    return "\n".join(lines) + "\n"


@pytest.fixture
def idpool(tmp_path: Path, proxy: FaultProxy) -> Idpool:
    """One spec for two targets, of which one has a role that is denied."""
    made = command(tmp_path, proxy.url, document("shop"))
    made.write("idpool.yaml", project(denied=ROLE, open=""))
    proxy.add(DENIED)
    return made


def test_the_others_are_planned(idpool: Idpool) -> None:
    """Its error stands in the plan, in each format, with what to do."""
    result = idpool.run("plan", "--format", "markdown=plan.md", "--format", "json=plan.json")
    assert result.code == 1, result.text
    assert result.out.count(WHOLE) == 1
    assert WHY in result.out
    assert "allow sts:AssumeRole to the role that runs idpool" in result.out
    assert "Plan: 1 to create, 1 target refused." in result.out
    for name in ("plan.md", "plan.json"):
        assert "AssumeRole" in (idpool.folder / name).read_text(encoding="utf-8")


def test_the_others_are_applied(idpool: Idpool, proxy: FaultProxy) -> None:
    """Once it can be opened, only it is left to do."""
    result = idpool.run("apply", "--yes", "--receipt", RECEIPT)
    assert result.code == 1, result.text
    assert [pool["target"] for pool in receipt(idpool)["pools"]] == ["open"]
    proxy.clear()
    again = idpool.run("plan")
    assert again.code == 0, again.text
    assert "Plan: 1 to create, 1 unchanged." in again.out


def test_a_saved_plan_with_it_is_applied(idpool: Idpool, proxy: FaultProxy) -> None:
    """As long as it fails; AWS need not say that in the same words."""
    assert idpool.run("plan", "--out", "plan.json").code == 1
    shown = idpool.run("show", "plan.json")
    assert WHY in shown.out
    proxy.clear()
    proxy.add(Fault(FaultKind.EXPIRED_TOKEN, "AssumeRole"))
    result = idpool.run("apply", "plan.json", "--receipt", RECEIPT)
    assert result.code == 1, result.text
    assert [pool["target"] for pool in receipt(idpool)["pools"]] == ["open"]


def test_a_saved_plan_is_stale_where_it_fails_no_more(idpool: Idpool, proxy: FaultProxy) -> None:
    """Nobody has seen what would be done there."""
    assert idpool.run("plan", "--out", "plan.json").code == 1
    proxy.clear()
    result = idpool.run("apply", "plan.json")
    assert result.code == 4, result.text
    assert "was refused [target-failed], and is not any more" in result.err


def test_the_others_are_watched(idpool: Idpool) -> None:
    """Drift is one failure and what there is in the others."""
    result = idpool.run("drift")
    assert result.code == 1, result.text
    assert WHY in result.out
    assert "missing" in result.out


def test_one_that_cannot_be_listed_is_one_failure(idpool: Idpool, proxy: FaultProxy) -> None:
    """It was opened, and says no to what comes next."""
    idpool.write("idpool.yaml", project(one="", two=""))
    proxy.clear()
    proxy.add(Fault(FaultKind.ACCESS_DENIED, LIST, 1))
    result = idpool.run("plan")
    assert result.code == 1, result.text
    assert "AWS denied ListIdentityPools" in result.out
    assert "Plan: 1 to create, 1 target refused." in result.out


def test_what_all_have_in_common_is_said_alone(idpool: Idpool) -> None:
    """There is nothing to plan then."""
    idpool.write("idpool.yaml", project(one=ROLE, two=ROLE))
    result = idpool.run("plan")
    assert result.code == 1
    assert result.out == ""
    assert f"error: target one: {WHY}" in result.err
    assert f"error: target two: {WHY}" in result.err


def test_importing_needs_them_all(idpool: Idpool) -> None:
    """Files would say that the pools of that target are not there."""
    idpool.write("specs/pools.yaml", yaml_of(document("shop")))
    result = idpool.run("import", "--out", "imported")
    assert result.code == 1
    assert f"error: target denied: {WHY}" in result.err
    assert not (idpool.folder / "imported").exists()
