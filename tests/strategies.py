"""Hypothesis: how many examples, and strategies for valid specs: every field, every rule kept."""

import os
import string
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from reconciler.model.pool import POOL_FIELDS

# `make test` draws few examples a property, `make test-slow` all of them.
FEW, MANY = 20, 100
MOST = {"few": FEW, "many": MANY}[os.environ.get("IDPOOL_EXAMPLES", "few")]
# Neither a busy machine nor a whole document, which is much to draw, is a failure.
_unhurried = settings(
    max_examples=MOST,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("idpool", _unhurried)
settings.load_profile("idpool")


def examples(number: int) -> settings:
    """So many examples where all are drawn, and a fifth of them in `make test`."""
    return settings(max_examples=max(1, number * MOST // MANY))


# For hostile input; `make fuzz` sets how many examples there are.
fuzzed = settings(
    examples(int(os.environ.get("IDPOOL_FUZZ_EXAMPLES", "150"))),
    database=None,
    suppress_health_check=list(HealthCheck),
)

ACCOUNT = "123456789012"
LOGINS = (
    "accounts.google.com",
    "api.twitter.com",
    "appleid.apple.com",
    "graph.facebook.com",
    "www.amazon.com",
)

_WORD = string.ascii_letters + string.digits
# What AWS takes in tags: letters, digits, spaces of any script and these signs (tagging guide).
_TAG_TEXT = st.characters(categories=["Lu", "Ll", "Lo", "Nd"], include_characters=" _.:/=+-@")


def _word(extra: str = "", *, least: int = 1, most: int = 12) -> st.SearchStrategy[str]:
    return st.text(_WORD + extra, min_size=least, max_size=most)


def arns(kind: str, *, most: int = 12) -> st.SearchStrategy[str]:
    """ARNs of IAM roles ("role"), OpenID Connect ("oidc-provider") or SAML providers."""
    return _word("._-/", most=most).map(f"arn:aws:iam::{ACCOUNT}:{kind}/{{}}".format)


def names() -> st.SearchStrategy[str]:
    """Values of ``metadata.name``."""
    return st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)


def clients() -> st.SearchStrategy[list[dict[str, Any]]]:
    """CognitoIdentityProviders, each client once."""
    regions = st.sampled_from(["eu-west-1", "us-east-1"])
    providers = st.builds(
        "cognito-idp.{0}.amazonaws.com/{0}_{1}".format, regions, _word(least=3, most=9)
    )
    client = st.fixed_dictionaries(
        {"ProviderName": providers, "ClientId": _word("_", least=2, most=12)},
        optional={"ServerSideTokenCheck": st.booleans()},
    )
    return st.lists(client, max_size=3, unique_by=lambda c: (c["ProviderName"], c["ClientId"]))


def login_providers() -> st.SearchStrategy[dict[str, str]]:
    """SupportedLoginProviders; Twitter's value is ``key;secret``."""
    app_ids = _word("_.-")
    twitter = st.builds("{};{}".format, app_ids, app_ids)
    return st.fixed_dictionaries(
        dict[str, st.SearchStrategy[str]](),
        optional={name: twitter if name == "api.twitter.com" else app_ids for name in LOGINS},
    )


def tags() -> st.SearchStrategy[dict[str, str]]:
    """IdentityPoolTags without reserved prefixes."""
    keys = st.text(_TAG_TEXT, min_size=1, max_size=12).filter(_is_free)
    return st.dictionaries(keys, st.text(_TAG_TEXT, max_size=16), max_size=3)


def _is_free(key: str) -> bool:
    return not key.casefold().startswith(("aws:", "idpool:"))


def role_mappings() -> st.SearchStrategy[dict[str, Any]]:
    """One value of RoleMappings."""
    ambiguous = st.sampled_from(["AuthenticatedRole", "Deny"])
    rule = st.fixed_dictionaries(
        {
            "Claim": _word(":_.-"),
            "MatchType": st.sampled_from(["Equals", "Contains", "StartsWith", "NotEqual"]),
            "Value": st.text(_TAG_TEXT, min_size=1, max_size=12),
            "RoleARN": arns("role"),
        }
    )
    rules = st.lists(rule, min_size=1, max_size=3).map(lambda each: {"Rules": each})
    return st.one_of(
        st.fixed_dictionaries({"Type": st.just("Token"), "AmbiguousRoleResolution": ambiguous}),
        st.fixed_dictionaries(
            {
                "Type": st.just("Rules"),
                "AmbiguousRoleResolution": ambiguous,
                "RulesConfiguration": rules,
            }
        ),
    )


def principal_tag_maps() -> st.SearchStrategy[dict[str, Any]]:
    """One value of PrincipalTagAttributeMaps."""
    claims = _word(":_", most=16)
    return st.fixed_dictionaries(
        {},
        optional={
            "UseDefaults": st.booleans(),
            "PrincipalTags": st.dictionaries(_word("-_"), claims, max_size=3),
        },
    )


def _sets(members: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(members, max_size=3, unique=True)


def _some(
    draw: st.DrawFn, keys: list[str], values: st.SearchStrategy[dict[str, Any]], most: int
) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(keys), unique=True, max_size=most)) if keys else []
    return {key: draw(values) for key in chosen}


@st.composite
def pool_specs(draw: st.DrawFn) -> dict[str, Any]:
    """The ``spec:`` of a valid document, in the API's shape; any field may be left out."""
    spec: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {"IdentityPoolName": _word(" _+=,.@-", most=16)},
            optional={
                "AllowUnauthenticatedIdentities": st.booleans(),
                "AllowClassicFlow": st.booleans(),
                "SupportedLoginProviders": login_providers(),
                "DeveloperProviderName": _word("_.-"),
                "OpenIdConnectProviderARNs": _sets(arns("oidc-provider")),
                "SamlProviderARNs": _sets(arns("saml-provider")),
                "CognitoIdentityProviders": clients(),
                "IdentityPoolTags": tags(),
                "Roles": st.fixed_dictionaries(
                    {}, optional={"authenticated": arns("role"), "unauthenticated": arns("role")}
                ),
            },
        )
    )
    return {**spec, **_keyed_by_provider(draw, spec)}


def _keyed_by_provider(draw: st.DrawFn, spec: dict[str, Any]) -> dict[str, Any]:
    """The two fields whose keys are providers that the pool has."""
    users = spec.get("CognitoIdentityProviders", [])
    logins = [
        *spec.get("SupportedLoginProviders", {}),
        *spec.get("OpenIdConnectProviderARNs", []),
        *spec.get("SamlProviderARNs", []),
    ]
    keyed: dict[str, Any] = {}
    if draw(st.booleans()):
        keys = [*logins, *(f"{user['ProviderName']}:{user['ClientId']}" for user in users)]
        keyed["RoleMappings"] = _some(draw, keys, role_mappings(), 3)
    if draw(st.booleans()):
        keys = [*logins, *sorted({user["ProviderName"] for user in users})]
        keys += filter(None, [spec.get("DeveloperProviderName")])
        keyed["PrincipalTagAttributeMaps"] = _some(draw, keys, principal_tag_maps(), 3)
    return keyed


def lifecycles() -> st.SearchStrategy[dict[str, Any]]:
    """``lifecycle:`` of a valid document."""
    ignored = st.lists(st.sampled_from(POOL_FIELDS), unique=True, max_size=3)
    alive = st.fixed_dictionaries({}, optional={"ignoreChanges": ignored})
    dead = st.fixed_dictionaries(
        {"delete": st.just(True)}, optional={"deleteIdentities": st.booleans()}
    )
    return st.one_of(alive, dead)


@st.composite
def documents(
    draw: st.DrawFn,
    name: str | None = None,
    lifecycle: st.SearchStrategy[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """A valid document; without a strategy for ``lifecycle`` it has none."""
    document = {
        "apiVersion": "idpool/v1",
        "kind": "IdentityPool",
        "metadata": {"name": draw(names()) if name is None else name},
        "spec": draw(pool_specs()),
    }
    return document if lifecycle is None else {**document, "lifecycle": draw(lifecycle)}
