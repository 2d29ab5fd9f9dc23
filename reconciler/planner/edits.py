"""Edits between two JSON values whose collections are maps: the only place that asks deepdiff.

Sets are keyed maps by then, so deepdiff never has to ignore an order.  A call costs some 30 us
however little there is to compare, so callers ask once for a whole field; importing it costs as
much as planning a thousand pools, so it is imported when the first difference turns up.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reconciler.model.changes import Edit

_Path = tuple[str | int, ...]
_Member = tuple[_Path, Any, Any]
_NOTHING = object()
# deepdiff's names for a value that has become another one, of the same type or of another.
_CHANGED = ("values_changed", "type_changes")


def plain_edits(before: Any, after: Any) -> Iterator[Edit]:
    """How two values differ that are known to be unequal; maps have the same keys."""
    from deepdiff import DeepDiff  # noqa: PLC0415 - 80 ms, and most plans have no differences

    tree = DeepDiff(
        before,
        after,
        view="tree",
        threshold_to_diff_deeper=0,
        ignore_private_variables=False,  # a key `__x` is a key like others
    )
    for kind in _CHANGED:
        for item in tree.get(kind, ()):
            path = tuple(item.path(output_format="list"))
            yield Edit(op="change", path=path, before=item.t1, after=item.t2)


def first_edits(before: Any, after: Any) -> list[Edit]:
    """The edit that gives a field of a new pool its first value; there is nothing to compare."""
    return [Edit(op="change", path=(), before=before, after=after)]


def map_edits(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> list[Edit]:
    """How two maps differ, members of maps in maps included, in the order of their keys.

    A member that is on one side alone needs no comparison.  For the others, deepdiff takes as long
    where they are equal as where they differ, and four times as long two maps further down: it is
    given a flat map of what is unequal, keyed by number.
    """
    found = sorted(_unequal(before, after, ()), key=_in_order)
    both = [member for member in found if _NOTHING not in member[1:]]
    changed = iter(_changed(both))
    return [_alone(*member) or next(changed) for member in found]


def _changed(members: Sequence[_Member]) -> list[Edit]:
    if not members:
        return []
    old = {number: old for number, (_, old, _) in enumerate(members)}
    new = {number: new for number, (_, _, new) in enumerate(members)}
    by_number = {edit.path[0]: edit for edit in plain_edits(old, new)}
    return [
        by_number[number].model_copy(update={"path": path})
        for number, (path, _, _) in enumerate(members)
    ]


def _alone(path: _Path, old: Any, new: Any) -> Edit | None:
    """The edit of a member that is on one side alone."""
    if old is _NOTHING:
        return Edit(op="add", path=path, after=new)
    return Edit(op="remove", path=path, before=old) if new is _NOTHING else None


def _unequal(
    before: Mapping[Any, Any], after: Mapping[Any, Any], above: _Path
) -> Iterator[_Member]:
    """The members that are not the same on both sides, each with its path and both values."""
    for key in before.keys() | after.keys():
        old, new = before.get(key, _NOTHING), after.get(key, _NOTHING)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _unequal(old, new, (*above, key))
        elif old is _NOTHING or new is _NOTHING or old != new:
            yield (*above, key), old, new


def _in_order(member: _Member) -> list[str]:
    return [str(step) for step in member[0]]
