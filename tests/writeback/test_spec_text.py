"""The text of a spec: whatever a document holds, its text reads back as the same document."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from reconciler.model.spec import PoolDocument
from reconciler.specs.documents import read_documents
from reconciler.text.emission import Quotes, key, quoted, scalar
from reconciler.writeback.spec_text import spec_text
from tests.strategies import documents, lifecycles

WORDS = "yes no On off y N null ~ true FALSE 0x1F 0o17 017 0b11 1_000 1e5 .5 5. +.inf .nan 12:30:45"
# Numbers to some reader alone.
NEARLY = "+_ -_ +_1 0o_ 1_0e5 -0o7"
ODD = [
    *WORDS.split(),
    *NEARLY.split(),
    *("2026-11-23", "2026-11-23T01:02:03Z", "012345678901", "<<", "=", "-", "- a", "---", "... x"),
    *("?x", ":x", "a: b", "a:", "a #b", "#a", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "'a"),
    *(
        '"a',
        "[a",
        "{a",
        "a]",
        "a,b",
        " a",
        "a ",
        "",
        "a\tb",
        "a\nb",
        "é",
        "日本",
        "a\u2028b",
        "\x85",
    ),
    *("it's", 'say "hi"', "back\\slash", "😀", "\ufeffx", "\ue000", "a:b", "cognito:groups"),
]


def parsed(text: str) -> PoolDocument:
    """The one document of a text, as the loader builds it."""
    (found,), findings = read_documents("spec.yaml", text)
    assert not findings
    assert not found.problems
    return PoolDocument.model_validate(found.value, strict=True)


@given(documents(lifecycle=lifecycles()))
def test_the_text_of_a_document_reads_back_as_that_document(value: dict[str, Any]) -> None:
    """Secrets in clear, numbers and words in quotes, every field."""
    wanted = PoolDocument.model_validate(value)
    assert parsed(spec_text(wanted)) == wanted


@pytest.mark.parametrize("text", ODD, ids=ascii)
@pytest.mark.parametrize("quotes", ["", "'", '"'])
def test_odd_strings_stay_strings_wherever_they_stand(text: str, quotes: Quotes) -> None:
    """By our loader, and by readers of YAML 1.1 and 1.2."""
    block = f"{key(text, quotes)}: {scalar(text, quotes)}\n"
    in_flow = f"k: {{{key(text, quotes, in_flow=True)}: {scalar(text, quotes, in_flow=True)}}}\n"
    ours = [read_documents("x.yaml", each)[0][0].value for each in (block, in_flow)]
    assert ours == [{text: text}, {"k": {text: text}}]
    for version in ("1.1", "1.2"):
        reader = YAML(typ="safe", pure=True)
        reader.version = version
        assert reader.load(block) == {text: text}
        assert reader.load(in_flow) == {"k": {text: text}}


@given(st.text(max_size=30))
def test_quotes_keep_any_text(text: str) -> None:
    """Of what a file may hold at all."""
    assert read_documents("x.yaml", f"k: {quoted(text)}\n")[0][0].value == {"k": text}
