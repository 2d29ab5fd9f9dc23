"""`adopt NAME --keep ID`: of two pools with one spec's tags, a person says which one stays."""

import pytest

from tests.e2e.conftest import Account
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

TAGS = {"idpool:owner": "default", "idpool:name": "shop", "team": "x"}


@pytest.fixture
def ids(account: Account) -> list[str]:
    """Two pools of one spec."""
    return [account.create("shop", IdentityPoolTags=TAGS) for _ in range(2)]


@pytest.fixture(autouse=True)
def shop(idpool: Idpool) -> None:
    """That spec."""
    idpool.write("specs/shop.yaml", yaml_of(document("shop", {"IdentityPoolTags": {"team": "x"}})))


def test_the_other_gives_up_our_tags_and_no_other(
    idpool: Idpool, account: Account, ids: list[str]
) -> None:
    """It is nobody's then; no spec is edited, and the next plan is empty."""
    kept, other = ids
    refused = idpool.run("plan", "specs")
    text = (idpool.folder / "specs/shop.yaml").read_text()
    result = idpool.run("adopt", "shop", "--keep", kept, "--yes", "--spec", "specs")
    assert refused.code == 3, refused.text
    assert result.code == 0, result.text
    assert f"{kept} is the pool of spec shop" in result.out
    assert account.describe(other)["IdentityPoolTags"] == {"team": "x"}
    assert account.describe(kept)["IdentityPoolTags"] == TAGS
    assert (idpool.folder / "specs/shop.yaml").read_text() == text
    assert idpool.run("plan", "specs", "--detailed-exitcode").code == 0
    again = idpool.run("adopt", "shop", "--keep", kept, "--yes", "--spec", "specs")
    assert again.code == 0, again.text
    assert "there is nothing to do" in again.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["shop", "--keep", "{stranger}", "--yes"], "does not carry the tags of spec shop"),
        (["shop", "--keep", "eu-west-1:0f1e2d3c", "--yes"], "there is no pool eu-west-1:0f1e2d3c"),
        (["shop", "--keep", "{kept}"], "no terminal to ask on"),
        (["shop", "--keep", "{kept}", "--yes", "--diff"], "no --diff"),
        (["shop", "more", "--keep", "{kept}", "--yes"], "--keep takes one spec"),
        (["shop={kept}", "--yes"], "--yes goes with --keep"),
        (["shop", "--keep", "shop", "--yes"], "is no NAME=ID"),
        (["window", "--keep", "{kept}", "--yes"], "there is no spec window"),
    ],
)
def test_what_cannot_be_meant_changes_nothing(
    idpool: Idpool, account: Account, ids: list[str], words: list[str], told: str
) -> None:
    """All of it is a usage error."""
    known = {"kept": ids[0], "stranger": account.create("stranger")}
    before = account.pools()
    result = idpool.run("adopt", *(word.format(**known) for word in words), "--spec", "specs")
    assert result.code == 64, result.text
    assert told in result.err
    assert account.pools() == before
