"""What is left alone: ignoreChanges, ignoreTags, and AWS's own tags."""

from typing import Any

import pytest

from reconciler.model.changes import TagPool, UntagPool, UpdatePool
from reconciler.model.pool import POOL_FIELDS, SETTINGS_FIELDS
from reconciler.model.project import NAME_TAG, Project
from reconciler.model.spec import Spec
from tests.planner.support import (
    EU,
    FACEBOOK,
    GITHUB,
    OKTA,
    OWNER,
    POOL_ID,
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
)

# field -> (what the spec says, what live has)
VALUES: dict[str, tuple[Any, Any]] = {
    "IdentityPoolName": ("shop", "by hand"),
    "AllowUnauthenticatedIdentities": (True, False),
    "AllowClassicFlow": (False, True),
    "SupportedLoginProviders": ({FACEBOOK: "1"}, {FACEBOOK: "2"}),
    "DeveloperProviderName": ("login.shop", "login.other"),
    "OpenIdConnectProviderARNs": ([GITHUB], []),
    "SamlProviderARNs": ([], [OKTA]),
    "CognitoIdentityProviders": ([client()], [client("opensearch")]),
    "IdentityPoolTags": ({"team": "shop"}, {"team": "other"}),
    "Roles": ({"authenticated": role("a")}, {"authenticated": role("b")}),
    "RoleMappings": ({OKTA: rules_mapping(rule("a"))}, {OKTA: token_mapping()}),
    "PrincipalTagAttributeMaps": ({OKTA: principal_tags(a="1")}, {OKTA: principal_tags(a="2")}),
}
PROJECT = Project(owner=OWNER, targets=(EU,), ignore_tags=("cost:*", "v?"))


def ignoring(*fields: str, **wanted: Any) -> Spec:
    return spec(lifecycle={"ignoreChanges": list(fields)}, **wanted)


@pytest.mark.parametrize("field", POOL_FIELDS)
class TestEachField:
    def test_it_differs_where_it_is_not_ignored(self, field: str) -> None:
        wanted, stored = VALUES[field]
        planned = plan_one(spec(**{field: wanted}), ours(**{field: stored}))
        assert field in [change.field for change in planned.changes]

    def test_ignored_it_is_never_a_change_and_keeps_its_live_value(self, field: str) -> None:
        wanted, stored = VALUES[field]
        planned = plan_one(ignoring(field, **{field: wanted}), ours(**{field: stored}))
        assert planned.changes == ()
        assert planned.verb == "keep"
        assert planned.desired is not None
        assert planned.live is not None
        assert getattr(planned.desired, field) == getattr(planned.live, field)
        assert planned.ignored.fields == (field,)

    def test_a_change_beside_it_is_made_with_its_live_value(self, field: str) -> None:
        """An update sends every field, so the live value has to be in desired."""
        other = "AllowClassicFlow" if field != "AllowClassicFlow" else "IdentityPoolName"
        wanted, stored = VALUES[field]
        planned = plan_one(
            ignoring(field, **{field: wanted, other: VALUES[other][0]}),
            ours(**{field: stored, other: VALUES[other][1]}),
        )
        assert planned.actions == (UpdatePool(fields=(other,)),)
        assert planned.desired is not None
        assert planned.live is not None
        assert getattr(planned.desired, field) == getattr(planned.live, field)

    def test_a_new_pool_takes_the_specs_value(self, field: str) -> None:
        wanted, _ = VALUES[field]
        value = {field: wanted}
        assert plan_one(ignoring(field, **value)).desired == plan_one(spec(**value)).desired


def test_one_ignored_half_of_the_roles_keeps_its_live_value() -> None:
    """SetIdentityPoolRoles replaces both halves."""
    roles, mappings = VALUES["Roles"], VALUES["RoleMappings"]
    planned = plan_one(
        ignoring("RoleMappings", Roles=roles[0]), ours(Roles=roles[1], RoleMappings=mappings[1])
    )
    assert [change.field for change in planned.changes] == ["Roles"]
    assert planned.desired is not None
    assert planned.live is not None
    assert planned.desired.RoleMappings == planned.live.RoleMappings


def test_an_ignored_field_that_is_not_managed_stays_so() -> None:
    planned = plan_one(ignoring("Roles", "PrincipalTagAttributeMaps"), ours())
    assert planned.desired is not None
    assert planned.desired.Roles is None
    assert planned.desired.PrincipalTagAttributeMaps is None


def test_a_field_named_twice_is_ignored_once() -> None:
    planned = plan_one(ignoring("Roles", "AllowClassicFlow", "Roles"))
    assert planned.ignored.fields == ("Roles", "AllowClassicFlow")


def test_everything_ignored_still_leaves_the_ownership_tags() -> None:
    wanted = adopting(POOL_ID, lifecycle={"ignoreChanges": list(POOL_FIELDS)})
    stored = {field: VALUES[field][1] for field in SETTINGS_FIELDS}
    planned = plan_one(wanted, live(**stored, IdentityPoolTags={"team": "x"}))
    assert planned.actions == (TagPool(tags=our_tags()),)


class TestTags:
    def test_ignored_tags_are_neither_removed_nor_changed(self) -> None:
        wanted = spec(IdentityPoolTags={"team": "shop", "cost:center": "spec"})
        tags = {"cost:center": "live", "cost:unit": "7", "v1": "x", "team": "shop"}
        planned = plan_one(wanted, ours(IdentityPoolTags=tags), project=PROJECT)
        assert planned.changes == ()
        assert planned.ignored.tags == ("cost:*", "v?")

    def test_tags_that_only_look_like_it_are_ours_to_remove(self) -> None:
        planned = plan_one(
            spec(), ours(IdentityPoolTags={"cost": "1", "v10": "2", "Cost:x": "3"}), project=PROJECT
        )
        assert planned.desired is not None
        assert planned.desired.IdentityPoolTags == our_tags()
        assert planned.actions == (UpdatePool(fields=("IdentityPoolTags",)),)

    def test_an_ignored_tag_that_live_does_not_have_is_not_added(self) -> None:
        wanted = spec(IdentityPoolTags={"cost:center": "spec"})
        assert plan_one(wanted, ours(), project=PROJECT).verb == "keep"

    def test_a_new_pool_gets_the_specs_value_of_an_ignored_tag(self) -> None:
        desired = plan_one(spec(IdentityPoolTags={"v1": "x"}), project=PROJECT).desired
        assert desired is not None
        assert desired.IdentityPoolTags["v1"] == "x"

    def test_awss_own_tags_are_left_alone(self) -> None:
        tags = {"aws:cloudformation:stack-name": "x"}
        assert plan_one(spec(), ours(IdentityPoolTags=tags)).verb == "keep"

    @pytest.mark.parametrize("project", [Project(owner=OWNER, ignore_tags=("*",)), PROJECT])
    def test_ownership_is_written_whatever_is_ignored(self, project: Project) -> None:
        wanted = adopting(POOL_ID, lifecycle={"ignoreChanges": ["IdentityPoolTags"]})
        planned = plan_one(wanted, live(IdentityPoolTags={"team": "x"}), project=project)
        assert planned.actions == (TagPool(tags=our_tags()),)

    def test_an_orphans_name_tag_is_rewritten_though_tags_are_ignored(self) -> None:
        wanted = adopting(POOL_ID, "shop", lifecycle={"ignoreChanges": ["IdentityPoolTags"]})
        assert plan_one(wanted, ours("old")).actions == (TagPool(tags={NAME_TAG: "shop"}),)

    def test_other_tags_of_our_prefix_are_not_left(self) -> None:
        stored = ours(IdentityPoolTags={"idpool:old": "x"})
        assert plan_one(ignoring("IdentityPoolTags"), stored).actions == (
            UntagPool(keys=("idpool:old",)),
        )
