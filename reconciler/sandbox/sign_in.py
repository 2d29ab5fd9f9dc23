"""How an app signs in: identities by login, and the tokens and credentials for them.

GetId, GetCredentialsForIdentity and GetOpenIdToken are public: no account signs them, so that the
ids in a request alone say which pool is meant. Each function takes the request as its input shape
knows it, returns the answer's members, and changes `pools` last of all.
"""

import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from reconciler.sandbox.faults import (
    ApiError,
    invalid,
    not_authorized,
    not_found,
    pool_not_found,
)
from reconciler.sandbox.pools import AccountRegion, Pools, StoredPool, page, present
from reconciler.sandbox.shapes import JsonObject
from reconciler.sandbox.tokens import (
    HOST,
    ISSUER,
    Login,
    claims_of,
    expired,
    is_saml,
    logins_do_not_match,
    logins_of,
    token,
)

CREDENTIALS_SECONDS = 3600
TOKEN_SECONDS = 600  # API reference, GetOpenIdToken
DEVELOPER_TOKEN_SECONDS = 900  # API reference, GetOpenIdTokenForDeveloperIdentity
_SESSION = "CognitoIdentityCredentials"
_MOST_USERS = 60


@dataclass(frozen=True)
class _SignedIn:
    """An identity that may act: the pool as it is with its new logins, and how it signed in."""

    pool: StoredPool
    identity_id: str
    amr: tuple[str, ...]

    @property
    def role_key(self) -> str:
        return self.amr[0]


def get_id(pools: Pools, request: JsonObject) -> JsonObject:
    """GetId: the identity of the logins; for a guest, and for a login never seen, a new one."""
    pool = pools.find(request["IdentityPoolId"])
    if pool is None:
        raise pool_not_found(request["IdentityPoolId"])
    logins = logins_of(pool, request.get("Logins", {}))
    if not logins:
        _check_guests(pool)
    identity_id = _one_identity(pool, logins) or _new_id(pool)
    _put(pools, _linked(pool, identity_id, logins))
    return {"IdentityId": identity_id}


def credentials(pools: Pools, request: JsonObject) -> JsonObject:
    """GetCredentialsForIdentity: an hour in the pool's role for guests or for signed-in users."""
    signed_in = _signed_in(pools, request, cognito_token=True)
    role = _role(signed_in, request.get("CustomRoleArn"))
    pool = signed_in.pool
    sts = sts_backends[pool.account][get_partition(pool.region)]
    session = sts.assume_role(pool.region, _SESSION, role, "", CREDENTIALS_SECONDS, "")
    _put(pools, pool)
    return {
        "IdentityId": signed_in.identity_id,
        "Credentials": {
            "AccessKeyId": session.access_key_id,
            "SecretKey": session.secret_access_key,
            "SessionToken": session.session_token,
            "Expiration": int(time.time()) + CREDENTIALS_SECONDS,
        },
    }


def open_id_token(pools: Pools, request: JsonObject) -> JsonObject:
    """GetOpenIdToken, the first half of the classic flow; STS does the other."""
    pool = _pool_of(pools, request["IdentityId"])
    _check_classic_flow(pool, request.get("Logins", {}))
    return _with_token(pools, _signed_in(pools, request), TOKEN_SECONDS)


def developer_token(pools: Pools, pool: StoredPool, request: JsonObject) -> JsonObject:
    """GetOpenIdTokenForDeveloperIdentity: a call of the pool's account, for its own users."""
    tokens = dict(request["Logins"])
    name = str(pool.settings.get("DeveloperProviderName", ""))
    if name not in tokens:
        # danilop/LambdAuth#32
        raise invalid("This identity pool does not support the specified developer provider")
    user = Login(name, tokens.pop(name))
    logins = [user, *logins_of(pool, tokens)]
    identity_id = _developer_identity(pool, request.get("IdentityId"), user, logins)
    signed_in = _signed(_linked(pool, identity_id, logins), identity_id, logins)
    return _with_token(pools, signed_in, request.get("TokenDuration", DEVELOPER_TOKEN_SECONDS))


def look_up_developer(pool: StoredPool, request: JsonObject) -> JsonObject:
    """LookupDeveloperIdentity: from a developer's user to the identity, and back."""
    users = pool.links.get(pool.settings.get("DeveloperProviderName", ""), {})
    user, identity_id = request.get("DeveloperUserIdentifier"), request.get("IdentityId")
    if user is None and identity_id is None:
        raise invalid("Either IdentityId or DeveloperUserIdentifier is required.")
    found = identity_id if user is None else users.get(user)
    if found not in users.values():
        raise not_found(f"Identity '{user if identity_id is None else identity_id}' not found.")
    if identity_id is not None and found != identity_id:
        raise ApiError(
            "ResourceConflictException", "IdentityId and DeveloperUserIdentifier do not match."
        )
    of_identity = [each for each, owner in users.items() if owner == found]
    asked = {"MaxResults": _MOST_USERS, **request}
    chosen, more = page(f"developer users {found}", of_identity, asked)
    return {"IdentityId": found, "DeveloperUserIdentifierList": chosen, **more}


# Who it is


def _signed_in(pools: Pools, request: JsonObject, *, cognito_token: bool = False) -> _SignedIn:
    """The identity of a request, with the logins that the request adds to it.

    Raises ResourceNotFoundException for an unknown identity, NotAuthorizedException for a guest
    of a pool that has none or an identity whose logins are others, and ResourceConflictException
    for a login of another identity.
    """
    identity_id, tokens = request["IdentityId"], request.get("Logins", {})
    pool = _pool_of(pools, identity_id)
    if cognito_token and list(tokens) == [HOST]:
        return _by_cognito_token(pool, identity_id, tokens[HOST])
    logins = logins_of(pool, tokens)
    linked = set(_logins_of_identity(pool, identity_id))
    if not logins:
        if linked:
            raise not_authorized(f"Access to Identity '{identity_id}' is forbidden.")
        _check_guests(pool)
        return _SignedIn(pool, identity_id, ("unauthenticated",))
    if linked.isdisjoint(logins) and linked:
        raise logins_do_not_match()
    if _one_identity(pool, logins) not in (None, identity_id):
        raise _conflict()
    return _signed(_linked(pool, identity_id, logins), identity_id, logins)


def _signed(pool: StoredPool, identity_id: str, logins: list[Login]) -> _SignedIn:
    """`amr` as the developer guide has it: providers, and the user of a developer provider."""
    amr = ["authenticated"]
    for login in logins:
        amr.append(login.provider)
        if login.provider == pool.settings.get("DeveloperProviderName"):
            amr.append(f"{login.provider}:{pool.id}:{login.user}")
    return _SignedIn(pool, identity_id, tuple(amr))


def _by_cognito_token(pool: StoredPool, identity_id: str, text: str) -> _SignedIn:
    """An identity that brings a token of GetOpenIdTokenForDeveloperIdentity."""
    claims = claims_of(text) or {}
    amr = claims.get("amr")
    ours = (claims.get("iss"), claims.get("aud"), claims.get("sub")) == (
        ISSUER, pool.id, identity_id
    )  # fmt: skip
    if not ours or not isinstance(amr, list) or "authenticated" not in amr:
        raise not_authorized("Invalid login token. The token is not of this identity.")
    if expired(claims):
        raise not_authorized("Invalid login token. Token expired.")
    return _SignedIn(pool, identity_id, ("authenticated", *map(str, amr[1:])))


def _developer_identity(
    pool: StoredPool, asked: str | None, user: Login, logins: list[Login]
) -> str:
    """The identity of a developer's user; one that the request names is linked to it."""
    if asked is not None and asked not in pool.identities:
        raise _identity_not_found(asked)
    owner = pool.links.get(user.provider, {}).get(user.user)
    if asked is not None and owner not in (None, asked):
        raise ApiError(
            "DeveloperUserAlreadyRegisteredException",
            "The developer user is registered with another identity.",
        )
    found = _one_identity(pool, logins)
    if asked is None:
        return found or _new_id(pool)
    linked = set(_logins_of_identity(pool, asked))
    if linked and linked.isdisjoint(logins):
        raise logins_do_not_match()  # aws/aws-sdk-js#2327
    if found not in (None, asked):
        raise _conflict()
    return asked


def _one_identity(pool: StoredPool, logins: list[Login]) -> str | None:
    """The identity that the logins are linked to; None if none of them is linked."""
    found = {pool.links.get(each.provider, {}).get(each.user) for each in logins} - {None}
    if len(found) > 1:
        raise _conflict()
    return next(iter(found), None)


def _logins_of_identity(pool: StoredPool, identity_id: str) -> Iterator[Login]:
    for provider, users in pool.links.items():
        for user, owner in users.items():
            if owner == identity_id:
                yield Login(provider, user)


def _pool_of(pools: Pools, identity_id: str) -> StoredPool:
    pool = pools.of_identity(identity_id)
    if pool is None:
        raise _identity_not_found(identity_id)
    return pool


def _check_guests(pool: StoredPool) -> None:
    if not pool.settings["AllowUnauthenticatedIdentities"]:
        raise not_authorized("Unauthenticated access is not supported for this identity pool.")


def _identity_not_found(identity_id: str) -> ApiError:
    return not_found(f"Identity '{identity_id}' not found.")


def _conflict() -> ApiError:
    return ApiError("ResourceConflictException", "A login is already linked to another identity.")


# What it gets


def _role(signed_in: _SignedIn, custom: str | None) -> str:
    """The role for guests or for signed-in users, or the one asked for, if it is the pool's."""
    pool = signed_in.pool
    if custom is not None:
        if custom not in set(_roles(pool)):
            raise not_authorized(f"Access to Role '{custom}' is forbidden.")
        return custom
    role = pool.roles.get("Roles", {}).get(signed_in.role_key)
    if role is None:
        raise ApiError(
            "InvalidIdentityPoolConfigurationException",
            "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
        )
    return str(role)


def _roles(pool: StoredPool) -> Iterator[str]:
    """All roles that the pool may give."""
    yield from pool.roles.get("Roles", {}).values()
    for mapping in pool.roles.get("RoleMappings", {}).values():
        for rule in mapping.get("RulesConfiguration", {}).get("Rules", ()):
            yield rule["RoleARN"]


def _check_classic_flow(pool: StoredPool, tokens: Mapping[str, str]) -> None:
    """Unset is not off: AWS gives tokens for a pool that never had the field (aws-cli#7652)."""
    if pool.settings.get("AllowClassicFlow") is False:
        raise invalid("Basic (classic) flow is not enabled, please use enhanced flow.")
    if pool.roles.get("RoleMappings"):
        raise invalid(
            "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow."
        )
    if any(map(is_saml, tokens)):
        # aws-amplify/aws-sdk-ios#520
        raise invalid("Basic (classic) flow is not supported with SAML, please use enhanced flow.")


def _with_token(pools: Pools, signed_in: _SignedIn, seconds: int) -> JsonObject:
    pool, identity_id = signed_in.pool, signed_in.identity_id
    made = token(pool.id, identity_id, signed_in.amr, seconds)
    _put(pools, pool)
    return {"IdentityId": identity_id, "Token": made}


# What is kept of it


def _new_id(pool: StoredPool) -> str:
    return f"{pool.region}:{uuid.uuid4()}"


def _linked(pool: StoredPool, identity_id: str, logins: list[Login]) -> StoredPool:
    """The pool with this identity in it and these logins linked to it; itself if they are."""
    known = pool.identities.get(identity_id)
    new = set(logins) - set(_logins_of_identity(pool, identity_id))
    if known is not None and not new:
        return pool
    now = round(time.time(), 3)
    links = {provider: dict(users) for provider, users in pool.links.items()}
    for login in logins:
        links.setdefault(login.provider, {})[login.user] = identity_id
    names = sorted(provider for provider, users in links.items() if identity_id in users.values())
    identity = {"CreationDate": now, **(known or {}), "LastModifiedDate": now}
    identities = {**pool.identities, identity_id: present({**identity, "Logins": names})}
    return replace(pool, identities=identities, links=links)


def _put(pools: Pools, pool: StoredPool) -> None:
    """Keeps the pool, unless it is the one that is kept."""
    if pools.at(AccountRegion(pool.account, pool.region)).get(pool.id) is not pool:
        pools.put(pool)
