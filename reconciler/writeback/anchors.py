"""Anchored values that change in one place only: the others keep what they have."""

from reconciler.writeback.edit import Edit
from reconciler.writeback.page import Page, Splice, in_flow
from reconciler.writeback.pairing import GONE, Pairs
from reconciler.writeback.scalar_edits import written_out
from reconciler.writeback.tree import Alias, Leaf, Node, value_of, walk


def freeing(page: Page, node: Node, pairs: Pairs) -> Edit | None:
    """What must happen before an anchored node may be changed or removed, ``None``: nothing.

    A use that is to differ is written out; then the first use that stays takes the anchor over.
    """
    if isinstance(node, Alias) or not node.anchor:
        return None
    users = [user for user in _users(page, node) if pairs[id(user)] is not GONE]
    if not users or all(pairs[id(user)] == pairs[id(node)] for user in users):
        return None
    for user in users:
        wanted = pairs[id(user)]
        if wanted is not GONE and wanted != value_of(node):
            return written_out(page, user, wanted)
    return _handed_on(page, node, users[0])


def freeing_below(page: Page, node: Node, pairs: Pairs) -> Edit | None:
    """The same for a node that is removed with all below it."""
    return next(filter(None, (freeing(page, each, pairs) for each in walk(node))), None)


def waits(page: Page, node: Node, pairs: Pairs) -> bool:
    """Whether a node that is removed still has a user that is to be removed, too, elsewhere."""
    inside = {id(each) for each in walk(node)}
    return any(
        pairs[id(each)] is GONE and id(each.target) in inside and id(each) not in inside
        for each in walk(page.root)
        if isinstance(each, Alias)
    )


def _users(page: Page, node: Node) -> list[Alias]:
    return [each for each in walk(page.root) if isinstance(each, Alias) and each.target is node]


def _handed_on(page: Page, node: Node, user: Alias) -> Edit:
    """The user gets the anchor and the value; the node loses the anchor."""
    assert not isinstance(node, Alias)  # noqa: S101 - tells mypy what the caller has asked
    anchor = f"&{node.anchor}"
    place = page.text.index(anchor, node.start)
    end = place + len(anchor)
    end += len(page.text[end:]) - len(page.text[end:].lstrip(" \t"))
    if end == page.line_end(end):
        place -= len(page.text[:place]) - len(page.text[:place].rstrip(" \t"))
    if isinstance(node, Leaf) and not node.is_block and _is_copyable(page, node, user):
        copied = Edit((Splice(user.start, user.end, page.text[node.start : node.end]),))
    else:
        copied = written_out(page, user, value_of(node), anchor)
    return Edit((Splice(place, end, ""), *copied.splices))


def _is_copyable(page: Page, node: Node, user: Alias) -> bool:
    """Whether the text of a scalar may stand where it is used."""
    text = page.text[node.start : node.end]
    return text.isprintable() and (
        in_flow(node) or not in_flow(user) or not set(text) & set("[]{},")
    )
