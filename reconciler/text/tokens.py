"""JSON Web Tokens: what one claims, decoded and not verified."""

import base64
import binascii
import json

from reconciler.model.base import JsonValue

_PARTS = 3


def claims_in(text: str) -> dict[str, JsonValue] | None:
    """The claims of a signed token, unchecked; ``None`` for what is no such token."""
    parts = text.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None
