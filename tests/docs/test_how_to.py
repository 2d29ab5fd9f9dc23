"""What a how-to shows is what happens: its files are written, its commands run, in its order."""

import re
import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.docs.rego import conftest, denied
from tests.support.cli import Idpool

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
# Pages that run as they stand.
PAGES = [
    "check-roles.md",
    "one-pool-in-many-accounts.md",
    "policies-in-rego.md",
    "see-who-gets-which-role.md",
    "test-who-gets-which-role.md",
    "../policies.md",
]
_MARK = re.compile(r"<!-- (file|exit): (\S+) -->\s*")
_PICTURE = re.compile(r"^!\[.+\]\((\S+)\)$", re.MULTILINE)
_COMMAND = re.compile(r"^\$ (.*)$", re.MULTILINE)
# Commands with words to be filled in.
_BLANKS = re.compile(r"\b(HOST/PATH|COMMIT)\b")


def steps(page: Path) -> Iterator[tuple[str, str, str]]:
    """``file`` with name and text, ``run`` with command line and output, in the page's order."""
    mark = ("", "")
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
        if token.type == "html_block" and (found := _MARK.fullmatch(token.content)):
            mark = (found[1], found[2])
        elif token.type == "fence":
            if mark[0] == "file":
                yield "file", mark[1], token.content
            elif token.info == "console":
                _, *parts = _COMMAND.split(token.content)
                yield from (("run", *each) for each in zip(parts[::2], parts[1::2], strict=True))
                if mark[0] == "exit":
                    yield "exit", mark[1], ""
            mark = ("", "")


def shows(shown: str, text: str) -> bool:
    """Whether a text is what is shown of it, all but what dots at the end of a line stand for.

    Dots on a line of their own stand for lines, and nothing shown for whatever there is.
    """
    parts = re.split(r"\.\.\.$\n?", shown.strip(), flags=re.MULTILINE)
    return (not parts[0] and len(parts) == 1) or _in_order(parts, text.strip())


def _in_order(parts: list[str], text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, parts)), text, re.DOTALL) is not None


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_the_page_does_what_it_shows(name: str, tmp_path: Path) -> None:
    """A command ends with 0, the last one of a block with what ``<!-- exit: N -->`` says.

    Pictures of the page are those that its commands write.
    """
    idpool = Idpool(tmp_path)
    codes: list[int] = []
    ran = 0
    for kind, what, text in steps(HOW_TO / name):
        if kind == "file":
            idpool.write(what, text)
        elif kind == "exit":
            assert codes.pop() == int(what)
        elif not _BLANKS.search(what):
            program, *words = shlex.split(what)
            assert program in {"idpool", "conftest"}
            run = idpool.run if program == "idpool" else partial(conftest, idpool.folder)
            result = run(*words)
            codes.append(result.code)
            ran += 1
            assert shows(text, result.out) or shows(text, result.err), (what, result.text)
    assert not any(codes), codes
    assert ran > 1
    for picture in _PICTURE.findall((HOW_TO / name).read_text(encoding="utf-8")):
        assert (HOW_TO / picture).read_bytes() == (tmp_path / picture).read_bytes(), picture


def test_a_difference_would_be_seen() -> None:
    assert shows("a\n...\nc\n", "a\nb\nc\n")
    assert shows("error: x ...\n", "error: x y\n")
    assert not shows("a\nc\n", "a\nb\nc\n")
    assert not shows("a\n...\nd\n", "a\nb\nc\n")
    assert not shows("b\n", "a\nb\nc\n")


def test_rules_in_rego_deny_what_they_cannot_see(tmp_path: Path) -> None:
    """A target that was not planned, a pool that was not read, and no plan at all."""
    page = HOW_TO / "policies-in-rego.md"
    (rules,) = [text for _, name, text in steps(page) if name == "policy/idpool.rego"]
    (tmp_path / "idpool.rego").write_text(rules)
    target = {"target": {"name": "prod-eu"}, "pools": [], "refusals": [], "unread": []}
    plan = {"schemaVersion": 1, "targets": [target]}
    assert denied(plan, tmp_path) == []
    for part in ("refusals", "unread"):
        (message,) = denied({**plan, "targets": [{**target, part: [{}]}]}, tmp_path)
        assert message == "prod-eu: not all of it could be planned"
    untagged = {"IdentityPoolTags": {}, "AllowUnauthenticatedIdentities": False}
    pools = [{"name": "shop", "desired": untagged}, {"name": "gone", "desired": None}]
    (message,) = denied({**plan, "targets": [{**target, "pools": pools}]}, tmp_path)
    assert message == "shop in prod-eu: no tag says which team it is of"
    assert denied({}, tmp_path) == ["this is no plan of schemaVersion 1"]
