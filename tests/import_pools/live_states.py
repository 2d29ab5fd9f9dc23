"""Live pools of every kind: those that a spec could describe, and what AWS takes beyond that."""

from typing import Any

from hypothesis import strategies as st

from tests.sandbox.support import content, sent
from tests.strategies import ACCOUNT, pool_specs

ROLES = ("Roles", "RoleMappings")
MAPS = "PrincipalTagAttributeMaps"
PROVIDERS = (
    "SupportedLoginProviders",
    "OpenIdConnectProviderARNs",
    "SamlProviderARNs",
    "CognitoIdentityProviders",
)
_TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
# What the API takes, and what a spec may not say.
_ODD_TAGS = ("idpool:colour", "Idpool:name", "AWS:stack", "${Reference}")
_ODD_ARNS = (
    f"arn:aws:iam::{ACCOUNT}:user/nobody-in-particular",
    f"arn:aws:iam::{ACCOUNT}:oidc-provider/https://example.com",
)


def _any_tags() -> st.SearchStrategy[dict[str, str]]:
    """Tags of any characters; two places are left for our own."""
    keys = st.one_of(
        _TEXT.filter(lambda key: not key.startswith("aws:")), st.sampled_from(_ODD_TAGS)
    )
    return st.dictionaries(keys, st.one_of(st.just(""), _TEXT), max_size=40)


def _any_claims() -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda defaults, tags: {"UseDefaults": defaults, "PrincipalTags": tags},
        st.booleans(),
        st.one_of(
            st.just({"username": "sub", "client": "aud"}),
            st.dictionaries(_TEXT, _TEXT, max_size=3),
        ),
    )


@st.composite
def live_states(draw: st.DrawFn) -> dict[str, Any]:
    """A pool in the API's shape; ``forget`` says which providers go once the roles are set."""
    state = draw(pool_specs())
    if draw(st.booleans()):
        state["IdentityPoolTags"] = draw(_any_tags())
    if draw(st.integers(0, 3)) == 0:
        field = "OpenIdConnectProviderARNs"
        state[field] = [*state.get(field, []), draw(st.sampled_from(_ODD_ARNS))]
    if draw(st.booleans()):
        state[MAPS] = {name: draw(_any_claims()) for name in state.get(MAPS, {})}
    state["forget"] = draw(st.sets(st.sampled_from(PROVIDERS), max_size=1))
    return state


def make_pool(client: Any, state: dict[str, Any]) -> str:
    """Make the pool with a plain client, as somebody who knows nothing of idpool; gives its id."""
    rest = (*ROLES, MAPS, "forget")
    fields = {"AllowUnauthenticatedIdentities": False}
    fields |= {key: value for key, value in state.items() if key not in rest}
    pool_id: str = client.create_identity_pool(**fields)["IdentityPoolId"]
    if any(field in state for field in ROLES):
        roles = {field: state.get(field, {}) for field in ROLES}
        client.set_identity_pool_roles(IdentityPoolId=pool_id, **roles)
    for provider, tags in state.get(MAPS, {}).items():
        client.set_principal_tag_attribute_map(
            IdentityPoolId=pool_id, IdentityProviderName=provider, **tags
        )
    gone = {field: type(fields[field])() for field in state.get("forget", ()) if field in fields}
    if gone:
        client.update_identity_pool(IdentityPoolId=pool_id, **{**fields, **gone})
    return pool_id


def whole(client: Any, pool_id: str) -> dict[str, Any]:
    """All that the API says of a pool but its tags, without principal tags."""
    pool = sent(client.describe_identity_pool(IdentityPoolId=pool_id))
    roles = content(client.get_identity_pool_roles(IdentityPoolId=pool_id))
    del pool["IdentityPoolTags"]
    return {**pool, **roles}
