"""The canonical text of a file of specs, checked before anybody sees it."""

from collections import Counter
from collections.abc import Iterator

from reconciler.loader.specs import load_spec_text
from reconciler.model.errors import InvalidSpecs
from reconciler.model.headers import POOL_KIND
from reconciler.model.project import Project
from reconciler.model.spec import PoolDocument
from reconciler.writeback.formatting import formatted
from reconciler.writeback.page import Page
from reconciler.writeback.tree import (
    Alias,
    Leaf,
    List,
    Map,
    Strange,
    document_spans,
    value_of,
    walk,
)


def format_text(file: str, text: str, project: Project) -> str:
    """The text of a file with every spec in it in canonical order and style.

    Raises InvalidSpecs for a file that is not valid, and Strange for one that could not be kept
    intact: its documents, comments and anchors are the same before and after.
    """
    before = _documents(file, text, project)
    new = "".join(map(_canonical, _parts(text)))
    if new == text:
        return text
    try:
        after = _documents(file, new, project)
    except InvalidSpecs as invalid:
        raise Strange("it would not be valid any more") from invalid
    if before != after:
        raise Strange("it would not mean the same any more")
    return new


def _parts(text: str) -> Iterator[str]:
    return (text[start:end] for start, end in document_spans(text))


def _documents(file: str, text: str, project: Project) -> list[PoolDocument]:
    return [spec.document for spec in load_spec_text(file, text, project).specs]


def _canonical(text: str) -> str:
    """One document; fields stay in their order where an alias would come before its anchor."""
    page = Page(text)
    value = value_of(page.root)
    if not isinstance(value, dict) or value.get("kind") != POOL_KIND:
        return text
    try:
        return _kept(page, formatted(page))
    except Strange:
        return _kept(page, formatted(page, in_order=False))


def _kept(old: Page, new: str) -> str:
    """The new text, if nothing is lost in it.  Raises Strange."""
    if new != old.text and _contents(old) != _contents(Page(new)):
        raise Strange("a comment or an anchor would be lost")
    return new


def _contents(page: Page) -> tuple[Counter[str], Counter[str], object]:
    nodes = list(walk(page.root))
    comments = Counter(comment.rstrip() for comment in page.comments_in(0, len(page.text)))
    anchors = Counter(n.anchor for n in nodes if isinstance(n, Leaf | List | Map) and n.anchor)
    aliases = Counter(f"*{n.anchor}" for n in nodes if isinstance(n, Alias))
    return comments, anchors + aliases, value_of(page.root)
