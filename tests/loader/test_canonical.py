"""The pool that a spec stands for, in the form in which it is compared."""

from pathlib import Path
from typing import Any

from reconciler.loader import load_specs
from reconciler.model.pool import (
    Client,
    RoleMapping,
    Rule,
    canonical_pool,
    canonical_principal_tags,
    field_value,
)
from reconciler.model.project import Project
from tests.loader.conftest import TWO_TARGETS
from tests.loader.texts import GOOD, HEAD, USER_POOL

ROLE = "arn:aws:iam::123456789012:role/x"
RULE = {"Claim": "a", "MatchType": "Equals", "Value": "b", "RoleARN": ROLE}


def _pool(tmp_path: Path, text: str, project: Project = TWO_TARGETS) -> Any:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    (spec,) = load_specs([path], project).specs
    return spec.pool


def test_sets_have_no_order_and_rules_have_one(tmp_path: Path) -> None:
    """Two texts of one pool are equal; two orders of rules are not."""
    arns = "  SamlProviderARNs: [{0}/a, {0}/b]\n".format("arn:aws:iam::123456789012:saml-provider")
    one = _pool(tmp_path, HEAD + arns)
    swapped = arns.replace("/a", "/c").replace("/b", "/a").replace("/c", "/b")
    assert arns != swapped
    assert one == _pool(tmp_path, HEAD + swapped)

    def mapping(*values: str) -> dict[str, Any]:
        rules = [{**RULE, "Value": value} for value in values]
        return {"x": {"Type": "Rules", "RulesConfiguration": {"Rules": rules}}}

    first, second = (
        canonical_pool({"IdentityPoolName": "a", "RoleMappings": mapping(*values)})
        for values in (("b", "c"), ("c", "b"))
    )
    assert first != second


def test_a_pool_knows_every_provider_that_tags_can_be_set_for(tmp_path: Path) -> None:
    """Logins, ARNs, user pools without their clients, and the developer provider."""
    assert _pool(tmp_path, GOOD).provider_names == (
        "api.twitter.com",
        "arn:aws:iam::123456789012:oidc-provider/example.com",
        "arn:aws:iam::123456789012:saml-provider/Okta",
        USER_POOL,
        "graph.facebook.com",
        "login.storefront",
    )


def test_what_is_shown_of_a_pool_holds_no_secret(tmp_path: Path) -> None:
    """Serialised, printed or field by field."""
    pool = _pool(tmp_path, GOOD)
    shown = {"graph.facebook.com": "7346241598935555", "api.twitter.com": "key;****"}
    assert field_value(pool, "SupportedLoginProviders") == shown
    assert "secret" not in pool.model_dump_json() + repr(pool) + str(pool)
    assert repr(pool) == "Pool(IdentityPoolName='storefront')"
    assert pool.SupportedLoginProviders["api.twitter.com"] == "key;secret"


def test_a_mapping_goes_back_into_the_shape_of_the_api() -> None:
    """What is empty is left out."""
    rules = (Rule.model_validate(RULE),)
    mapping = RoleMapping(Type="Rules", AmbiguousRoleResolution="Deny", Rules=rules)
    assert mapping.to_api() == {
        "Type": "Rules",
        "AmbiguousRoleResolution": "Deny",
        "RulesConfiguration": {"Rules": [RULE]},
    }
    assert RoleMapping(Type="Token").to_api() == {"Type": "Token"}


def test_the_default_principal_tags_spelt_out_are_the_defaults() -> None:
    """UseDefaults stands for two tags; without it they are tags like others."""
    spelt = {"username": "sub", "client": "aud"}
    defaults = canonical_principal_tags({"UseDefaults": True})
    assert canonical_principal_tags({"UseDefaults": True, "PrincipalTags": spelt}) == defaults
    assert canonical_principal_tags({"PrincipalTags": spelt}) != defaults


def test_a_client_is_known_by_provider_and_id() -> None:
    """That is its key in RoleMappings, too."""
    assert Client(ProviderName="a", ClientId="b").key == "a:b"
    assert not canonical_pool({"IdentityPoolName": "a"}).manages_principal_tags
