"""How desired and live differ, field by field: the only place that asks deepdiff.

Sets are keyed maps by then, so deepdiff never has to ignore an order.  A call costs some 30 us
however little there is to compare, so a field is asked of once; importing it costs as much as
planning a thousand pools, so it is imported when the first difference turns up.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from reconciler.model.changes import Change, Edit
from reconciler.model.pool import FIELDS, POOL_FIELDS, Pool, field_value, same
from reconciler.model.pool_fields import FieldKind
from reconciler.model.pool_values import NO_PRINCIPAL_TAGS, Client, PrincipalTagMap, RoleMapping
from reconciler.model.secrets import mask_entry, mask_half, secrets_of
from reconciler.planner.alignment import Pair, align

_RULES = "Rules"
_Path = tuple[str | int, ...]
_Member = tuple[_Path, Any, Any]
_NOTHING = object()
# deepdiff's names for a value that has become another one, of the same type or of another.
_CHANGED = ("values_changed", "type_changes")
_Mappings = Mapping[str, RoleMapping]
_Aligned = Mapping[str, Sequence[Pair]]
# What deepdiff compares: provider -> what stands at the head, and under "Rules" number -> rule.
_Comparable = dict[str, dict[str, Any]]
_EditsOf = Callable[[Any, Any], Iterable[Edit]]
# A spec that leaves the classic flow out says false, and a create says so to AWS.
_NEW_POOL = Pool(
    IdentityPoolName="",
    AllowClassicFlow=False,
    Roles={},
    RoleMappings={},
    PrincipalTagAttributeMaps={},
)


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


def changes_between(live: Pool | None, desired: Pool) -> tuple[Change, ...]:
    """Every field of ``desired`` that differs from ``live``, in the API's order.

    What ``desired`` does not manage (``None``) never differs.  ``live`` ``None`` is a pool that is
    yet to be created, with AWS's defaults.
    """
    before = _NEW_POOL if live is None else live
    scalar_edits = first_edits if live is None else plain_edits
    return tuple(
        _change(field, before, desired, _EDITS.get(FIELDS[field].kind, scalar_edits))
        for field in POOL_FIELDS
        if desired.manages(field) and not same(field, before, desired)
    )


def _change(field: str, live: Pool, desired: Pool, edits_of: _EditsOf) -> Change:
    return Change(
        field=field,
        before=field_value(live, field),
        after=field_value(desired, field),
        edits=tuple(edits_of(getattr(live, field), getattr(desired, field))),
        irreversible=bool(FIELDS[field].irreversible),
    )


def _set_edits(before: tuple[str, ...], after: tuple[str, ...]) -> list[Edit]:
    edits = map_edits(dict.fromkeys(before, True), dict.fromkeys(after, True))
    return [edit.model_copy(update={"before": None, "after": None}) for edit in edits]


def _client_edits(before: tuple[Client, ...], after: tuple[Client, ...]) -> list[Edit]:
    return map_edits(_keyed(before), _keyed(after))


def _keyed(clients: tuple[Client, ...]) -> dict[str, dict[str, bool]]:
    return {c.key: {"ServerSideTokenCheck": c.ServerSideTokenCheck} for c in clients}


def _login_provider_edits(before: dict[str, str], after: dict[str, str]) -> list[Edit]:
    return [_masked(edit) for edit in map_edits(before, after)]


def _masked(edit: Edit) -> Edit:
    provider = str(edit.path[0])
    values = (edit.before, edit.after)
    shown, (before, after) = mask_entry(provider, *values)
    secrets = [secrets_of(provider, value) for value in values if isinstance(value, str)]
    changed = len(secrets) == len(values) and all(secrets) and secrets[0] != secrets[1]
    return edit.model_copy(
        update={"path": (shown,), "before": before, "after": after, "secret": changed}
    )


def _by_provider(edits: Iterable[Edit]) -> list[Edit]:
    """Edits of a map whose keys name providers, which may be a secret by mistake."""
    return [
        edit.model_copy(update={"path": (mask_half(str(edit.path[0])), *edit.path[1:])})
        for edit in edits
    ]


def _role_mapping_edits(
    before: dict[str, RoleMapping] | None, after: dict[str, RoleMapping]
) -> list[Edit]:
    return _by_provider(mapping_edits(before, after))


def _principal_tag_edits(
    before: dict[str, PrincipalTagMap] | None, after: dict[str, PrincipalTagMap]
) -> list[Edit]:
    providers = sorted({*(before or {}), *after})
    return _by_provider(map_edits(_every(providers, before or {}), _every(providers, after)))


def _every(providers: list[str], maps: dict[str, PrincipalTagMap]) -> dict[str, Any]:
    return {name: maps.get(name, NO_PRINCIPAL_TAGS).model_dump() for name in providers}


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


def map_edits(before: Mapping[Any, Any] | None, after: Mapping[Any, Any]) -> list[Edit]:
    """How two maps differ, members of maps in maps included, in the order of their keys.

    ``None`` is a map without members.

    A member that is on one side alone needs no comparison.  For the others, deepdiff takes as long
    where they are equal as where they differ, and four times as long two maps further down: it is
    given a flat map of what is unequal, keyed by number.
    """
    found = sorted(_unequal(before or {}, after, ()), key=_in_order)
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


# Of the other kinds, the value as a whole is what differs.
_EDITS: Mapping[FieldKind, _EditsOf] = {
    FieldKind.LOGINS: _login_provider_edits,
    FieldKind.SET: _set_edits,
    FieldKind.CLIENTS: _client_edits,
    FieldKind.TAGS: map_edits,
    FieldKind.ROLES: map_edits,
    FieldKind.ROLE_MAPPINGS: _role_mapping_edits,
    FieldKind.PRINCIPAL_TAGS: _principal_tag_edits,
}
