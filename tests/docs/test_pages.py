"""What the documentation says can be done: links lead somewhere, and commands are taken."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reconciler.cli.options import spelled_out
from reconciler.cli.program import program

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "docs", ROOT / "benchmarks")
PAGES = sorted([*ROOT.glob("*.md"), *(page for each in FOLDERS for page in each.rglob("*.md"))])
MARKDOWN = MarkdownIt("commonmark").enable("table")
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


def tokens(page: Path) -> list[Token]:
    return MARKDOWN.parse(page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[str]:
    """Where a page's links lead."""
    for token in tokens(page):
        for child in token.children or ():
            if child.type == "link_open":
                yield str(child.attrs["href"])


def anchors(page: Path) -> set[str]:
    """The headings as GitHub names them in links."""
    named = [
        inline.content
        for opening, inline in pairwise(tokens(page))
        if opening.type == "heading_open"
    ]
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in named}


def commands(page: Path) -> Iterator[str]:
    """The lines of fenced blocks that call idpool, continued ones as one."""
    for token in tokens(page):
        if token.type == "fence" and token.info.split()[:1] in ([], ["console"], ["sh"], ["bash"]):
            text = re.sub(r"\\\n\s*", "", token.content)
            for line in text.splitlines():
                if re.match(r"(\$ )?idpool( |$)", line):
                    yield line.removeprefix("$ ")


def parse(line: str) -> None:
    """Take the words as the command does, without running it."""
    words = spelled_out(shlex.split(re.split(r" [|>#] ?", line)[0], comments=True)[1:])
    command: click.Command
    command, name = program, "idpool"
    while isinstance(command, click.Group) and words:
        name, command, words = words[0], command.commands[words[0]], words[1:]
    command.make_context(name, words)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    """To a file of this repository, and to a heading in it."""
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), link
        assert not anchor or anchor in anchors(there), link


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_are_taken(page: Path) -> None:
    """With these options, and with values that they take."""
    for line in commands(page):
        parse(line)


def test_both_would_notice() -> None:
    """There is something to look at, and a mistake in it is one."""
    assert sum(len(list(links(page))) for page in PAGES) > 50
    assert sum(len(list(commands(page))) for page in PAGES) > 50
    assert "trust-policies" in anchors(ROOT / "docs" / "pipelines.md")
    with pytest.raises(Exception, match="--sideways"):
        parse("idpool plan --sideways")
    with pytest.raises(KeyError, match="plna"):
        parse("idpool plna specs")
