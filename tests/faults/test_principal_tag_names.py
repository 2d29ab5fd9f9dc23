"""Which names AWS is asked for principal tags, and what its answers mean."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Account
from tests.faults.commands import command
from tests.faults.faults import Fault, StrangeAnswer
from tests.faults.proxy import FaultProxy
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

TAGS = "GetPrincipalTagAttributeMap"
SET = "SetPrincipalTagAttributeMap"
HOST = "idp.example.com"
ARN = f"arn:aws:iam::123456789012:oidc-provider/{HOST}"
LONG = f"{ARN}/{'x' * 80}"
LOGIN = {"graph.facebook.com": "7346241598935555"}
DEPARTMENT = {"PrincipalTags": {"department": "department"}}


def spec(tags: dict[str, Any], arn: str = ARN) -> dict[str, Any]:
    """A spec of a pool with a login and an OpenID Connect provider."""
    return document(
        "shop",
        {
            "SupportedLoginProviders": LOGIN,
            "OpenIdConnectProviderARNs": [arn],
            "PrincipalTagAttributeMaps": tags,
        },
    )


def asked(proxy: FaultProxy, operation: str = TAGS) -> set[str]:
    """The providers that calls of an operation were about."""
    bodies = [request.body or {} for request in proxy.requests if request.operation == operation]
    return {str(body["IdentityProviderName"]) for body in bodies}


def applied(folder: Path, proxy: FaultProxy, one: dict[str, Any]) -> Idpool:
    """The command, after an apply after which nothing is left to do."""
    idpool = command(folder, proxy.url, one)
    result = idpool.run("apply", "specs", "--yes")
    assert result.code == 0, result.text
    settled = idpool.run("plan", "specs", "--detailed-exitcode")
    assert settled.code == 0, settled.text
    return idpool


def test_a_name_that_is_too_long_is_never_asked_for(tmp_path: Path, proxy: FaultProxy) -> None:
    """AWS would refuse it, and the pool would be unreadable from then on; its issuer is asked."""
    idpool = applied(tmp_path, proxy, spec({"graph.facebook.com": DEPARTMENT}, LONG))
    assert asked(proxy) == {"graph.facebook.com", LONG.partition("oidc-provider/")[2]}
    assert idpool.run("import", "--all").code == 0


def test_a_spec_is_told_that_such_a_provider_has_its_issuer_only(
    tmp_path: Path, proxy: FaultProxy
) -> None:
    """At the key, before AWS is asked; where the issuer is too long as well, it can have none."""
    issuer = LONG.partition("oidc-provider/")[2]
    idpool = command(tmp_path, proxy.url, spec({LONG: DEPARTMENT}, LONG))
    told = idpool.run("validate", "specs").err
    assert f'write the provider\'s issuer instead: "{issuer}"' in told
    longer = LONG + "y" * 60
    idpool.write("specs/pools.yaml", yaml_of(spec({longer: DEPARTMENT}, longer)))
    assert "remove it: this provider can have none" in idpool.run("validate", "specs").err
    idpool.write("specs/pools.yaml", yaml_of(spec({issuer: DEPARTMENT}, LONG)))
    assert idpool.run("validate", "specs").code == 0


@pytest.mark.parametrize("name", [ARN, HOST])
def test_both_names_of_a_provider_are_taken_and_read(
    tmp_path: Path, proxy: FaultProxy, account: Account, name: str
) -> None:
    """What somebody has set under the other one is seen."""
    idpool = applied(tmp_path, proxy, spec({name: DEPARTMENT}))
    other = ({ARN, HOST} - {name}).pop()
    account.client.set_principal_tag_attribute_map(
        IdentityPoolId=account.only_id(), IdentityProviderName=other, PrincipalTags={"a": "b"}
    )
    drift = idpool.run("drift", "specs")
    assert drift.code == 2, drift.text
    assert other in drift.out


@pytest.mark.parametrize("name", [ARN, HOST])
@pytest.mark.parametrize("new", [DEPARTMENT, {"PrincipalTags": {"team": "team"}}, None])
def test_where_both_names_are_one_in_aws_a_plan_comes_to_rest(
    tmp_path: Path,
    proxy: FaultProxy,
    account: Account,
    name: str,
    new: dict[str, Any] | None,
) -> None:
    """Whether they are is not known: tags that are alike under both stay alike."""
    idpool = applied(tmp_path, proxy, spec({name: DEPARTMENT}))
    for each in (ARN, HOST):
        account.client.set_principal_tag_attribute_map(
            IdentityPoolId=account.only_id(), IdentityProviderName=each, **DEPARTMENT
        )
    assert idpool.run("plan", "specs", "--detailed-exitcode").code == 0
    applied(tmp_path, proxy, spec({name: new} if new else {}))
    wanted = new["PrincipalTags"] if new else {}
    for each in (ARN, HOST):
        answer = account.client.get_principal_tag_attribute_map(
            IdentityPoolId=account.only_id(), IdentityProviderName=each
        )
        assert answer.get("PrincipalTags", {}) == wanted


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ResourceNotFoundException", 0),
        ("InvalidParameterException", 0),
        ("ValidationException", 0),
        ("NotAuthorizedException", 1),
        ("AccessDeniedException", 1),
    ],
)
def test_a_provider_that_is_refused_as_invalid_has_none(
    tmp_path: Path, proxy: FaultProxy, code: str, expected: int
) -> None:
    """Denied is another thing: there may be some that are not shown."""
    idpool = applied(tmp_path, proxy, spec({"graph.facebook.com": DEPARTMENT}))
    refused = StrangeAnswer(text=json.dumps({"__type": code, "message": "no"}), status=400)

    def before(operation: str, number: int) -> Fault | StrangeAnswer | None:
        about = [
            (request.body or {}).get("IdentityProviderName")
            for request in proxy.requests
            if (request.operation, request.number) == (operation, number)
        ]
        return refused if operation == TAGS and about == [ARN] else None

    proxy.before = before
    result = idpool.run("plan", "specs", "--detailed-exitcode")
    assert result.code == expected, result.text
