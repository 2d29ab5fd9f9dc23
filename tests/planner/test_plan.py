"""The plan as data: what it holds, and that one plan has one digest."""

import json

import pytest

from reconciler.model.findings import Source
from reconciler.model.plan import Plan, TargetPlan
from reconciler.model.project import Project
from tests.planner.support import (
    ENTRA,
    EU,
    FACEBOOK,
    GITHUB,
    OKTA,
    OTHER_ID,
    OWNER,
    THIRD_ID,
    TWITTER,
    US,
    client,
    live,
    ours,
    plan_of,
    plan_one,
    principal_tags,
    role,
    rule,
    rules_mapping,
    spec,
    tombstone,
    whole_plan,
)

# Another value means that plans made before are not recognised after.
GOLDEN = "sha256:c225d95877aa7fa239ee0395a687eb680fdaa95ff9f15f4e7989e06668b44ed8"
PROJECT = Project(owner=OWNER, targets=(EU, US), ignore_tags=("cost:*",))


def a_full_plan(*, name: str = "shop window") -> Plan:
    """Every kind of item: changes of all sorts, a creation, a deletion, refusals, an orphan."""
    specs = [
        spec(
            IdentityPoolName=name,
            AllowClassicFlow=True,
            SupportedLoginProviders={TWITTER: "key;secret", FACEBOOK: "1"},
            SamlProviderARNs=[OKTA],
            CognitoIdentityProviders=[client("2"), client(check=True)],
            IdentityPoolTags={"team": "shop"},
            Roles={"authenticated": role("shop"), "unauthenticated": role("guest")},
            RoleMappings={FACEBOOK: rules_mapping(rule("b"), rule("a"))},
            PrincipalTagAttributeMaps={OKTA: principal_tags(level="l", department="d")},
            lifecycle={"ignoreChanges": ["OpenIdConnectProviderARNs"]},
        ),
        spec("new", IdentityPoolName="new"),
        spec("taken", IdentityPoolName="taken"),
        tombstone("old"),
    ]
    pools = (
        ours(
            SupportedLoginProviders={TWITTER: "key;other"},
            OpenIdConnectProviderARNs=[GITHUB],
            IdentityPoolTags={"cost:center": "7"},
            Roles={"authenticated": role("shop")},
            RoleMappings={FACEBOOK: rules_mapping(rule("a"), rule("b"))},
            PrincipalTagAttributeMaps={ENTRA: principal_tags(defaults=True)},
        ),
        live(OTHER_ID, IdentityPoolName="taken"),
        ours("old", THIRD_ID, IdentityPoolName="old"),
        ours("gone", f"{THIRD_ID}0", IdentityPoolName="gone"),
    )
    eu = plan_of(specs, *pools, target=EU, project=PROJECT)
    return whole_plan(eu, plan_of(specs[1:2], target=US, project=PROJECT))


class TestContent:
    def test_a_pool_carries_what_was_seen_and_what_is_wanted(self) -> None:
        stored = ours(AllowClassicFlow=True)
        planned = plan_one(spec(), stored)
        assert planned.live == stored.pool
        assert planned.source == Source(file="specs/storefront.yaml")
        assert planned.name == "storefront"
        assert planned.desired == stored.pool.model_copy(update={"AllowClassicFlow": False})

    def test_verbs(self) -> None:
        plan = a_full_plan()
        assert [(pool.name, pool.verb) for pool in plan.pools] == [
            ("storefront", "update"),
            ("new", "create"),
            ("taken", "refuse"),
            ("old", "delete"),
            ("new", "create"),
        ]
        assert plan_one(spec(), ours()).verb == "keep"

    def test_an_update_that_begins_with_principal_tags_is_an_update(self) -> None:
        planned = next(a_full_plan().pools)
        assert planned.actions[0].kind == "SetPrincipalTags"
        assert planned.verb == "update"

    def test_refusals_and_changes_of_the_whole_plan(self) -> None:
        plan = a_full_plan()
        assert [refusal.rule for refusal in plan.refusals] == ["name-taken"]
        assert plan.has_changes

    def test_a_plan_of_refusals_alone_changes_nothing(self) -> None:
        plan = whole_plan(plan_of([spec()], live()))
        assert not plan.has_changes
        assert len(list(plan.refusals)) == 1

    def test_live_equal_to_desired_is_an_empty_plan(self) -> None:
        plan = whole_plan(plan_of([spec()], ours()))
        assert not plan.has_changes
        assert list(plan.refusals) == []


class TestDigest:
    def test_it_is_the_same_in_every_process(self) -> None:
        """A golden value, of the pool that has changes of every kind; sets would show here."""
        planned = whole_plan(TargetPlan(target=EU, pools=(next(a_full_plan().pools),)))
        assert planned.digest == GOLDEN

    def test_it_changes_with_the_content(self) -> None:
        assert a_full_plan(name="other").digest != a_full_plan().digest

    def test_it_does_not_depend_on_the_order_of_maps(self) -> None:
        tags = {"a": "1", "b": "2", "c": "3"}
        roles = {"authenticated": role("a"), "unauthenticated": role("b")}
        one, other = (
            plan_of(
                [spec(IdentityPoolTags=order(tags), Roles=order(roles))],
                ours(IdentityPoolTags=order({"x": "1", "y": "2"}), Roles={}),
            )
            for order in (_as_written, _backwards)
        )
        assert whole_plan(one).digest == whole_plan(other).digest

    def test_it_does_not_depend_on_the_order_of_keys_in_the_text(self) -> None:
        plan = a_full_plan()
        text = json.dumps(_reversed(plan.model_dump(mode="json")))
        assert Plan.model_validate_json(text).digest == plan.digest


def _as_written(value: dict[str, str]) -> dict[str, str]:
    return value


def _backwards(value: dict[str, str]) -> dict[str, str]:
    return dict(reversed(value.items()))


def _reversed(value: object) -> object:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


class TestRoundTrip:
    def test_a_plan_survives_json(self) -> None:
        """All but the secrets, which are not in it."""
        plan = a_full_plan()
        text = plan.model_dump_json()
        again = Plan.model_validate_json(text)
        assert again.model_dump_json() == text
        assert again.digest == plan.digest
        assert [pool.actions for pool in again.pools] == [pool.actions for pool in plan.pools]

    def test_a_plan_without_secrets_is_equal_afterwards(self) -> None:
        plan = whole_plan(
            plan_of([spec(Roles={}), spec("new")], ours(Roles={"authenticated": "r"}))
        )
        assert Plan.model_validate_json(plan.model_dump_json()) == plan

    def test_json_is_camel_case_around_the_apis_own_names(self) -> None:
        data = json.loads(a_full_plan().model_dump_json())
        pool = data["targets"][0]["pools"][0]
        assert data["schemaVersion"] == 1
        assert pool["poolId"]
        assert pool["desired"]["IdentityPoolName"] == "shop window"

    def test_a_plan_is_frozen(self) -> None:
        plan = a_full_plan()
        with pytest.raises(ValueError, match="frozen"):
            plan.owner = "somebody else"  # type: ignore[misc]
