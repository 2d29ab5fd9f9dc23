"""Tokens: those that identity pools give out, and whose login those are that users bring.

No signature is checked: whoever reaches the sandbox may do everything in it anyway.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from joserfc import jwt
from joserfc.jwk import RSAKey

from reconciler.sandbox.faults import ApiError, not_authorized
from reconciler.sandbox.pools import StoredPool
from reconciler.sandbox.shapes import JsonObject
from reconciler.text.tokens import claims_in

HOST = "cognito-identity.amazonaws.com"
ISSUER = f"https://{HOST}"


def token(pool_id: str, identity_id: str, amr: Sequence[str], seconds: int) -> str:
    """A signed token of the identity; ``amr`` says how it signed in, ``seconds`` how long it holds.

    Header and claims are those of a token of AWS's in aws/aws-sdk-net#420. The key is made in
    each process, when it is first needed.
    """
    now = int(time.time())
    claims = {
        "sub": identity_id,
        "aud": pool_id,
        "amr": list(amr),
        "iss": ISSUER,
        "exp": now + seconds,
        "iat": now,
    }
    header = {"kid": f"{pool_id.partition(':')[0]}1", "typ": "JWS", "alg": "RS512"}
    return jwt.encode(header, claims, _key(), algorithms=["RS512"])


def claims_of(text: str) -> JsonObject | None:
    """The claims of a token, unchecked; None for what is no JWT with a subject."""
    claims = claims_in(text)
    return claims if claims is not None and isinstance(claims.get("sub"), str) else None


def expired(claims: JsonObject) -> bool:
    """Whether the claims say that their time is over; some say nothing of it."""
    end = claims.get("exp")
    return isinstance(end, int | float) and not isinstance(end, bool) and end <= time.time()


class Login(NamedTuple):
    """A user of a provider: the token's `sub`; of a token that is no JWT, its SHA-256."""

    provider: str
    user: str


def logins_do_not_match() -> ApiError:
    """Wording as in aws-amplify/amplify-js#2443."""
    return not_authorized(
        "Logins don't match. Please include at least one valid login for this identity or "
        "identity pool."
    )


def logins_of(pool: StoredPool, tokens: dict[str, str]) -> list[Login]:
    """The logins that a request brings, each looked at by the rules of its provider.

    Raises NotAuthorizedException for the first one that the pool does not take.
    """
    return [_login(pool, provider, text) for provider, text in tokens.items()]


@cache
def _key() -> RSAKey:
    """Only when a token is asked for: it takes a tenth of a second."""
    return RSAKey.generate_key(2048, private=True)


def _login(pool: StoredPool, provider: str, text: str) -> Login:
    if provider == HOST:
        # aws-sdk-net#420
        raise not_authorized("Invalid login token. Can't pass in a Cognito token.")
    clients = _clients(pool, provider)
    if not clients and provider not in set(_providers(pool)):
        raise logins_do_not_match()
    claims = claims_of(text)
    if claims is None:
        return Login(provider, f"sha256:{hashlib.sha256(text.encode()).hexdigest()}")
    if clients or provider in set(_issuers(pool)):
        _check_claims(provider, clients, claims)
    if expired(claims):
        raise not_authorized("Invalid login token. Token expired.")
    return Login(provider, str(claims["sub"]))


def _check_claims(provider: str, clients: set[str], claims: JsonObject) -> None:
    if str(claims.get("iss")).removeprefix("https://") != provider:
        # amazon-archives/amazon-cognito-identity-js#40
        raise not_authorized("Invalid login token. Issuer doesn't match providerName")
    if clients and "aud" not in claims:
        # A user pool's access token: amazon-archives/amazon-cognito-identity-js#7.
        raise not_authorized("Invalid login token. Missing a required claim: aud")
    if clients and claims["aud"] not in clients:
        # The same report, of a client that the pool has not.
        raise not_authorized("Token is not from a supported provider of this identity pool.")


def _clients(pool: StoredPool, provider: str) -> set[str]:
    """The clients that the pool has of a user pool; empty for what is none of its user pools."""
    found = pool.settings.get("CognitoIdentityProviders", ())
    return {str(each.get("ClientId")) for each in found if each.get("ProviderName") == provider}


def _providers(pool: StoredPool) -> Iterator[str]:
    """The providers that a login may name, besides user pools."""
    yield from pool.settings.get("SupportedLoginProviders", {})
    yield from pool.settings.get("SamlProviderARNs", ())
    yield from _issuers(pool)


def _issuers(pool: StoredPool) -> Iterator[str]:
    """OIDC providers are named by their issuer's host and path, as their ARNs end."""
    for arn in pool.settings.get("OpenIdConnectProviderARNs", ()):
        yield arn.partition(":oidc-provider/")[2]
