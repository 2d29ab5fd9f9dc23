"""Which values are secret, and what is shown instead."""

import pytest

from reconciler.model.secrets import (
    holds_secret,
    mask_login_provider,
    mask_login_providers,
    scrub,
)

TWITTER = "api.twitter.com"


@pytest.mark.parametrize(
    ("provider", "value", "shown"),
    [
        (TWITTER, "key;secret", "key;****"),
        (TWITTER, "key;sec;ret", "key;****"),
        (TWITTER, "key;", "key;****"),
        (TWITTER, ";secret", ";****"),
        (TWITTER, "key", "key"),
        (TWITTER, "key;****", "key;****"),
        ("graph.facebook.com", "123456", "123456"),
        ("API.twitter.com", "key;secret", "key;****"),
        (" api.twitter.com", "key;secret", "key;****"),
        ("www.api.twitter.com", "key;secret", "key;****"),
        ("graph.facebook.com", "123;456", "123;****"),
    ],
)
def test_only_the_part_behind_the_key_is_masked(provider: str, value: str, shown: str) -> None:
    """Masking twice is masking once."""
    assert mask_login_provider(provider, value) == shown
    assert mask_login_provider(provider, shown) == shown
    assert holds_secret(provider, value) is (shown.endswith("****"))


def test_all_providers_of_a_pool() -> None:
    told = {"graph.facebook.com": "1", TWITTER: "key;secret"}
    assert mask_login_providers(told) == {"graph.facebook.com": "1", TWITTER: "key;****"}
    assert told[TWITTER] == "key;secret"


def test_scrub_takes_secrets_out_of_foreign_text() -> None:
    """AWS quotes the value that it refuses; the public half may stay."""
    text = "Value 'key;s3cr3t' at 'supportedLoginProviders' is wrong: s3cr3t"
    shown = scrub(text, {"api.twitter.com": "key;s3cr3t", "graph.facebook.com": "1"}, {})
    assert shown == "Value 'key;****' at 'supportedLoginProviders' is wrong: ****"
