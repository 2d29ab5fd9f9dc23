"""A receipt that somebody has edited: it ends in a sentence or a refusal, never in a traceback."""

import json
from typing import Any

import pytest

from tests.e2e.conftest import Account
from tests.rollback.conftest import Apply
from tests.support.cli import Idpool

LIVE = {
    "SupportedLoginProviders": {"graph.facebook.com": "1"},
    "Roles": {},
    "PrincipalTagAttributeMaps": {},
}
NAME = "b\x1b[2J"
RULE = {"Claim": "c", "MatchType": "?", "Value": "", "RoleARN": ""}
BEFORE: dict[str, dict[str, Any]] = {
    "an empty name": {"IdentityPoolName": ""},
    "a name with controls": {"IdentityPoolName": NAME},
    "unsorted and doubled": {"SamlProviderARNs": ["b", "a", "a"]},
    "an empty provider": {"PrincipalTagAttributeMaps": {"": {"PrincipalTags": {"a": "b"}}}},
    "half of the roles": {"Roles": None},
    "a masked secret": {"SupportedLoginProviders": {"api.twitter.com": "key;****"}},
    "rules of no kind": {"RoleMappings": {"x": {"Type": "?", "Rules": [RULE]}}},
    "our tags gone": {"IdentityPoolTags": {}},
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE.keys())
def test_an_edited_before(
    idpool: Idpool, account: Account, apply: Apply, before: dict[str, Any]
) -> None:
    """Shown as a plan first; what AWS would not take fails there, and is told."""
    apply(LIVE)
    apply({**LIVE, "AllowClassicFlow": True})
    receipt = json.loads((idpool.folder / "receipt.json").read_text())
    receipt["pools"][0]["before"] |= before
    idpool.write("receipt.json", json.dumps(receipt))

    shown = idpool.run("rollback", "receipt.json")
    result = idpool.run("rollback", "receipt.json", "--apply", "--yes")

    assert shown.code in (0, 1, 3), shown.text
    assert result.code in (0, 1, 3), result.text
    for text in (shown.text, result.text):
        assert "Traceback" not in text
        assert "has a bug" not in text
        assert "\x1b" not in text
    assert "****" not in str(account.pools())
    assert len(account.pools()) == 1


def _unanswered(kind: str, receipt: dict[str, Any]) -> None:
    """The receipt as it is when the answer to its only action was lost."""
    pool = receipt["pools"][0]
    pool["actions"][0]["outcome"] = "unknown"
    pool["after"] = pool["before"]
    if kind == "CreatePool":
        pool |= {"poolId": None, "created": False}


def test_an_update_that_was_not_answered_is_not_taken_back_by_guess(
    idpool: Idpool, apply: Apply
) -> None:
    """Live has the new value, and nobody can say whose it is."""
    apply({"AllowClassicFlow": False})
    apply({"AllowClassicFlow": True})
    receipt = json.loads((idpool.folder / "receipt.json").read_text())
    _unanswered("UpdatePool", receipt)
    idpool.write("receipt.json", json.dumps(receipt))
    result = idpool.run("rollback", "receipt.json")
    assert result.code == 3
    assert "[stale]" in result.out


def test_a_creation_that_was_not_answered_is_not_passed_over(idpool: Idpool, apply: Apply) -> None:
    """The pool may be there."""
    apply({})
    receipt = json.loads((idpool.folder / "receipt.json").read_text())
    _unanswered("CreatePool", receipt)
    idpool.write("receipt.json", json.dumps(receipt))
    result = idpool.run("rollback", "receipt.json")
    assert result.code == 3
    assert "may have made the pool" in result.out
