"""What resume says, what it leaves alone, and what it refuses."""

import json

import pytest

from tests.resume.conftest import SPECS, Run, World
from tests.support.specs import document, yaml_of


def _cut(world: World, rehearsal: Run, lines: int, committed: int) -> None:
    world.state.write_bytes(rehearsal.states[committed])
    world.idpool.write("cut.jsonl", "".join(rehearsal.journal[:lines]))


def test_it_says_what_was_done_what_is_unknown_and_what_was_not_sent(
    world: World, rehearsal: Run
) -> None:
    """Pool by pool, on stderr; stdout has the plan and the receipt."""
    _cut(world, rehearsal, lines=4, committed=2)
    result = world.go_on("resume", "cut.jsonl")
    told = [line.strip() for line in result.err.splitlines()]
    assert told[1].startswith("default storefront  eu-west-1:")
    assert told[2:4] == ["done: CreateIdentityPool", "unknown: SetIdentityPoolRoles"]
    assert told[4:7] == ["not sent: 2 actions", "default second", "not sent: 2 actions"]


def test_only_the_pools_of_the_journal_are_touched(world: World, rehearsal: Run) -> None:
    """A spec that came later waits for the next apply."""
    _cut(world, rehearsal, lines=3, committed=1)
    world.idpool.write("specs/all.yaml", yaml_of(*SPECS, document("later")))
    result = world.go_on("resume", "cut.jsonl")
    assert result.code == 0, result.text
    assert len(world.account.pools()) == 2
    assert "later" not in result.out


def test_a_pool_without_a_spec_is_said_and_skipped(world: World, rehearsal: Run) -> None:
    """Nobody knows any more what it should be."""
    _cut(world, rehearsal, lines=3, committed=1)
    world.idpool.write("specs/all.yaml", yaml_of(SPECS[0]))
    result = world.go_on("resume", "cut.jsonl")
    assert result.code == 0, result.text
    assert result.err.count("no spec of this run describes it: skipped") == 1
    assert len(world.account.pools()) == 1


def test_a_run_that_came_to_its_end_needs_nothing(world: World, rehearsal: Run) -> None:
    """Exit 0, before AWS is asked anything."""
    _cut(world, rehearsal, lines=len(rehearsal.journal), committed=6)
    result = world.go_on("resume", "cut.jsonl")
    assert (result.code, result.out) == (0, "")
    assert "Nothing to resume" in result.err
    assert world.proxy.requests == []


def test_a_run_that_ended_with_a_failure_is_gone_on_with(world: World, rehearsal: Run) -> None:
    """It has its last line, but something is open."""
    _cut(world, rehearsal, lines=2, committed=0)
    ended = {**json.loads(rehearsal.journal[2]), "outcome": "failed", "poolId": None}
    lines = [*rehearsal.journal[:2], json.dumps(ended) + "\n", rehearsal.journal[-1]]
    world.idpool.write("cut.jsonl", "".join(lines))
    result = world.go_on("resume", "cut.jsonl")
    assert result.code == 0, result.text
    assert "failed: CreateIdentityPool" in result.err
    world.assert_converged()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"owner":"default"', '"owner":"them"', "is about the pools of owner 'them'"),
        ('"entry":"run"', '"entry":"run","entry":"run"', "is there twice"),
        ('"schemaVersion":1', '"schemaVersion":NaN', "NaN"),
    ],
)
def test_a_journal_that_cannot_be_used_is_one_sentence(
    world: World, rehearsal: Run, old: str, new: str, sentence: str
) -> None:
    """Exit 1, and AWS is not asked."""
    world.idpool.write("cut.jsonl", rehearsal.journal[0].replace(old, new))
    result = world.go_on("resume", "cut.jsonl")
    assert (result.code, result.out) == (1, "")
    assert sentence in result.err
    assert result.err.startswith("error: cut.jsonl")
    assert "Traceback" not in result.err
    assert world.proxy.requests == []


def test_two_pools_of_one_spec_are_refused_with_both_ids(world: World, rehearsal: Run) -> None:
    """Which of them is in use cannot be known here: nothing is deleted by guess."""
    _cut(world, rehearsal, lines=2, committed=1)
    tags = {"idpool:owner": "default", "idpool:name": "storefront"}
    world.account.create("storefront", IdentityPoolTags=tags)
    ids = set(world.account.pools())
    result = world.go_on("resume", "cut.jsonl")
    assert result.code == 3, result.text
    assert all(pool_id in result.out for pool_id in ids)
    assert ids <= set(world.account.pools())
    assert len(world.account.pools()) == 3


def test_control_characters_of_a_journal_are_not_printed(world: World, rehearsal: Run) -> None:
    """A name could otherwise repaint what was said before it."""
    _cut(world, rehearsal, lines=1, committed=0)
    hostile = rehearsal.journal[0].replace('"name":"second"', '"name":"a\\u001b[2Jb\\u202e"')
    world.idpool.write("cut.jsonl", hostile)
    result = world.go_on("resume", "cut.jsonl")
    assert r"a\x1b[2Jb\u202e" in result.err
    assert not {"\x1b", "\u202e"} & set(result.text)


def test_a_run_without_its_last_entry_is_gone_on_with(world: World, rehearsal: Run) -> None:
    """Every action is done, but the run did not come to look for twins: live is asked again."""
    _cut(world, rehearsal, lines=len(rehearsal.journal) - 1, committed=6)
    result = world.go_on("resume", "cut.jsonl")
    assert (result.code, "No changes" in result.out) == (0, True), result.text
    assert world.proxy.requests != []
