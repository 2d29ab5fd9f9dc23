"""Which values are secret, and what is shown in their place."""

import re
from collections.abc import Mapping

MASK = "****"

# AWS quotes a value that breaks a constraint, and says several such errors in one message: "Value
# 'key;secret' at 'supportedLoginProviders' failed to satisfy constraint: ...; Value '...' at ...".
_QUOTED_HALF = re.compile(
    r";(?!\s+Value ').*?(?=' at '[\w.]+' failed to satisfy constraint|\Z)", re.DOTALL
)
_USER_AND_PASSWORD = re.compile(r"(?<=://)[^\s'\"]*@")

# Sign-in with Twitter is configured as `consumer key;consumer secret` in one string, so half of an
# otherwise public value is a secret (Amazon Cognito developer guide, "Setting up Twitter").  With a
# slip in the key it is still one, and no other provider has a semicolon in its value.


def holds_secret(_provider: str, value: str) -> bool:
    """Whether this entry of SupportedLoginProviders carries a secret half, whatever its key."""
    return ";" in value


def mask_login_provider(provider: str, value: str) -> str:
    """The value as it may be shown: ``key;****`` where a secret follows the key."""
    if not holds_secret(provider, value):
        return value
    return f"{value.partition(';')[0]};{MASK}"


def scrub(text: str, *holders: Mapping[str, str]) -> str:
    """``text`` without the secrets of these SupportedLoginProviders: AWS quotes what it refuses."""
    for providers in holders:
        for name, value in providers.items():
            if holds_secret(name, value):
                text = text.replace(value.partition(";")[2] or value, MASK)
    return text


def scrub_quoted(message: str) -> str:
    """What AWS has said, without the secret halves that it may quote, whosever they are.

    Whoever cuts a message does so afterwards: half of a secret is not found any more.
    """
    return _QUOTED_HALF.sub(f";{MASK}", message)


def scrub_urls(text: str) -> str:
    """``text`` without the user and password that URLs in it may have."""
    return _USER_AND_PASSWORD.sub(f"{MASK}@", text)


def mask_login_providers(providers: Mapping[str, str]) -> dict[str, str]:
    """Every entry of SupportedLoginProviders as it may be shown."""
    return {name: mask_login_provider(name, value) for name, value in providers.items()}
