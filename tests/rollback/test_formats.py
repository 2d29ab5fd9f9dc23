"""``idpool rollback --format NAME[=FILE]``: it shows a plan, so it has a plan's formats."""

import json

from reconciler.reports.format_names import OF_PLANS, OF_RECEIPTS
from tests.rollback.conftest import Apply
from tests.support.cli import Idpool


def test_the_way_back_is_shown_in_every_format_of_a_plan(idpool: Idpool, apply: Apply) -> None:
    apply({"IdentityPoolTags": {"team": "shop"}})
    apply({"IdentityPoolTags": {"team": "other"}})
    files = [word for form in OF_PLANS for word in ("--format", f"{form}=out/back.{form}")]
    result = idpool.run("rollback", "receipt.json", *files)
    assert result.code == 0, result.text
    for form in OF_PLANS:
        text = (idpool.folder / f"out/back.{form}").read_text()
        assert "storefront" in text or form == "github"
    assert (idpool.folder / "out/back.text").read_text() == result.out
    plan = json.loads((idpool.folder / "out/back.json").read_text())
    assert plan["targets"][0]["pools"][0]["actions"]


def test_nothing_to_take_back_is_said_in_every_format(idpool: Idpool, apply: Apply) -> None:
    apply({"IdentityPoolTags": {"team": "shop"}})
    apply({"IdentityPoolTags": {"team": "other"}})
    assert idpool.run("rollback", "receipt.json", "--apply", "--yes").code == 0
    result = idpool.run("rollback", "receipt.json", "--format", "markdown")
    assert result.code == 0, result.text
    assert result.out.startswith("**idpool:** Nothing to take back.")


def test_what_was_taken_back_has_the_formats_of_a_receipt(idpool: Idpool, apply: Apply) -> None:
    apply({"IdentityPoolTags": {"team": "shop"}})
    apply({"IdentityPoolTags": {"team": "other"}})
    words = ["rollback", "receipt.json", "--apply", "--yes"]
    refused = idpool.run(*words, "--format", "sarif=x")
    assert refused.code == 64
    files = [word for form in OF_RECEIPTS for word in ("--format", f"{form}=out/done.{form}")]
    result = idpool.run(*words, *files)
    assert result.code == 0, result.text
    assert "Applied: 1 done." in (idpool.folder / "out/done.markdown").read_text()
