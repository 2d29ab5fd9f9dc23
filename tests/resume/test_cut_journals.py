"""A run that ended at any line of its journal: to resume and to run again lead to the same end."""

import json

import pytest

from tests.resume.conftest import LINES, Run, World


def _writes(journal: list[str]) -> tuple[int, int]:
    """How many writes have ended, and how many were announced."""
    entries = [json.loads(line)["entry"] for line in journal]
    return entries.count("ended"), entries.count("sending")


@pytest.mark.parametrize("how", ["resume", "again"])
@pytest.mark.parametrize("lines", range(1, LINES + 1))
def test_a_journal_cut_after_any_line(world: World, rehearsal: Run, lines: int, how: str) -> None:
    """What was announced and not ended may or may not have been done: both states, one end."""
    cut = rehearsal.journal[:lines]
    for committed in sorted(set(_writes(cut))):
        world.state.write_bytes(rehearsal.states[committed])
        world.idpool.write("cut.jsonl", "".join(cut) + rehearsal.journal[lines - 1][:30])

        result = world.go_on(how, "cut.jsonl")

        assert result.code == 0, result.text
        world.assert_converged()
