"""Texts of specs as they may be shown."""

from pathlib import Path

import pytest

from reconciler.writeback.masking import masked
from tests.support.cli import Idpool

HEAD = (
    "apiVersion: idpool/v1\nkind: IdentityPool\nmetadata: {name: x}\nspec:\n  IdentityPoolName: x\n"
)
LOGINS = HEAD + "  SupportedLoginProviders:\n"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("api.twitter.com: KEY;SECRET  # c", "api.twitter.com: KEY;****  # c"),
        ("'api.twitter.com': 'KEY;SECRET'", "'api.twitter.com': 'KEY;****'"),
        ('api.twitter.com: "KEY;SEC\\x52ET"', 'api.twitter.com: "KEY;****"'),
        ("api.twitter.com: &t KEY;SECRET", "api.twitter.com: &t KEY;****"),
        ("api.twitter.com: KEY;SECRET # not SECRET2", "api.twitter.com: KEY;**** # not ****2"),
        ("# api.twitter.com: KEY;SECRET", "# api.twitter.com: KEY;****"),
        ("api.twiter.com: KEY;SECRET", "api.twiter.com: KEY;****"),
        ('# "api.twiter.com": "KEY;SECRET"', '# "api.twiter.com": "KEY;****'),
        ("# or.api.twiter.com: KEY;SECRET", "# or.api.twiter.com: KEY;****"),
        ("# ..a.b.c : KEY;SECRET", "# ..a.b.c : KEY;****"),
        ("KEY;SECRET: api.twitter.com", "KEY;****: api.twitter.com"),
        ("'KEY;SECRET': api.twitter.com  # SECRET", "'KEY;****': api.twitter.com  # ****"),
        ("? KEY;SECRET\n    : api.twitter.com", "? KEY;****\n    : api.twitter.com"),
        ("SECRET: api.twitter.com", "****: api.twitter.com"),
        ("api.twitter.com: SECRET", "api.twitter.com: ****"),
        ("api.twitter.com: 'KEY.SECRET'", "api.twitter.com: ****"),
        ("# KEY;SECRET: api.twitter.com", "# KEY;****: api.twitter.com"),
        ("# 'KEY;SECRET': api.twiter.com", "# 'KEY;****': api.twiter.com"),
        ("# SECRET: api.twitter.com", "# ****: api.twitter.com"),
        ("# api.twitter.com: SECRET", "# api.twitter.com: ****"),
        ("# api.twitter.com: we left them", "# api.twitter.com: we left them"),
        ("# see https://twitter.com/help", "# see https://twitter.com/help"),
        ("accounts.google.com: KEY  # one; two", "accounts.google.com: KEY  # one; two"),
    ],
)
def test_the_half_that_is_secret_is_masked_where_it_stands(line: str, shown: str) -> None:
    """However it is written; what belongs to others is shown."""
    text = f"{LOGINS}    www.amazon.com: a\n    {line}\n"
    assert masked(text) == f"{LOGINS}    www.amazon.com: a\n    {shown}\n"


@pytest.mark.parametrize(
    "word",
    ["x" * 400_000, "a." * 200_000, "a.b:" * 100_000, "a;" * 200_000, "twitter.com:" * 40_000],
)
def test_a_long_comment_is_gone_through_once(tmp_path: Path, word: str) -> None:
    """In a process of its own: were each place of it a new beginning, it would take hours."""
    idpool = Idpool(tmp_path)
    idpool.write("a.yaml", f"{HEAD}# {word}\n")
    result = idpool.run_process("fmt", "--diff", "a.yaml")
    assert result.code == 0, result.text


def test_of_a_secret_nothing_is_shown_elsewhere() -> None:
    """Not even where a semicolon follows it."""
    text = f"{LOGINS}    api.twitter.com: SECRET\n  DeveloperProviderName: SECRET;x\n"
    assert "SECRET" not in masked(text)


def test_over_several_lines_and_in_other_places_it_is_masked_too() -> None:
    """Lines stay lines, so that a diff can be shown."""
    text = f"{LOGINS}    api.twitter.com: >-\n      KEY;SECRET\n  IdentityPoolTags: {{k: SECRET}}\n"
    shown = masked(text)
    assert "SECRET" not in shown
    assert shown.count("\n") == text.count("\n")


def test_what_is_no_yaml_is_not_shown_at_all() -> None:
    """There is no telling where a secret is in it."""
    assert masked("a: [KEY;SECRET\nb\n") == "****\n****\n"


def test_other_values_are_shown() -> None:
    """A tag may hold a semicolon."""
    text = HEAD + '  IdentityPoolTags: {k: "a;b"}  # c;d\n'
    assert masked(text) == text
