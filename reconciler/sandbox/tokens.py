"""OpenID tokens: those that identity pools give out, and the claims of those that users bring.

No signature is checked: whoever reaches the sandbox may do everything in it anyway.
"""

import base64
import binascii
import json
import time
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from reconciler.sandbox.shapes import JsonObject

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

HOST = "cognito-identity.amazonaws.com"
ISSUER = f"https://{HOST}"
_PARTS = 3


def token(pool_id: str, identity_id: str, amr: Sequence[str], seconds: int) -> str:
    """A signed token of the identity; ``amr`` says how it signed in, ``seconds`` how long it holds.

    Header and claims are those of a token of AWS's in aws/aws-sdk-net#420. The key is made in
    each process, when it is first needed.
    """
    from joserfc import jwt

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
    parts = text.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(claims, dict) or not isinstance(claims.get("sub"), str):
        return None
    return claims


def expired(claims: JsonObject) -> bool:
    """Whether the claims say that their time is over; some say nothing of it."""
    end = claims.get("exp")
    return isinstance(end, int | float) and not isinstance(end, bool) and end <= time.time()


@cache
def _key() -> "RSAKey":
    """Only when a token is asked for: it takes a tenth of a second."""
    from joserfc.jwk import RSAKey

    return RSAKey.generate_key(2048, private=True)
