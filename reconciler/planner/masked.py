"""Comparing with a receipt, which holds no secrets: only masked values can be compared."""

from typing import Any

from reconciler.model.ignored import Ignored, keep_ignored
from reconciler.model.pool import Pool, canonical_pool
from reconciler.model.pool_fields import POOL_FIELDS, PRINCIPAL_TAGS_FIELD, TAGS_FIELD
from reconciler.model.receipt import PoolReceipt
from reconciler.model.secrets import holds_secret, mask_login_provider, mask_login_providers

_LOGINS = "SupportedLoginProviders"


def canonical_masked(pool: Pool) -> Pool:
    """A pool of a receipt, brought into canonical form again: anybody may have edited the file."""
    api = {field: getattr(pool, field) for field in POOL_FIELDS}
    api["CognitoIdentityProviders"] = [c.model_dump() for c in pool.CognitoIdentityProviders]
    if pool.RoleMappings is not None:
        api["RoleMappings"] = {key: m.to_api() for key, m in pool.RoleMappings.items()}
    if pool.PrincipalTagAttributeMaps is not None:
        maps = pool.PrincipalTagAttributeMaps
        api[PRINCIPAL_TAGS_FIELD] = {key: tags.model_dump() for key, tags in maps.items()}
    return masked(canonical_pool(api))


def moved_fields(live: Pool, ignored: Ignored, *expected: Pool) -> tuple[str, ...]:
    """The fields in which live is as none of the expected pools, as far as masked values can tell.

    What several calls write (tags, and principal tags of several providers) may be in part as one
    of them and in part as another: a run may have ended between two.
    """
    shown = masked(live)
    kept = [keep_ignored(pool, shown, ignored) for pool in expected]
    return tuple(
        field
        for field in POOL_FIELDS
        if not _is_known(field, getattr(shown, field), [getattr(pool, field) for pool in kept])
    )


def _is_known(field: str, value: Any, known: list[Any]) -> bool:
    """Whether a field's value is one of these; ``None`` among them: it was not managed."""
    if None in known or value in known:
        return True
    if field not in (TAGS_FIELD, PRINCIPAL_TAGS_FIELD) or value is None:
        return False
    keys = {*value, *(key for each in known for key in each)}
    return all(value.get(key) in [each.get(key) for each in known] for key in keys)


def restored(before: Pool, live: Pool) -> Pool:
    """``before`` with the secrets that live has, where the rest of the value is the same."""
    logins = {
        name: live.SupportedLoginProviders[name] if _looks_alike(name, value, live) else value
        for name, value in before.SupportedLoginProviders.items()
    }
    return before.model_copy(update={_LOGINS: logins})


def secret_reason(receipt: PoolReceipt, before: Pool, after: Pool, live: Pool) -> str:
    """Why a secret would have to be restored that nobody has; "" where that is not so."""
    if _LOGINS in receipt.ignored.fields:
        return ""
    secrets = _secrets(before)
    lost = [name for name in secrets if not _looks_alike(name, secrets[name], live)]
    if lost:
        return f"{', '.join(lost)} would get its old value back"
    only_the_secret = before.SupportedLoginProviders == after.SupportedLoginProviders
    if secrets and only_the_secret and _wrote_logins(receipt):
        return f"the run has changed the secret of {', '.join(secrets)}"
    return ""


def may_have_changed(receipt: PoolReceipt, before: Pool, after: Pool) -> bool:
    """Whether the run wrote login providers, and its receipt cannot tell if a secret was new."""
    same = _secrets(before).items() & _secrets(after).items()
    return bool(same) and _LOGINS not in receipt.ignored.fields and _wrote_logins(receipt)


def _wrote_logins(receipt: PoolReceipt) -> bool:
    return any(
        done.action.kind == "UpdatePool" and _LOGINS in done.action.fields
        for done in receipt.actions
        if done.outcome != "skipped"
    )


def _secrets(pool: Pool) -> dict[str, str]:
    logins = pool.SupportedLoginProviders
    return {name: value for name, value in logins.items() if holds_secret(name, value)}


def _looks_alike(name: str, shown: str, live: Pool) -> bool:
    there = live.SupportedLoginProviders.get(name)
    return there is not None and mask_login_provider(name, there) == shown


def masked(pool: Pool) -> Pool:
    """The pool as it may be shown."""
    return pool.model_copy(update={_LOGINS: mask_login_providers(pool.SupportedLoginProviders)})
