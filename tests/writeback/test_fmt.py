"""One order and one style: what fmt keeps, and that it is done after one time."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.errors import InvalidSpecs
from reconciler.model.project import Project
from reconciler.model.spec import PoolDocument, PoolSpec
from reconciler.specs.documents import read_documents
from reconciler.writeback.fmt import format_text
from reconciler.writeback.spec_text import spec_text
from tests.strategies import documents, examples, lifecycles
from tests.writeback.texts import CORPUS, comments_of, odd_texts, specs_of, text_of

GOLDEN = Path(__file__).parent / "golden" / "fmt"
# Their texts were read line by line.
READ = ("03", "07", "17", "18", "19", "24", "26", "27", "28")
PARTS = ("apiVersion", "kind", "metadata", "lifecycle", "spec")
SPECS = sorted(Path(__file__).parents[2].joinpath("specs").glob("*.yaml"))


def fmt(text: str) -> str:
    """The canonical text."""
    return format_text("spec.yaml", text, Project())


def meaning(text: str) -> list[PoolDocument]:
    """The documents of a text."""
    return [spec.document for spec in specs_of(text)]


@pytest.mark.parametrize("path", [*CORPUS, *SPECS], ids=lambda path: path.stem)
def test_meaning_and_comments_stay(path: Path) -> None:
    """Whatever the style was."""
    before = text_of(path)
    after = fmt(before)
    assert meaning(after) == meaning(before)
    assert comments_of(after) == comments_of(before)


@pytest.mark.parametrize("path", [*CORPUS, *SPECS], ids=lambda path: path.stem)
def test_once_is_enough(path: Path) -> None:
    """What is formatted is not changed again."""
    once = fmt(text_of(path))
    assert fmt(once) == once


@pytest.mark.parametrize("path", [p for p in CORPUS if p.name[:2] in READ], ids=lambda p: p.stem)
def test_the_texts_are_those_that_somebody_has_read(path: Path) -> None:
    """Each comment is with what it was written for."""
    golden, said = GOLDEN / path.name, fmt(text_of(path))
    if os.environ.get("IDPOOL_UPDATE_GOLDEN") == "1":
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_style_is_one(path: Path) -> None:
    """Two spaces a level, no tabs, no spaces at line ends, a line break at the end, one kind."""
    before, after = text_of(path), fmt(text_of(path))
    newline = "\r\n" if "\r\n" in before else "\n"
    assert after.endswith(newline)
    assert after.count("\n") == after.count(newline)
    lines = after.split(newline)
    assert all(line == line.rstrip() and "\t" not in line for line in lines)
    assert newline * 3 not in after


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_fields_are_in_their_documented_order(path: Path) -> None:
    """Those of the pool, and the parts around them."""
    found, findings = read_documents("spec.yaml", fmt(text_of(path)))
    assert not findings
    for document in found:
        assert isinstance(document.value, dict)
        spec = document.value["spec"]
        assert isinstance(spec, dict)
        assert list(spec) == [field for field in PoolSpec.model_fields if field in spec]
        assert list(document.value) == [part for part in PARTS if part in document.value]


@examples(60)
@given(st.data())
def test_any_spec_in_any_style_keeps_its_meaning_and_its_comments(data: st.DataObject) -> None:
    """And is done after one time."""
    text = data.draw(odd_texts(data.draw(documents(lifecycle=lifecycles()))))
    once = fmt(text)
    assert meaning(once) == meaning(text)
    assert comments_of(once) == comments_of(text)
    assert fmt(once) == once


@examples(60)
@given(documents(lifecycle=lifecycles()))
def test_tidy_specs_are_canonical(value: dict[str, Any]) -> None:
    """What idpool writes itself needs no formatting."""
    text = spec_text(PoolDocument.model_validate(value))
    assert fmt(text) == text


def test_an_order_that_would_put_an_alias_before_its_anchor_is_not_made() -> None:
    """The style is put right all the same."""
    text = (
        "spec:\n    Roles: {authenticated: &r arn:aws:iam::123456789012:role/r}   # roles\n"
        "    IdentityPoolName: x\n"
        "    RoleMappings: {}\n"
        "    IdentityPoolTags: {role: *r}\n"
        "apiVersion: idpool/v1\nkind: IdentityPool\nmetadata: {name: x}\n"
    )
    assert fmt(text) == text.replace("    ", "  ")


def test_other_documents_of_the_file_are_left_alone() -> None:
    """A project file may share the file with a spec."""
    project = "apiVersion:   idpool/v1\nkind: Project   # ours\nowner: 'me'\n"
    spec = "---\napiVersion:   idpool/v1\nkind: IdentityPool\nmetadata: {name: x}\n"
    spec += "spec: {IdentityPoolName: x}\n"
    assert fmt(project + spec) == project + spec.replace("   ", " ")


def test_what_is_not_valid_is_not_formatted() -> None:
    """Its findings are raised."""
    with pytest.raises(InvalidSpecs):
        fmt("apiVersion: idpool/v1\nkind: IdentityPool\nmetadata: {name: x}\nspec: {Nope: 1}\n")
