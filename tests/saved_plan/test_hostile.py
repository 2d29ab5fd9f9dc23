"""A saved plan is anybody's to write: it can keep an apply from happening, and nothing else."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.plan import Plan
from reconciler.model.saved_plan import Origin, SavedPlan, body_digest, save
from reconciler.planner.staleness import as_saved, staleness
from reconciler.reports.formats import saved_plan_json
from reconciler.reports.record_text import saved_plan_text, staleness_text
from reconciler.specs import records as limits
from reconciler.specs.records import UnusableRecord, is_saved_plan, load_saved_plan
from tests.e2e.conftest import Account
from tests.records.test_fuzz import change_somewhere
from tests.reports.plans import PLANS
from tests.saved_plan.conftest import Save, reseal, write_spec
from tests.strategies import fuzzed
from tests.support.cli import Idpool

ORIGIN = Origin.model_validate(
    {
        "toolVersion": "0.1.0",
        "createdAt": "2026-11-23T01:47:51Z",
        "gitCommit": "0" * 40,
        "specPaths": ("specs",),
    }
)
SAVED = save(PLANS["everything"], (), ORIGIN)
TEXT = saved_plan_json(SAVED)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a test puts the file that is to be read."""
    return tmp_path / "plan.json"


def _problem(file: Path, text: str) -> UnusableRecord:
    file.write_text(text)
    with pytest.raises(UnusableRecord) as caught:
        load_saved_plan(file)
    return caught.value


def _leaves(here: Any, path: tuple = ()) -> Iterator[tuple]:
    members = here.items() if isinstance(here, dict) else enumerate(here)
    for key, value in members:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from _leaves(value, (*path, key))


def _parent(data: Any, path: tuple) -> Any:
    for step in path[:-1]:
        data = data[step]
    return data


def test_what_was_written_is_read(file: Path) -> None:
    """All of it."""
    file.write_text(TEXT)
    assert load_saved_plan(file) == SAVED


def test_every_member_that_is_changed_or_gone_is_noticed(file: Path) -> None:
    """Whatever it is, and wherever: the digest is over all."""
    paths = list(_leaves(json.loads(TEXT)))
    assert len(paths) > 200
    for path in paths[::5] + paths[:40]:
        for how in ("changed", "gone"):
            data = json.loads(TEXT)
            parent, key = _parent(data, path), path[-1]
            if how == "gone":
                del parent[key]
            else:
                parent[key] = "other" if parent[key] != "other" else "another"
            assert _problem(file, json.dumps(data)).reason, (path, how)


def test_an_added_member_is_noticed(file: Path) -> None:
    """Also in maps of free keys."""
    data = json.loads(TEXT)
    pools = [pool for target in data["plan"]["targets"] for pool in target["pools"]]
    next(pool["desired"] for pool in pools if pool["desired"])["IdentityPoolTags"]["x"] = "y"
    assert "digest: the file was changed" in _problem(file, json.dumps(data)).reason


@pytest.mark.parametrize("part", ["targets", "specsDigest", "unchanged", "planDigest"])
def test_a_part_that_contradicts_the_plan_is_noticed(file: Path, part: str) -> None:
    """Even if whoever edited it took care of the digest."""
    data = json.loads(TEXT)
    empty = isinstance(data[part], list | dict)
    data[part] = type(data[part])() if empty else "sha256:" + "0" * 64
    reseal(file, data)
    assert f"{part}: the file was changed" in _problem(file, file.read_text()).reason


BAD = {
    "cut": (TEXT[: len(TEXT) // 2], "Invalid JSON"),
    "empty": ("", "Invalid JSON"),
    "a list": ("[]", "be an object"),
    "duplicate key": ('{"kind": "SavedPlan",\n"kind": "SavedPlan"}', "twice"),
    "NaN": ('{"plan": NaN}', "NaN"),
    "huge integer": ('{"schemaVersion": 1' + "0" * 5000 + "}", "too many digits"),
    "too deep": ('{"a":' * 100_000, "64 levels"),
    "a plan that was not saved": (
        '{"schemaVersion": 1, "owner": "x", "targets": []}',
        "this is a plan as --format json prints it",
    ),
    "unknown field": (TEXT.replace('"kind"', '"more": 1, "kind"', 1), "not known"),
    "another version": (
        TEXT.replace('"schemaVersion": 2,', '"schemaVersion": 1,'),
        "schemaVersion 1 is not known here; this idpool reads 2",
    ),
    "lone surrogate": ('{"kind": "\\ud800"}', "Invalid JSON"),
    "no moment": (TEXT.replace("2026-11-23T01:47:51Z", "9999-12-31T23:59:59Z"), "createdAt"),
    "no commit": (TEXT.replace("0" * 40, "main\\u001b[2J"), "gitCommit"),
}


@pytest.mark.parametrize(("text", "reason"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_refused_with_line_and_reason(file: Path, text: str, reason: str) -> None:
    """Strictly, and within bounds."""
    problem = _problem(file, text)
    assert reason in problem.reason
    assert str(problem).startswith(f"{file}:{problem.line}: ")


@pytest.mark.parametrize("path", ["/etc", "../specs", "a/../../b", "a\0b"])
def test_a_path_that_leads_out_of_the_project_is_refused(file: Path, path: str) -> None:
    """A plan must not say what is read on the machine that applies it."""
    data = json.loads(TEXT)
    data["origin"]["specPaths"] = [path]
    reseal(file, data)
    assert "specPaths[0]: leads out" in _problem(file, file.read_text()).reason


def test_an_unknown_field_to_ignore_is_refused(file: Path) -> None:
    """It would be looked up in a pool."""
    target = SAVED.plan.targets[0]
    pool = target.pools[0]
    ignored = replace(pool.ignored, fields=("model_dump",))
    odd = pool.model_copy(update={"ignored": ignored})
    plan = Plan(owner="o", targets=(target.model_copy(update={"pools": (odd,)}),))
    text = saved_plan_json(save(plan, (), ORIGIN))
    assert "no such field" in _problem(file, text).reason


def test_a_file_that_is_too_large_or_none_is_not_read(file: Path, tmp_path: Path) -> None:
    """A sparse one, a folder, a link, a pipe."""
    with file.open("wb") as sparse:
        sparse.truncate(limits.MAX_PLAN_BYTES + 1)
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(file)
    for path in (file, tmp_path, pipe, link, tmp_path / "none"):
        with pytest.raises(UnusableRecord):
            load_saved_plan(path)


@pytest.mark.parametrize(
    ("name", "text", "means_a_plan"),
    [
        ("plan.json", TEXT, True),
        ("plan.json", TEXT[:300], True),
        ("plan.json", None, True),
        ("plan.json", '{"apiVersion": "idpool/v1"}', False),
        ("plan.json", '{"apiVersion": "SavedPlan"}', True),
        ("plan.yaml", TEXT, False),
        ("plan", TEXT, False),
    ],
)
def test_what_counts_as_a_saved_plan(
    tmp_path: Path, name: str, text: str | None, means_a_plan: bool
) -> None:
    """In doubt it is one: then nothing else is applied in its place."""
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    assert is_saved_plan(path) is means_a_plan


def _use(file: Path, content: bytes) -> None:
    """Read it; what is read must be of use to what comes next."""
    file.write_bytes(content)
    with suppress(UnusableRecord):
        saved = load_saved_plan(file)
        fresh = as_saved(PLANS["everything"], saved.plan)
        saved_plan_text(saved, verbose=True)
        staleness_text(str(file), saved, staleness(saved, (), fresh))


@fuzzed
@given(content=st.binary(max_size=300))
def test_any_bytes(file: Path, content: bytes) -> None:
    """Not a byte of it need be sense."""
    _use(file, content)


@fuzzed
@given(data=st.data())
def test_a_real_plan_with_values_changed_and_all_digests_right(
    file: Path, data: st.DataObject
) -> None:
    """Whoever edits a plan can make its digests fit."""
    value = json.loads(TEXT)
    change_somewhere(value["plan"], data)
    try:
        text = saved_plan_json(save(Plan.model_validate(value["plan"]), (), ORIGIN))
    except ValueError:  # it is no plan, or no text
        return
    _use(file, text.encode())


def _resave(path: Path, edit: Any) -> None:
    saved = SavedPlan.model_validate_json(path.read_text())
    plan = saved.plan.model_dump(mode="json")
    edit(plan["targets"][0]["pools"][0])
    path.write_text(saved_plan_json(save(Plan.model_validate(plan), saved.specs, saved.origin)))


EDITS: dict[str, Any] = {
    "another action": lambda pool: pool.update(actions=[{"kind": "DeletePool"}]),
    "no action": lambda pool: pool.update(actions=[]),
    "another wish": lambda pool: pool["desired"].update(AllowClassicFlow=True),
    "another pool": lambda pool: pool.update(poolId="eu-west-1:0f1e2d3c"),
    "another name": lambda pool: pool.update(name="\x1b[2J"),
    "a refusal less": lambda pool: pool.update(notices=[{"rule": "r", "message": "m"}]),
    "live made up": lambda pool: pool.update(live=pool["desired"], poolId="x:1"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_a_plan_that_was_edited_with_care_is_not_carried_out(
    idpool: Idpool, account: Account, save: Save, edit: Any
) -> None:
    """What is done comes from the specs and from live; the edited plan is not that."""
    write_spec(idpool)
    _resave(save(), edit)
    result = idpool.run("apply", "plan.json")
    assert result.code == 4, result.text
    assert result.err.startswith("error: plan.json is stale: ")
    assert "\x1b" not in result.text
    assert account.pools() == {}


@pytest.mark.parametrize("command", ["show", "apply"])
def test_a_damaged_plan_is_one_sentence(idpool: Idpool, save: Save, command: str) -> None:
    """Exit 1 with place, reason and fix."""
    write_spec(idpool)
    path = save()
    path.write_text(path.read_text().replace('"shop"', '"shot"', 1))
    result = idpool.run(command, "plan.json")
    assert result.code == 1
    assert result.out == ""
    assert result.err.startswith("error: plan.json:2: digest: the file was changed or damaged")
    assert "\n  fix: " in result.err


def test_the_digest_is_over_everything_else() -> None:
    """And over nothing of itself."""
    data = json.loads(TEXT)
    assert body_digest(data) == data["digest"] == body_digest({**data, "digest": ""})
