"""Inputs that came out wrong once, each with what is right."""

import json
from dataclasses import replace
from pathlib import Path

from tests.e2e.conftest import Account
from tests.support.cli import Idpool

CASES = Path(__file__).parents[1] / "cases" / "specs"


def test_the_escape_of_a_sign_beyond_the_basic_plane_is_read(
    idpool: Idpool, account: Account
) -> None:
    """JSON writes it as two halves; AWS gets the one sign, and fmt keeps how it is written."""
    idpool.write("specs/a.yaml", (CASES / "surrogate.json").read_text("utf-8"))
    assert idpool.run("fmt", "specs").code == 0
    assert r'"\ud83d\uded2"' in (idpool.folder / "specs/a.yaml").read_text("utf-8")
    applied = idpool.run("apply", "specs", "--yes")
    assert applied.code == 0, applied.text
    assert account.describe(account.only_id())["IdentityPoolTags"]["a"] == "\U0001f6d2"


def test_a_merge_conflict_is_named_at_its_marker(idpool: Idpool) -> None:
    """Not as the syntax error that it leads to."""
    idpool.write("conflict.yaml", (CASES / "conflict.yaml").read_text("utf-8"))
    result = idpool.run("validate", "conflict.yaml")
    assert result.code == 1
    assert "conflict.yaml:6:1: error: a merge conflict was left here [merge-conflict]" in result.err


def test_the_id_of_another_region_is_called_that(idpool: Idpool) -> None:
    """Removing metadata.adopt would be no way out: it would make a second pool."""
    idpool.write("specs/a.yaml", (CASES / "other-region.yaml").read_text("utf-8"))
    elsewhere = replace(idpool, environment={**idpool.environment, "AWS_REGION": "us-east-1"})
    planned = elsewhere.run("plan", "specs", "--format", "json")
    assert planned.code == 3, planned.text
    (pool,) = json.loads(planned.out)["targets"][0]["pools"]
    (refusal,) = pool["refusals"]
    assert refusal["rule"] == "adopted-elsewhere"
    assert "a pool in eu-west-1, and target default is us-east-1" in refusal["reason"]
    assert "remove" not in refusal["wayOut"]


def test_the_id_of_another_region_is_found_offline_where_the_region_is_known(
    idpool: Idpool,
) -> None:
    """The target says where it is; a tombstone does not pass either."""
    idpool.write("specs/a.yaml", (CASES / "other-region.yaml").read_text("utf-8"))
    idpool.write(
        "idpool.yaml",
        "apiVersion: idpool/v1\nkind: Project\nowner: acme\n"
        'targets:\n  us: {account: "123456789012", region: us-east-1}\n',
    )
    result = idpool.run("validate")
    assert result.code == 1
    assert 'is a pool in eu-west-1, and target "us" is us-east-1 [adopt-region]' in result.err
