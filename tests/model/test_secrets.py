"""Which values are secret, and what is shown instead."""

import pytest

from reconciler.model.secrets import (
    holds_secret,
    mask_login,
    mask_login_providers,
    scrub,
    secrets_of,
)

TWITTER = "api.twitter.com"


@pytest.mark.parametrize(
    ("entry", "shown", "secrets"),
    [
        ((TWITTER, "key;secret"), (TWITTER, "key;****"), ("secret",)),
        ((TWITTER, "key;sec;ret"), (TWITTER, "key;****"), ("sec;ret",)),
        ((TWITTER, "key;"), (TWITTER, "key;****"), ()),
        ((TWITTER, ";secret"), (TWITTER, ";****"), ("secret",)),
        (("API.twitter.com", "key;secret"), ("API.twitter.com", "key;****"), ("secret",)),
        ((" api.twitter.com", "key;secret"), (" api.twitter.com", "key;****"), ("secret",)),
        (("graph.facebook.com", "123456"), ("graph.facebook.com", "123456"), ()),
        (("graph.facebook.com", "123;456"), ("graph.facebook.com", "123;****"), ("456",)),
        # Key and value swapped, whatever has become of the provider's name.
        (("key;secret", TWITTER), ("key;****", TWITTER), ("secret",)),
        (("key;secret", "Api.Twitter.Com"), ("key;****", "Api.Twitter.Com"), ("secret",)),
        (("key;secret", "twiter"), ("key;****", "twiter"), ("secret",)),
        (("key;secret", "a;b"), ("key;****", "a;****"), ("secret", "b")),
        ((f"{TWITTER};secret", "key"), (f"{TWITTER};****", "****"), ("secret", "key")),
        # No semicolon: it may be the secret alone, or both halves with another sign between them.
        ((TWITTER, "secret"), (TWITTER, "****"), ("secret",)),
        ((f"https://www.{TWITTER}", "key.secret"), (f"https://www.{TWITTER}", "****"), None),
        (("secret", TWITTER), ("****", TWITTER), ("secret",)),
        ((TWITTER, TWITTER), (TWITTER, "****"), None),
        ((TWITTER, ""), (TWITTER, ""), ()),
    ],
)
def test_the_secret_of_an_entry_is_masked_wherever_it_stands(
    entry: tuple[str, str], shown: tuple[str, str], secrets: tuple[str, ...] | None
) -> None:
    """Masking twice is masking once."""
    assert mask_login(*entry) == shown
    assert mask_login(*shown) == shown
    assert holds_secret(*entry) is holds_secret(*shown) is ("****" in "".join(shown))
    assert secrets is None or secrets_of(*entry) == secrets


def test_all_providers_of_a_pool() -> None:
    told = {"graph.facebook.com": "1", TWITTER: "key;secret"}
    assert mask_login_providers(told) == {"graph.facebook.com": "1", TWITTER: "key;****"}
    assert told[TWITTER] == "key;secret"


def test_scrub_takes_secrets_out_of_foreign_text() -> None:
    """AWS quotes the value that it refuses; the public half may stay."""
    text = "Value 'key;s3cr3t' at 'supportedLoginProviders' is wrong: s3cr3t"
    shown = scrub(text, {"api.twitter.com": "key;s3cr3t", "graph.facebook.com": "1"}, {})
    assert shown == "Value 'key;****' at 'supportedLoginProviders' is wrong: ****"


def test_scrub_takes_out_the_secret_of_either_half() -> None:
    """A longer one first: one may be part of another."""
    swapped = {"key;s3cr3t": "api.twitter.com", "s3cr3t-2": "api.twitter.com"}
    assert scrub("{key;s3cr3t=api.twitter.com, s3cr3t-2=...}", swapped) == (
        "{key;****=api.twitter.com, ****=...}"
    )
