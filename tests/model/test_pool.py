"""The canonical pool: what AWS treats alike is equal here."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.pool import POOL_FIELDS, Pool, canonical_pool, field_value, same
from reconciler.model.pool_values import (
    NO_PRINCIPAL_TAGS,
    Client,
    PrincipalTagMap,
    RoleMapping,
    Rule,
    canonical_principal_tags,
    canonical_role_mappings,
)
from tests.planner import strategies as pools

NAME = {"IdentityPoolName": "storefront"}
RULE = {"Claim": "isAdmin", "MatchType": "Equals", "Value": "yes", "RoleARN": "r"}


def client(client_id: str, check: bool | None = None, provider: str = "idp") -> dict[str, Any]:
    told = {} if check is None else {"ServerSideTokenCheck": check}
    return {"ProviderName": provider, "ClientId": client_id, **told}


class TestNothing:
    @pytest.mark.parametrize("nothing", [None, "", [], {}, False])
    @pytest.mark.parametrize("field", sorted({*POOL_FIELDS[1:9]} - {"AllowClassicFlow"}))
    def test_every_kind_of_nothing_is_absent(self, field: str, nothing: Any) -> None:
        assert canonical_pool({**NAME, field: nothing}) == canonical_pool(NAME)

    def test_a_pool_without_anything_has_awss_defaults(self) -> None:
        pool = canonical_pool({})
        assert pool.model_dump() == {
            "IdentityPoolName": "",
            "AllowUnauthenticatedIdentities": False,
            "AllowClassicFlow": None,
            "SupportedLoginProviders": {},
            "DeveloperProviderName": "",
            "OpenIdConnectProviderARNs": (),
            "SamlProviderARNs": (),
            "CognitoIdentityProviders": (),
            "IdentityPoolTags": {},
            "Roles": None,
            "RoleMappings": None,
            "PrincipalTagAttributeMaps": None,
        }

    @pytest.mark.parametrize("told", [{}, {"AllowClassicFlow": None}, {"AllowClassicFlow": ""}])
    def test_a_classic_flow_that_was_never_set_is_neither_true_nor_false(
        self, told: dict[str, Any]
    ) -> None:
        """AWS allows it then, so that it is the same as true, and still not what true is."""
        unset = canonical_pool({**NAME, **told})
        on, off = (canonical_pool({**NAME, "AllowClassicFlow": flag}) for flag in (True, False))
        assert [pool.AllowClassicFlow for pool in (unset, on, off)] == [None, True, False]
        assert same("AllowClassicFlow", unset, on)
        assert not same("AllowClassicFlow", unset, off)
        assert not same("AllowClassicFlow", on, off)

    def test_what_is_no_field_of_a_pool_is_left_out(self) -> None:
        extra = {"IdentityPoolId": "x", "ResponseMetadata": {"RetryAttempts": 0}}
        assert canonical_pool({**NAME, **extra}) == canonical_pool(NAME)

    @given(pools.stored.flatmap(lambda api: st.tuples(st.just(api), pools.same_pools(api))))
    def test_any_pool_told_otherwise_is_equal(self, told: tuple[dict, dict]) -> None:
        """Nulls, empties and gaps for defaults; lists and maps in any order."""
        one, other = (canonical_pool(api) for api in told)
        assert one == other
        assert one.model_dump_json() == other.model_dump_json()


class TestSets:
    @pytest.mark.parametrize("field", ["OpenIdConnectProviderARNs", "SamlProviderARNs"])
    def test_arns_are_sorted_and_single(self, field: str) -> None:
        pool = canonical_pool({**NAME, field: ["b", "a", "b"]})
        assert getattr(pool, field) == ("a", "b")

    def test_clients_are_sorted_by_provider_and_id(self) -> None:
        told = [client("b", provider="y"), client("a", provider="y"), client("z", provider="x")]
        pool = canonical_pool({**NAME, "CognitoIdentityProviders": told})
        assert [c.key for c in pool.CognitoIdentityProviders] == ["x:z", "y:a", "y:b"]

    @pytest.mark.parametrize("check", [None, False])
    def test_a_check_left_out_is_off(self, check: bool | None) -> None:
        pool = canonical_pool({**NAME, "CognitoIdentityProviders": [client("a", check)]})
        assert pool.CognitoIdentityProviders == (Client(ProviderName="idp", ClientId="a"),)

    def test_one_client_told_twice_is_one_and_the_last_word_counts(self) -> None:
        told = [client("a", False), client("a", True)]
        (found,) = canonical_pool(
            {**NAME, "CognitoIdentityProviders": told}
        ).CognitoIdentityProviders
        assert found.ServerSideTokenCheck

    def test_a_client_without_names_has_empty_ones(self) -> None:
        (found,) = canonical_pool({"CognitoIdentityProviders": [{}]}).CognitoIdentityProviders
        assert found.key == ":"


class TestRoles:
    def test_left_out_they_are_unmanaged(self) -> None:
        pool = canonical_pool(NAME)
        assert (pool.Roles, pool.RoleMappings, pool.manages_roles) == (None, None, False)

    @pytest.mark.parametrize("half", ["Roles", "RoleMappings"])
    def test_one_half_manages_both(self, half: str) -> None:
        pool = canonical_pool({**NAME, half: {}})
        assert (pool.Roles, pool.RoleMappings, pool.manages_roles) == ({}, {}, True)

    def test_rules_keep_their_order(self) -> None:
        other = {**RULE, "Value": "a"}
        mapping = {"Type": "Rules", "RulesConfiguration": {"Rules": [RULE, other]}}
        found = canonical_role_mappings({"idp": mapping})["idp"]
        assert [rule.Value for rule in found.Rules] == ["yes", "a"]

    @pytest.mark.parametrize(
        "rules", [{}, {"RulesConfiguration": None}, {"RulesConfiguration": {"Rules": []}}]
    )
    def test_no_rules_are_no_rules(self, rules: dict[str, Any]) -> None:
        found = canonical_role_mappings({"idp": {"Type": "Token", **rules}})
        assert found == {"idp": RoleMapping(Type="Token")}

    def test_what_a_rule_has_beyond_its_parts_is_left_out(self) -> None:
        mapping = {"Type": "Rules", "RulesConfiguration": {"Rules": [{**RULE, "New": 1}]}}
        found = canonical_role_mappings({"idp": mapping})["idp"]
        assert found.Rules == (Rule(**RULE),)

    def test_a_mapping_goes_back_to_the_api_as_it_came(self) -> None:
        told = {
            "Type": "Rules",
            "AmbiguousRoleResolution": "Deny",
            "RulesConfiguration": {"Rules": [RULE]},
        }
        assert canonical_role_mappings({"idp": told})["idp"].to_api() == told

    def test_what_a_mapping_lacks_is_not_sent(self) -> None:
        assert RoleMapping(Type="Token").to_api() == {"Type": "Token"}

    def test_a_mapping_of_nothing_is_empty(self) -> None:
        assert canonical_role_mappings({"idp": {}}) == {"idp": RoleMapping(Type="")}


class TestPrincipalTags:
    def test_left_out_they_are_unmanaged(self) -> None:
        pool = canonical_pool(NAME)
        assert (pool.PrincipalTagAttributeMaps, pool.manages_principal_tags) == (None, False)

    def test_a_provider_without_any_is_left_out(self) -> None:
        told = {"a": {"UseDefaults": False, "PrincipalTags": {}}, "b": {"PrincipalTags": None}}
        pool = canonical_pool({**NAME, "PrincipalTagAttributeMaps": told})
        assert (pool.PrincipalTagAttributeMaps, pool.manages_principal_tags) == ({}, True)

    @pytest.mark.parametrize(
        ("told", "canonical"),
        [
            ({}, NO_PRINCIPAL_TAGS),
            ({"UseDefaults": True}, PrincipalTagMap(UseDefaults=True)),
            (
                {"UseDefaults": True, "PrincipalTags": {"client": "aud", "username": "sub"}},
                PrincipalTagMap(UseDefaults=True),
            ),
            (
                {"UseDefaults": False, "PrincipalTags": {"client": "aud", "username": "sub"}},
                PrincipalTagMap(PrincipalTags={"client": "aud", "username": "sub"}),
            ),
            (
                {"UseDefaults": True, "PrincipalTags": {"a": "b"}},
                PrincipalTagMap(UseDefaults=True, PrincipalTags={"a": "b"}),
            ),
        ],
    )
    def test_awss_default_mapping_spelled_out_is_use_defaults(
        self, told: dict[str, Any], canonical: PrincipalTagMap
    ) -> None:
        assert canonical_principal_tags(told) == canonical


class TestProviderNames:
    def test_every_provider_is_named_once(self) -> None:
        pool = canonical_pool(
            {
                **NAME,
                "SupportedLoginProviders": {"graph.facebook.com": "1"},
                "OpenIdConnectProviderARNs": ["oidc"],
                "SamlProviderARNs": ["saml"],
                "CognitoIdentityProviders": [client("a"), client("b")],
                "DeveloperProviderName": "login.shop",
                "PrincipalTagAttributeMaps": {
                    "saml": {"UseDefaults": True},
                    "gone": {"UseDefaults": True},
                },
            }
        )
        names = ("gone", "graph.facebook.com", "idp", "login.shop", "oidc", "saml")
        assert pool.provider_names == names

    def test_without_a_developer_provider_there_is_no_empty_name(self) -> None:
        assert canonical_pool(NAME).provider_names == ()


class TestSecrets:
    POOL = canonical_pool({**NAME, "SupportedLoginProviders": {"api.twitter.com": "key;s3cr3t"}})

    def test_no_form_for_people_or_files_shows_them(self) -> None:
        forms = [
            self.POOL.model_dump_json(),
            str(self.POOL.model_dump()),
            str(self.POOL.model_dump(mode="json")),
            repr(self.POOL),
            str(self.POOL),
            f"{[self.POOL]}",
            str(field_value(self.POOL, "SupportedLoginProviders")),
        ]
        assert not [form for form in forms if "s3cr3t" in form]

    def test_the_value_itself_is_whole(self) -> None:
        assert self.POOL.SupportedLoginProviders["api.twitter.com"] == "key;s3cr3t"

    def test_pools_that_differ_in_the_secret_alone_are_not_equal(self) -> None:
        told = {**NAME, "SupportedLoginProviders": {"api.twitter.com": "key;other"}}
        assert canonical_pool(told) != self.POOL


def test_one_field_as_json() -> None:
    pool = canonical_pool({**NAME, "SamlProviderARNs": ["a"], "CognitoIdentityProviders": []})
    assert field_value(pool, "SamlProviderARNs") == ["a"]
    assert field_value(pool, "Roles") is None


def test_a_pool_is_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        canonical_pool(NAME).IdentityPoolName = "x"  # type: ignore[misc]


def test_every_field_is_listed_once_and_in_the_models_order() -> None:
    assert tuple(Pool.model_fields) == POOL_FIELDS
