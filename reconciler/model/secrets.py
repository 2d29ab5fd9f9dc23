"""Which values are secret, and what is shown in their place."""

from collections.abc import Mapping

MASK = "****"

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


def mask_login_providers(providers: Mapping[str, str]) -> dict[str, str]:
    """Every entry of SupportedLoginProviders as it may be shown."""
    return {name: mask_login_provider(name, value) for name, value in providers.items()}
