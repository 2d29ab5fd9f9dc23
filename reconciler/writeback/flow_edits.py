"""Members added to and taken from collections in brackets."""

from reconciler.writeback.edit import Edit
from reconciler.writeback.page import Page, Splice
from reconciler.writeback.tree import List, Map, Strange


def remove_member(page: Page, node: List | Map, index: int) -> Edit:
    """The member and one comma go; its line does, if nothing else is on it."""
    spans = _spans(node)
    start, end = spans[index]
    stop = _behind_comma(page, node, index)
    inner = node.body + 1, node.end - 1
    if len(spans) == 1 and page.comments_in(*inner) == page.comments_in(start, end):
        return Edit((Splice(*inner, ""),), tuple(page.comments_in(start, end)))
    if _owns_lines(page, node, index):
        first, last = page.full_lines(start, stop)
        return Edit((Splice(first, last, ""),), tuple(page.comments_in(first, last)))
    inside = tuple(page.comments_in(start, end))
    if index < len(spans) - 1 and page.line_end(stop) > spans[index + 1][0]:
        return Edit((Splice(start, spans[index + 1][0], ""),), inside)
    before = page.find(",", spans[index - 1][1], start) if index else -1
    if before < 0 or page.comments_in(before, start):
        return Edit((Splice(start, stop, ""),), inside)
    first = before if stop == end else before + 1
    return Edit((Splice(first, stop, ""),), inside)


def insert_member(page: Page, node: List | Map, index: int, text: str, comment: str = "") -> Edit:
    """A member put before that of a number; behind the last for a number that none has.

    ``comment``: what stands behind it, on a line of its own.
    """
    spans = _spans(node)
    if not spans:
        inside = page.text[node.body + 1 : node.end - 1]
        end = node.body + 1 if inside.strip() else node.end - 1
        return Edit((Splice(node.body + 1, end, text),))
    if index >= len(spans):
        return Edit(_append(page, node, spans[-1], text, comment))
    start = spans[index][0]
    if page.begins_line(start):
        return Edit((page.before_line(start, [f"{page.before(start)}{text},{comment}"]),))
    if comment:
        raise Strange("a member with a comment would have to move into a line of others")
    return Edit((Splice(start, start, text + ", "),))


def move_member(page: Page, node: List, index: int, after: int) -> Edit:
    """A member put behind that of another number, with the comment behind it."""
    start, end = _spans(node)[index]
    if page.comments_in(start, end):
        raise Strange("a member with a comment inside would have to move")
    stop = _behind_comma(page, node, index)
    comment = page.text[stop : page.line_end(stop)] if _owns_lines(page, node, index) else ""
    placed = insert_member(page, node, after + 1, page.text[start:end], comment.rstrip())
    return Edit((*remove_member(page, node, index).splices, *placed.splices))


def _append(
    page: Page, node: List | Map, last: tuple[int, int], text: str, comment: str
) -> tuple[Splice, ...]:
    start, end = last
    comma = page.find(",", end, node.end - 1)
    if not page.begins_line(start):
        if comment:
            raise Strange("a member with a comment would have to move into a line of others")
        place = comma + 1 if comma >= 0 else end
        return (Splice(place, place, f" {text}" if comma >= 0 else f", {text}"),)
    line = page.before(start) + text
    if comma >= 0:
        return (page.after_line(comma, [f"{line},{comment}"]),)
    if page.line_end(end) < node.end - 1:
        return (Splice(end, end, ","), page.after_line(end, [line + comment]))
    return (Splice(end, end, "," + page.newline + line),)


def _behind_comma(page: Page, node: List | Map, index: int) -> int:
    """Behind the comma that follows a member, or the member if none does."""
    spans = _spans(node)
    end = spans[index][1]
    is_last = index == len(spans) - 1
    comma = page.find(",", end, node.end - 1 if is_last else spans[index + 1][0])
    return comma + 1 if comma >= 0 else end


def _owns_lines(page: Page, node: List | Map, index: int) -> bool:
    """Whether nothing else is on a member's lines but its comma and a comment."""
    start = _spans(node)[index][0]
    stop = _behind_comma(page, node, index)
    is_alone = page.begins_line(start) and page.ends_line(stop)
    return is_alone and page.line_start(start) > node.body and page.line_end(stop) < node.end


def _spans(node: List | Map) -> list[tuple[int, int]]:
    if isinstance(node, List):
        return [(item.start, item.end) for item in node.items]
    return [(key.start, max(key.end, value.end)) for key, value in node.entries]
