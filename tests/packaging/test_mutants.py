"""What breaks the code on purpose fits the code: a breakage that cannot be made proves nothing."""

from types import SimpleNamespace

import pytest

from tests.packaging.scripts import ROOT, loaded

MUTANTS: list[SimpleNamespace] = list(loaded("mutants").MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_a_breakage_can_be_made_and_there_is_a_test_to_notice_it(mutant: SimpleNamespace) -> None:
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1
    assert mutant.new != mutant.old
    paths = [each for each in mutant.tests if each.startswith("tests/")]
    assert paths
    assert all((ROOT / path).exists() for path in paths)


def test_there_are_more_than_a_few_and_each_has_a_name_of_its_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 8
