"""Identity providers: what AWS calls them, and which of them have to be of the pool's account."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from reconciler.model.partitions import find_partition

if TYPE_CHECKING:  # the schema is generated without it
    from reconciler.model.written import ClientData, PoolData

# Developer guide, "Identity pools third-party identity providers"; API reference,
# CreateIdentityPool, for www.digits.com, which is closed, and which pools of before have.
LOGIN_PROVIDERS: Final = (
    "accounts.google.com",
    "api.twitter.com",
    "appleid.apple.com",
    "graph.facebook.com",
    "www.amazon.com",
    "www.digits.com",
)
# IdentityProviderName of Get- and SetPrincipalTagAttributeMap, and keys of RoleMappings.
MAX_PROVIDER_NAME: Final = 128

_USER_POOL: Final = re.compile(
    r"cognito-idp\.(?P<region>[a-z0-9-]+)\.(?P<suffix>[a-z0-9.-]+)/[A-Za-z0-9-]+_[A-Za-z0-9]+"
)
_OIDC: Final = ":oidc-provider/"

Path: TypeAlias = tuple[str | int, ...]


class AccountArn(NamedTuple):
    """An ARN that AWS takes of the pool's own account only, and where it stands below ``spec``."""

    path: Path
    arn: str
    what: str

    @property
    def account(self) -> str:
        """The account that the ARN names."""
        return account_of(self.arn)


def account_of(arn: str) -> str:
    """The account that an ARN names."""
    return arn.split(":", 5)[4]


def is_user_pool(name: str) -> bool:
    """Whether AWS takes it as a client's ProviderName: cognito-idp.REGION.SUFFIX/USER_POOL_ID.

    The user pool need not exist.
    """
    match = _USER_POOL.fullmatch(name)
    partition = find_partition(match["region"]) if match else None
    return bool(match and partition and match["suffix"] == partition.suffix)


def user_pool_region(name: str) -> str:
    """The region that the ProviderName of a user pool names."""
    match = _USER_POOL.fullmatch(name)
    return match["region"] if match else ""


def client_key(client: "ClientData") -> str:
    """The name of a user pool's client as a key of RoleMappings: ProviderName:ClientId."""
    return f"{client['ProviderName']}:{client['ClientId']}"


def providers_of(pool: "PoolData") -> Iterator[str]:
    """The providers of a pool, each once: of user pools their ProviderName."""
    yield from dict.fromkeys(c["ProviderName"] for c in pool.get("CognitoIdentityProviders", ()))
    yield from pool.get("SupportedLoginProviders", ())
    yield from pool.get("OpenIdConnectProviderARNs", ())
    yield from pool.get("SamlProviderARNs", ())
    if developer := pool.get("DeveloperProviderName"):
        yield developer


def provider_names(pool: "PoolData") -> Iterator[str]:
    """All names that a provider of a pool is called by: clients and issuers, too."""
    yield from providers_of(pool)
    yield from map(client_key, pool.get("CognitoIdentityProviders", ()))
    yield from map(issuer_of, pool.get("OpenIdConnectProviderARNs", ()))


def issuer_of(arn: str) -> str:
    """The issuer of an OpenID Connect provider, HOST or HOST/PATH: its second name.

    AWS takes either for its principal tags.
    """
    return arn.partition(_OIDC)[2]


def account_arns(pool: "PoolData") -> Iterator[AccountArn]:
    """Every ARN of a ``spec:`` block that has to be of the pool's account.

    Roles: iam:PassRole works within one account.  SAML providers: AWS answers
    NotAuthorizedException.  An OpenID Connect provider of another account is taken.
    """
    for index, arn in enumerate(pool.get("SamlProviderARNs", [])):
        yield AccountArn(("SamlProviderARNs", index), arn, "SAML provider")
    roles = pool.get("Roles") or {}
    for kind in ("authenticated", "unauthenticated"):
        if role := roles.get(kind):
            yield AccountArn(("Roles", kind), str(role), "role")
    for key, mapping in (pool.get("RoleMappings") or {}).items():
        configuration = mapping.get("RulesConfiguration")
        path = ("RoleMappings", key, "RulesConfiguration", "Rules")
        for index, rule in enumerate(configuration["Rules"] if configuration else ()):
            yield AccountArn((*path, index, "RoleARN"), rule["RoleARN"], "role")
