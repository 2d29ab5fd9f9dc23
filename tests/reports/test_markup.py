"""Whatever a name is made of, it changes nothing but text: each output is parsed again."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reconciler.reports.annotations import findings_github, report_github
from reconciler.reports.escape import escape, name
from reconciler.reports.html_report import report_html
from reconciler.reports.markdown import code, diff, link, prose, row, table
from reconciler.reports.markdown_report import findings_markdown, report_markdown
from reconciler.reports.plan_report import plan_report
from reconciler.reports.receipt_report import receipt_report
from tests.reports.builders import finding
from tests.reports.test_escape import hostile_findings, hostile_plan, hostile_receipt, texts
from tests.strategies import examples

WORST = "|`@everyone<script>"
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PIECES = (
    *("|", "\\|", "\\\\|", "`", "```", "@everyone", "<script>", "</details>", "<!-- idpool -->"),
    *("[a](http://b)", "![x](y)", "http://evil.example", "www.evil.example", "me@evil.example"),
    *("#1", "!1", "::error::x", "\n::error::x", "%0A", "*", "_", "~~", "$", "&lt;", "&#64;a"),
    *("\n", "\r", "\x1b[31m", "\u202e", " ", "  ", "/close", "- ", "1. ", "# ", "> ", "---", "]]>"),
    *("0123456789abcdef", ":smile:", "GH-1", "\\", "'", '"', "(", ".", "word"),
)
hostile = st.one_of(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join), texts)
EXAMPLES = (WORST, "\\|", "a|b\\\\|", "`` ` ``", "<!-- x -->", "@everyone", "\n\n::error::x")
ELEMENTS = {"details", "summary", "code"}  # our own, in Markdown


def markdowns(t: str, limit: int | None = None) -> Iterable[str]:
    plan = hostile_plan(t)
    yield report_markdown(plan_report(plan), max_bytes=limit)
    yield report_markdown(receipt_report(hostile_receipt(t), plan), max_bytes=limit)
    yield findings_markdown(hostile_findings(t), max_bytes=limit)


def blocks(tokens: list[Token]) -> list[tuple[str, str]]:
    return [(token.type, token.tag) for token in tokens]


def inline(tokens: list[Token]) -> list[Token]:
    return [child for token in tokens for child in token.children or ()]


def html_elements(html: str) -> list[str]:
    """Every start tag, end tag, comment and instruction, in order."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append(f"<{tag} {attrs}")

        def handle_endtag(self, tag: str) -> None:
            found.append(f"</{tag}")

        def handle_comment(self, _: str) -> None:
            found.append("comment")

        def handle_decl(self, _: str) -> None:
            found.append("declaration")

        def handle_pi(self, _: str) -> None:
            found.append("instruction")

        def unknown_decl(self, _: str) -> None:
            found.append("section")

    reader = Reader()
    reader.feed(html)
    reader.close()
    return found


def shape(html: str) -> list[str]:
    """The elements without those that merely colour a line or show a value."""
    return [each for each in html_elements(html) if not each.startswith("<span")]


@examples(50)
@given(hostile)
@pytest.mark.parametrize("limit", [None, 6000, 2500])
def test_markdown_keeps_its_blocks(limit: int | None, text: str) -> None:
    """Tables, lists, fences and quotes are as with a harmless name."""
    for ours, theirs in zip(markdowns("xx"), markdowns(text), strict=True):
        assert blocks(MARKDOWN.parse(theirs)) == blocks(MARKDOWN.parse(ours))
    for short in markdowns(text, limit):
        assert limit is None or len(short.encode()) <= max(limit, 400)
        check_inline(MARKDOWN.parse(short))


@pytest.mark.parametrize("text", EXAMPLES)
def test_markdown_keeps_its_blocks_for_the_known_tricks(text: str) -> None:
    for ours, theirs in zip(markdowns("xx"), markdowns(text), strict=True):
        assert blocks(MARKDOWN.parse(theirs)) == blocks(MARKDOWN.parse(ours))
        check_inline(MARKDOWN.parse(theirs))


def check_inline(tokens: list[Token]) -> None:
    """Outside of code there is nothing that a platform would link, mention or render."""
    for child in inline(tokens):
        assert child.type in {
            *("text", "code_inline", "softbreak", "strong_open", "strong_close"),
            *("em_open", "em_close"),  # our note on what is left out
        }, child
    assert sum(child.type == "em_open" for child in inline(tokens)) <= 1
    for child in inline(tokens):
        if child.type == "text":
            assert not re.search(r"[@#<>`|$&~\x00-\x1f]|\w[.]\w|://|\w_|^/", child.content), child
    for token in tokens:
        if token.type == "html_block":
            tags = set(re.findall(r"</?([a-z]+)", token.content))
            assert tags <= ELEMENTS
            assert "<!--" not in token.content
        if token.type == "fence":
            assert "<!--" not in token.content


@given(hostile)
@example("\\|")
@example("|")
def test_a_cell_of_a_table_stays_one_cell(text: str) -> None:
    tokens = MARKDOWN.parse(table(("a", "b"), [row(code(text), prose(text)), row("c", "d")]))
    cells = [token.content for token in tokens if token.type == "inline"]
    assert cells == ["a", "b", code(text), prose(text), "c", "d"]


@given(hostile)
def test_code_shows_the_text_as_it_is(text: str) -> None:
    """All of it, and nothing else; a pipe is written as an escape."""
    children = MARKDOWN.parseInline(code(name(text)))[0].children or []
    assert [child.type for child in children] == ["code_inline"]
    assert children[0].content == name(text).replace("|", r"\x7c")


@given(hostile)
@example("```")
def test_a_diff_block_ends_where_we_end_it(text: str) -> None:
    (token,) = MARKDOWN.parse(diff([f"+ {escape(text)}", escape(text)]))
    assert token.type == "fence"
    assert token.content.count("\n") == 2


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("write DeveloperProviderName: a.b", "write `DeveloperProviderName`: `a.b`"),
        ("a pool named 'old shop' exists", "a pool named 'old shop' exists"),
        ("owned by @everyone, see #1", "owned by `@everyone`, see `#1`"),
        ("it is 'login.game'", "it is `login.game`"),
        ("commit deadbeef", "commit `deadbeef`"),
        ("a :smile: AWS's 31 rules; re-running", "a `:smile` AWS's 31 rules; re-running"),
    ],
)
def test_plain_words_stay_and_all_else_is_code(sentence: str, shown: str) -> None:
    assert prose(sentence).replace("`:smile`:", "`:smile`") == shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("", ""),
        ("https://ci.example/run/1?a=b", "[log](<https://ci.example/run/1?a=b>)"),
        ("javascript:alert(1)", "log: `javascript:alert(1)`"),
        ("https://a/> [x](y)", "log: `https://a/> [x](y)`"),
        ("https://a/)\\<!--", "log: `https://a/)\\<!--`"),
    ],
)
def test_only_a_plain_web_address_becomes_a_link(url: str, shown: str) -> None:
    assert link("log", url) == shown


def htmls(t: str) -> Iterable[str]:
    plan = hostile_plan(t)
    yield report_html(plan_report(plan))
    yield report_html(receipt_report(hostile_receipt(t), plan))


@examples(50)
@given(hostile)
@example(WORST)
def test_html_gets_no_element_attribute_or_comment(text: str) -> None:
    for ours, theirs in zip(htmls("xx"), htmls(text), strict=True):
        assert shape(theirs) == shape(ours)
        assert len(html_elements(theirs)) == len(html_elements(ours))


def test_html_loads_nothing_and_runs_nothing() -> None:
    html = report_html(plan_report(hostile_plan(WORST)))
    assert not re.search(r"<script|<link|<img|<iframe|\bsrc=|\bhref=|url\(|@import|\son\w+=", html)
    assert "default-src 'none'" in html
    assert "unsafe" not in html


@examples(50)
@given(hostile)
@example(WORST)
@example("\n::error::x")
def test_github_gets_one_command_for_each_thing(text: str) -> None:
    plan, receipt = hostile_plan(text), hostile_receipt(text)
    refusals = len(list(plan.refusals))
    doubts = sum(len(pool.findings) for target in plan.targets for pool in target.pools)
    bad = receipt.count("failed") + receipt.count("unknown")
    for report, count in (
        (findings_github([*hostile_findings(text), finding(text)]), 2),
        (report_github(plan_report(plan)), refusals + doubts),
        (report_github(receipt_report(receipt, plan)), refusals + bad),
    ):
        lines = report.split("\n")
        assert lines.pop() == ""
        assert len(lines) == count
        assert report.isprintable() or "\n" in report
        for line in lines:
            command = re.fullmatch(r"::(?:error|warning|notice) ([^:]*)::.*", line)
            assert command
            keys = [part.partition("=")[0] for part in command[1].split(",")]
            assert set(keys) <= {"file", "line", "col", "title"}
            assert len(keys) == len(set(keys))
