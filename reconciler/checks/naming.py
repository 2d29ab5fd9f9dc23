"""Roles and providers by names that a reader takes in, as far as those are one thing's alone."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.checks.simulation import names_of_providers
from reconciler.model.providers import is_user_pool, issuer_of
from reconciler.model.secrets import mask_half, mask_login
from reconciler.model.written import PoolData

_SAML: Final = ":saml-provider/"
_PLAIN: Final = re.compile(r"[\w.:/@+=,-]+", re.ASCII)


def bare(text: str) -> str:
    """A name inside a sentence: in quotes where it could be taken for a part of the sentence."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def short_roles(*pools: PoolData) -> Mapping[str, str]:
    """The roles of all pools by ARN: the name alone, or the ARN where two have one name."""
    return _short({role: role.rpartition("/")[2] for pool in pools for role in _roles(pool)})


def short_providers(*pools: PoolData) -> Mapping[str, str]:
    """The providers of all pools, and how each is shown; in the order of the pools.

    Of a user pool's client the region and the host go, of an ARN all but its end.  What may be a
    secret in the name of a login provider is masked.
    """
    return _short({name: _short_provider(name, pool) for pool in pools for name in _names(pool)})


def _short(names: Mapping[str, str]) -> dict[str, str]:
    counts = Counter(names.values())
    shown = {
        full: short if counts[short] == 1 else mask_half(full) for full, short in names.items()
    }
    return {full: bare(name) for full, name in shown.items()}


def _roles(pool: PoolData) -> Iterable[str]:
    roles = pool.get("Roles") or {}
    for kind in ("authenticated", "unauthenticated"):
        if role := roles.get(kind):
            yield str(role)
    for mapping in (pool.get("RoleMappings") or {}).values():
        configuration = mapping.get("RulesConfiguration")
        yield from (rule["RoleARN"] for rule in (configuration["Rules"] if configuration else ()))


def _names(pool: PoolData) -> Iterable[str]:
    """What somebody signs in with, and what principal tags are set for."""
    clients = (client["ProviderName"] for client in pool.get("CognitoIdentityProviders", ()))
    return (*names_of_providers(pool), *clients)


def _short_provider(name: str, pool: PoolData) -> str:
    if is_user_pool(name.partition(":")[0]):
        return name.partition("/")[2]
    if _SAML in name:
        return name.partition(_SAML)[2]
    if value := pool.get("SupportedLoginProviders", {}).get(name):
        return mask_login(name, value)[0]
    return issuer_of(name) or mask_half(name)
