"""From changes to actions, in an order that is safe to stop at."""

from typing import Any

import pytest

from reconciler.model.changes import (
    Action,
    CreatePool,
    DeletePool,
    SetPrincipalTags,
    SetRoles,
    TagPool,
    UntagPool,
    UpdatePool,
)
from reconciler.model.live import LivePool
from reconciler.model.pool import SETTINGS_FIELDS
from reconciler.model.project import Ignored, Project
from reconciler.model.spec import Spec
from reconciler.planner.actions import actions_for
from tests.planner.support import (
    CLIENT,
    FACEBOOK,
    GITHUB,
    OKTA,
    OWNER,
    POOL_ID,
    USER_POOL,
    adopting,
    client,
    live,
    our_tags,
    ours,
    plan_one,
    principal_tags,
    role,
    rule,
    rules_mapping,
    spec,
    token_mapping,
    tombstone,
)

ROLES = {"authenticated": role("shop")}
CHANGED_SETTINGS: dict[str, Any] = {
    "IdentityPoolName": "shop",
    "AllowUnauthenticatedIdentities": True,
    "AllowClassicFlow": True,
    "SupportedLoginProviders": {FACEBOOK: "1"},
    "DeveloperProviderName": "login.shop",
    "OpenIdConnectProviderARNs": [GITHUB],
    "SamlProviderARNs": [OKTA],
    "CognitoIdentityProviders": [client()],
}


def actions(wanted: dict[str, Any], **stored: Any) -> tuple[Action, ...]:
    return plan_one(spec(**wanted), ours(**stored)).actions


def new_actions(**wanted: Any) -> tuple[Action, ...]:
    return plan_one(spec(**wanted)).actions


class TestSettings:
    def test_nothing_changed_is_nothing_to_do(self) -> None:
        full = {**CHANGED_SETTINGS, "IdentityPoolTags": {"a": "b"}, "Roles": ROLES}
        assert actions(full, **full) == ()

    @pytest.mark.parametrize("field", SETTINGS_FIELDS)
    def test_one_setting_is_one_update_of_that_field(self, field: str) -> None:
        assert actions({field: CHANGED_SETTINGS[field]}) == (UpdatePool(fields=(field,)),)

    def test_all_settings_are_one_update(self) -> None:
        assert actions(CHANGED_SETTINGS) == (UpdatePool(fields=SETTINGS_FIELDS),)

    def test_settings_and_tags_are_one_update(self) -> None:
        wanted = {"AllowClassicFlow": True, "IdentityPoolTags": {"team": "shop"}}
        found = actions(wanted, IdentityPoolTags={"old": "tag"})
        assert found == (UpdatePool(fields=("AllowClassicFlow", "IdentityPoolTags")),)


BOTH_TAGS: dict[str, Any] = {"IdentityPoolTags": {"new": "1"}}
STRANGE = {"aws:cloudformation:stack-name": "shop"}


class TestTagsGoWithAnUpdate:
    """TagResource takes 5 a second; UpdateIdentityPool takes tags, too."""

    def test_of_a_pool_that_nobody_else_writes_to(self) -> None:
        found = actions(BOTH_TAGS, IdentityPoolTags={"old": "1"})
        assert found == (UpdatePool(fields=("IdentityPoolTags",)),)

    def test_also_when_tags_are_only_taken_away(self) -> None:
        assert actions({}, IdentityPoolTags={"a": "1"}) == (
            UpdatePool(fields=("IdentityPoolTags",)),
        )

    @pytest.mark.parametrize(
        ("wanted", "stored"),
        [
            (spec(**BOTH_TAGS), ours(IdentityPoolTags=STRANGE)),
            (spec(lifecycle={"ignoreChanges": ["Roles"]}, **BOTH_TAGS), ours()),
            (adopting(POOL_ID, **BOTH_TAGS), live()),
        ],
        ids=["tags of AWS", "ignoreChanges", "not ours yet"],
    )
    def test_not_where_somebody_else_writes_too(self, wanted: Spec, stored: LivePool) -> None:
        assert {action.kind for action in plan_one(wanted, stored).actions} == {"TagPool"}

    def test_not_where_a_tag_is_ignored(self) -> None:
        project = Project(owner=OWNER, ignore_tags=("cost:*",))
        stored = ours(IdentityPoolTags={"cost:center": "1"})
        (action,) = plan_one(spec(**BOTH_TAGS), stored, project=project).actions
        assert action == TagPool(tags={"new": "1"})


class TestTagsAlone:
    def test_added_and_changed_tags_are_one_call(self) -> None:
        wanted = {"IdentityPoolTags": {"new": "1", "changed": "2", "same": "3"}}
        found = actions(wanted, IdentityPoolTags={"changed": "1", "same": "3", **STRANGE})
        assert found == (TagPool(tags={"changed": "2", "new": "1"}),)

    def test_removed_tags_are_one_call(self) -> None:
        found = actions({}, IdentityPoolTags={"a": "1", "b": "2", **STRANGE})
        assert found == (UntagPool(keys=("a", "b")),)

    def test_tags_are_added_before_others_are_removed(self) -> None:
        found = actions(BOTH_TAGS, IdentityPoolTags={"old": "1", **STRANGE})
        assert found == (TagPool(tags={"new": "1"}), UntagPool(keys=("old",)))

    @pytest.mark.parametrize(("stored", "kinds"), [(47, "TagPool"), (48, "UntagPool")])
    def test_where_both_do_not_fit_the_old_ones_go_first(self, stored: int, kinds: str) -> None:
        """AWS allows 50 tags, two of which are ours."""
        old = {f"old{number:02}": "x" for number in range(stored)}
        first, second = actions(BOTH_TAGS, IdentityPoolTags={**old, **STRANGE})
        assert first.kind == kinds
        assert {first.kind, second.kind} == {"TagPool", "UntagPool"}

    def test_awss_own_tags_take_no_room(self) -> None:
        old = {f"old{number:02}": "x" for number in range(47)} | {"aws:a": "1", "aws:b": "2"}
        first, _ = actions(BOTH_TAGS, IdentityPoolTags=old)
        assert first.kind == "TagPool"

    def test_adopting_an_equal_pool_only_tags_it(self) -> None:
        planned = plan_one(adopting(POOL_ID), live(IdentityPoolTags={}))
        assert planned.actions == (TagPool(tags=our_tags()),)


class TestRoles:
    @pytest.mark.parametrize(
        ("wanted", "fields"),
        [
            ({"Roles": ROLES}, ("Roles",)),
            ({"RoleMappings": {FACEBOOK: token_mapping()}}, ("RoleMappings",)),
            (
                {"Roles": ROLES, "RoleMappings": {FACEBOOK: token_mapping()}},
                ("Roles", "RoleMappings"),
            ),
        ],
    )
    def test_roles_are_set_once_whichever_half_changed(
        self, wanted: dict[str, Any], fields: tuple[str, ...]
    ) -> None:
        assert actions(wanted, Roles={}) == (SetRoles(fields=fields),)

    def test_many_rules_are_one_call(self) -> None:
        wanted = {
            "RoleMappings": {
                FACEBOOK: rules_mapping(rule("a"), rule("b")),
                CLIENT: rules_mapping(rule("c")),
            }
        }
        found = actions(wanted, RoleMappings={FACEBOOK: token_mapping()})
        assert found == (SetRoles(fields=("RoleMappings",)),)

    def test_empty_roles_take_the_live_ones_away(self) -> None:
        assert actions({"Roles": {}}, Roles=ROLES) == (SetRoles(fields=("Roles",)),)

    def test_unmanaged_roles_are_left_alone(self) -> None:
        assert actions({}, Roles=ROLES) == ()


class TestPrincipalTags:
    def test_each_changed_provider_is_set_once(self) -> None:
        same = principal_tags(a="b")
        wanted = {
            "PrincipalTagAttributeMaps": {
                OKTA: principal_tags(a="1", b="2"),
                GITHUB: principal_tags(defaults=True),
                USER_POOL: same,
            }
        }
        stored = {OKTA: principal_tags(a="0", c="3"), USER_POOL: same}
        found = actions(wanted, PrincipalTagAttributeMaps=stored)
        assert found == (SetPrincipalTags(provider=GITHUB), SetPrincipalTags(provider=OKTA))

    def test_a_provider_without_tags_any_more_is_reset(self) -> None:
        wanted = {"SamlProviderARNs": [OKTA], "PrincipalTagAttributeMaps": {}}
        stored = {OKTA: principal_tags(a="b")}
        found = actions(wanted, SamlProviderARNs=[OKTA], PrincipalTagAttributeMaps=stored)
        assert found == (SetPrincipalTags(provider=OKTA),)

    def test_unmanaged_principal_tags_are_left_alone(self) -> None:
        assert actions({}, PrincipalTagAttributeMaps={OKTA: principal_tags(a="b")}) == ()


class TestOrder:
    def test_departing_principal_tags_then_pool_then_roles_then_principal_tags(self) -> None:
        """A provider is known to the pool whenever its tags are written."""
        found = actions(
            {
                "SamlProviderARNs": [OKTA],
                "Roles": ROLES,
                "PrincipalTagAttributeMaps": {OKTA: principal_tags(a="b")},
            },
            OpenIdConnectProviderARNs=[GITHUB],
            Roles={},
            PrincipalTagAttributeMaps={GITHUB: principal_tags(c="d")},
        )
        assert found == (
            SetPrincipalTags(provider=GITHUB),
            UpdatePool(fields=("OpenIdConnectProviderARNs", "SamlProviderARNs")),
            SetRoles(fields=("Roles",)),
            SetPrincipalTags(provider=OKTA),
        )

    def test_tags_alone_take_the_place_of_the_pool(self) -> None:
        found = actions(
            {"IdentityPoolTags": {"new": "1"}, "Roles": ROLES},
            IdentityPoolTags={"old": "1", **STRANGE},
            Roles={},
        )
        assert [action.kind for action in found] == ["TagPool", "UntagPool", "SetRoles"]


class TestCreation:
    def test_settings_and_tags_are_in_the_create_call(self) -> None:
        found = new_actions(**CHANGED_SETTINGS, IdentityPoolTags={"team": "shop"})
        assert found == (CreatePool(),)

    @pytest.mark.parametrize("half", [{"Roles": {}}, {"RoleMappings": {}}])
    def test_a_new_pool_has_no_roles_to_take_away(self, half: dict[str, Any]) -> None:
        assert new_actions(**half) == (CreatePool(),)

    def test_roles_and_principal_tags_follow(self) -> None:
        found = new_actions(
            SamlProviderARNs=[OKTA],
            SupportedLoginProviders={FACEBOOK: "1"},
            Roles=ROLES,
            RoleMappings={OKTA: token_mapping()},
            PrincipalTagAttributeMaps={
                OKTA: principal_tags(a="b"),
                FACEBOOK: principal_tags(defaults=True),
            },
        )
        assert found == (
            CreatePool(),
            SetRoles(fields=("Roles", "RoleMappings")),
            SetPrincipalTags(provider=OKTA),
            SetPrincipalTags(provider=FACEBOOK),
        )

    def test_principal_tags_that_are_none_need_no_call(self) -> None:
        assert new_actions(PrincipalTagAttributeMaps={OKTA: principal_tags()}) == (CreatePool(),)


@pytest.mark.parametrize("identities", [0, 3])
def test_a_tombstone_is_one_deletion(identities: int) -> None:
    planned = plan_one(tombstone(identities=identities), ours(identities=identities))
    delete = DeletePool(with_identities=bool(identities), identities=identities)
    assert planned.actions == (delete,)


def test_no_changes_are_no_actions_whatever_the_pools_are() -> None:
    """The plan names the changes; actions follow it and nothing else."""
    planned = plan_one(spec(**CHANGED_SETTINGS), ours())
    assert planned.live is not None
    assert planned.desired is not None
    assert actions_for(planned.live, planned.desired, (), Ignored()) == ()
