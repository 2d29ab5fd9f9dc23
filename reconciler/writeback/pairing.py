"""Which value each node is to have: the wanted value laid over the tree."""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, TypeAlias

from reconciler.loader.core_schema import MERGE
from reconciler.model.base import JsonValue
from reconciler.model.pool_values import Rule
from reconciler.planner.alignment import align
from reconciler.writeback.tree import List, Map, Node, key_leaf, value_of


class Gone(Enum):
    """What a node is to be that is not to be at all."""

    GONE = 0


GONE: Final = Gone.GONE
Wanted: TypeAlias = JsonValue | Gone
# By the id() of the node.
Pairs: TypeAlias = dict[int, Wanted]

_RULE_FIELDS: Final = frozenset(Rule.model_fields)


def pairs_of(root: Node, wanted: JsonValue) -> Pairs:
    """What every node of a tree is to be, keys and aliases included."""
    pairs: Pairs = {}
    _pair(root, wanted, pairs)
    return pairs


def partners(old: Sequence[JsonValue], new: Sequence[JsonValue]) -> list[int | None]:
    """For each member of a list the number of what it is to be, ``None`` for one that goes.

    Rules are aligned; the others are sets, whose members are told by what makes them one.
    """
    if _are_rules(old) and _are_rules(new):
        return _aligned(old, new)
    places: dict[str, list[int]] = {}
    for number, member in enumerate(new):
        places.setdefault(_identity(member), []).append(number)
    found = (places.get(_identity(member), []) for member in old)
    return [numbers.pop(0) if numbers else None for numbers in found]


def _pair(node: Node, wanted: Wanted, pairs: Pairs) -> None:
    pairs[id(node)] = wanted
    if isinstance(node, Map):
        for key, value in node.entries:
            name = key_leaf(key).text
            member: Wanted = GONE
            if wanted is not GONE and key_leaf(key).tag == MERGE:
                member = value_of(value)
            elif isinstance(wanted, Mapping) and name in wanted:
                member = wanted[name]
            _pair(key, GONE if member is GONE else value_of(key), pairs)
            _pair(value, member, pairs)
    elif isinstance(node, List):
        members = wanted if isinstance(wanted, list) else []
        numbers = partners([value_of(item) for item in node.items], members)
        for item, number in zip(node.items, numbers, strict=True):
            _pair(item, GONE if number is None else members[number], pairs)


def _aligned(old: Sequence[JsonValue], new: Sequence[JsonValue]) -> list[int | None]:
    pairs = align([Rule.model_validate(r) for r in old], [Rule.model_validate(r) for r in new])
    changed = {pair.before: pair.after for pair in pairs if pair.before}
    new_or_changed = {pair.after for pair in pairs if pair.after}
    kept = iter([number for number in range(1, len(new) + 1) if number not in new_or_changed])
    numbers = [changed[i] if i in changed else next(kept) for i in range(1, len(old) + 1)]
    return [None if number is None else number - 1 for number in numbers]


def _are_rules(members: Sequence[JsonValue]) -> bool:
    return all(isinstance(each, Mapping) and each.keys() == _RULE_FIELDS for each in members)


def _identity(member: JsonValue) -> str:
    if isinstance(member, Mapping) and "ClientId" in member:
        return f"{member.get('ProviderName')}:{member['ClientId']}"
    return json.dumps(member, sort_keys=True)
