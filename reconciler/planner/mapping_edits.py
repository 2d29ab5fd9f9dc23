"""Edits of RoleMappings: whole mappings, what stands at their head, and their ordered rules.

However many rules differ, deepdiff is asked once: every edited rule is a member of one map.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reconciler.model.changes import Edit
from reconciler.model.pool_values import RoleMapping
from reconciler.planner.alignment import Pair, align
from reconciler.planner.edits import map_edits

_RULES = "Rules"
_Mappings = Mapping[str, RoleMapping]
_Aligned = Mapping[str, Sequence[Pair]]
# What deepdiff compares: provider -> what stands at the head, and under "Rules" number -> rule.
_Comparable = dict[str, dict[str, Any]]


def mapping_edits(before: _Mappings | None, after: _Mappings) -> list[Edit]:
    """How two maps of provider to role mapping differ, provider by provider."""
    old = before or {}
    aligned = {
        name: align(old[name].Rules, after[name].Rules)
        for name in old.keys() & after.keys()
        if old[name] != after[name]
    }
    inside = _by_place(map_edits(*_compared(old, after, aligned)))
    edits: list[Edit] = []
    for name in sorted({*old, *after}):
        if name in aligned:
            edits += inside.get((name,), ())
            edits += _rule_edits(name, old[name], after[name], aligned[name], inside)
        elif name not in after or name not in old:
            edits.append(_whole(name, old.get(name), after.get(name)))
    return edits


def _compared(old: _Mappings, new: _Mappings, aligned: _Aligned) -> tuple[_Comparable, _Comparable]:
    """Both sides; a rule that was edited has its new number on either."""
    left: _Comparable = {name: _head(old[name]) for name in aligned}
    right: _Comparable = {name: _head(new[name]) for name in aligned}
    for name, pairs in aligned.items():
        both = [pair for pair in pairs if pair.before and pair.after]
        left[name][_RULES] = {p.after: _rule(old[name], p.before) for p in both}
        right[name][_RULES] = {p.after: _rule(new[name], p.after) for p in both}
    return left, right


def _by_place(edits: Iterable[Edit]) -> dict[tuple[str | int, ...], list[Edit]]:
    """Edits by the rule that they are in, and those of a head by their provider."""
    places: dict[tuple[str | int, ...], list[Edit]] = {}
    for edit in edits:
        place = edit.path[:3] if edit.path[1] == _RULES else edit.path[:1]
        places.setdefault(place, []).append(edit)
    return places


def _rule_edits(
    name: str,
    old: RoleMapping,
    new: RoleMapping,
    pairs: Iterable[Pair],
    inside: Mapping[tuple[str | int, ...], list[Edit]],
) -> Iterator[Edit]:
    for pair in pairs:
        path = (name, _RULES, pair.after or pair.before or 0)
        if pair.before is None:
            yield Edit(op="add", path=path, after=_rule(new, pair.after))
        elif pair.after is None:
            yield Edit(op="remove", path=path, before=_rule(old, pair.before))
        else:
            # The same rule on both sides has no edits of its own: its place has changed.
            moved = Edit(op="move", path=path, before=pair.before, after=pair.after)
            yield from inside.get(path, [moved])


def _whole(name: str, old: RoleMapping | None, new: RoleMapping | None) -> Edit:
    return Edit(
        op="add" if old is None else "remove",
        path=(name,),
        before=old.model_dump(mode="json") if old else None,
        after=new.model_dump(mode="json") if new else None,
    )


def _head(mapping: RoleMapping) -> dict[str, Any]:
    return mapping.model_dump(exclude={_RULES})


def _rule(mapping: RoleMapping, number: int | None) -> dict[str, Any]:
    return mapping.Rules[(number or 0) - 1].model_dump()
