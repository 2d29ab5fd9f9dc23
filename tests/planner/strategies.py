"""Pools in the API's shape, drawn from a small world so that two of them overlap."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from reconciler.model.pool import POOL_FIELDS
from tests.planner.support import (
    CLIENT,
    ENTRA,
    FACEBOOK,
    GITHUB,
    GITLAB,
    OKTA,
    TWITTER,
    USER_POOL,
    role,
)

# A key that begins with two underscores is private to Python, and to nobody else.
PROVIDERS = (FACEBOOK, "__login", "accounts.google.com", USER_POOL, OKTA, GITHUB)
TAG_KEYS = ("team", "__hidden", "it's [one]", "cost:center", "cost:unit", "a.b")
_VALUES = st.sampled_from(["1", "2", "x;y", "ü"])

rules = st.fixed_dictionaries(
    {
        "Claim": st.sampled_from(["isAdmin", "cognito:groups"]),
        "MatchType": st.sampled_from(["Equals", "NotEqual"]),
        "Value": st.sampled_from(["a", "b", "c"]),
        "RoleARN": st.sampled_from([role("a"), role("b")]),
    }
)
_token_mappings: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "Type": st.just("Token"),
        "AmbiguousRoleResolution": st.sampled_from(["AuthenticatedRole", "Deny"]),
    }
)
_rules_mappings: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "Type": st.just("Rules"),
        "AmbiguousRoleResolution": st.sampled_from(["AuthenticatedRole", "Deny"]),
        "RulesConfiguration": st.fixed_dictionaries(
            {"Rules": st.lists(rules, min_size=1, max_size=25)}
        ),
    }
)
_principal_tag_maps = st.fixed_dictionaries(
    {
        "UseDefaults": st.booleans(),
        "PrincipalTags": st.dictionaries(
            st.sampled_from(["department", "__level", "username"]),
            st.sampled_from(["sub", "custom:department"]),
        ),
    }
)
_clients = st.lists(
    st.fixed_dictionaries(
        {
            "ProviderName": st.sampled_from([USER_POOL, f"{USER_POOL}2"]),
            "ClientId": st.sampled_from(["7lhlkkfbfb4q5kpp90urffao", "__2"]),
            "ServerSideTokenCheck": st.booleans(),
        }
    ),
    unique_by=lambda client: (client["ProviderName"], client["ClientId"]),
)

_SETTINGS: Mapping[str, st.SearchStrategy[Any]] = {
    "AllowUnauthenticatedIdentities": st.booleans(),
    "AllowClassicFlow": st.booleans(),
    "SupportedLoginProviders": st.dictionaries(
        st.sampled_from([FACEBOOK, "__login"]), st.sampled_from(["1", "2", "x_y"])
    )
    | st.dictionaries(st.just(TWITTER), st.sampled_from(["key;one", "key;two", "new;one", "key"])),
    "DeveloperProviderName": st.sampled_from(["", "login.shop", "login.other"]),
    "OpenIdConnectProviderARNs": st.lists(st.sampled_from([GITHUB, GITLAB]), unique=True),
    "SamlProviderARNs": st.lists(st.sampled_from([OKTA, ENTRA]), unique=True),
    "CognitoIdentityProviders": _clients,
    "IdentityPoolTags": st.dictionaries(st.sampled_from(TAG_KEYS), _VALUES),
}
_SUB_RESOURCES: Mapping[str, st.SearchStrategy[Any]] = {
    "Roles": st.dictionaries(
        st.sampled_from(["authenticated", "unauthenticated"]),
        st.sampled_from([role("one"), role("two")]),
    ),
    "RoleMappings": st.dictionaries(
        st.sampled_from([CLIENT, FACEBOOK, "__login", OKTA]), _token_mappings | _rules_mappings
    ),
    "PrincipalTagAttributeMaps": st.dictionaries(st.sampled_from(PROVIDERS), _principal_tag_maps),
}
_name = st.sampled_from(["storefront", "shop window"])

# What a spec may say: anything but the name can be left out.
specified = st.fixed_dictionaries(
    {"IdentityPoolName": _name}, optional={**_SETTINGS, **_SUB_RESOURCES}
)
# What an account may hold: everything, sub-resources included; and it may never have been told of
# the classic flow.
_STORED_SETTINGS = {**_SETTINGS, "AllowClassicFlow": st.sampled_from([True, False, None])}
stored = st.fixed_dictionaries({"IdentityPoolName": _name, **_STORED_SETTINGS, **_SUB_RESOURCES})

ignored_fields = st.lists(st.sampled_from(POOL_FIELDS), unique=True, max_size=4)
ignored_tags = st.sampled_from([(), ("cost:*",), ("__hidden", "a.?")])

_EMPTY: tuple[Any, ...] = (None, "", [], {})


@st.composite
def same_pools(draw: st.DrawFn, api: Mapping[str, Any]) -> dict[str, Any]:
    """The same pool as another answer may tell it: other order, other kinds of nothing."""
    told: dict[str, Any] = {}
    for field in draw(st.permutations(list(api))):
        value = api[field]
        is_flow = field == "AllowClassicFlow"
        if value is None if is_flow else field in _SETTINGS and value in (False, "", [], {}):
            kinds: tuple[Any, ...] = (None,) if is_flow else _EMPTY
            nothing = draw(st.sampled_from([*kinds, "left out"]))
            if nothing != "left out":
                told[field] = nothing
        else:
            told[field] = draw(_shuffled(value, field))
    return told


@st.composite
def _shuffled(draw: st.DrawFn, value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return {k: draw(_shuffled(value[k], k)) for k in draw(st.permutations(list(value)))}
    if isinstance(value, list) and key != "Rules":
        return [draw(_shuffled(v, "")) for v in draw(st.permutations(value))]
    return value
