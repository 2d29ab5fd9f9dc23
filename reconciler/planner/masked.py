"""Comparing with a receipt, which holds no secrets: only masked values can be compared."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from reconciler.model.pool import (
    BY_PROVIDER_FIELDS,
    POOL_FIELDS,
    Pool,
    canonical_pool,
    in_live_terms,
    pool_as_api,
    same,
)
from reconciler.model.pool_fields import LOGINS_FIELD, PRINCIPAL_TAGS_FIELD, TAGS_FIELD
from reconciler.model.project import Ignored
from reconciler.model.receipt import PoolReceipt
from reconciler.model.secrets import (
    MASK,
    holds_secret,
    mask_half,
    mask_login,
    mask_login_providers,
    mask_names,
)

_T = TypeVar("_T")


def canonical_masked(pool: Pool) -> Pool:
    """A pool of a receipt, brought into canonical form again: anybody may have edited the file."""
    return masked(canonical_pool(pool_as_api(pool)))


def moved_fields(live: Pool, ignored: Ignored, *expected: Pool) -> tuple[str, ...]:
    """The fields in which live is as none of the expected pools, as far as masked values can tell.

    What several calls write (tags, and principal tags of several providers) may be in part as one
    of them and in part as another: a run may have ended between two.
    """
    shown = masked(live)
    kept = [in_live_terms(pool, shown, ignored) for pool in expected]
    return tuple(field for field in POOL_FIELDS if not _is_known(field, shown, kept))


def _is_known(field: str, shown: Pool, pools: list[Pool]) -> bool:
    """Whether a field is as one of these pools has it, or was not managed in one of them."""
    if any(not pool.manages(field) or same(field, pool, shown) for pool in pools):
        return True
    value, known = getattr(shown, field), [getattr(pool, field) for pool in pools]
    if field not in (TAGS_FIELD, PRINCIPAL_TAGS_FIELD) or value is None:
        return False
    keys = {*value, *(key for each in known for key in each)}
    return all(value.get(key) in [each.get(key) for each in known] for key in keys)


def restored(before: Pool, live: Pool) -> Pool:
    """``before`` with the secrets that live has, where all else is the same."""
    logins = dict(
        _as_in_live(entry, live) or entry for entry in before.SupportedLoginProviders.items()
    )
    return before.model_copy(
        update={
            LOGINS_FIELD: logins,
            **{
                field: {_name_in_live(name, there) or name: value for name, value in then.items()}
                for field, then, there in _by_provider(before, live)
            },
        }
    )


def secret_reason(receipt: PoolReceipt, before: Pool, after: Pool, live: Pool) -> str:
    """Why a secret would have to be restored that nobody has; "" where that is not so."""
    secrets = {} if LOGINS_FIELD in receipt.ignored.fields else _secrets(before)
    lost = [entry[0] for entry in secrets.items() if not _as_in_live(entry, live)]
    lost += [
        name
        for field, then, there in _by_provider(before, live)
        for name in then
        if field not in receipt.ignored.fields and not _name_in_live(name, there)
    ]
    if lost:
        return f"{', '.join(dict.fromkeys(lost))} would get its old value back"
    only_the_secret = before.SupportedLoginProviders == after.SupportedLoginProviders
    if secrets and only_the_secret and _wrote_logins(receipt):
        return f"the run has changed the secret of {', '.join(secrets)}"
    return ""


def may_have_changed(receipt: PoolReceipt, before: Pool, after: Pool) -> bool:
    """Whether the run wrote login providers, and its receipt cannot tell if a secret was new."""
    same = _secrets(before).items() & _secrets(after).items()
    return bool(same) and LOGINS_FIELD not in receipt.ignored.fields and _wrote_logins(receipt)


def _wrote_logins(receipt: PoolReceipt) -> bool:
    return any(
        done.action.kind == "UpdatePool" and LOGINS_FIELD in done.action.fields
        for done in receipt.actions
        if done.outcome != "skipped"
    )


def _secrets(pool: Pool) -> dict[str, str]:
    logins = pool.SupportedLoginProviders
    return {name: value for name, value in logins.items() if holds_secret(name, value)}


def _as_in_live(shown: tuple[str, str], live: Pool) -> tuple[str, str] | None:
    """The one entry of live that looks like this; with two of them, nobody knows which it was."""
    there = live.SupportedLoginProviders.items()
    return _only(entry for entry in there if mask_login(*entry) == shown)


def _name_in_live(shown: str, there: Iterable[str]) -> str | None:
    """The name that is shown like this; a name without a secret is shown as it is."""
    if MASK not in shown:
        return shown
    return _only(name for name in there if mask_half(name) == shown)


def _only(found: Iterable[_T]) -> _T | None:
    first, *others = (*found, None)
    return first if len(others) <= 1 else None


def _by_provider(before: Pool, live: Pool) -> Iterator[tuple[str, Mapping[str, Any], set[str]]]:
    """What ``before`` has by names of providers, field by field, and the names that live has."""
    for field in BY_PROVIDER_FIELDS:
        if (then := getattr(before, field)) is not None:
            yield field, then, {*(getattr(live, field) or {}), *live.SupportedLoginProviders}


def masked(pool: Pool) -> Pool:
    """The pool as it may be shown."""
    return pool.model_copy(
        update={
            LOGINS_FIELD: mask_login_providers(pool.SupportedLoginProviders),
            **{field: mask_names(getattr(pool, field)) for field in BY_PROVIDER_FIELDS},
        }
    )
