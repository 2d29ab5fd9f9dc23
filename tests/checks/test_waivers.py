"""Waivers of the project file: for policies and checks alike, until a day, from nowhere else."""

import json
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Self

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.checks.test_policies import GUESTS, NO_GUESTS, project
from tests.reports.test_schemas import SARIF
from tests.support.cli import ACCOUNT, Idpool, aws_environment
from tests.support.specs import document, yaml_of

LATER, EARLIER = "2999-12-31", "2020-01-31"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/all"
ONE_ROLE = {**GUESTS, "Roles": {"authenticated": ROLE, "unauthenticated": ROLE}}
SAME_ROLE = "guest-role-is-users-role"


@pytest.fixture
def idpool(sandbox: SandboxServer, tmp_path: Path) -> Idpool:
    """The command, and a pool that one policy and one check say an error of."""
    idpool = Idpool(tmp_path, aws_environment(sandbox.url))
    idpool.write("specs/shop.yaml", yaml_of(document("shop", ONE_ROLE)))
    return idpool


def waiver(rule: str, until: str = LATER, **more: str) -> dict[str, str]:
    """A waiver for the pool."""
    return {"rule": rule, "spec": "shop", "reason": "ticket 7", "until": until, **more}


def waive(idpool: Idpool, *waivers: dict[str, str], **more: Any) -> None:
    """A project file with the policy and these waivers."""
    idpool.write("idpool.yaml", project(NO_GUESTS, waivers=list(waivers), **more))


def test_what_is_waived_is_quiet_and_counted(idpool: Idpool) -> None:
    waive(idpool)
    assert idpool.run("check").code == idpool.run("plan").code == 3
    waive(idpool, waiver("no-guests"), waiver(SAME_ROLE))
    result = idpool.run("check")
    assert (result.code, result.out) == (0, "No problems found. 2 waived.\n")
    assert idpool.run("validate", "--strict").code == 0
    assert idpool.run("plan").code == 0
    assert idpool.run("apply", "--yes").code == 0


def test_a_waiver_covers_what_it_names_and_no_more(idpool: Idpool) -> None:
    regions = {"prod-eu": "eu-west-1", "prod-us": "us-east-1", "dev": "eu-west-2"}
    targets = {name: {"account": ACCOUNT, "region": region} for name, region in regions.items()}
    idpool.write("specs/shop.yaml", yaml_of(document("shop", GUESTS)))
    waive(idpool, waiver("no-guests", spec="sh?p", target="prod-*"), targets=targets)
    result = idpool.run("check")
    assert result.code == 3
    assert "no guests here (in target dev)" in result.out
    assert result.out.endswith("1 error in 1 file. 1 waived.\n")


def test_formats_tell_what_is_waived_to_programs_alone(idpool: Idpool) -> None:
    """SARIF has it as a suppression; JSON has the reason."""
    waive(idpool, waiver("no-guests"), waiver(SAME_ROLE))
    for command in ("check", "validate"):
        sarif = json.loads(idpool.run(command, "--format", "sarif").out)
        SARIF.validate(sarif)
        results = sarif["runs"][0]["results"]
        assert {each["ruleId"] for each in results} == {"no-guests", SAME_ROLE}
        for each in results:
            assert each["suppressions"] == [{"kind": "external", "justification": "ticket 7"}]
        found = json.loads(idpool.run(command, "--format", "json").out)["findings"]
        assert [each["waived"] for each in found] == ["ticket 7", "ticket 7"]
        assert idpool.run(command, "--format", "github").out == ""
        assert "no guests" not in idpool.run(command, "--format", "markdown").out
    plan = json.loads(idpool.run("plan", "--format", "sarif").out)["runs"][0]["results"]
    reasons = {each["ruleId"]: each.get("suppressions") for each in plan}
    told = [{"kind": "external", "justification": "ticket 7"}]
    assert reasons == {"no-guests": told, SAME_ROLE: told, "change/create": None}
    junit = idpool.run("check", "--format", "junit").out
    assert 'failures="0"' in junit
    assert "no guests" not in junit


def test_an_expired_waiver_waives_nothing_and_is_an_error_at_its_place(idpool: Idpool) -> None:
    idpool.write("specs/shop.yaml", yaml_of(document("shop", GUESTS)))
    waive(idpool, waiver("no-guests", EARLIER))
    for command in ("check", "validate"):
        result = idpool.run(command)
        assert result.code == 3
        assert "waivers[0].until: the waiver of no-guests has ended on 2020-01-31" in result.text
        assert "no guests here" in result.text
    refused = idpool.run("plan")
    assert refused.code == 3
    assert "has ended on 2020-01-31" in refused.out


def test_an_expired_waiver_blocks_even_what_is_only_a_warning(idpool: Idpool) -> None:
    idpool.write("specs/shop.yaml", yaml_of(document("shop", GUESTS)))
    policy, waivers = {**NO_GUESTS, "severity": "warning"}, [waiver("no-guests", EARLIER)]
    idpool.write("idpool.yaml", project(policy, waivers=waivers))
    assert idpool.run("plan").code == 3
    assert idpool.run("apply", "--yes").code == 3


def test_an_expired_waiver_of_what_live_has_already_blocks_no_plan(idpool: Idpool) -> None:
    """What nobody changes is not held up by a date."""
    waive(idpool, waiver("no-guests"), waiver(SAME_ROLE))
    assert idpool.run("apply", "--yes").code == 0
    waive(idpool, waiver("no-guests", EARLIER), waiver(SAME_ROLE, EARLIER))
    planned = idpool.run("plan", "--format", "json")
    assert planned.code == 0, planned.text
    (pool,) = json.loads(planned.out)["targets"][0]["pools"]
    expired = [each for each in pool["findings"] if each["rule"] == "expired-waiver"]
    assert [each["alreadySo"] for each in expired] == [True, True]
    assert idpool.run("check").code == 3


def test_a_waiver_that_is_for_nothing_is_a_warning(idpool: Idpool) -> None:
    waive(idpool, waiver("no-guests"), waiver(SAME_ROLE), waiver("no-guests", spec="gone"))
    result = idpool.run("check")
    assert result.code == 0
    assert "waivers[2].until: nothing is found that this waiver of no-guests is for" in result.out
    assert idpool.run("validate", "--strict").code == 1
    planned = idpool.run("plan")
    assert "nothing is found that this waiver of no-guests is for" in planned.err
    assert planned.code == 0
    one = idpool.run("check", "specs/shop.yaml", "--target", "default")
    assert "nothing is found" not in one.text, "it may be for what was not looked at"


def test_a_waiver_of_what_only_plans_know_is_not_called_idle_before(idpool: Idpool) -> None:
    policy = {**NO_GUESTS, "assert": '!("AllowUnauthenticatedIdentities" in changes)'}
    waivers = [waiver("no-guests"), waiver(SAME_ROLE)]
    idpool.write("idpool.yaml", project(policy, waivers=waivers))
    assert "nothing is found" not in idpool.run("check").text


def test_a_waiver_for_a_target_that_could_not_be_planned_is_not_called_idle(
    idpool: Idpool,
) -> None:
    """Nobody knows what would be found there."""
    here = {"account": ACCOUNT, "region": "eu-west-1"}
    targets = {"here": here, "another-account": {**here, "account": "999988887777"}}
    waivers = [waiver("no-guests", target=name) for name in targets]
    idpool.write("specs/shop.yaml", yaml_of(document("shop", GUESTS)))
    waive(idpool, *waivers, targets=targets)
    planned = idpool.run("plan")
    assert planned.code == 3
    assert "nothing is found" not in planned.err


def test_nothing_in_a_spec_waives(idpool: Idpool) -> None:
    """Neither a key of its own, nor a project file that somebody puts among the specs."""
    waive(idpool)
    for place in ("waivers", "policies"):
        spec = document("shop", ONE_ROLE)
        spec[place] = [waiver("no-guests")]
        idpool.write("specs/shop.yaml", yaml_of(spec))
        result = idpool.run("validate")
        assert (result.code, "unknown-field" in result.err) == (1, True)
    idpool.write("specs/shop.yaml", yaml_of(document("shop", ONE_ROLE)))
    ours = project(waivers=[waiver("no-guests"), waiver(SAME_ROLE)])
    idpool.write("specs/idpool.yaml", ours)
    result = idpool.run("plan")
    assert (result.code, "other-project" in result.err) == (1, True)


@pytest.mark.parametrize("until", ["2020-01-31", "2020-02-01"])
def test_the_last_day_still_counts(
    idpool: Idpool, monkeypatch: pytest.MonkeyPatch, until: str
) -> None:
    """In UTC."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls(2020, 1, 31, 23, 59, tzinfo=tz or UTC)

    monkeypatch.setattr("reconciler.flows.inputs.datetime", Clock)
    waive(idpool, waiver("no-guests", until), waiver(SAME_ROLE, until))
    assert idpool.run("check").code == 0
