"""Changes that somebody makes by hand in AWS: a live pool in, another one out."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from reconciler.model.live import LivePool, LiveTarget
from reconciler.model.plan import Plan
from reconciler.model.pool import Pool
from reconciler.model.pool_values import Client, PrincipalTagMap, RoleMapping, Rule
from reconciler.model.project import Project, Target
from reconciler.model.spec import Spec
from reconciler.planner.desired import desired_pool
from reconciler.planner.planning import plan_target

POOL_ID = "eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
ROLE = "arn:aws:iam::123456789012:role/by-hand"
SAML = "arn:aws:iam::123456789012:saml-provider/ByHand"
OIDC = "arn:aws:iam::123456789012:oidc-provider/by-hand.example.com"
CLIENT = Client(
    ProviderName="cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Hand1",
    ClientId="byhand",
    ServerSideTokenCheck=True,
)
RULE = Rule(Claim="by:hand", MatchType="Equals", Value="no", RoleARN=ROLE)
MAPPING = RoleMapping(Type="Rules", AmbiguousRoleResolution="Deny", Rules=(RULE, RULE))

# Gives None where the pool has nothing of the kind.
ByHand = Callable[[Pool], Pool | None]


def live_of(spec: Spec) -> Pool:
    """The pool right after an apply."""
    return desired_pool(spec, Project(), None)


def plan_of(specs: Mapping[str, Pool], *, loaded: tuple[Spec, ...]) -> Plan:
    """The plan of specs whose live pools are these, by name; ids are made of their numbers."""
    pools = tuple(
        LivePool(pool_id=f"{POOL_ID[:-2]}{number:02x}", pool=pool)
        for number, pool in enumerate(specs.values())
    )
    target = Target(name="default", account="123456789012", region="eu-west-1")
    made = plan_target(loaded, LiveTarget(target=target, pools=pools), Project())
    return Plan(owner="default", targets=(made,))


def _put(pool: Pool, **fields: Any) -> Pool:
    return pool.model_copy(update=fields)


def renamed(pool: Pool) -> Pool:
    """A scalar."""
    return _put(pool, IdentityPoolName="renamed by hand")


def renamed_to_a_number(pool: Pool) -> Pool:
    """A scalar that needs quotes."""
    return _put(pool, IdentityPoolName="0042")


def guests_turned(pool: Pool) -> Pool:
    """A boolean, written or left out."""
    return _put(pool, AllowUnauthenticatedIdentities=not pool.AllowUnauthenticatedIdentities)


def classic_flow_turned(pool: Pool) -> Pool:
    """Another one."""
    return _put(pool, AllowClassicFlow=not pool.AllowClassicFlow)


def developer_provider_set(pool: Pool) -> Pool | None:
    """What the plan refuses."""
    return None if pool.DeveloperProviderName else _put(pool, DeveloperProviderName="login.hand")


def developer_provider_other(pool: Pool) -> Pool | None:
    """What the plan refuses, where the spec says something else."""
    if not pool.DeveloperProviderName or _tags_follow(pool, pool.DeveloperProviderName):
        return None
    return _put(pool, DeveloperProviderName="login.other")


def tag_changed(pool: Pool) -> Pool | None:
    """A map's value."""
    own = _own_tags(pool)
    if not own:
        return None
    return _put(pool, IdentityPoolTags={**pool.IdentityPoolTags, own[-1]: "changed"})


def tag_added(pool: Pool) -> Pool:
    """A map's key, with a value that needs quotes."""
    return _put(pool, IdentityPoolTags={**pool.IdentityPoolTags, "added": "on"})


def tag_removed(pool: Pool) -> Pool | None:
    """The first of several keys."""
    own = _own_tags(pool)
    return _without_tags(pool, own[:1]) if len(own) > 1 else None


def last_tag_removed(pool: Pool) -> Pool | None:
    """The last of several keys."""
    own = _own_tags(pool)
    return _without_tags(pool, own[-1:]) if len(own) > 1 else None


def tags_gone(pool: Pool) -> Pool | None:
    """A whole section."""
    own = _own_tags(pool)
    return _without_tags(pool, own) if own else None


def tags_exchanged(pool: Pool) -> Pool:
    """All of them for others."""
    return _put(_without_tags(pool, _own_tags(pool)), IdentityPoolTags={**_kept(pool), "new": "x"})


def saml_added(pool: Pool) -> Pool:
    """A list's member; a section that was not there."""
    return _put(pool, SamlProviderARNs=tuple(sorted((*pool.SamlProviderARNs, SAML))))


def saml_removed(pool: Pool) -> Pool | None:
    """A list's first member, with all that is keyed by it."""
    arns = pool.SamlProviderARNs
    return _without_provider(_put(pool, SamlProviderARNs=arns[1:]), arns[0]) if arns else None


def last_saml_removed(pool: Pool) -> Pool | None:
    """A list's last member, with all that is keyed by it."""
    arns = pool.SamlProviderARNs
    return _without_provider(_put(pool, SamlProviderARNs=arns[:-1]), arns[-1]) if arns else None


def oidc_exchanged(pool: Pool) -> Pool | None:
    """Every member for another one."""
    gone = _put(pool, OpenIdConnectProviderARNs=(OIDC,))
    for arn in pool.OpenIdConnectProviderARNs:
        gone = _without_provider(gone, arn)
    return gone if pool.OpenIdConnectProviderARNs else None


def client_added(pool: Pool) -> Pool:
    """A list's member that is a map."""
    return _put(pool, CognitoIdentityProviders=(*pool.CognitoIdentityProviders, CLIENT))


def client_flag_turned(pool: Pool) -> Pool | None:
    """A member's own value, written or left out."""
    if not pool.CognitoIdentityProviders:
        return None
    first, *rest = pool.CognitoIdentityProviders
    turned = first.model_copy(update={"ServerSideTokenCheck": not first.ServerSideTokenCheck})
    return _put(pool, CognitoIdentityProviders=(turned, *rest))


def client_removed(pool: Pool) -> Pool | None:
    """The one in the middle, with its mapping."""
    clients = pool.CognitoIdentityProviders
    if len(clients) < 2 or any(
        c.ProviderName in (pool.PrincipalTagAttributeMaps or {}) for c in clients[2:]
    ):
        return None
    left = tuple(client for client in clients if client is not clients[1])
    return _without_provider(_put(pool, CognitoIdentityProviders=left), clients[1].key)


def role_changed(pool: Pool) -> Pool | None:
    """A default role."""
    return _put(pool, Roles={**pool.Roles, "authenticated": ROLE}) if pool.Roles else None


def roles_gone(pool: Pool) -> Pool | None:
    """All default roles."""
    return _put(pool, Roles={}) if pool.Roles else None


def role_added(pool: Pool) -> Pool | None:
    """A default role that was not there."""
    if pool.Roles is None or "unauthenticated" in pool.Roles:
        return None
    return _put(pool, Roles={**pool.Roles, "unauthenticated": ROLE})


def rule_changed(pool: Pool) -> Pool | None:
    """A value within a rule."""
    return _with_rules(
        pool, lambda rules: (*rules[:-1], rules[-1].model_copy(update={"Value": "5"}))
    )


def rule_inserted(pool: Pool) -> Pool | None:
    """Between the first and the second."""
    return _with_rules(pool, lambda rules: (rules[0], RULE, *rules[1:]))


def rule_put_first(pool: Pool) -> Pool | None:
    """Before all others."""
    return _with_rules(pool, lambda rules: (RULE, *rules))


def rule_removed(pool: Pool) -> Pool | None:
    """The first of several."""
    return _with_rules(pool, lambda rules: rules[1:], least=2)


def rule_moved(pool: Pool) -> Pool | None:
    """The first becomes the last."""
    return _with_rules(pool, lambda rules: (*rules[1:], rules[0]), least=2)


def rules_turned(pool: Pool) -> Pool | None:
    """All of them the other way round."""
    return _with_rules(pool, lambda rules: rules[::-1], least=2)


def rules_replaced(pool: Pool) -> Pool | None:
    """None is as it was."""
    return _with_rules(pool, lambda _: (RULE,))


def mapping_added(pool: Pool) -> Pool | None:
    """For a provider that comes with it."""
    if pool.RoleMappings is None:
        return None
    return _put(saml_added(pool), RoleMappings={**pool.RoleMappings, SAML: MAPPING})


def mapping_removed(pool: Pool) -> Pool | None:
    """The first."""
    if not pool.RoleMappings:
        return None
    return _put(pool, RoleMappings=dict(list(pool.RoleMappings.items())[1:]))


def mapping_by_token(pool: Pool) -> Pool | None:
    """Rules become a token, and a token becomes rules."""
    if not pool.RoleMappings:
        return None
    key, old = next(iter(pool.RoleMappings.items()))
    token = RoleMapping(Type="Token", AmbiguousRoleResolution="Deny")
    return _put(
        pool, RoleMappings={**pool.RoleMappings, key: MAPPING if old.Type == "Token" else token}
    )


def principal_tag_changed(pool: Pool) -> Pool | None:
    """A claim of every provider."""
    maps = pool.PrincipalTagAttributeMaps
    if not maps:
        return None
    tags = PrincipalTagMap(PrincipalTags={"by": "hand", "dept": "custom:dept"})
    return _put(pool, PrincipalTagAttributeMaps=dict.fromkeys(maps, tags))


def one_principal_tag_map_changed(pool: Pool) -> Pool | None:
    """Of one provider alone."""
    maps = pool.PrincipalTagAttributeMaps
    if not maps:
        return None
    key, old = next(iter(maps.items()))
    new = PrincipalTagMap(
        UseDefaults=old.UseDefaults, PrincipalTags={**old.PrincipalTags, "z": "z"}
    )
    return _put(pool, PrincipalTagAttributeMaps={**maps, key: new})


def principal_tags_gone(pool: Pool) -> Pool | None:
    """Of all providers."""
    return _put(pool, PrincipalTagAttributeMaps={}) if pool.PrincipalTagAttributeMaps else None


def login_added(pool: Pool) -> Pool:
    """A login provider."""
    logins = {**pool.SupportedLoginProviders, "appleid.apple.com": "com.example.hand"}
    return _put(pool, SupportedLoginProviders=dict(sorted(logins.items())))


def logins_gone(pool: Pool) -> Pool | None:
    """All login providers, with what is keyed by them."""
    gone = _put(pool, SupportedLoginProviders={})
    for name in pool.SupportedLoginProviders:
        gone = _without_provider(gone, name)
    return gone if pool.SupportedLoginProviders else None


def secret_rotated(pool: Pool) -> Pool | None:
    """The half of a value that nobody may see."""
    logins = pool.SupportedLoginProviders
    if "api.twitter.com" not in logins:
        return None
    return _put(pool, SupportedLoginProviders={**logins, "api.twitter.com": "EXAMPLEKEY;ROTATED"})


def everything(pool: Pool) -> Pool:
    """Nearly all of it at once."""
    for change in (renamed, guests_turned, tag_changed, tag_added, saml_added, client_added):
        pool = change(pool) or pool
    for change in (role_changed, rule_changed, rule_put_first, mapping_added, login_added):
        pool = change(pool) or pool
    return pool


BY_HAND: tuple[ByHand, ...] = (
    *(renamed, renamed_to_a_number, guests_turned, classic_flow_turned),
    *(developer_provider_set, developer_provider_other),
    *(tag_changed, tag_added, tag_removed, last_tag_removed, tags_gone, tags_exchanged),
    *(saml_added, saml_removed, last_saml_removed, oidc_exchanged),
    *(client_added, client_flag_turned, client_removed, role_changed, roles_gone, role_added),
    *(rule_changed, rule_inserted, rule_put_first, rule_removed, rule_moved, rules_turned),
    *(rules_replaced, mapping_added, mapping_removed, mapping_by_token),
    *(principal_tag_changed, one_principal_tag_map_changed, principal_tags_gone),
    *(login_added, logins_gone, secret_rotated, everything),
)


def changes_of(pool: Pool) -> Iterator[tuple[str, Pool]]:
    """Every change that this pool can have, by its name."""
    for change in BY_HAND:
        changed = change(pool)
        if changed is not None and _canonical(changed) != pool:
            yield change.__name__, _canonical(changed)


def _canonical(pool: Pool) -> Pool:
    clients = {client.key: client for client in pool.CognitoIdentityProviders}
    return _put(
        pool,
        OpenIdConnectProviderARNs=tuple(sorted(set(pool.OpenIdConnectProviderARNs))),
        SamlProviderARNs=tuple(sorted(set(pool.SamlProviderARNs))),
        CognitoIdentityProviders=tuple(clients[key] for key in sorted(clients)),
    )


def _own_tags(pool: Pool) -> list[str]:
    return [key for key in pool.IdentityPoolTags if not key.startswith("idpool:")]


def _kept(pool: Pool) -> dict[str, str]:
    return {k: v for k, v in pool.IdentityPoolTags.items() if k.startswith("idpool:")}


def _without_tags(pool: Pool, keys: list[str]) -> Pool:
    tags = {key: value for key, value in pool.IdentityPoolTags.items() if key not in keys}
    return _put(pool, IdentityPoolTags=tags)


def _without_provider(pool: Pool, name: str) -> Pool:
    def rest(maps: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return None if maps is None else {k: v for k, v in maps.items() if k != name}

    return _put(
        pool,
        RoleMappings=rest(pool.RoleMappings),
        PrincipalTagAttributeMaps=rest(pool.PrincipalTagAttributeMaps),
    )


def _tags_follow(pool: Pool, name: str) -> bool:
    return name in (pool.PrincipalTagAttributeMaps or {})


def _with_rules(
    pool: Pool, change: Callable[[tuple[Rule, ...]], tuple[Rule, ...]], least: int = 1
) -> Pool | None:
    """The pool with other rules in each mapping that has as many."""
    mappings = {
        key: mapping.model_copy(update={"Rules": change(mapping.Rules)})
        if len(mapping.Rules) >= least
        else mapping
        for key, mapping in (pool.RoleMappings or {}).items()
    }
    return _put(pool, RoleMappings=mappings) if mappings else None
