"""How desired and live differ, field by field.

Equality of canonical values decides *whether* a field differs, so unchanged pools cost nothing;
deepdiff then says *how*.  Sets are keyed maps by then, so deepdiff never has to ignore an order.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from deepdiff import DeepDiff

from reconciler.model.base import JsonValue
from reconciler.model.changes import Change, Edit
from reconciler.model.pool import (
    NO_PRINCIPAL_TAGS,
    POOL_FIELDS,
    Client,
    Pool,
    PrincipalTagMap,
    RoleMapping,
    field_value,
)
from reconciler.model.secrets import holds_secret, mask_login_provider
from reconciler.planner.alignment import align

_NEW_POOL = Pool(IdentityPoolName="", Roles={}, RoleMappings={}, PrincipalTagAttributeMaps={})


def changes_between(live: Pool | None, desired: Pool) -> tuple[Change, ...]:
    """Every field of ``desired`` that differs from ``live``, in the API's order.

    What ``desired`` does not manage (``None``) never differs.  ``live`` ``None`` is a pool that is
    yet to be created, with AWS's defaults.
    """
    before = _NEW_POOL if live is None else live
    return tuple(
        _change(field, before, desired)
        for field in POOL_FIELDS
        if getattr(desired, field) is not None and getattr(before, field) != getattr(desired, field)
    )


def _change(field: str, live: Pool, desired: Pool) -> Change:
    edits = _EDITS.get(field, _plain_edits)(getattr(live, field), getattr(desired, field))
    return Change(
        field=field,
        before=field_value(live, field),
        after=field_value(desired, field),
        edits=tuple(edits),
        irreversible=field == "DeveloperProviderName",
    )


def _plain_edits(before: Any, after: Any) -> Iterator[Edit]:
    """Edits between two JSON values whose collections are maps."""
    tree = DeepDiff(
        before,
        after,
        view="tree",
        threshold_to_diff_deeper=0,
        ignore_private_variables=False,  # a key `__x` is a key like others
    )
    for kind, op in _OPS.items():
        for item in tree.get(kind, ()):
            yield Edit(
                op=op,
                path=tuple(item.path(output_format="list")),
                before=None if op == "add" else item.t1,
                after=None if op == "remove" else item.t2,
            )


_OPS: Mapping[str, Any] = {
    "dictionary_item_removed": "remove",
    "values_changed": "change",
    "type_changes": "change",
    "dictionary_item_added": "add",
}


def _map_edits(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Edit]:
    return sorted(_plain_edits(before, after), key=lambda edit: [str(step) for step in edit.path])


def _set_edits(before: tuple[str, ...], after: tuple[str, ...]) -> list[Edit]:
    edits = _map_edits(dict.fromkeys(before, True), dict.fromkeys(after, True))
    return [edit.model_copy(update={"before": None, "after": None}) for edit in edits]


def _client_edits(before: tuple[Client, ...], after: tuple[Client, ...]) -> list[Edit]:
    return _map_edits(_keyed(before), _keyed(after))


def _keyed(clients: tuple[Client, ...]) -> dict[str, dict[str, bool]]:
    return {c.key: {"ServerSideTokenCheck": c.ServerSideTokenCheck} for c in clients}


def _login_provider_edits(before: dict[str, str], after: dict[str, str]) -> list[Edit]:
    return [_masked(edit) for edit in _map_edits(before, after)]


def _masked(edit: Edit) -> Edit:
    provider = str(edit.path[0])
    halves = [_secret_half(provider, value) for value in (edit.before, edit.after)]
    return edit.model_copy(
        update={
            "before": _shown(provider, edit.before),
            "after": _shown(provider, edit.after),
            "secret": all(halves) and halves[0] != halves[1],
        }
    )


def _shown(provider: str, value: JsonValue) -> JsonValue:
    return mask_login_provider(provider, value) if isinstance(value, str) else value


def _secret_half(provider: str, value: JsonValue) -> str:
    holds = isinstance(value, str) and holds_secret(provider, value)
    return str(value).partition(";")[2] if holds else ""


def _role_edits(before: dict[str, str] | None, after: dict[str, str]) -> list[Edit]:
    return _map_edits(before or {}, after)


def _role_mapping_edits(
    before: dict[str, RoleMapping] | None, after: dict[str, RoleMapping]
) -> list[Edit]:
    return [
        edit
        for provider in sorted({*(before or {}), *after})
        for edit in _one_mapping((before or {}).get(provider), after.get(provider), provider)
    ]


def _one_mapping(
    before: RoleMapping | None, after: RoleMapping | None, provider: str
) -> Iterator[Edit]:
    if before is None or after is None:
        yield Edit(
            op="add" if before is None else "remove",
            path=(provider,),
            before=before.model_dump(mode="json") if before else None,
            after=after.model_dump(mode="json") if after else None,
        )
        return
    if before == after:
        return
    yield from _below(provider, _map_edits(_head(before), _head(after)))
    yield from _below(provider, _rule_edits(before, after))


def _head(mapping: RoleMapping) -> dict[str, str]:
    return mapping.model_dump(exclude={"Rules"})


def _rule_edits(before: RoleMapping, after: RoleMapping) -> Iterator[Edit]:
    for pair in align(before.Rules, after.Rules):
        old = before.Rules[pair.before - 1].model_dump() if pair.before else None
        new = after.Rules[pair.after - 1].model_dump() if pair.after else None
        if old is None:
            yield Edit(op="add", path=("Rules", pair.after or 0), after=new)
        elif new is None:
            yield Edit(op="remove", path=("Rules", pair.before or 0), before=old)
        elif old == new:
            path = ("Rules", pair.after or 0)
            yield Edit(op="move", path=path, before=pair.before, after=pair.after)
        else:
            for edit in _map_edits(old, new):
                yield edit.model_copy(update={"path": ("Rules", pair.after, *edit.path)})


def _below(parent: str, edits: Iterable[Edit]) -> Iterator[Edit]:
    for edit in edits:
        yield edit.model_copy(update={"path": (parent, *edit.path)})


def _principal_tag_edits(
    before: dict[str, PrincipalTagMap] | None, after: dict[str, PrincipalTagMap]
) -> list[Edit]:
    providers = sorted({*(before or {}), *after})
    return _map_edits(_every(providers, before or {}), _every(providers, after))


def _every(providers: list[str], maps: dict[str, PrincipalTagMap]) -> dict[str, Any]:
    return {name: maps.get(name, NO_PRINCIPAL_TAGS).model_dump() for name in providers}


_EDITS: Mapping[str, Callable[[Any, Any], Iterable[Edit]]] = {
    "SupportedLoginProviders": _login_provider_edits,
    "OpenIdConnectProviderARNs": _set_edits,
    "SamlProviderARNs": _set_edits,
    "CognitoIdentityProviders": _client_edits,
    "IdentityPoolTags": _map_edits,
    "Roles": _role_edits,
    "RoleMappings": _role_mapping_edits,
    "PrincipalTagAttributeMaps": _principal_tag_edits,
}
