"""How desired and live differ, field by field.

Equality of canonical values decides *whether* a field differs, so unchanged pools cost nothing;
deepdiff then says *how*.  Sets are keyed maps by then, so deepdiff never has to ignore an order.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from reconciler.model.changes import Change, Edit
from reconciler.model.pool import FIELDS, POOL_FIELDS, Pool, field_value, same
from reconciler.model.pool_fields import Kind
from reconciler.model.pool_values import NO_PRINCIPAL_TAGS, Client, PrincipalTagMap, RoleMapping
from reconciler.model.secrets import mask_entry, mask_half, secrets_of
from reconciler.planner.edits import first_edits, map_edits, plain_edits
from reconciler.planner.mapping_edits import mapping_edits

_EditsOf = Callable[[Any, Any], Iterable[Edit]]
# A spec that leaves the classic flow out says false, and a create says so to AWS.
_NEW_POOL = Pool(
    IdentityPoolName="",
    AllowClassicFlow=False,
    Roles={},
    RoleMappings={},
    PrincipalTagAttributeMaps={},
)


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


def _role_edits(before: dict[str, str] | None, after: dict[str, str]) -> list[Edit]:
    return map_edits(before or {}, after)


def _principal_tag_edits(
    before: dict[str, PrincipalTagMap] | None, after: dict[str, PrincipalTagMap]
) -> list[Edit]:
    providers = sorted({*(before or {}), *after})
    return _by_provider(map_edits(_every(providers, before or {}), _every(providers, after)))


def _every(providers: list[str], maps: dict[str, PrincipalTagMap]) -> dict[str, Any]:
    return {name: maps.get(name, NO_PRINCIPAL_TAGS).model_dump() for name in providers}


# Of the other kinds, the value as a whole is what differs.
_EDITS: Mapping[Kind, _EditsOf] = {
    Kind.LOGINS: _login_provider_edits,
    Kind.SET: _set_edits,
    Kind.CLIENTS: _client_edits,
    Kind.TAGS: map_edits,
    Kind.ROLES: _role_edits,
    Kind.ROLE_MAPPINGS: _role_mapping_edits,
    Kind.PRINCIPAL_TAGS: _principal_tag_edits,
}
