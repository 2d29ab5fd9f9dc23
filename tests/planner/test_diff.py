"""How desired and live differ, field by field."""

from collections.abc import Iterable
from typing import Any

import deepdiff
import pytest

from reconciler.model.changes import Change, Edit
from reconciler.model.pool import POOL_FIELDS, Pool
from reconciler.planner.diff import changes_between
from tests.planner.interpreter import applied
from tests.planner.support import (
    CLIENT,
    ENTRA,
    FACEBOOK,
    GITHUB,
    GITLAB,
    OKTA,
    TWITTER,
    USER_POOL,
    client,
    edit,
    ours,
    plan_of,
    plan_one,
    pool,
    principal_tags,
    role,
    rule,
    rules_mapping,
    spec,
    token_mapping,
    whole_plan,
)

OFF, ON = {"ServerSideTokenCheck": False}, {"ServerSideTokenCheck": True}
ADMIN, SALES = rule("admin"), rule("sales")


def change_of(before: Pool | None, after: Pool) -> Change:
    (change,) = changes_between(before, after)
    return change


def case(name: str, field: str, before: Any, after: Any, *edits: Edit) -> Any:
    return pytest.param(field, before, after, edits, id=f"{field}-{name}")


def canonical_mapping(*rules: dict[str, Any], kind: str = "Rules") -> dict[str, Any]:
    return {"Type": kind, "AmbiguousRoleResolution": "Deny", "Rules": list(rules)}


CASES = [
    case(
        "rename",
        "IdentityPoolName",
        "storefront",
        "shop",
        edit("change", before="storefront", after="shop"),
    ),
    *(
        case(f"{before}-{after}", field, before, after, edit("change", before=before, after=after))
        for field in ("AllowUnauthenticatedIdentities", "AllowClassicFlow")
        for before, after in ((False, True), (True, False))
    ),
    case("add", "SupportedLoginProviders", {}, {FACEBOOK: "1"}, edit("add", FACEBOOK, after="1")),
    case(
        "change",
        "SupportedLoginProviders",
        {FACEBOOK: "1", "accounts.google.com": "g"},
        {FACEBOOK: "2", "accounts.google.com": "g"},
        edit("change", FACEBOOK, before="1", after="2"),
    ),
    case(
        "drop", "SupportedLoginProviders", {FACEBOOK: "1"}, {}, edit("remove", FACEBOOK, before="1")
    ),
    case("add", "DeveloperProviderName", "", "dev", edit("change", before="", after="dev")),
    case("change", "DeveloperProviderName", "dev", "d2", edit("change", before="dev", after="d2")),
    case("drop", "DeveloperProviderName", "dev", "", edit("change", before="dev", after="")),
    case("add", "OpenIdConnectProviderARNs", [], [GITHUB], edit("add", GITHUB)),
    case(
        "change",
        "OpenIdConnectProviderARNs",
        [GITHUB],
        [GITLAB],
        edit("add", GITLAB),
        edit("remove", GITHUB),
    ),
    case("drop", "OpenIdConnectProviderARNs", [GITLAB, GITHUB], [GITLAB], edit("remove", GITHUB)),
    case("add", "SamlProviderARNs", [OKTA], [OKTA, ENTRA], edit("add", ENTRA)),
    case("change", "SamlProviderARNs", [OKTA], [ENTRA], edit("add", ENTRA), edit("remove", OKTA)),
    case("drop", "SamlProviderARNs", [OKTA], [], edit("remove", OKTA)),
    case("add", "CognitoIdentityProviders", [], [client()], edit("add", CLIENT, after=OFF)),
    case(
        "toggle",
        "CognitoIdentityProviders",
        [client(), client("2")],
        [client("2"), client(check=True)],
        edit("change", CLIENT, "ServerSideTokenCheck", before=False, after=True),
    ),
    case(
        "change",
        "CognitoIdentityProviders",
        [client("1", check=True)],
        [client("2")],
        edit("remove", f"{USER_POOL}:1", before=ON),
        edit("add", f"{USER_POOL}:2", after=OFF),
    ),
    case("drop", "CognitoIdentityProviders", [client()], [], edit("remove", CLIENT, before=OFF)),
    case("add", "IdentityPoolTags", {}, {"team": "shop"}, edit("add", "team", after="shop")),
    case(
        "change",
        "IdentityPoolTags",
        {"a": "1", "b.c['d']": "1"},
        {"a": "1", "b.c['d']": ""},
        edit("change", "b.c['d']", before="1", after=""),
    ),
    case("drop", "IdentityPoolTags", {"team": "x"}, {}, edit("remove", "team", before="x")),
    case("add", "Roles", {}, {"authenticated": "r"}, edit("add", "authenticated", after="r")),
    case(
        "change",
        "Roles",
        {"authenticated": "r", "unauthenticated": "u"},
        {"authenticated": "s", "unauthenticated": "u"},
        edit("change", "authenticated", before="r", after="s"),
    ),
    case("drop", "Roles", {"authenticated": "r"}, {}, edit("remove", "authenticated", before="r")),
    case(
        "add",
        "RoleMappings",
        {},
        {FACEBOOK: rules_mapping(ADMIN)},
        edit("add", FACEBOOK, after=canonical_mapping(ADMIN)),
    ),
    case(
        "change",
        "RoleMappings",
        {FACEBOOK: token_mapping("Deny"), OKTA: token_mapping()},
        {FACEBOOK: token_mapping("AuthenticatedRole"), OKTA: token_mapping()},
        edit(
            "change",
            FACEBOOK,
            "AmbiguousRoleResolution",
            before="Deny",
            after="AuthenticatedRole",
        ),
    ),
    case(
        "change-type",
        "RoleMappings",
        {FACEBOOK: rules_mapping(ADMIN, SALES)},
        {FACEBOOK: token_mapping()},
        edit("change", FACEBOOK, "Type", before="Rules", after="Token"),
        edit("remove", FACEBOOK, "Rules", 1, before=ADMIN),
        edit("remove", FACEBOOK, "Rules", 2, before=SALES),
    ),
    case(
        "add-rule",
        "RoleMappings",
        {FACEBOOK: rules_mapping(SALES)},
        {FACEBOOK: rules_mapping(ADMIN, SALES)},
        edit("add", FACEBOOK, "Rules", 1, after=ADMIN),
    ),
    case(
        "change-rule",
        "RoleMappings",
        {FACEBOOK: rules_mapping(SALES, ADMIN)},
        {FACEBOOK: rules_mapping(SALES, {**ADMIN, "MatchType": "Contains"})},
        edit("change", FACEBOOK, "Rules", 2, "MatchType", before="Equals", after="Contains"),
    ),
    case(
        "move-rule",
        "RoleMappings",
        {FACEBOOK: rules_mapping(SALES, ADMIN)},
        {FACEBOOK: rules_mapping(ADMIN, SALES)},
        edit("move", FACEBOOK, "Rules", 2, before=1, after=2),
    ),
    case(
        "drop",
        "RoleMappings",
        {FACEBOOK: token_mapping()},
        {},
        edit("remove", FACEBOOK, before=canonical_mapping(kind="Token")),
    ),
    case(
        "add",
        "PrincipalTagAttributeMaps",
        {},
        {OKTA: principal_tags(department="custom:department")},
        edit("add", OKTA, "PrincipalTags", "department", after="custom:department"),
    ),
    case(
        "change",
        "PrincipalTagAttributeMaps",
        {OKTA: principal_tags(department="a"), GITHUB: principal_tags(repo="r")},
        {OKTA: principal_tags(department="b"), GITHUB: principal_tags(repo="r")},
        edit("change", OKTA, "PrincipalTags", "department", before="a", after="b"),
    ),
    case(
        "defaults",
        "PrincipalTagAttributeMaps",
        {OKTA: principal_tags(username="email")},
        {OKTA: principal_tags(defaults=True)},
        edit("remove", OKTA, "PrincipalTags", "username", before="email"),
        edit("change", OKTA, "UseDefaults", before=False, after=True),
    ),
    case(
        "drop",
        "PrincipalTagAttributeMaps",
        {OKTA: principal_tags(defaults=True)},
        {},
        edit("change", OKTA, "UseDefaults", before=True, after=False),
    ),
]


@pytest.mark.parametrize(("field", "before", "after", "edits"), CASES)
def test_each_field_and_each_way_to_change_it(
    field: str, before: Any, after: Any, edits: Iterable[Edit]
) -> None:
    """One field changed: one change, of that field alone, with exactly these edits."""
    change = change_of(pool(**{field: before}), pool(**{field: after}))
    assert change.field == field
    assert change.edits == tuple(edits)
    assert applied(change) == change.after


def test_the_table_has_every_field() -> None:
    assert {parameters.values[0] for parameters in CASES} == set(POOL_FIELDS)


def test_changes_come_in_the_apis_order() -> None:
    before = pool(Roles={})
    after = pool(
        Roles={"authenticated": "r"},
        IdentityPoolTags={"a": "b"},
        SamlProviderARNs=[OKTA],
        AllowClassicFlow=True,
    )
    fields = [change.field for change in changes_between(before, after)]
    assert fields == ["AllowClassicFlow", "SamlProviderARNs", "IdentityPoolTags", "Roles"]


class TestEqual:
    def test_deepdiff_is_not_asked_about_equal_pools(self, monkeypatch: Any) -> None:
        """Equality decides whether; so an unchanged pool costs nothing."""
        calls = []

        def counted(*args: Any, **options: Any) -> Any:
            calls.append(args)
            return original(*args, **options)

        original = deepdiff.DeepDiff
        monkeypatch.setattr(deepdiff, "DeepDiff", counted)
        full = {field: after for field, _, after, _ in (c.values for c in CASES)}
        assert changes_between(pool(**full), pool(**full)) == ()
        assert calls == []
        changes_between(pool(**full), pool(**full | {"AllowClassicFlow": True}))
        assert len(calls) == 1

    def test_an_unchanged_mapping_is_not_asked_about_either(self, monkeypatch: Any) -> None:
        before = pool(RoleMappings={FACEBOOK: rules_mapping(ADMIN), OKTA: token_mapping()})
        after = pool(RoleMappings={FACEBOOK: rules_mapping(ADMIN)})

        def no_call(*_: Any, **__: Any) -> Any:
            pytest.fail("asked about equal values")

        monkeypatch.setattr(deepdiff, "DeepDiff", no_call)
        assert len(change_of(before, after).edits) == 1

    @pytest.mark.parametrize(
        ("field", "one", "other"),
        [
            ("SamlProviderARNs", [OKTA, ENTRA], [ENTRA, OKTA]),
            ("OpenIdConnectProviderARNs", [GITHUB, GITLAB], [GITLAB, GITHUB, GITLAB]),
            ("CognitoIdentityProviders", [client("1"), client("2")], [client("2"), client("1")]),
            ("IdentityPoolTags", {"a": "1", "b": "2"}, {"b": "2", "a": "1"}),
        ],
    )
    def test_the_order_of_sets_and_maps_is_no_difference(
        self, field: str, one: Any, other: Any
    ) -> None:
        assert changes_between(pool(**{field: one}), pool(**{field: other})) == ()

    def test_the_default_mapping_spelled_out_is_use_defaults(self) -> None:
        spelled = {"UseDefaults": True, "PrincipalTags": {"username": "sub", "client": "aud"}}
        one = pool(PrincipalTagAttributeMaps={OKTA: spelled})
        other = pool(PrincipalTagAttributeMaps={OKTA: principal_tags(defaults=True)})
        assert changes_between(one, other) == ()

    def test_a_provider_without_principal_tags_equals_one_that_was_never_set(self) -> None:
        one = pool(PrincipalTagAttributeMaps={OKTA: principal_tags()})
        assert changes_between(one, pool(PrincipalTagAttributeMaps={})) == ()


class TestUnmanaged:
    @pytest.mark.parametrize("read", [True, False])
    def test_roles_and_principal_tags_left_out_never_differ(self, read: bool) -> None:
        stored = {
            "Roles": {"authenticated": "r"},
            "RoleMappings": {FACEBOOK: token_mapping()},
            "PrincipalTagAttributeMaps": {OKTA: principal_tags(a="b")},
        }
        assert changes_between(pool(**stored) if read else pool(), pool()) == ()

    def test_empty_roles_are_managed_and_take_the_live_ones_away(self) -> None:
        stored = pool(Roles={"authenticated": "r"}, RoleMappings={FACEBOOK: rules_mapping(ADMIN)})
        roles, mappings = changes_between(stored, pool(Roles={}))
        assert (roles.field, roles.after) == ("Roles", {})
        assert (mappings.field, mappings.after) == ("RoleMappings", {})

    def test_empty_roles_equal_a_pool_without_roles(self) -> None:
        assert changes_between(pool(Roles={}), pool(RoleMappings={})) == ()

    def test_a_new_pool_with_empty_roles_needs_no_roles(self) -> None:
        fields = [c.field for c in changes_between(None, pool(Roles={}))]
        assert fields == ["IdentityPoolName"]


class TestNewPool:
    def test_everything_is_added_to_awss_defaults(self) -> None:
        desired = pool(
            AllowClassicFlow=True,
            SamlProviderARNs=[OKTA],
            RoleMappings={FACEBOOK: rules_mapping(ADMIN, SALES)},
            PrincipalTagAttributeMaps={OKTA: principal_tags(defaults=True)},
        )
        changes = changes_between(None, desired)
        assert {change.field: change.after for change in changes} == {
            "IdentityPoolName": "storefront",
            "AllowClassicFlow": True,
            "SamlProviderARNs": [OKTA],
            "RoleMappings": {FACEBOOK: canonical_mapping(ADMIN, SALES)},
            "PrincipalTagAttributeMaps": {OKTA: {"UseDefaults": True, "PrincipalTags": {}}},
        }
        assert all(applied(change) == change.after for change in changes)


class TestPrivateLookingKeys:
    """deepdiff skips keys that begin with two underscores unless it is told otherwise."""

    def test_a_tag_is_shown(self) -> None:
        change = change_of(pool(), pool(IdentityPoolTags={"__team": "shop"}))
        assert change.edits == (edit("add", "__team", after="shop"),)

    def test_principal_tags_are_shown_and_set(self) -> None:
        """Without its edit the action would be missing, and the plan would never be empty."""
        wanted = spec(PrincipalTagAttributeMaps={"__login": principal_tags(__level="sub")})
        planned = plan_one(wanted, ours(PrincipalTagAttributeMaps={}))
        (change,) = planned.changes
        assert change.edits == (edit("add", "__login", "PrincipalTags", "__level", after="sub"),)
        assert [action.kind for action in planned.actions] == ["SetPrincipalTags"]


class TestIrreversible:
    @pytest.mark.parametrize("field", POOL_FIELDS)
    def test_only_the_developer_provider_is(self, field: str) -> None:
        before, after = next((c.values[1], c.values[2]) for c in CASES if c.values[0] == field)
        change = change_of(pool(**{field: before}), pool(**{field: after}))
        assert change.irreversible == (field == "DeveloperProviderName")


SECRETS = ("s3cr3t-one", "s3cr3t-two")


def twitter(value: str) -> dict[str, Any]:
    return {"SupportedLoginProviders": {TWITTER: value}}


class TestSecrets:
    def test_a_change_of_the_secret_half_alone_is_seen_and_not_shown(self) -> None:
        change = change_of(pool(**twitter("key;one")), pool(**twitter("key;two")))
        masked = "key;****"
        assert change.edits == (edit("change", TWITTER, before=masked, after=masked, secret=True),)
        assert change.before == change.after == {TWITTER: masked}

    @pytest.mark.parametrize(
        ("before", "after", "secret"),
        [
            ("key;one", "new;one", False),
            ("key;one", "new;two", True),
            ("key", "key;two", True),
            ("key;one", "key", True),
            ("key;one", "key;", False),
            ("key", "new", True),
        ],
    )
    def test_secret_says_that_the_masked_part_is_what_changed(
        self, before: str, after: str, secret: bool
    ) -> None:
        (found,) = change_of(pool(**twitter(before)), pool(**twitter(after))).edits
        assert found.secret is secret
        assert "one" not in repr(found)
        assert "two" not in repr(found)

    def test_a_provider_without_a_secret_is_shown_as_it_is(self) -> None:
        before = pool(SupportedLoginProviders={FACEBOOK: "a"})
        (found,) = change_of(before, pool(SupportedLoginProviders={FACEBOOK: "b"})).edits
        assert (found.before, found.after, found.secret) == ("a", "b", False)

    @pytest.mark.parametrize(
        ("stored", "wanted"),
        [
            (twitter(f"key;{SECRETS[0]}"), twitter(f"key;{SECRETS[1]}")),
            ({}, twitter(f"key;{SECRETS[1]}")),
            (twitter(f"key;{SECRETS[0]}"), {}),
            (twitter(f"key;{SECRETS[0]}"), {"DeveloperProviderName": "other"}),
        ],
        ids=["changed", "added", "dropped", "refused"],
    )
    def test_no_secret_is_in_any_form_of_the_plan(
        self, stored: dict[str, Any], wanted: dict[str, Any]
    ) -> None:
        pools = ours(DeveloperProviderName="dev", **stored)
        plan = whole_plan(plan_of([spec(**wanted), spec("new", **wanted)], pools))
        forms = [
            plan.model_dump_json(),
            plan.model_dump_json(by_alias=False, indent=1),
            repr(plan.model_dump()),
            repr(plan),
            str(plan),
            *(
                f"{planned!r} {planned} {planned.live!r} {planned.desired}"
                for planned in plan.pools
            ),
        ]
        assert not [form for form in forms for secret in SECRETS if secret in form]
        assert any("key;****" in form for form in forms)

    def test_the_plan_itself_still_knows_the_secret(self) -> None:
        """Masked where it is shown, whole where it is written."""
        desired = plan_one(spec(**twitter("key;two"))).desired
        assert desired is not None
        assert desired.SupportedLoginProviders == {TWITTER: "key;two"}


def test_an_edit_of_roles_names_the_role() -> None:
    change = change_of(pool(Roles={}), pool(Roles={"authenticated": role("shop")}))
    assert change.edits == (edit("add", "authenticated", after=role("shop")),)
