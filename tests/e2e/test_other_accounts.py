"""What AWS takes of the pool's own account only, and when it is found out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.e2e.conftest import Account, client_of
from tests.support.cli import ACCOUNT, Idpool, aws_environment
from tests.support.specs import document, yaml_of

OTHER = "444455556666"
ROLE = f"arn:aws:iam::{OTHER}:role/shop"
SAML = f"arn:aws:iam::{OTHER}:saml-provider/Okta"
OIDC = f"arn:aws:iam::{OTHER}:oidc-provider/idp.example.com"
LOGIN = {"graph.facebook.com": "7346241598935555"}
RULE = {"Claim": "a", "MatchType": "Equals", "Value": "b", "RoleARN": ROLE}
MAPPING = {
    "graph.facebook.com": {
        "Type": "Rules",
        "AmbiguousRoleResolution": "Deny",
        "RulesConfiguration": {"Rules": [RULE]},
    }
}
FOREIGN: dict[str, tuple[dict[str, Any], str]] = {
    "a role": ({"Roles": {"authenticated": ROLE}}, "Roles.authenticated"),
    "a rule's role": (
        {"SupportedLoginProviders": LOGIN, "RoleMappings": MAPPING},
        "RoleMappings.graph.facebook.com.RulesConfiguration.Rules[0].RoleARN",
    ),
    "a SAML provider": ({"SamlProviderARNs": [SAML]}, "SamlProviderARNs[0]"),
}
PROJECT = f"""\
apiVersion: idpool/v1
kind: Project
owner: acme
targets:
  here: {{account: "{ACCOUNT}", region: eu-west-1}}
  there: {{account: "{OTHER}", region: eu-west-1}}
"""


@pytest.mark.parametrize("case", FOREIGN)
def test_where_the_account_is_known_it_is_an_error_offline(idpool: Idpool, case: str) -> None:
    """For each target; iam-policy passes no such role either."""
    fields, _ = FOREIGN[case]
    idpool.write("idpool.yaml", PROJECT)
    here = {"targets": ["here"]}
    idpool.write("specs/a.yaml", yaml_of(document("shop", fields, metadata=here)))
    result = idpool.run("validate")
    assert result.code == 1
    assert f"of account {OTHER}, and target here is account {ACCOUNT}" in result.err
    assert "[other-account]" in result.err
    policy = idpool.run("iam-policy", "apply")
    assert (policy.code, policy.out) == (1, "")
    idpool.write("specs/a.yaml", yaml_of(document("shop", fields)))
    assert "let this spec go to there alone" in idpool.run("validate").err
    there = {"targets": ["there"]}
    idpool.write("specs/a.yaml", yaml_of(document("shop", fields, metadata=there)))
    assert idpool.run("validate", "--strict").code == 0


@pytest.mark.parametrize("case", FOREIGN)
def test_where_it_is_not_the_plan_refuses(idpool: Idpool, account: Account, case: str) -> None:
    """Nothing of the pool is sent; the refusal says where the value stands."""
    fields, place = FOREIGN[case]
    idpool.write("specs/a.yaml", yaml_of(document("shop", fields)))
    assert idpool.run("validate", "specs").code == 0
    planned = idpool.run("plan", "specs", "--format", "json")
    assert planned.code == 3, planned.text
    (refusal,) = json.loads(planned.out)["targets"][0]["pools"][0]["refusals"]
    assert (refusal["rule"], refusal["field"]) == ("other-account", place)
    assert idpool.run("apply", "specs", "--yes").code == 3
    assert account.pools() == {}


def test_an_openid_connect_provider_may_be_of_another_account(idpool: Idpool) -> None:
    """AWS takes it."""
    idpool.write("idpool.yaml", PROJECT)
    idpool.write("specs/a.yaml", yaml_of(document("shop", {"OpenIdConnectProviderARNs": [OIDC]})))
    assert idpool.run("validate", "--strict").code == 0


@pytest.fixture
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    """An account with a pool of a SAML provider that AWS does not take any more."""
    state = tmp_path_factory.mktemp("account") / "state.json"
    own = SAML.replace(OTHER, ACCOUNT)
    with SandboxServer(SandboxSettings(file=state)) as server:
        Account(client_of(server)).create("shop", SamlProviderARNs=[own])
        state.write_text(state.read_text().replace(own, SAML))
        yield server


@pytest.fixture
def at_home(foreign: SandboxServer, tmp_path: Path) -> Idpool:
    return Idpool(tmp_path, aws_environment(foreign.url))


def test_what_live_has_already_is_no_reason_to_refuse(
    at_home: Idpool, foreign: SandboxServer
) -> None:
    """Unless the plan changes the field; other fields may change."""
    idpool, account = at_home, Account(client_of(foreign))
    metadata = {"adopt": account.only_id()}
    fields = {"SamlProviderARNs": [SAML], "AllowUnauthenticatedIdentities": True}
    idpool.write("specs/a.yaml", yaml_of(document("shop", fields, metadata=metadata)))
    planned = idpool.run("plan", "specs")
    assert planned.code == 0, planned.text
    assert "AllowUnauthenticatedIdentities: false -> true" in planned.out
    fields["SamlProviderARNs"] = [SAML, SAML.replace("Okta", "Other")]
    idpool.write("specs/a.yaml", yaml_of(document("shop", fields, metadata=metadata)))
    assert idpool.run("plan", "specs").code == 3


def test_a_pool_that_has_such_a_value_is_imported(at_home: Idpool, foreign: SandboxServer) -> None:
    """The field is left to AWS, the line says why, and the plan is empty of it."""
    idpool, account = at_home, Account(client_of(foreign))
    idpool.write("idpool.yaml", PROJECT.partition("  there")[0])
    imported = idpool.run("import", "shop")
    assert imported.code == 0, imported.text
    text = (idpool.folder / "specs/shop.yaml").read_text("utf-8")
    assert "ignoreChanges: [SamlProviderARNs]" in text
    assert f"of account {OTHER}" in " ".join(text.replace("#", "").split())
    assert "SamlProviderARNs" in imported.err
    assert idpool.run("validate", "--strict").code == 0
    applied = idpool.run("apply", "--yes")
    assert applied.code == 0, applied.text
    assert account.describe(account.only_id())["SamlProviderARNs"] == [SAML]
