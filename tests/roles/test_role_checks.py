"""Each check of roles: what it finds, and what is near it and fine."""

from typing import Any

import pytest

from reconciler.checks.access_levels import permission_actions
from reconciler.checks.role_uses import clients_to_read, role_uses
from reconciler.model.findings import RuleId
from reconciler.model.roles import Missing, RolePolicy, Unread, UserPoolClients
from reconciler.text.problems import path_text
from tests.roles.conftest import ANYTHING, policy, role_arn
from tests.roles.pools import (
    CLIENT,
    READS,
    TAGS,
    USERS,
    USES_TEAM,
    found,
    pool,
    problems,
    role,
    rule,
    tagged,
)


def test_a_pool_with_roles_as_aws_makes_them_is_fine() -> None:
    assert found(pool(rule())) == []


def test_the_roles_of_a_pool_are_known_with_their_uses() -> None:
    """A role is looked at once, at the first place that names it."""
    shared = pool(rule(role="user"), rule(role="admin"), rule(role="admin"))
    uses = role_uses(shared)  # type: ignore[arg-type]
    shown = {
        arn.rpartition("/")[2]: (sorted(use.uses), sorted(use.providers))
        for arn, use in uses.items()
    }
    assert shown == {
        "user": (["authenticated"], ["", CLIENT]),
        "guest": (["unauthenticated"], []),
        "admin": (["authenticated"], [CLIENT]),
    }
    assert path_text(uses[role_arn("admin")].path).endswith("Rules[1].RoleARN")
    assert clients_to_read(shared) == (CLIENT,)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("read", "rules"),
    [
        (Missing(role_arn("user")), ["role-missing"]),
        (Unread(role_arn("user"), "AWS denied GetRole"), ["role-unread"]),
        (role("user", unread=("AWS denied GetRolePolicy",)), ["role-unread"]),
    ],
)
def test_what_is_not_there_or_not_read_is_said(read: Any, rules: list[str]) -> None:
    assert found(pool(), read) == rules


def test_a_role_of_another_account_is_no_use() -> None:
    """Neither is anything else said of it."""
    roles = {"authenticated": role_arn("user", "999999999999")}
    (problem,) = problems(pool(Roles=roles))
    assert (problem.rule, problem.severity) == (RuleId.ROLE_OTHER_ACCOUNT, "error")
    assert found(pool(Roles={"authenticated": role_arn("user")})) == []


@pytest.mark.parametrize(
    ("maps", "document", "rules"),
    [
        (TAGS, USES_TEAM, []),
        (TAGS, tagged(a={"Condition": {"StringEquals": {"aws:principaltag/Team": "x"}}}), []),
        (TAGS, tagged(a={"Resource": "b/${aws:PrincipalTag/team, 'none'}"}), []),
        (TAGS, READS, ["principal-tag-unused"]),
        ({}, USES_TEAM, ["principal-tag-unset"]),
        (
            TAGS,
            tagged(a={"Resource": "${aws:PrincipalTag/teams}"}),
            ["principal-tag-unset", "principal-tag-unused"],
        ),
        (None, USES_TEAM, []),
        (
            {USERS: {"UseDefaults": True}},
            tagged(a={"Resource": "${aws:PrincipalTag/username} ${aws:PrincipalTag/client}"}),
            [],
        ),
        (
            {USERS: {"UseDefaults": True}},
            USES_TEAM,
            ["principal-tag-unset", "principal-tag-unused"],
        ),
    ],
)
def test_tags_that_are_set_and_tags_that_are_used(
    maps: Any, document: Any, rules: list[str]
) -> None:
    alone = pool(Roles={"authenticated": role_arn("user")}, PrincipalTagAttributeMaps=maps)
    assert found(alone, role("user", None, document)) == rules


def test_a_tag_of_the_role_itself_is_set_too() -> None:
    mine = role("user", None, USES_TEAM, tags=frozenset({"Team"}))
    assert found(pool(), mine) == []


def test_where_a_policy_was_not_read_no_tag_is_called_unused() -> None:
    half = role("user", None, READS, unread=("AWS denied GetPolicy",))
    assert found(pool(PrincipalTagAttributeMaps=TAGS), half) == ["role-unread"]


def allows(*actions: str, **more: Any) -> dict[str, Any]:
    return policy({"Effect": "Allow", "Action": list(actions), "Resource": "*", **more})


@pytest.mark.parametrize(
    ("documents", "rules"),
    [
        ([], []),
        ([allows("S3:GetObject", "rum:PutRumEvents", "kms:Decrypt", "polly:*")], []),
        ([allows("kms:*")], ["guest-role-beyond-session"]),
        ([allows("athena:StartQueryExecution")], ["guest-role-beyond-session"]),
        ([allows("s3:*")], ["guest-role-manages-permissions"]),
        ([allows("s3:Put*Policy")], ["guest-role-manages-permissions"]),
        ([allows("s3:PutObject")], []),
        # The session policy takes these away.
        ([allows("iam:AttachRolePolicy")], ["guest-role-beyond-session"]),
        ([ANYTHING], ["guest-role-beyond-session", "guest-role-manages-permissions"]),
        (
            [
                policy(
                    {"Effect": "Allow", "NotAction": ["iam:*", "s3:*", "lambda:*"], "Resource": "*"}
                )
            ],
            ["guest-role-beyond-session"],
        ),
        (
            [policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})],
            ["guest-role-beyond-session", "guest-role-manages-permissions"],
        ),
        # Denied without a condition, on everything: that counts.
        (
            [
                allows("s3:*"),
                policy({"Effect": "Deny", "Action": "s3:PutBucket*", "Resource": "*"}),
            ],
            [],
        ),
        (
            [
                allows("s3:*"),
                policy({"Effect": "Deny", "NotAction": "s3:GetObject", "Resource": "*"}),
            ],
            [],
        ),
        (
            [
                allows("s3:*"),
                policy({"Effect": "Deny", "Action": "s3:Put*", "Resource": "arn:aws:s3:::a"}),
            ],
            ["guest-role-manages-permissions"],
        ),
        (
            [
                allows("s3:*"),
                policy(
                    {
                        "Effect": "Deny",
                        "Action": "s3:Put*",
                        "Resource": "*",
                        "Condition": {"Bool": {"aws:SecureTransport": False}},
                    }
                ),
            ],
            ["guest-role-manages-permissions"],
        ),
        (["no document"], ["role-unread"]),
    ],
)
def test_what_guests_may_do(documents: list[Any], rules: list[str]) -> None:
    guest = role("guest", None, *documents)
    assert found(pool(), guest) == rules
    assert found(pool(AllowUnauthenticatedIdentities=False), guest) == []


def test_in_the_classic_flow_nothing_is_taken_away_from_guests() -> None:
    told = problems(
        pool(AllowClassicFlow=True), role("guest", None, allows("iam:AttachRolePolicy"))
    )
    assert [(each.rule.value, each.severity) for each in told] == [
        ("guest-role-beyond-session", "warning"),
        ("guest-role-manages-permissions", "error"),
    ]


def test_a_boundary_bounds_what_guests_may_do() -> None:
    bounded = role("guest", None, ANYTHING, boundary=RolePolicy("b", allows("s3:GetObject")))
    assert found(pool(), bounded) == []
    gone = {"boundary": RolePolicy("b", None), "unread": ("AWS denied GetPolicy",)}
    assert found(pool(), role("guest", None, ANYTHING, **gone)) == ["role-unread"]


def test_without_the_extra_it_is_said_that_nobody_knows() -> None:
    (problem,) = problems(pool(), levels=None)
    assert (problem.rule, problem.severity) == (RuleId.GUEST_ROLE_MANAGES_PERMISSIONS, "note")
    assert "idpool[roles]" in problem.fix


@pytest.mark.parametrize(
    ("claim", "client", "rules"),
    [
        ("custom:role", UserPoolClients({"web1": frozenset({"custom:role"})}), ["writable-claim"]),
        ("custom:role", UserPoolClients({"web1": frozenset({"email"})}), []),
        ("custom:role", UserPoolClients({"web1": None}), []),
        ("email", UserPoolClients({"web1": None}), ["writable-claim"]),
        ("email", UserPoolClients({"web1": frozenset({"name"})}), []),
        ("cognito:groups", UserPoolClients({"web1": None}), []),
        # Users may sign in with another client of the user pool, and write there.
        ("email", UserPoolClients({"web1": frozenset({"name"}), "old": None}), ["writable-claim"]),
        (
            "custom:role",
            Unread(CLIENT, "AWS denied DescribeUserPoolClient"),
            ["writable-claim"],
        ),
        ("custom:role", Missing(CLIENT), ["writable-claim"]),
        ("cognito:groups", Missing(CLIENT), []),
    ],
)
def test_claims_that_users_can_write(claim: str, client: Any, rules: list[str]) -> None:
    told = problems(pool(rule(claim)), clients={CLIENT: client})
    assert [each.rule.value for each in told] == rules
    assert all(path_text(each.path).endswith("Rules[0].Claim") for each in told)


def test_which_actions_manage_permissions_says_the_reference_of_aws() -> None:
    known = permission_actions()
    assert {"iam:AttachRolePolicy", "s3:PutBucketPolicy", "kms:CreateGrant"} <= set(known)
    assert not {"s3:GetObject", "dynamodb:PutItem", "sqs:SendMessage"} & set(known)
