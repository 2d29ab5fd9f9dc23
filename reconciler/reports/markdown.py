"""Markdown as GitHub and GitLab read it, in which a string can only ever be text.

What AWS or YAML says stands in code alone: there, neither platform looks for mentions, links,
references, emoji or HTML.  Sentences that quote it are taken apart word by word.
"""

import html
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from reconciler.reports.escape import escape
from reconciler.reports.pool_facts import sign_of_line

# Words that no Markdown dialect can take for anything else.  All else becomes code: mentions,
# `#1`, `:smile:`, addresses, hashes, identifiers.
_PLAIN_WORD = re.compile(r"[(]?(?:[A-Z]?[a-z]+(?:-[a-z]+)*|[A-Z]{1,5}|\d{1,6})(?:'s)?[.,;:)]*")
_HASH = re.compile(r"[0-9a-f]{7,}")
_WORD_ENDS = re.compile(r"(?P<open>[('\"]*)(?P<core>.*?)(?P<close>[.,;:)'\"]*)", re.DOTALL)
_BACKTICKS = re.compile(r"`+")
_SAFE_IN_URL = ":/?#[]@!$&*+,;=%~"
_HTTP = re.compile(r"https?://[^\s<>]+\Z")


def code(text: str) -> str:
    """The text as a code span, fit for a table cell, too.

    A pipe is written as an escape: dialects disagree on which backslash before one counts.
    """
    inside = escape(text).replace("|", r"\x7c")
    if not inside:
        return ""
    ticks = "`" * (_longest_run(inside) + 1)
    pad = " " if inside[0] in "` " or inside[-1] in "` " else ""
    return f"{ticks}{pad}{inside}{pad}{ticks}"


def prose(sentence: str) -> str:
    """A sentence of ours that may quote theirs: plain words stay, everything else is code."""
    return " ".join(map(_word, escape(sentence).split()))


def link(words: str, url: str) -> str:
    """A link with our words; only ``http`` and ``https`` become one, "" where there is no URL."""
    if not url:
        return ""
    if not _HTTP.match(url):
        return f"{words}: {code(url)}"
    return f"[{words}](<{quote(url, safe=_SAFE_IN_URL)}>)"


def row(*cells: str) -> str:
    """One line of a table."""
    return f"| {' | '.join(cells)} |"


def table(header: Sequence[str], rows: Iterable[str]) -> str:
    """A table of rows that are made with ``row``."""
    return "\n".join([row(*header), row(*("---" for _ in header)), *rows])


def details(summary: Iterable[tuple[str, bool]], body: str, *, is_open: bool = False) -> str:
    """A block that unfolds.  The summary's parts are (text, whether it is theirs)."""
    parts = (html_code(text) if theirs else html.escape(text) for text, theirs in summary)
    start = "<details open>" if is_open else "<details>"
    return f"{start}<summary>{' '.join(parts)}</summary>\n\n{body}\n\n</details>"


def html_code(text: str) -> str:
    """The text as an HTML code element."""
    return f"<code>{html.escape(escape(text))}</code>"


def diff(lines: Iterable[str]) -> str:
    """Lines of a report as a ``diff`` block: signs move to the margin, where they are coloured."""
    return _fenced("diff", [_diff_line(line) for line in lines])


def block(lines: Sequence[str]) -> str:
    """Lines as they are, in a block of their own."""
    return _fenced("text", lines)


def alert(kind: str, lines: Iterable[str]) -> str:
    """A block that both platforms show loudly: CAUTION, WARNING, NOTE."""
    return "\n".join([f"> [!{kind}]", *(f"> {line}".rstrip() for line in lines)])


def _word(word: str) -> str:
    if _PLAIN_WORD.fullmatch(word) and not _HASH.search(word):
        return word
    ends = _WORD_ENDS.fullmatch(word)
    if ends is None or not ends["core"]:
        return code(word)
    opening, core, closing = ends["open"], ends["core"], ends["close"]
    if _PLAIN_WORD.fullmatch(core) and not _HASH.search(core):
        return f"{opening}{core}{closing}"
    if opening[-1:] == closing[:1]:  # code needs no quotes
        opening, closing = opening[:-1], closing[1:]
    return f"{opening}{code(core)}{closing}"


def _fenced(language: str, lines: Sequence[str]) -> str:
    """A fence longer than any inside; no start of an HTML comment, so that markers stay ours."""
    body = "\n".join(lines).replace("<!--", r"\x3c!--")
    fence = "`" * max(3, _longest_run(body) + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def _diff_line(line: str) -> str:
    sign = sign_of_line(line)
    if not sign:
        return f"  {line}"
    rest = line.lstrip()
    indent = " " * (len(line) - len(rest))
    return f"{sign} {indent}{rest.removeprefix(f'{sign} ')}"


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
