"""Every kind of change, pulled into every spec of the corpus: only the lines concerned change."""

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import TypeAlias

import pytest

from reconciler.model.base import JsonValue
from reconciler.model.plan import PoolPlan
from reconciler.model.pool import POOL_FIELDS
from reconciler.model.project import Project
from reconciler.model.spec import Spec
from reconciler.writeback.pulling import PulledFile, pull
from reconciler.writeback.verifying import Pulling, Settings
from tests.writeback.by_hand import BY_HAND, changes_of, live_of, plan_of
from tests.writeback.texts import (
    CORPUS,
    changed_lines,
    comments_of,
    diff,
    specs_of,
    text_of,
    without_comment,
)

GOLDEN = Path(__file__).parent / "golden"
# Their diffs were read line by line.
READ = ("01", "03", "04", "07", "12", "13", "16", "17", "18", "27", "28", "34")
# What a spec is made of besides its own names and values.
_STRUCTURE = ("Rules", "Type", "AmbiguousRoleResolution", "UseDefaults", "PrincipalTags")
_PUNCTUATION = re.compile(r"[\s{}\[\],?:-]*(?:\{\})?[\s,]*")
_ONE_VALUE = ("renamed", "guests_turned", "classic_flow_turned", "tag_changed", "secret_rotated")
# A scalar over several lines changes more than one.
_OVER_LINES = {
    "14-quoted-keys.yaml",
    "16-folded.yaml",
    "23-long-strings.yaml",
    "33-literal-first.yaml",
}


def ids(path: Path) -> str:
    """The name of a file of the corpus."""
    return path.stem


Case: TypeAlias = tuple[Spec, str, PulledFile, PoolPlan, PoolPlan]


# By file and not by test: what is asked of one file is asked of the same pulls.
@pytest.fixture(scope="module", params=CORPUS, ids=ids)
def path(request: pytest.FixtureRequest) -> Path:
    """A file of the corpus."""
    found: Path = request.param
    return found


@cache
def cases(text: str) -> list[Case]:
    """Each change of each spec: the spec, its name, the pull, the plan before and after it."""
    return list(_cases(text))


def _cases(text: str) -> Iterator[Case]:
    specs = specs_of(text)
    applied = {spec.name: live_of(spec) for spec in specs}
    for spec in specs:
        for name, changed in changes_of(live_of(spec)):
            live = {**applied, spec.name: changed}
            plan = plan_of(live, loaded=specs)
            pulled = pull(
                text, specs, Pulling(plan, Settings(Project()), POOL_FIELDS, with_secrets=True)
            )
            after = plan_of(live, loaded=specs_of(pulled.text))
            yield spec, name, pulled, plan_for(plan.pools, spec), plan_for(after.pools, spec)


def plan_for(pools: Iterator[PoolPlan], spec: Spec) -> PoolPlan:
    """The plan of a spec's pool."""
    return next(pool for pool in pools if pool.name == spec.name)


def words_of(plan: PoolPlan) -> set[str]:
    """Names and values of all fields that differ."""
    found: set[str] = set(_STRUCTURE)
    for change in plan.changes:
        values = (change.before, change.after)
        found |= {change.field, *(word for value in values for word in leaves(value))}
    # The key of a client, in RoleMappings, is two values of a spec.
    return {word for each in found for word in (each, *each.rpartition(":")[::2]) if word}


def leaves(value: JsonValue) -> Iterator[str]:
    """Keys and strings of a value."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from leaves(member)
    elif isinstance(value, list):
        for member in value:
            yield from leaves(member)
    elif value is not None:
        yield value if isinstance(value, str) else json.dumps(value)


def is_concerned(line: str, words: set[str]) -> bool:
    """Whether a line names anything that differs, or is punctuation, a comment or an alias."""
    rest = without_comment(line)
    if _PUNCTUATION.fullmatch(rest) or "&" in rest or "*" in rest:
        return True
    return any(word.casefold() in rest.casefold() for word in words)


def grew(line: str, new: list[str]) -> bool:
    """Whether a new line is this one with something put into it, or a line break behind it."""
    old = line.rstrip("\r\n")
    others = [line.rstrip("\r\n") for line in new]
    return any(alike(old, each) + alike(old[::-1], each[::-1]) >= len(old) for each in others)


def alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def test_the_corpus_is_large_enough_and_each_change_is_made_somewhere() -> None:
    """Or the tests below would show nothing."""
    assert len(CORPUS) >= 40
    made = {
        n for path in CORPUS for s in specs_of(text_of(path)) for n, _ in changes_of(live_of(s))
    }
    assert made == {change.__name__ for change in BY_HAND}


def test_after_a_pull_the_plan_is_empty(path: Path) -> None:
    """For every kind of change that its pools can have."""
    for spec, name, pulled, before, after in cases(text_of(path)):
        if not before.changes:
            assert spec.lifecycle.ignore_changes, name
            assert (pulled.text, pulled.pools) == (text_of(path), ()), name
            continue
        (told,) = pulled.pools
        assert told.is_pulled, (spec.name, name, told.reason)
        assert (after.changes, after.refusals) == ((), ()), (spec.name, name)


def test_only_lines_that_are_concerned_change(path: Path) -> None:
    """A line that goes names something that differs; so does a line that comes."""
    text = text_of(path)
    for spec, name, pulled, before, _ in cases(text):
        words = words_of(before)
        gone, new = changed_lines(text, pulled.text)
        if path.name not in _OVER_LINES:
            touched = [line for line in gone if not grew(line, new)]
            assert all(is_concerned(line, words) for line in touched), (spec.name, name, touched)
        fresh = [line for line in new if not any(grew(old, [line]) for old in gone)]
        assert all(is_concerned(line, words) for line in fresh), (spec.name, name, fresh)


def test_a_scalar_changes_its_line_alone(path: Path) -> None:
    """One line goes and one comes; a boolean that was left out comes in a line of its own."""
    text = text_of(path)
    most = 3 if path.name in _OVER_LINES else 1
    for spec, name, pulled, _, _ in cases(text):
        if name in _ONE_VALUE:
            gone, new = changed_lines(text, pulled.text)
            assert len(gone) <= most, (spec.name, gone)
            assert len(new) <= most, (spec.name, new)


def test_every_comment_survives_but_those_on_lines_that_are_removed(path: Path) -> None:
    """None is made up, either."""
    text = text_of(path)
    for spec, name, pulled, _, _ in cases(text):
        gone, _ = changed_lines(text, pulled.text)
        lost = comments_of(text) - comments_of(pulled.text)
        assert not lost - comments_of("".join(gone)), (spec.name, name)
        assert not comments_of(pulled.text) - comments_of(text), (spec.name, name)


def test_comments_above_and_below_a_removed_member_stay(path: Path) -> None:
    """Only the one behind it goes."""
    text = text_of(path)
    for spec, name, pulled, _, _ in cases(text):
        if name in ("tag_removed", "last_tag_removed"):
            gone, _ = changed_lines(text, pulled.text)
            alone = [line for line in gone if line.strip() and not without_comment(line).strip()]
            assert not alone, (spec.name, name, alone)


def test_line_ends_stay_as_they_are(path: Path) -> None:
    """Those of new lines are like the others, and a file without a last one stays without it."""
    text = text_of(path)
    alone = re.compile(r"(?<!\r)\n" if "\r\n" in text else r"\r")
    for spec, name, pulled, _, _ in cases(text):
        assert not alone.search(pulled.text), (spec.name, name)
        assert pulled.text.endswith("\n") == text.endswith("\n"), (spec.name, name)


def test_the_diffs_are_those_that_somebody_has_read(path: Path) -> None:
    """All changes of one file, one after the other; of the files that were read."""
    golden = GOLDEN / f"{path.stem}.diff"
    assert golden.exists() == (path.name[:2] in READ)
    if path.name[:2] not in READ:
        return
    text = text_of(path)
    shown = (f"### {s.name}: {n}\n{diff(text, p.text)}\n" for s, n, p, _, _ in cases(text))
    said = "\n".join(shown)
    if os.environ.get("IDPOOL_UPDATE_GOLDEN") == "1":
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8")
