"""The page of each check: why it matters, what it finds and does not find, what to do."""

from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

_FOLDER = "pages"


class Page(NamedTuple):
    """A page in Markdown, and what stands at its head."""

    rule: str
    severity: str
    summary: str
    text: str


def page_of(rule: str) -> Page | None:
    """The page of a rule; ``None`` where it has none."""
    return next((page for page in all_pages() if page.rule == rule), None)


def all_pages() -> Iterator[Page]:
    """All pages, errors first, then by name."""
    folder = files("reconciler.checks") / _FOLDER
    pages = (_page(each.read_text(encoding="utf-8")) for each in folder.iterdir())
    ranks = ("error", "warning", "note")
    return iter(sorted(pages, key=lambda page: (ranks.index(page.severity), page.rule)))


def _page(text: str) -> Page:
    title, _, head = text.split("\n", 3)[:3]
    severity, _, summary = head.partition(". ")
    return Page(title.removeprefix("# "), severity.lower(), summary, text)
