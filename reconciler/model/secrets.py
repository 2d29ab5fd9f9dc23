"""Which values are secret, and what is shown in their place."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from reconciler.model.base import JsonValue

MASK = "****"

_V = TypeVar("_V")

# AWS quotes a value that breaks a constraint, and says several such errors in one message: "Value
# 'key;secret' at 'supportedLoginProviders' failed to satisfy constraint: ...; Value '...' at ...".
_QUOTED_HALF = re.compile(
    r";(?!\s+Value ').*?(?=' at '[\w.]+' failed to satisfy constraint|\Z)", re.DOTALL
)
_USER_AND_PASSWORD = re.compile(r"(?<=://)[^\s'\"]*@")

# Sign-in with Twitter is configured as `consumer key;consumer secret` in one string, so half of an
# otherwise public value is a secret (Amazon Cognito developer guide, "Setting up Twitter").  With a
# slip in the key it is still one, and no other provider has a semicolon in its value.  People swap
# key and value, too, and AWS takes any text as a key; and where Twitter's two halves should be and
# no semicolon is, nobody can tell that it is not the secret alone.
TWITTER = "twitter.com"  # any spelling of api.twitter.com holds it

# What references to secrets stood for in this process, and for which providers: nothing in a value
# shows that it is a secret, and the one of before, which live still has, is one as well.
_READ: set[str] = set()
_PROVIDERS: set[str] = set()


def keep_secret(provider: str, value: str) -> None:
    """Mask this value from now on, and every other one that a pool has for the login provider."""
    _READ.add(value)
    _PROVIDERS.add(provider)


def forget_secrets() -> None:
    """A command begins: what another one has read in this process is none of its business."""
    _READ.clear()
    _PROVIDERS.clear()


def mask_half(text: str) -> str:
    """What may be shown of a text that stands alone: ``key;****`` where a secret follows the key.

    For names of providers in particular, wherever they stand.
    """
    head, semicolon, _ = text.partition(";")
    return f"{head};{MASK}" if semicolon else text


def mask_login(name: str, value: str) -> tuple[str, str]:
    """One entry of SupportedLoginProviders as it may be shown; masking twice is masking once."""
    shown_name, shown_value = mask_half(name), mask_half(value)
    is_read = value in _READ or name in _PROVIDERS
    if value and (is_read or (_is_twitter(name) and ";" not in value)):
        shown_value = MASK
    elif _is_twitter(value) and not _is_twitter(name) and ";" not in name:
        shown_name = MASK
    return shown_name, shown_value


def mask_entry(name: str, *values: "JsonValue") -> tuple[str, list["JsonValue"]]:
    """An entry of several values, such as the one before and the one after, as it may be shown."""
    shown, masked = name, list(values)
    for number, value in enumerate(values):
        if isinstance(value, str):
            shown, masked[number] = mask_login(shown, value)
    return mask_half(shown), masked


def mask_names(by_provider: Mapping[str, _V] | None) -> dict[str, _V] | None:
    """What belongs to providers by their names, the names as they may be shown."""
    if by_provider is None:
        return None
    return {mask_half(name): value for name, value in by_provider.items()}


def mask_login_providers(providers: Mapping[str, str]) -> dict[str, str]:
    """Every entry of SupportedLoginProviders as it may be shown."""
    return dict(mask_login(*entry) for entry in providers.items())


def holds_secret(name: str, value: str) -> bool:
    """Whether this entry of SupportedLoginProviders carries a secret, in its key or its value."""
    return any(MASK in shown for shown in mask_login(name, value))


def secrets_of(name: str, value: str) -> tuple[str, ...]:
    """What is masked of an entry, the name's part before the value's; empty where nothing is."""
    parts = (
        told if shown == MASK else told.partition(";")[2]
        for told, shown in zip((name, value), mask_login(name, value), strict=True)
        if MASK in shown
    )
    return tuple(filter(None, parts))


def scrub(text: str, *holders: Mapping[str, str]) -> str:
    """``text`` without the secrets of these SupportedLoginProviders: AWS quotes what it refuses."""
    entries = (entry for providers in holders for entry in providers.items())
    secrets = {secret for entry in entries for secret in secrets_of(*entry)}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def scrub_quoted(message: str) -> str:
    """What AWS has said, without the secret halves that it may quote, whosever they are.

    Whoever cuts a message does so afterwards: half of a secret is not found any more.
    """
    return _QUOTED_HALF.sub(f";{MASK}", message)


def scrub_urls(text: str) -> str:
    """``text`` without the user and password that URLs in it may have."""
    return _USER_AND_PASSWORD.sub(f"{MASK}@", text)


def _is_twitter(text: str) -> bool:
    return TWITTER in text.casefold()
