"""Checks of trust policies: whom they let in, decided as IAM does."""

from typing import Any

import pytest

from reconciler.model.findings import RuleId
from tests.roles.conftest import COGNITO, POOL_ID, policy, role_arn, trust
from tests.roles.pools import (
    OTHER_POOL,
    TAGS,
    USERS,
    USES_TEAM,
    amr,
    aud,
    found,
    pool,
    problems,
    role,
    rule,
    with_condition,
)
from tests.support.cli import REGION

TRUST = trust()
STATEMENT = TRUST["Statement"][0]
BOTH_ORDERS = {"Version": "2008-10-17", "statement": STATEMENT}


@pytest.mark.parametrize(
    ("trusted", "rules"),
    [
        # No identity pool at all, or almost one.
        (policy(), ["role-trust-principal"]),
        ("no document", ["role-trust-not-known"]),
        (None, []),
        (
            policy({**STATEMENT, "Principal": {"Service": "lambda.amazonaws.com"}}),
            ["role-trust-principal"],
        ),
        (policy({**STATEMENT, "Principal": {"Service": COGNITO}}), ["role-trust-principal"]),
        (
            policy({**STATEMENT, "Principal": {"Federated": "cognito-identity.amazon.com"}}),
            ["role-trust-principal"],
        ),
        (policy({**STATEMENT, "Principal": {"Federated": [COGNITO, "graph.facebook.com"]}}), []),
        (policy({**STATEMENT, "Principal": "*"}), []),
        # The wrong call.
        (trust(action="sts:AssumeRole"), ["role-trust-action"]),
        (trust(action=("sts:AssumeRole", "sts:TagSession")), ["role-trust-action"]),
        (trust(action="STS:assumerolewithwebidentity"), []),
        (trust(action="sts:*"), []),
        (
            policy({**{k: v for k, v in STATEMENT.items() if k != "Action"}, "NotAction": "s3:*"}),
            [],
        ),
        # The wrong pool, or any.
        (trust(aud=OTHER_POOL), ["role-trust-other-pool"]),
        (trust(aud=[OTHER_POOL, POOL_ID]), []),
        (
            with_condition(TRUST, StringLike=aud(f"{REGION}:*"), ForAnyValue_StringLike=amr()),
            ["role-trust-any-pool"],
        ),
        (
            with_condition(TRUST, StringLike=aud(POOL_ID[:-2] + "*"), ForAnyValue_StringLike=amr()),
            [],
        ),
        (with_condition(TRUST, ForAnyValue_StringLike=amr()), ["role-trust-any-pool"]),
        (
            with_condition(TRUST, StringNotEquals=aud(OTHER_POOL), ForAnyValue_StringLike=amr()),
            ["role-trust-any-pool"],
        ),
        (with_condition(TRUST, stringequalsifexists=aud(), ForAnyValue_StringLike=amr()), []),
        (
            with_condition(
                TRUST,
                StringEquals={f"{COGNITO.upper()}:AUD": [POOL_ID]},
                ForAnyValue_StringLike=amr(),
            ),
            [],
        ),
        (
            with_condition(
                TRUST,
                StringEquals={"cognito-identity.amazon.com:aud": POOL_ID},
                ForAnyValue_StringLike=amr(),
            ),
            ["role-trust-never"],
        ),
        # The wrong sign-in.
        (trust("unauthenticated"), ["role-trust-amr", "role-trust-guests"]),
        (trust("*"), ["role-trust-guests"]),
        (trust(["authenticated", "unauthenticated"]), ["role-trust-guests"]),
        (trust("auth*"), []),
        (with_condition(TRUST, StringEquals=aud()), ["role-trust-guests"]),
        (
            with_condition(
                TRUST, StringEquals=aud(), ForAnyValue_StringNotLike=amr("unauthenticated")
            ),
            [],
        ),
        (
            with_condition(
                TRUST, StringEquals=aud(), ForAllValues_StringLike=amr("*authenticated")
            ),
            ["role-trust-amr", "role-trust-guests"],
        ),
        (trust("unauthenticated", OTHER_POOL), ["role-trust-other-pool", "role-trust-amr"]),
        # What depends on more than is known.
        (with_condition(TRUST, StringEquals={**aud(), **amr()}), ["role-trust-not-known"]),
        (
            with_condition(TRUST, StringEquals={**aud(), "aws:SourceVpc": "vpc-1"}),
            ["role-trust-not-known"],
        ),
        (trust(f"{USERS}:CognitoSignIn:*"), ["role-trust-not-known"]),
        (policy(STATEMENT, {**STATEMENT, "Effect": "Deny", "Condition": {}}), ["role-trust-never"]),
        (policy({"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}, STATEMENT), []),
        # Shapes.
        ({"Version": "2012-10-17", "Statement": STATEMENT}, []),
        (BOTH_ORDERS, []),
        (policy(STATEMENT, {"Effect": "Allow", "Action": {}, "Principal": [1]}), []),
    ],
)
def test_trust_of_a_role_for_users(trusted: Any, rules: list[str]) -> None:
    assert found(pool(), role("user", trusted)) == rules


@pytest.mark.parametrize(
    ("trusted", "rules"),
    [
        (trust("unauthenticated"), []),
        (trust("authenticated"), ["role-trust-amr", "role-trust-users"]),
        (trust("*authenticated"), ["role-trust-users"]),
    ],
)
def test_trust_of_a_role_for_guests(trusted: Any, rules: list[str]) -> None:
    assert found(pool(), role("guest", trusted)) == rules


def test_a_role_for_both_has_to_let_both_in() -> None:
    """And lets in nobody too many then."""
    both = pool(Roles={"authenticated": role_arn("user"), "unauthenticated": role_arn("user")})
    assert found(both, role("user", trust("*"))) == []
    assert found(both, role("user", trust())) == ["role-trust-amr"]


@pytest.mark.parametrize(("guests", "classic"), [(True, True), (True, False), (False, True)])
def test_guests_take_a_users_role_in_the_classic_flow_alone(guests: bool, classic: bool) -> None:
    fields = {"AllowUnauthenticatedIdentities": guests, "AllowClassicFlow": classic}
    (problem,) = problems(pool(**fields), role("user", trust("*")))
    assert problem.rule is RuleId.ROLE_TRUST_GUESTS
    assert problem.severity == ("error" if guests and classic else "warning")


def test_of_a_pool_that_is_not_there_yet_no_id_is_compared() -> None:
    assert found(pool(), role("user", trust(aud=OTHER_POOL)), pool_id=None) == []
    assert found(pool(), role("user", trust("unauthenticated")), pool_id=None) == ["role-trust-amr"]
    assert found(pool(), role("user", trust(aud="*")), pool_id=None) == []
    anywhere = with_condition(TRUST, ForAnyValue_StringLike=amr())
    assert found(pool(), role("user", anywhere), pool_id=None) == ["role-trust-any-pool"]


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("us-gov-west-1", "cognito-identity-us-gov.amazonaws.com"),
        ("us-gov-east-1", "cognito-identity.us-gov-east-1.amazonaws.com"),
        ("cn-north-1", "cognito-identity.cn-north-1.amazonaws.com.cn"),
        ("ap-east-1", "cognito-identity.ap-east-1.amazonaws.com"),
    ],
)
def test_other_regions_call_identity_pools_otherwise(region: str, name: str) -> None:
    def named(document: Any) -> Any:
        if isinstance(document, dict):
            return {key.replace(COGNITO, name): named(each) for key, each in document.items()}
        return (
            [named(e) for e in document]
            if isinstance(document, list)
            else (name if document == COGNITO else document)
        )

    alone = pool(Roles={"authenticated": role_arn("user")})
    assert found(alone, role("user", named(TRUST)), region=region) == []
    elsewhere = ["role-trust-principal"] if region != "ap-east-1" else []
    assert found(alone, role("user", TRUST), region=region) == elsewhere
    assert found(alone, role("user", TRUST), region="us-iso-east-1") == ["role-trust-not-known"]


def test_sessions_with_tags_need_to_be_allowed_them() -> None:
    alone = pool(Roles={"authenticated": role_arn("user")}, PrincipalTagAttributeMaps=TAGS)
    without = trust(action="sts:AssumeRoleWithWebIdentity")
    assert found(alone, role("user", without, USES_TEAM)) == ["role-trust-tag-session"]
    assert found({**alone, "PrincipalTagAttributeMaps": {}}, role("user", without)) == []
    # In a statement of its own, for other providers' users, and for guests.
    apart = policy(without["Statement"][0], trust(action="sts:TagSession")["Statement"][0])
    assert found(alone, role("user", apart, USES_TEAM)) == []
    others = {"graph.facebook.com": TAGS[USERS]}
    mapped = pool(rule(), PrincipalTagAttributeMaps=others)
    del mapped["Roles"]
    assert found(mapped, role("admin", without)) == []
    assert (
        found(
            pool(),
            role("guest", trust("unauthenticated", action=without["Statement"][0]["Action"])),
        )
        == []
    )


@pytest.mark.parametrize(
    "document",
    [
        {"Statement": [STATEMENT] * 5000},
        policy({**STATEMENT, "Action": ["*a" * 3000 + "b"] * 50}),
        policy({**STATEMENT, "Condition": {"StringLike": aud("*a" * 4000)}}),
        policy({**STATEMENT, "Condition": {"StringEquals": {"a." * 4000 + "/:aud": "x"}}}),
        {"Statement": {"Effect": ["Allow"]}},
        {"Statement": [[], 1, None, "x", {"Effect": "Allow", "Condition": [1]}]},
        {"Statement": [{**STATEMENT, "Principal": {"Federated": {"a": 1}}}]},
        [],
        1,
    ],
)
def test_hostile_documents_end_soon(document: Any) -> None:
    """They end, whatever is found: the test's own time limit holds it."""
    both = [role(name, document, document) for name in ("user", "guest")]
    found(pool(rule(), PrincipalTagAttributeMaps=TAGS), *both)
