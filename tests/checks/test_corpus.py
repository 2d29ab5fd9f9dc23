"""Every check finds what it is there for, and nothing that only looks like it."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from reconciler.checks.pool_checks import CHECKS
from tests.checks.corpus import CORPUS
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What ``idpool check`` says of each pool of the corpus: ids of rules."""
    idpool = Idpool(tmp_path_factory.mktemp("corpus"))
    names = {f"specs/pool-{number}.yaml": name for number, name in enumerate(CORPUS)}
    for file, name in names.items():
        spec = document(Path(file).stem, CORPUS[name].spec)
        idpool.write(file, yaml_of(spec))
    result = idpool.run("check", "specs", "--format", "json")
    assert result.code == 3, result.text
    found: dict[str, list[str]] = defaultdict(list)
    for finding in json.loads(result.out)["findings"]:
        found[names[finding["file"]]].append(finding["rule"])
    return found


@pytest.mark.parametrize("name", CORPUS)
def test_a_pool_is_found_to_be_what_it_is(said: dict[str, list[str]], name: str) -> None:
    case = CORPUS[name]
    expected = [case.about] * case.found + list(case.also)
    assert sorted(said[name]) == sorted(expected)


def test_there_are_a_hit_and_a_near_miss_for_each_check() -> None:
    rules = {check.rule.value for check in CHECKS}
    assert {case.about for case in CORPUS.values() if case.found} == rules
    assert {case.about for case in CORPUS.values() if not case.found} == rules
    assert sum(case.found or bool(case.also) for case in CORPUS.values()) >= 40
    assert len(CORPUS) >= 60


def test_the_examples_of_this_repository_have_nothing_but_notes() -> None:
    idpool = Idpool(Path(__file__).parents[2])
    result = idpool.run("check", "specs", "--format", "json")
    assert result.code == 0
    severities = {finding["severity"] for finding in json.loads(result.out)["findings"]}
    assert severities == {"note"}
