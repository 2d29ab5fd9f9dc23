"""What is saved can be read: an unchanged pool is a digest, and both sides have one bound."""

import json
from pathlib import Path

import pytest

from benchmarks.specs import write_repository
from reconciler.specs import records
from reconciler.specs.records import load_saved_plan
from tests.e2e.conftest import Account
from tests.saved_plan.conftest import Save, apply_specs, write_spec
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

MANY = 10_000
MOST_BYTES_UNCHANGED = 500


def _size(path: Path) -> int:
    return path.stat().st_size


def _documents(idpool: Idpool, count: int) -> None:
    """Specs of some length, so that a pool in the plan would be seen."""
    tags = {f"tag-{number}": "x" * 100 for number in range(20)}
    spec = {"IdentityPoolTags": tags, "Roles": {}, "RoleMappings": {}}
    documents = [document(f"storefront-of-team-{number:04}", spec) for number in range(count)]
    idpool.write("specs/identity/storefronts.yaml", yaml_of(*documents))


def test_an_unchanged_pool_is_its_identity_and_a_digest(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """At most half a kilobyte each, however much a pool holds."""
    sizes = []
    for count in (1, 41):
        _documents(idpool, count)
        apply_specs(idpool)
        sizes.append(_size(save()))
    assert (sizes[1] - sizes[0]) / 40 <= MOST_BYTES_UNCHANGED
    assert "tag-1" not in (idpool.folder / "plan.json").read_text()
    assert len(account.pools()) == 41


def test_ten_thousand_creates_would_be_within_the_bound(idpool: Idpool) -> None:
    """By what some hundreds of them take: in bytes, and in what JSON they are."""
    write_repository(idpool.folder, 300)
    result = idpool.run("plan", "--out", "plan.json", "--quiet")
    assert result.code == 0, result.text
    path = idpool.folder / "plan.json"
    assert _size(path) * MANY / 300 < records.MAX_PLAN_BYTES / 2
    text = path.read_text()
    signs = sum(text.count(sign) for sign in '{}[]:,"')
    assert signs * MANY / 300 < records.MAX_PLAN_TOKENS
    assert idpool.run("show", "plan.json").out.endswith("Plan: 300 to create.\n")


@pytest.mark.slow
@pytest.mark.timeout(900)  # a minute where nothing else runs
def test_ten_thousand_creates_are_saved_and_read(idpool: Idpool) -> None:
    """By the command itself."""
    write_repository(idpool.folder, MANY)
    result = idpool.run("plan", "--out", "plan.json", "--quiet")
    assert result.code == 0, result.text[-2000:]
    assert idpool.run("show", "plan.json").out.endswith(f"Plan: {MANY} to create.\n")


@pytest.mark.parametrize("limit", ["MAX_PLAN_BYTES", "MAX_PLAN_TOKENS", "MAX_POOLS"])
def test_what_could_not_be_read_is_not_written(
    idpool: Idpool, save: Save, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """The plan that was there stays; the way out is a smaller one."""
    write_spec(idpool)
    before = save().read_bytes()
    monkeypatch.setattr(records, limit, 0)
    result = idpool.run("plan", "specs", "--out", "plan.json")
    assert result.code == 1, result.text
    assert result.err.startswith("error: the plan cannot be saved to plan.json: it ")
    assert "--target" in result.err
    assert (idpool.folder / "plan.json").read_bytes() == before


def test_a_plan_at_the_bound_is_read(
    idpool: Idpool, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writer and reader agree about the last byte."""
    write_spec(idpool)
    size = _size(save())
    monkeypatch.setattr(records, "MAX_PLAN_BYTES", size)
    assert idpool.run("show", str(save())).code == 0
    monkeypatch.setattr(records, "MAX_PLAN_BYTES", size - 1)
    assert idpool.run("plan", "specs", "--out", "plan.json").code == 1
    assert idpool.run("show", "plan.json").code == 1


def test_a_mixed_plan_shows_as_it_was_planned(idpool: Idpool, save: Save) -> None:
    """Unchanged pools are counted and told where they stand; what is done already, too."""
    for name in ("b", "d"):
        write_spec(idpool, name)
    apply_specs(idpool)
    write_spec(idpool, "a")
    write_spec(idpool, "d", AllowClassicFlow=True)
    idpool.write("specs/c.yaml", yaml_of(document("c", lifecycle={"delete": True})))
    planned = idpool.run("plan", "specs", "-v")
    path = save()
    shown = idpool.run("show", "plan.json", "-v").out.partition("\n\n")[2]
    without_digests = [line for line in planned.out.splitlines() if "  live sha256" not in line]
    for line in without_digests:
        assert line in shown
    assert "= gone already c" in shown
    assert "= unchanged b" in shown
    saved = load_saved_plan(path)
    assert [pool.name for pool in saved.whole.pools] == ["a", "b", "c", "d"]
    assert saved.whole.digest == json.loads(path.read_text())["planDigest"]
    assert f"plan {saved.plan_digest}" in planned.out
