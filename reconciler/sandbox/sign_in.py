"""How an app signs in: identities by login, and the tokens and credentials for them.

GetId, GetCredentialsForIdentity and GetOpenIdToken are public: no account signs them, so that the
ids in a request alone say which pool is meant.
"""

import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from reconciler.checks.simulation import ClosedBy, SignIn, no_classic_flow, simulate
from reconciler.model.written import PoolData
from reconciler.sandbox import faults
from reconciler.sandbox.faults import ApiError
from reconciler.sandbox.pools import AccountRegion, Pools, StoredPool, page, present
from reconciler.sandbox.settings import SandboxSettings
from reconciler.sandbox.shapes import JsonObject
from reconciler.sandbox.tokens import (
    HOST,
    ISSUER,
    Login,
    claims_of,
    expired,
    logins_do_not_match,
    logins_of,
    token,
)

CREDENTIALS_SECONDS = 3600
TOKEN_SECONDS = 600  # API reference, GetOpenIdToken
DEVELOPER_TOKEN_SECONDS = 900  # API reference, GetOpenIdTokenForDeveloperIdentity
_SESSION = "CognitoIdentityCredentials"
_MOST_USERS = 60
_CLASSIC_FLOW: Mapping[ClosedBy, str] = {
    "AllowClassicFlow": "enabled",
    "RoleMappings": "supported with RoleMappings",
    "SAML": "supported with SAML",  # aws-amplify/aws-sdk-ios#520
}


@dataclass(frozen=True)
class _SignedIn:
    """An identity that may act: the pool as it is with its new logins, and how it signed in.

    ``who``: the same for the simulation, one for each login.
    """

    pool: StoredPool
    identity_id: str
    amr: tuple[str, ...]
    who: tuple[SignIn, ...]


@dataclass(frozen=True)
class Identities:
    """The operations on identities, for one account and region and the length of one request.

    Each operation takes the request as its input shape knows it and returns the answer's
    members; it changes `pools` last of all, so a refused request has changed nothing.
    """

    place: AccountRegion
    pools: Pools
    settings: SandboxSettings

    def get_id(self, request: JsonObject) -> JsonObject:
        """GetId: the identity of the logins; for a guest, and for a login never seen, a new one."""
        pool = self.pools.find(request["IdentityPoolId"])
        if pool is None:
            raise faults.pool_not_found(request["IdentityPoolId"])
        logins = logins_of(pool, request.get("Logins", {}))
        if not logins:
            _check_guests(pool)
        identity_id = _one_identity(pool, logins) or _new_id(pool)
        self.pools.put(_linked(pool, identity_id, logins))
        return {"IdentityId": identity_id}

    def get_credentials_for_identity(self, request: JsonObject) -> JsonObject:
        """An hour in the role that the pool gives to a guest or user."""
        signed_in = _signed_in(self.pools, request, cognito_token=True)
        role = _role(signed_in, request.get("CustomRoleArn", ""))
        pool = signed_in.pool
        sts = sts_backends[pool.place.account][get_partition(pool.place.region)]
        session = sts.assume_role(pool.place.region, _SESSION, role, "", CREDENTIALS_SECONDS, "")
        self.pools.put(pool)
        return {
            "IdentityId": signed_in.identity_id,
            "Credentials": {
                "AccessKeyId": session.access_key_id,
                "SecretKey": session.secret_access_key,
                "SessionToken": session.session_token,
                "Expiration": int(time.time()) + CREDENTIALS_SECONDS,
            },
        }

    def get_open_id_token(self, request: JsonObject) -> JsonObject:
        """The first half of the classic flow; STS does the other."""
        pool = _pool_of(self.pools, request["IdentityId"])
        _check_classic_flow(pool, request.get("Logins", {}))
        return self._with_token(_signed_in(self.pools, request), TOKEN_SECONDS)

    def get_open_id_token_for_developer_identity(self, request: JsonObject) -> JsonObject:
        """A call of the pool's account, for its own users."""
        pool, tokens = self.pool(request), dict(request["Logins"])
        name = str(pool.settings.get("DeveloperProviderName", ""))
        if name not in tokens:
            # danilop/LambdAuth#32
            message = "This identity pool does not support the specified developer provider"
            raise faults.invalid(message)
        user = Login(name, tokens.pop(name))
        logins = [user, *logins_of(pool, tokens)]
        identity_id = _developer_identity(pool, request.get("IdentityId"), user, logins)
        linked = _linked(pool, identity_id, logins)
        signed_in = _signed(linked, identity_id, logins, {**tokens, name: ""})
        return self._with_token(signed_in, request.get("TokenDuration", DEVELOPER_TOKEN_SECONDS))

    def lookup_developer_identity(self, request: JsonObject) -> JsonObject:
        """From a developer's user to the identity, and back."""
        pool = self.pool(request)
        users = pool.links.get(pool.settings.get("DeveloperProviderName", ""), {})
        user, identity_id = request.get("DeveloperUserIdentifier"), request.get("IdentityId")
        if user is None and identity_id is None:
            raise faults.invalid("Either IdentityId or DeveloperUserIdentifier is required.")
        found = identity_id if user is None else users.get(user)
        if found not in users.values():
            raise _identity_not_found(user if identity_id is None else identity_id)
        if identity_id is not None and found != identity_id:
            raise _conflict("IdentityId and DeveloperUserIdentifier do not match.")
        of_identity = [each for each, owner in users.items() if owner == found]
        asked = {"MaxResults": _MOST_USERS, **request}
        chosen, more = page(f"developer users {found}", of_identity, asked)
        return {"IdentityId": found, "DeveloperUserIdentifierList": chosen, **more}

    def list_identities(self, request: JsonObject) -> JsonObject:
        """Of one pool, page by page."""
        pool = self.pool(request)
        ids, token = page(f"identities {pool.id}", pool.identities, request)
        found = [{"IdentityId": key, **pool.identities[key]} for key in ids]
        return {"IdentityPoolId": pool.id, "Identities": found, **token}

    def describe_identity(self, request: JsonObject) -> JsonObject:
        """Of a pool of this account and region."""
        identity_id = request["IdentityId"]
        pool = self._pool_of_identity(identity_id)
        if pool is None:
            raise _identity_not_found(identity_id)
        return {"IdentityId": identity_id, **pool.identities[identity_id]}

    def delete_identities(self, request: JsonObject) -> JsonObject:
        """Those that are not known come back as unprocessed."""
        failed = []
        for key in request["IdentityIdsToDelete"]:
            if pool := self._pool_of_identity(key):
                self.pools.put(pool.without_identity(key))
            else:
                failed.append({"IdentityId": key, "ErrorCode": "AccessDenied"})
        return {"UnprocessedIdentityIds": failed}

    def pool(self, request: JsonObject) -> StoredPool:
        """The pool that a request names.  Raises ResourceNotFoundException."""
        pool = self.pools.at(self.place).get(request["IdentityPoolId"])
        if pool is None:
            raise faults.pool_not_found(request["IdentityPoolId"])
        return pool

    def _pool_of_identity(self, identity_id: str) -> StoredPool | None:
        pools = self.pools.at(self.place).values()
        return next((pool for pool in pools if identity_id in pool.identities), None)

    def _with_token(self, signed_in: _SignedIn, seconds: int) -> JsonObject:
        pool, identity_id = signed_in.pool, signed_in.identity_id
        made = token(pool.id, identity_id, signed_in.amr, seconds)
        self.pools.put(pool)
        return {"IdentityId": identity_id, "Token": made}


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
    if not logins:
        if list(_logins_of_identity(pool, identity_id)):
            raise faults.not_authorized(f"Access to Identity '{identity_id}' is forbidden.")
        _check_guests(pool)
        return _SignedIn(pool, identity_id, ("unauthenticated",), (SignIn(),))
    _check_logins(pool, identity_id, logins)
    return _signed(_linked(pool, identity_id, logins), identity_id, logins, tokens)


def _signed(
    pool: StoredPool, identity_id: str, logins: list[Login], tokens: Mapping[str, str]
) -> _SignedIn:
    """`amr` as the developer guide has it: providers, and the user of a developer provider."""
    who = tuple(SignIn(each.provider, claims_of(tokens[each.provider])) for each in logins)
    amr = ["authenticated"]
    for login in logins:
        amr.append(login.provider)
        if login.provider == pool.settings.get("DeveloperProviderName"):
            amr.append(f"{login.provider}:{pool.id}:{login.user}")
    return _SignedIn(pool, identity_id, tuple(amr), who)


def _by_cognito_token(pool: StoredPool, identity_id: str, text: str) -> _SignedIn:
    """An identity that brings a token of GetOpenIdTokenForDeveloperIdentity."""
    claims = claims_of(text) or {}
    amr = claims.get("amr")
    ours = {"iss": ISSUER, "aud": pool.id, "sub": identity_id}.items() <= claims.items()
    if not ours or not isinstance(amr, list) or "authenticated" not in amr:
        raise faults.not_authorized("Invalid login token. The token is not of this identity.")
    if expired(claims):
        raise faults.not_authorized("Invalid login token. Token expired.")
    developer = SignIn(str(pool.settings.get("DeveloperProviderName", "")), None)
    return _SignedIn(pool, identity_id, ("authenticated", *map(str, amr[1:])), (developer,))


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
    _check_logins(pool, asked, logins)
    return asked


def _check_logins(pool: StoredPool, identity_id: str, logins: list[Login]) -> None:
    linked = set(_logins_of_identity(pool, identity_id))
    if linked and linked.isdisjoint(logins):
        raise logins_do_not_match()  # aws/aws-sdk-js#2327
    if _one_identity(pool, logins) not in (None, identity_id):
        raise _conflict()


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
        message = "Unauthenticated access is not supported for this identity pool."
        raise faults.not_authorized(message)


def _identity_not_found(identity_id: str | None) -> ApiError:
    return faults.not_found(f"Identity '{identity_id}' not found.")


def _conflict(
    message: str = "A login is already linked to another identity.",
) -> ApiError:
    return ApiError("ResourceConflictException", message)


# What it gets


def _role(signed_in: _SignedIn, custom: str) -> str:
    """The role that the pool gives: what is simulated, with AWS's errors for what is denied."""
    pool = _as_api(signed_in.pool)
    decisions = [simulate(pool, replace(who, custom_role=custom)) for who in signed_in.who]
    first = decisions[0]
    if len({(decision.outcome, decision.denial) for decision in decisions}) > 1:
        raise _not_known("the logins are of several providers, which give different roles")
    if first.verdict == "not known":
        raise _not_known(first.why)
    match first.denial:
        case "":
            return first.role
        case "no role":
            raise ApiError(
                "InvalidIdentityPoolConfigurationException",
                "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
            )
        case "role asked for":
            raise faults.not_authorized(f"Access to Role '{custom}' is forbidden.")
        case "no match":  # aws-amplify/amplify-js#3621
            message = f"The ambiguous role mapping rules for: {first.mapping} denied this request."
            raise faults.not_authorized(message)
        case "sign-in":  # tokens.py has looked at the same claims before
            raise faults.not_authorized(f"The sandbox takes no such login: {first.why}.")


def _not_known(why: str) -> ApiError:
    return faults.not_authorized(f"The sandbox does not know what AWS answers here: {why}.")


def _as_api(pool: StoredPool) -> PoolData:
    """A pool as the simulation looks at it: roles and tags that were never set are none."""
    return cast(
        "PoolData",
        {
            **pool.settings,
            "AllowClassicFlow": pool.settings.get("AllowClassicFlow") is not False,
            "Roles": pool.roles.get("Roles", {}),
            "RoleMappings": pool.roles.get("RoleMappings", {}),
            "PrincipalTagAttributeMaps": pool.principal_tags,
        },
    )


def _check_classic_flow(pool: StoredPool, tokens: Mapping[str, str]) -> None:
    """Unset is not off: AWS gives tokens for a pool that never had the field (aws-cli#7652)."""
    closed = {no_classic_flow(_as_api(pool), provider) for provider in tokens or [""]}
    for by, words in _CLASSIC_FLOW.items():
        if by in closed:
            raise faults.invalid(f"Basic (classic) flow is not {words}, please use enhanced flow.")


# What is kept of it


def _new_id(pool: StoredPool) -> str:
    return f"{pool.place.region}:{uuid.uuid4()}"


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
