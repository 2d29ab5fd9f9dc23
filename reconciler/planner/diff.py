"""How desired and live differ, field by field.

Equality of canonical values decides *whether* a field differs, so unchanged pools cost nothing;
deepdiff then says *how*.  Sets are keyed maps by then, so deepdiff never has to ignore an order.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from reconciler.model.base import JsonValue
from reconciler.model.changes import Change, Edit
from reconciler.model.pool import NO_PRINCIPAL_TAGS, Client, Pool, PrincipalTagMap, field_value
from reconciler.model.pool_fields import POOL_FIELDS
from reconciler.model.secrets import holds_secret, mask_login_provider
from reconciler.planner.edits import first_edits, map_edits, plain_edits
from reconciler.planner.mapping_edits import mapping_edits

_EditsOf = Callable[[Any, Any], Iterable[Edit]]
_NEW_POOL = Pool(IdentityPoolName="", Roles={}, RoleMappings={}, PrincipalTagAttributeMaps={})


def changes_between(live: Pool | None, desired: Pool) -> tuple[Change, ...]:
    """Every field of ``desired`` that differs from ``live``, in the API's order.

    What ``desired`` does not manage (``None``) never differs.  ``live`` ``None`` is a pool that is
    yet to be created, with AWS's defaults.
    """
    before = _NEW_POOL if live is None else live
    scalar_edits = first_edits if live is None else plain_edits
    return tuple(
        _change(field, before, desired, _EDITS.get(field, scalar_edits))
        for field in POOL_FIELDS
        if getattr(desired, field) is not None and getattr(before, field) != getattr(desired, field)
    )


def _change(field: str, live: Pool, desired: Pool, edits_of: _EditsOf) -> Change:
    return Change(
        field=field,
        before=field_value(live, field),
        after=field_value(desired, field),
        edits=tuple(edits_of(getattr(live, field), getattr(desired, field))),
        irreversible=field == "DeveloperProviderName",
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
    return map_edits(before or {}, after)


def _principal_tag_edits(
    before: dict[str, PrincipalTagMap] | None, after: dict[str, PrincipalTagMap]
) -> list[Edit]:
    providers = sorted({*(before or {}), *after})
    return map_edits(_every(providers, before or {}), _every(providers, after))


def _every(providers: list[str], maps: dict[str, PrincipalTagMap]) -> dict[str, Any]:
    return {name: maps.get(name, NO_PRINCIPAL_TAGS).model_dump() for name in providers}


_EDITS: Mapping[str, _EditsOf] = {
    "SupportedLoginProviders": _login_provider_edits,
    "OpenIdConnectProviderARNs": _set_edits,
    "SamlProviderARNs": _set_edits,
    "CognitoIdentityProviders": _client_edits,
    "IdentityPoolTags": map_edits,
    "Roles": _role_edits,
    "RoleMappings": mapping_edits,
    "PrincipalTagAttributeMaps": _principal_tag_edits,
}
