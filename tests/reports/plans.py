"""Plans that together hold every field, every kind of edit, and everything around them."""

from dataclasses import replace
from typing import Any

from reconciler.model.base import JsonValue
from reconciler.model.changes import (
    Change,
    CreatePool,
    DeletePool,
    Notice,
    Refusal,
    SetPrincipalTags,
    SetRoles,
    TagPool,
    UntagPool,
    UpdatePool,
)
from reconciler.model.plan import Plan, PoolPlan
from reconciler.model.project import Ignored
from tests.reports.builders import (
    CLIENT,
    GITHUB,
    OKTA,
    OTHER_CLIENT,
    OTHER_ID,
    POOL_ID,
    US,
    USER_POOL,
    collection,
    doubt,
    edit,
    new_collection,
    orphan,
    plan,
    pool,
    pool_plan,
    role,
    rule,
    says,
    scalar,
    target_plan,
    unread,
)

OWNERSHIP = (
    edit("add", "idpool:name", after="storefront"),
    edit("add", "idpool:owner", after="acme/identity"),
)
IS_ADMIN = rule("isAdmin", "Equals", "yes", "shop-admin")
SALES = rule("custom:department", "StartsWith", "sales ", "shop-sales")
STAFF = rule("email", "Contains", "@example.com", "shop-staff")
NOBODY = rule("email", "NotEqual", "root@example.com", "shop-guest")


def _tag_map(use_defaults: bool, tags: dict[str, str]) -> dict[str, object]:
    return {"UseDefaults": use_defaults, "PrincipalTags": tags}


def _create_changes() -> tuple[Change, ...]:
    mapping: dict[str, JsonValue] = {
        "Type": "Rules",
        "AmbiguousRoleResolution": "AuthenticatedRole",
        "Rules": [IS_ADMIN, SALES],
    }
    token: dict[str, JsonValue] = {"Type": "Token", "AmbiguousRoleResolution": "Deny", "Rules": []}
    return (
        scalar("IdentityPoolName", "", "storefront"),
        scalar("AllowUnauthenticatedIdentities", False, True),
        new_collection(
            "SupportedLoginProviders",
            edit("add", "api.twitter.com", after="consumerkey;****"),
            edit("add", "graph.facebook.com", after="7346241598935555"),
        ),
        scalar("DeveloperProviderName", "", "login.storefront", forever=True),
        new_collection("OpenIdConnectProviderARNs", edit("add", GITHUB)),
        new_collection("SamlProviderARNs", edit("add", OKTA)),
        new_collection(
            "CognitoIdentityProviders",
            edit("add", OTHER_CLIENT, after={"ServerSideTokenCheck": False}),
            edit("add", CLIENT, after={"ServerSideTokenCheck": True}),
        ),
        new_collection("IdentityPoolTags", *OWNERSHIP, edit("add", "team", after="shop")),
        new_collection(
            "Roles",
            edit("add", "authenticated", after=role("shop-auth")),
            edit("add", "unauthenticated", after=role("shop-guest")),
        ),
        new_collection(
            "RoleMappings",
            edit("add", CLIENT, after=token),
            edit("add", "graph.facebook.com", after=mapping),
            after={CLIENT: token, "graph.facebook.com": mapping},
        ),
        new_collection(
            "PrincipalTagAttributeMaps",
            edit("change", USER_POOL, "UseDefaults", before=False, after=True),
            edit("add", OKTA, "PrincipalTags", "department", after="custom:department"),
            edit("add", OKTA, "PrincipalTags", "cost centre", after="costCentre"),
            after={
                USER_POOL: _tag_map(True, {}),
                OKTA: _tag_map(False, {"department": "custom:department"}),
            },
        ),
    )


def create() -> PoolPlan:
    return pool_plan(
        "storefront",
        *_create_changes(),
        pool_id=None,
        live=None,
        actions=(
            CreatePool(),
            SetRoles(fields=("Roles", "RoleMappings")),
            SetPrincipalTags(provider=OKTA),
            SetPrincipalTags(provider=USER_POOL),
        ),
    )


def _settings_changes() -> tuple[Change, ...]:
    return (
        scalar("IdentityPoolName", "store front", "storefront"),
        scalar("AllowUnauthenticatedIdentities", True, False),
        scalar("AllowClassicFlow", False, True),
        collection(
            "SupportedLoginProviders",
            edit("remove", "accounts.google.com", before="123-abc.apps.googleusercontent.com"),
            edit(
                "change",
                "api.twitter.com",
                before="consumerkey;****",
                after="consumerkey;****",
                secret=True,
            ),
            edit("change", "graph.facebook.com", before="7346241598935555", after="8346241598935"),
            edit("add", "www.amazon.com", after="amzn1.application.188a56d827a7d6555a8b67a5d"),
        ),
        scalar("DeveloperProviderName", "", "login.storefront", forever=True),
        collection("OpenIdConnectProviderARNs", edit("remove", GITHUB), after=[]),
        collection("SamlProviderARNs", edit("add", OKTA), edit("remove", OKTA + "-old")),
        collection(
            "CognitoIdentityProviders",
            edit("change", CLIENT, "ServerSideTokenCheck", before=False, after=True),
            edit("remove", f"{USER_POOL}:goes", before={"ServerSideTokenCheck": True}),
            edit("add", f"{USER_POOL}:comes", after={"ServerSideTokenCheck": False}),
        ),
        collection(
            "IdentityPoolTags",
            edit("change", "cost centre", before="12 34", after=""),
            edit("remove", "old", before="x"),
            *OWNERSHIP,
            edit("add", "team", after="shop"),
        ),
    )


def settings() -> PoolPlan:
    """Every setting changed in every way."""
    notice = Notice(rule="many-rules", message="graph.facebook.com has 31 rules; the guide says 25")
    changes = _settings_changes()
    fields = tuple(change.field for change in changes)
    return pool_plan(
        "storefront", *changes, notices=(notice,), actions=(UpdatePool(fields=fields),)
    )


def _role_changes() -> tuple[Change, ...]:
    token: dict[str, JsonValue] = {"Type": "Token", "AmbiguousRoleResolution": "Deny", "Rules": []}
    before = {
        "graph.facebook.com": {"Type": "Token", "AmbiguousRoleResolution": "Deny", "Rules": []},
        CLIENT: {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "Rules": [SALES, IS_ADMIN]},
        "www.amazon.com": token,
    }
    after = {
        "graph.facebook.com": {**token, "AmbiguousRoleResolution": "AuthenticatedRole"},
        CLIENT: {
            "Type": "Rules",
            "AmbiguousRoleResolution": "Deny",
            "Rules": [IS_ADMIN, STAFF, NOBODY, SALES],
        },
        OKTA: token,
    }
    return (
        collection(
            "Roles",
            edit("change", "authenticated", before=role("old-auth"), after=role("shop-auth")),
            edit("remove", "unauthenticated", before=role("shop-guest")),
        ),
        collection(
            "RoleMappings",
            edit("add", OKTA, after=token),
            edit("move", CLIENT, "Rules", 1, before=10, after=1),
            edit("add", CLIENT, "Rules", 2, after=STAFF),
            edit("remove", CLIENT, "Rules", 3, before=NOBODY),
            edit("change", CLIENT, "Rules", 3, "Value", before="root", after="root@example.com"),
            edit("change", CLIENT, "Rules", 3, "MatchType", before="Contains", after="NotEqual"),
            edit("change", CLIENT, "Rules", 4, "RoleARN", before=role("old"), after=role("sales")),
            edit("change", "graph.facebook.com", "Type", before="Rules", after="Token"),
            edit(
                "change",
                "graph.facebook.com",
                "AmbiguousRoleResolution",
                before="Deny",
                after="AuthenticatedRole",
            ),
            edit("remove", "graph.facebook.com", "Rules", 1, before=IS_ADMIN),
            edit("remove", "www.amazon.com", before=token),
            before=before,
            after=after,
        ),
        collection(
            "PrincipalTagAttributeMaps",
            edit("change", USER_POOL, "UseDefaults", before=True, after=False),
            edit("add", USER_POOL, "PrincipalTags", "department", after="custom:department"),
            edit("remove", USER_POOL, "PrincipalTags", "user", before="sub"),
            edit("change", USER_POOL, "PrincipalTags", "team", before="squad", after="custom:team"),
            edit("change", GITHUB, "UseDefaults", before=True, after=False),
            edit("add", OKTA, "PrincipalTags", "department", after="dept"),
            edit("change", OKTA, "UseDefaults", before=False, after=True),
            before={USER_POOL: _tag_map(True, {}), GITHUB: _tag_map(True, {})},
            after={USER_POOL: _tag_map(False, {}), OKTA: _tag_map(True, {})},
        ),
    )


def roles() -> PoolPlan:
    """Roles, mappings and principal tags changed in every way."""
    return pool_plan(
        "storefront",
        *_role_changes(),
        actions=(
            SetPrincipalTags(provider=GITHUB),
            SetRoles(fields=("Roles", "RoleMappings")),
            SetPrincipalTags(provider=USER_POOL),
            SetPrincipalTags(provider=OKTA),
        ),
    )


def tags_only() -> PoolPlan:
    tags = collection(
        "IdentityPoolTags", edit("add", "team", after="shop"), edit("remove", "old", before="")
    )
    return pool_plan(
        "guests", tags, actions=(TagPool(tags={"team": "shop"}), UntagPool(keys=("old",)))
    )


def adopted() -> PoolPlan:
    """Taking over a pool that is already as its spec says, with roles managed from now on."""
    return pool_plan(
        "adopted",
        collection("IdentityPoolTags", *OWNERSHIP),
        Change(field="Roles", before=None, after={}, edits=()),
        actions=(TagPool(tags={}), SetRoles(fields=("Roles",))),
    )


def delete() -> PoolPlan:
    return pool_plan("legacy", desired=None, actions=(DeletePool(with_identities=True),))


def refused() -> PoolPlan:
    refusal = Refusal(
        rule="developer-provider",
        field="DeveloperProviderName",
        reason="the developer provider would be removed (it is 'login.game'): AWS lets it be set "
        "once and never changed",
        way_out="write DeveloperProviderName: login.game into the spec",
    )
    return pool_plan(
        "game",
        scalar("AllowClassicFlow", False, True),
        scalar("DeveloperProviderName", "login.game", "", forever=True),
        actions=(),
        refusals=(refusal,),
    )


def name_taken() -> PoolPlan:
    refusal = Refusal(
        rule="name-taken",
        field="IdentityPoolName",
        reason=f"a pool named 'analytics' exists already and is not ours: {OTHER_ID}",
        way_out=f'adopt it (metadata.adopt: "{OTHER_ID}") or choose another IdentityPoolName',
    )
    return pool_plan(
        "analytics",
        scalar("IdentityPoolName", "", "analytics"),
        pool_id=None,
        live=None,
        actions=(),
        refusals=(refusal,),
    )


def keep(name: str = "quiet", notices: tuple[Notice, ...] = ()) -> PoolPlan:
    return pool_plan(name, notices=notices, ignored=Ignored(fields=("Roles",), tags=("cost:*",)))


def doubtful() -> Plan:
    """A pool that a check refuses, one with doubts of every severity, and one in two targets."""
    worse = doubt(
        "guest-role-is-users-role",
        severity="error",
        path="spec.Roles.unauthenticated",
        message="guests get the same role as signed-in users",
        fix="give guests a role of their own",
    )
    why = Refusal(rule=worse.rule, reason=worse.sentence, way_out=worse.fix)
    path = 'spec.RoleMappings["graph.facebook.com"].RulesConfiguration.Rules[2]'
    dead = doubt("rule-unreachable", path=path, message="rule 3 never matches", fix="remove it")
    note = doubt("token-check-off", severity="note", message="client a: no token check")
    known = worse.model_copy(update={"already_so": True})
    waived = doubt("classic-flow", path="spec.AllowClassicFlow", waived="the console edition")
    change = scalar("IdentityPoolName", "shop", "storefront")
    both = pool_plan("shared", change, findings=(dead, known))
    return plan(
        target_plan(
            pool_plan("game", change, actions=(), refusals=(why,), findings=(worse, dead)),
            pool_plan("storefront", change, findings=(dead, note, known, waived)),
            both,
            pool_plan("calm", findings=(known, note)),
        ),
        target_plan(both, target=US),
    )


def unreadable() -> Plan:
    """A pool that could not be read, a spec that has to wait for it, and a part of a third pool."""
    denied = Refusal(
        rule="unreadable",
        reason=f"{OTHER_ID} cannot be read: AWS denied DescribeIdentityPool: no (AccessDenied)",
        way_out="allow cognito-identity:DescribeIdentityPool to the role that runs idpool",
        is_error=True,
    )
    waits = Refusal(
        rule="owner-unknown",
        reason=f"{OTHER_ID} ('old shop') cannot be read, and may be this spec's pool: creating one "
        "has to wait",
        way_out="let idpool read that pool, whose error is told with it, and plan again",
    )
    nothing: dict[str, Any] = {"live": None, "desired": None, "changes": ()}
    return plan(
        target_plan(
            pool_plan("storefront", scalar("AllowClassicFlow", False, True)),
            pool_plan("new", pool_id=None, refusals=(waits,), **nothing),
            pool_plan("partly", refusals=(denied,), **nothing),
            unread=(unread("old shop", denied),),
        )
    )


WRONG_ACCOUNT = Refusal(
    rule="wrong-account",
    reason="the credentials belong to account 999999999999, and target prod-us is 444455556666",
    way_out="use credentials or a roleArn of that account, or correct the target",
)


def everything() -> Plan:
    """Several targets, with one of everything."""
    renamed = scalar("IdentityPoolName", "old-name", "storefront")
    short = pool_plan("storefront", renamed, pool_id=POOL_ID)
    orphans = (orphan("old shop", "old-shop"), orphan("forgotten", None, POOL_ID))
    return plan(
        target_plan(short, delete(), refused(), keep(), keep("calm"), orphans=orphans),
        target_plan(target=US, refusals=(WRONG_ACCOUNT,)),
        target_plan(keep(), target=replace(US, name="prod-us-2")),
    )


def calm() -> Plan:
    return plan(*(keep(f"pool-{n}") for n in range(5)))


def _rules(*rules: JsonValue) -> dict[str, JsonValue]:
    return {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "Rules": [*rules]}


def access() -> Plan:
    """Who gets in: the same in two targets, in two pools of one, and some of each kind."""
    guests = scalar("AllowUnauthenticatedIdentities", False, True)
    moved = "2 of 7 test users change role: bob, eve: shop-user -> shop-admin"
    mapping = collection(
        "RoleMappings",
        edit("move", "graph.facebook.com", "Rules", 1, before=2, after=1),
        before={"graph.facebook.com": _rules(SALES, IS_ADMIN)},
        after={"graph.facebook.com": _rules(IS_ADMIN, SALES)},
    )
    shop = pool_plan("storefront", guests, access=(says("widens", "guests get in"),))
    game = pool_plan("game", guests, access=(says("widens", "guests get in"),))
    rules = pool_plan("rules", mapping, access=(says("widens", moved), says("narrows", CLASSIC)))
    calm = pool_plan("calm", mapping, access=(says("moves nobody", REWRITTEN),))
    return plan(target_plan(shop, game, rules), target_plan(shop, game, calm, target=US))


CLASSIC = "the classic flow is off"
REWRITTEN = "RoleMappings changes, and nobody gets another role"

HOSTILE = "\x1b[31mred\x1b[0m\u202egnp.exe\n+ create evil\u200b\x9b"


def hostile() -> Plan:
    """Names and tags that would like to be more than text."""
    tags = collection("IdentityPoolTags", edit("add", HOSTILE, after='say "hi" \\ \x07'))
    renamed = scalar("IdentityPoolName", HOSTILE, "caf\u00e9 \u0430dmin")
    access = (says("widens", f"users of {HOSTILE} get in, with role @everyone <b>#1</b>"),)
    live = pool(IdentityPoolName=HOSTILE)
    return plan(
        target_plan(
            pool_plan("storefront", renamed, tags, live=live, access=access),
            orphans=(orphan(HOSTILE, HOSTILE),),
            unread=(unread(HOSTILE, Refusal(rule="unreadable", reason=HOSTILE, way_out=HOSTILE)),),
        )
    )


PLANS = {
    "create": plan(create()),
    "settings": plan(settings()),
    "roles": plan(roles()),
    "tags": plan(tags_only()),
    "adopted": plan(adopted()),
    "delete": plan(delete()),
    "refused": plan(refused(), name_taken(), keep()),
    "access": access(),
    "everything": everything(),
    "calm": calm(),
    "calm-with-a-note": plan(keep(notices=(Notice(rule="some-rule", message="look at this"),))),
    "orphans-only": plan(target_plan(keep(), orphans=(orphan("old shop"),))),
    "one-pool": plan(keep()),
    "gone": plan(pool_plan("legacy", pool_id=None, live=None, desired=None)),
    "empty": plan(target_plan()),
    "hostile": hostile(),
    "unreadable": unreadable(),
    "doubtful": doubtful(),
}
