"""GetIdentityPoolRoles and SetIdentityPoolRoles."""

from typing import Any

import pytest

from tests.sandbox.support import (
    ACCOUNT,
    CLIENT,
    FULL,
    NOBODY,
    OIDC,
    ROLE,
    SAML,
    USER_POOL,
    content,
    refused,
)

TOKEN = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}


def rules(*claims: str) -> dict[str, Any]:
    """A mapping by rules, one for each claim."""
    made = [{"Claim": c, "MatchType": "Equals", "Value": "yes", "RoleARN": ROLE} for c in claims]
    return {
        "Type": "Rules",
        "AmbiguousRoleResolution": "AuthenticatedRole",
        "RulesConfiguration": {"Rules": made},
    }


@pytest.fixture
def pool_id(client: Any) -> str:
    """A pool with every kind of provider."""
    return str(client.create_identity_pool(**FULL)["IdentityPoolId"])


def test_set_replaces_roles_and_mappings(client: Any, pool_id: str) -> None:
    """A set without RoleMappings removes those that were there, and so with Roles."""
    both = {"authenticated": ROLE, "unauthenticated": ROLE}
    client.set_identity_pool_roles(
        IdentityPoolId=pool_id, Roles=both, RoleMappings={"graph.facebook.com": TOKEN}
    )
    client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": ROLE})
    assert content(client.get_identity_pool_roles(IdentityPoolId=pool_id)) == {
        "IdentityPoolId": pool_id,
        "Roles": {"authenticated": ROLE},
    }


def test_empty_roles_are_legal(client: Any, pool_id: str) -> None:
    """`Roles: {}` removes the roles; a pool without any answers its id alone."""
    client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": ROLE})
    client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={})
    answer = content(client.get_identity_pool_roles(IdentityPoolId=pool_id))
    assert answer == {"IdentityPoolId": pool_id}


def test_roles_are_required(client: Any, pool_id: str) -> None:
    """A set without Roles is refused."""
    with refused("ValidationException", "Value null at 'roles' failed"):
        client.set_identity_pool_roles(IdentityPoolId=pool_id)


def test_role_keys(client: Any, pool_id: str) -> None:
    """Roles are keyed by authenticated and unauthenticated only."""
    with refused("ValidationException", "(un)?authenticated"):
        client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"guest": ROLE})


@pytest.mark.parametrize(
    "key", ["graph.facebook.com", OIDC, SAML, f"{USER_POOL}:{CLIENT}"], ids=str
)
def test_mapping_keys_of_configured_providers(client: Any, pool_id: str, key: str) -> None:
    """A mapping is keyed by a login provider, an OIDC or SAML ARN, or ProviderName:ClientId."""
    client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={}, RoleMappings={key: TOKEN})
    answer = client.get_identity_pool_roles(IdentityPoolId=pool_id)
    assert answer["RoleMappings"] == {key: TOKEN}


@pytest.mark.parametrize(
    "key",
    [
        f"https://{USER_POOL}",
        f"https://{USER_POOL}:{CLIENT}",
        USER_POOL,
        "www.amazon.com",
        "login.shop",
    ],
    ids=str,
)
def test_mapping_keys_of_unknown_providers(client: Any, pool_id: str, key: str) -> None:
    """A key of no configured provider is refused: URLs, and the developer provider, are none."""
    with refused("InvalidParameterException", f"({key}) is not a valid RoleMapping ProviderName"):
        client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={}, RoleMappings={key: TOKEN})


@pytest.mark.parametrize(
    ("mapping", "what"),
    [
        ({"Type": "Token"}, "AmbiguousRoleResolution is required"),
        ({**rules("a"), "AmbiguousRoleResolution": None}, "AmbiguousRoleResolution is required"),
        ({**TOKEN, "Type": "Rules"}, "RulesConfiguration is required"),
        ({**rules("a"), "Type": "Token"}, "RulesConfiguration is not allowed"),
    ],
)
def test_mapping_members(client: Any, pool_id: str, mapping: dict[str, Any], what: str) -> None:
    """AmbiguousRoleResolution is required; rules are required for Rules, forbidden for Token."""
    with refused("InvalidParameterException", what):
        client.set_identity_pool_roles(
            IdentityPoolId=pool_id, Roles={}, RoleMappings={"graph.facebook.com": mapping}
        )


def test_keys_are_looked_at_before_mappings(client: Any, pool_id: str) -> None:
    """An unknown key is said before a missing AmbiguousRoleResolution, of another key even."""
    mappings = {"graph.facebook.com": {"Type": "Token"}, "nobody": {"Type": "Token"}}
    with refused("InvalidParameterException", "(nobody) is not a valid RoleMapping ProviderName"):
        client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={}, RoleMappings=mappings)


def test_rules_keep_their_order(client: Any, pool_id: str) -> None:
    """Rules are evaluated in order, so they come back in it."""
    mapping = rules("e", "b", "d", "a", "c")
    client.set_identity_pool_roles(
        IdentityPoolId=pool_id, Roles={}, RoleMappings={"graph.facebook.com": mapping}
    )
    answer = client.get_identity_pool_roles(IdentityPoolId=pool_id)
    assert answer["RoleMappings"] == {"graph.facebook.com": mapping}


def test_number_of_rules(client: Any, pool_id: str) -> None:
    """A mapping takes 25 rules, and another one 25 more."""
    mapping = rules(*(str(number) for number in range(25)))
    client.set_identity_pool_roles(
        IdentityPoolId=pool_id,
        Roles={},
        RoleMappings={"graph.facebook.com": mapping, "accounts.google.com": mapping},
    )


@pytest.mark.parametrize(
    ("key", "there", "mapping"),
    [
        ("graph.facebook.com", True, {}),
        ("nobody", True, {"AmbiguousRoleResolution": None}),
        ("graph.facebook.com", False, {}),
    ],
)
def test_26_rules_are_refused_first(
    client: Any, pool_id: str, key: str, there: bool, mapping: dict[str, Any]
) -> None:
    """26 rules are refused before key, mapping and pool are looked at."""
    many = {**rules(*(str(number) for number in range(26))), **mapping}
    with refused("InvalidParameterException", "The number of rules in the request exceeded 25."):
        client.set_identity_pool_roles(
            IdentityPoolId=pool_id if there else NOBODY, Roles={}, RoleMappings={key: many}
        )


def test_401_rules_break_the_model(client: Any, pool_id: str) -> None:
    """More than the 400 rules of the service model are a validation error."""
    many = rules(*(str(number) for number in range(401)))
    with refused("ValidationException", "length less than or equal to 400"):
        client.set_identity_pool_roles(
            IdentityPoolId=pool_id, Roles={}, RoleMappings={"graph.facebook.com": many}
        )


@pytest.mark.parametrize(
    "wrong",
    [
        "my-stack-SomeRole-KBKHTR8P6UC2",
        ROLE.replace(ACCOUNT, "****-****-****"),
        SAML,
        ROLE.replace("role/shop", "role/"),
        ROLE.replace("role/shop", "role/a b"),
    ],
)
def test_role_that_is_no_role_arn(client: Any, pool_id: str, wrong: str) -> None:
    """What is no role's ARN is forbidden, as a role of the pool and in a rule."""
    message = f"Access to Role '{wrong}' is forbidden."
    with refused("NotAuthorizedException", message):
        client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": wrong})
    mapping = rules("a", "b")
    mapping["RulesConfiguration"]["Rules"][1]["RoleARN"] = wrong
    with refused("NotAuthorizedException", message):
        client.set_identity_pool_roles(
            IdentityPoolId=pool_id, Roles={}, RoleMappings={"graph.facebook.com": mapping}
        )


def test_role_of_another_account(client: Any, pool_id: str) -> None:
    """A role of another account cannot be passed, so it is forbidden as well."""
    theirs = ROLE.replace(ACCOUNT, "444455556666")
    with refused("NotAuthorizedException", f"Access to Role '{theirs}' is forbidden."):
        client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": theirs})


def test_number_of_mappings(client: Any, pool_id: str) -> None:
    """Eleven mappings are one too many."""
    mappings = {f"{USER_POOL}:{number}": TOKEN for number in range(11)}
    with refused("ValidationException", "'roleMappings'"):
        client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={}, RoleMappings=mappings)


def test_mappings_stay_when_their_provider_goes(client: Any, pool_id: str) -> None:
    """An update that removes a provider leaves the role mapping of it."""
    client.set_identity_pool_roles(
        IdentityPoolId=pool_id, Roles={}, RoleMappings={"graph.facebook.com": TOKEN}
    )
    client.update_identity_pool(
        IdentityPoolId=pool_id, IdentityPoolName="shop", AllowUnauthenticatedIdentities=False
    )
    answer = client.get_identity_pool_roles(IdentityPoolId=pool_id)
    assert answer["RoleMappings"] == {"graph.facebook.com": TOKEN}


def test_roles_of_an_unknown_pool(client: Any) -> None:
    """The pool is looked for before the mappings are checked."""
    with refused("ResourceNotFoundException"):
        client.set_identity_pool_roles(
            IdentityPoolId=NOBODY, Roles={}, RoleMappings={"nobody": TOKEN}
        )
