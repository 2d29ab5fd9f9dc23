"""The file of the sentences of findings: all of it is about rules, and can be filled in."""

from string import Formatter
from typing import Any

import pytest

from reconciler.model.findings import RuleId
from reconciler.text import problems

WORDS = {"message", "fix"}
TRAITS = {"severity", "at_key", "hides_key"}
# What the code asks for besides: parts of libyaml's words, tags, names of fields with their fixes.
DATA = {"part", "at_beginning", "tags", "pool", "envelope"}


def rules() -> dict[str, Any]:
    """What the file has, by rule."""
    return {rule: problems.wording(rule) for rule in RuleId if rule in problems.wordings()}


def test_every_table_is_a_rules() -> None:
    """A rule that is renamed takes its words along."""
    assert set(problems.wordings()) == set(rules())


@pytest.mark.parametrize(("rule", "said"), rules().items(), ids=rules())
def test_every_case_has_a_sentence_that_can_be_filled_in(rule: str, said: dict[str, Any]) -> None:
    """A case has words of its own for what differs, and nothing that nobody reads."""
    cases = [case for case in said.values() if isinstance(case, dict)]
    for case in cases or [said]:
        assert "message" in said | case, rule
    for words in (said, *cases):
        known = WORDS | TRAITS | DATA
        assert {key for key, value in words.items() if not isinstance(value, dict)} <= known, rule
        for text in (words.get(key, "") for key in WORDS):
            list(Formatter().parse(text))
