"""Reading the parts of a change: JSON values by shape, edits by member."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from reconciler.model.base import JsonValue
from reconciler.model.changes import Change, Edit, EditOp
from reconciler.reports.lines import Sign

OP_SIGNS: Mapping[EditOp, Sign] = {"add": "+", "remove": "-", "change": "~", "move": "~"}


def mapping(data: JsonValue) -> Mapping[str, JsonValue]:
    """The value if it is a map, else an empty one."""
    return data if isinstance(data, dict) else {}


def sequence(data: JsonValue) -> Sequence[JsonValue]:
    """The value if it is a list, else an empty one."""
    return data if isinstance(data, list) else ()


def member(edit: Edit) -> str:
    """The member of the field that an edit is about, as it came."""
    return str(edit.path[0]) if edit.path else ""


def by_member(edits: Iterable[Edit]) -> list[tuple[str, list[Edit]]]:
    """The edits of each member together, members in the order of their names."""
    ordered = sorted(edits, key=member)
    return [(key, list(group)) for key, group in groupby(ordered, key=member)]


def field_sign(change: Change) -> Sign:
    """Whether a field comes, goes, or changes."""
    return _sign(bool(change.before), bool(change.after))


def member_sign(change: Change, key: str) -> Sign:
    """Whether a member of a map comes, goes, or changes."""
    return _sign(key in mapping(change.before), key in mapping(change.after))


def _sign(before: bool, after: bool) -> Sign:
    if before == after:
        return "~"
    return "+" if after else "-"
