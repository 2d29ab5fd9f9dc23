"""``idpool check --roles``: what IAM says of the roles that specs name."""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.iam_policy.guard import guarding
from tests.roles.conftest import ANYTHING, Seeds, policy, role_arn, trust
from tests.roles.pools import CLIENT, USERS, rule
from tests.support.cli import ACCOUNT, REGION, Idpool, aws_environment
from tests.support.specs import document, yaml_of

READS = policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
PROJECT = f"""\
apiVersion: idpool/v1
kind: Project
owner: acme
specs: [specs]
reads: {{ssm: ["/*"]}}
targets:
  dev: {{account: "{ACCOUNT}", region: {REGION}}}
"""
PROD = f'  prod: {{account: "{ACCOUNT}", region: us-east-1}}\n'


@pytest.fixture
def shop(reached: Idpool, seed: Seeds) -> Idpool:
    """A pool with guests, that is live, and roles that IAM has."""
    write(reached)
    applied = reached.run("apply", "--yes", "--settle", "0.1")
    assert applied.code == 0, applied.text
    planted(reached, seed)
    return reached


def write(idpool: Idpool, **fields: Any) -> None:
    """The spec, with what differs from the pool that is live."""
    roles = {"authenticated": role_arn("user"), "unauthenticated": role_arn("guest")}
    idpool.write("idpool.yaml", PROJECT)
    fields = {"AllowUnauthenticatedIdentities": True, "Roles": roles, **fields}
    idpool.write("specs/shop.yaml", yaml_of(document("shop", fields)))


def pool_id(idpool: Idpool) -> str:
    """The id of the pool that is live."""
    planned = idpool.run("plan", "--format", "json")
    assert planned.code == 0, planned.text
    plan = json.loads(planned.out)
    found: str = plan["targets"][0]["pools"][0]["poolId"]
    return found


def planted(idpool: Idpool, seed: Seeds, **roles: Any) -> None:
    """Roles that trust the pool as they should, but for what is said."""
    here = pool_id(idpool)
    seed(
        role={
            "user": {"trust": trust(aud=here), "policies": {"read": READS}},
            "guest": {"trust": trust("unauthenticated", here), "policies": {"read": READS}},
            **roles,
        }
    )


def test_a_pool_whose_roles_fit_has_no_findings(shop: Idpool) -> None:
    result = shop.run("check", "--roles")
    assert (result.code, result.text.strip()) == (0, "No problems found."), result.text


def test_a_role_that_is_not_there_is_an_error_where_the_spec_names_it(shop: Idpool) -> None:
    write(shop, Roles={"authenticated": role_arn("gone")})
    result = shop.run("check", "--roles")
    assert result.code == 3
    line = next(
        number
        for number, line in enumerate((shop.folder / "specs/shop.yaml").read_text().splitlines(), 1)
        if "gone" in line
    )
    assert f"specs/shop.yaml:{line}:" in result.out
    assert "error: spec.Roles.authenticated: there is no role gone" in result.out
    assert "[role-missing]\n  fix: " in result.out
    assert shop.run("check").code == 0


def test_trust_of_another_pool_is_found_by_the_id_of_the_live_one(
    shop: Idpool, seed: Seeds
) -> None:
    planted(shop, seed, user={"trust": trust()})
    result = shop.run("check", "--roles", "--format", "json")
    findings = json.loads(result.out)["findings"]
    assert [each["rule"] for each in findings] == ["role-trust-other-pool"]
    assert pool_id(shop) in findings[0]["message"]


def test_a_pool_that_is_not_there_yet_is_checked_without_its_id(
    reached: Idpool, seed: Seeds
) -> None:
    write(reached)
    seed(role={"user": {"trust": trust()}, "guest": {"trust": trust("authenticated")}})
    result = reached.run("check", "--roles")
    assert "[role-trust-amr]" in result.out
    assert "role-trust-other-pool" not in result.out


def test_what_holds_in_one_target_is_told_for_it_alone(shop: Idpool) -> None:
    shop.write("idpool.yaml", PROJECT + PROD)
    spec = document("shop", {"Roles": {"authenticated": role_arn("gone")}})
    spec["perTarget"] = {"dev": {"Roles": {"authenticated": role_arn("user")}}}
    shop.write("specs/shop.yaml", yaml_of(spec))
    out = shop.run("check", "--roles").out
    assert "there is no role gone" in out
    assert "(in target prod)" in out
    assert "role-missing" not in shop.run("check", "--roles", "--target", "dev").out


def test_guests_who_may_change_permissions_are_an_error(shop: Idpool, seed: Seeds) -> None:
    bad = {"trust": trust("unauthenticated", pool_id(shop)), "policies": {"all": ANYTHING}}
    planted(shop, seed, guest=bad)
    result = shop.run("check", "--roles")
    assert result.code == 3
    assert "[guest-role-manages-permissions]" in result.out
    assert "[guest-role-beyond-session]" in result.out


def test_without_the_extra_the_rest_is_checked(
    shop: Idpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "policy_sentry", None)
    monkeypatch.delitem(sys.modules, "reconciler.checks.access_levels", raising=False)
    for name in [name for name in sys.modules if name.startswith("policy_sentry.")]:
        monkeypatch.delitem(sys.modules, name)
    result = shop.run("check", "--roles")
    assert result.code == 0
    assert "note: spec.Roles.unauthenticated: whether guests can change permissions" in result.out
    assert "pip install 'idpool[roles]'" in result.out


@pytest.mark.parametrize(
    ("writes", "code", "says"),
    [(["custom:role"], 3, "users can write"), (["email"], 0, "")],
)
def test_clients_say_whether_a_claim_can_be_written(
    shop: Idpool, seed: Seeds, writes: list[str], code: int, says: str
) -> None:
    """An error, or nothing: not even the note of files alone."""
    client = {"id": "web1", "writeAttributes": writes}
    seed(userPool={"users": {"id": f"{REGION}_Abc", "clients": {"web": client}}})
    rules = {"Type": "Rules", "RulesConfiguration": {"Rules": [rule("custom:role", "user")]}}
    mapping = {CLIENT: {"AmbiguousRoleResolution": "Deny", **rules}}
    provider = {"ProviderName": USERS, "ClientId": "web1", "ServerSideTokenCheck": True}
    write(shop, RoleMappings=mapping, CognitoIdentityProviders=[provider])
    result = shop.run("check", "--roles")
    assert result.code == code, result.text
    assert ("[writable-claim]" in result.out, says in result.out) == (bool(says), True)


def test_what_may_not_be_read_is_a_warning_and_no_success_in_silence(
    shop: Idpool, stack: ExitStack, sandbox: SandboxServer
) -> None:
    may = json.loads(shop.run("iam-policy", "plan").out)
    guard = stack.enter_context(guarding(sandbox.url, may, may))
    result = Idpool(shop.folder, aws_environment(guard.url)).run("check", "--roles")
    assert result.code == 0
    assert result.out.count("warning: ") == 2
    assert "AWS denied GetRole" in result.out


def test_the_policy_that_is_printed_for_it_is_enough(
    shop: Idpool, stack: ExitStack, sandbox: SandboxServer
) -> None:
    may = json.loads(shop.run("iam-policy", "check").out)
    guard = stack.enter_context(guarding(sandbox.url, may, may))
    result = Idpool(shop.folder, aws_environment(guard.url)).run("check", "--roles")
    assert (result.code, result.text.strip()) == (0, "No problems found."), result.text


def test_what_a_reference_lacks_is_refused(shop: Idpool) -> None:
    write(shop, Roles={"authenticated": "${ssm./no/such}"})
    result = shop.run("check", "--roles")
    assert result.code == 3
    assert "there is no SSM parameter /no/such" in result.err


def test_roles_that_references_name_are_read(shop: Idpool, seed: Seeds) -> None:
    seed(ssm={"/shop/role": role_arn("gone")})
    write(shop, Roles={"authenticated": "${ssm./shop/role}"})
    assert "there is no role gone" in shop.run("check", "--roles").out


def test_a_pool_that_cannot_be_read_is_a_failure(shop: Idpool, sandbox: SandboxServer) -> None:
    with FaultProxy(sandbox.url, [Fault(FaultKind.ACCESS_DENIED, "DescribeIdentityPool")]) as proxy:
        result = Idpool(shop.folder, aws_environment(proxy.url)).run("check", "--roles")
    assert result.code == 1
    assert "DescribeIdentityPool" in result.err


def test_a_pool_that_is_to_go_is_not_looked_at(shop: Idpool) -> None:
    spec = document("shop", {"Roles": {"authenticated": role_arn("gone")}})
    shop.write("specs/shop.yaml", yaml_of({**spec, "lifecycle": {"delete": True}}))
    result = shop.run("check", "--roles")
    assert (result.code, result.text.strip()) == (0, "No problems found."), result.text


def test_nothing_of_aws_is_asked_without_it(idpool: Idpool) -> None:
    write(idpool)
    assert idpool.run("check").code == 0
    refused = idpool.run("check", "--sandbox=state.json", "specs")
    assert (refused.code, "--sandbox is of --roles" in refused.err) == (64, True)


def test_the_sandbox_has_roles_too(idpool: Idpool, tmp_path: Path) -> None:
    """Without a server of one's own."""
    write(idpool)
    result = idpool.run("check", "specs", "--roles", f"--sandbox={tmp_path / 'state.json'}")
    assert result.code == 3
    assert result.out.count("[role-missing]") == 2


def test_a_waiver_is_for_roles_too_and_is_not_missed_where_they_are_not_read(
    shop: Idpool,
) -> None:
    write(shop, AllowUnauthenticatedIdentities=False, Roles={"authenticated": role_arn("gone")})
    waiver = "{rule: role-missing, spec: shop, reason: soon, until: '2999-12-31'}"
    shop.write("idpool.yaml", f"{PROJECT}waivers: [{waiver}]\n")
    waived = shop.run("check", "--roles")
    assert (waived.code, waived.out) == (0, "No problems found. 1 waived.\n"), waived.text
    alone = shop.run("check")
    assert (alone.code, alone.out) == (0, "No problems found.\n"), alone.text
    write(shop)
    shop.write("idpool.yaml", f"{PROJECT}waivers: [{waiver}]\n")
    unused = shop.run("check", "--roles")
    assert "[unused-waiver]" in unused.out, unused.text
