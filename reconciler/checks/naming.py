"""Roles and providers by names that a reader takes in, as far as those are one thing's alone."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.checks.simulation import names_of_providers
from reconciler.model.providers import is_user_pool, issuer_of
from reconciler.model.secrets import MASK, mask_half, mask_login
from reconciler.model.written import PoolData

_ROLE: Final = ":role/"
_SAML: Final = ":saml-provider/"
_PLAIN: Final = re.compile(r"[\w.:/@+=,-]+", re.ASCII)


def bare(text: str) -> str:
    """A name inside a sentence: in quotes where it could be taken for a part of the sentence."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def short_roles(arns: Iterable[str]) -> Mapping[str, str]:
    """Roles by ARN: the name alone, or the ARN where two have one name."""
    return _short({arn: arn.rpartition("/")[2] if _ROLE in arn else arn for arn in arns})


def short_providers(*pools: PoolData) -> Mapping[str, str]:
    """The providers of all pools, and how each is shown; in the order of the pools.

    Of a user pool's client the region and the host go, of an ARN all but its end.  What may be a
    secret in the name of a login provider is masked.
    """
    return _short({name: _short_provider(name, pool) for pool in pools for name in _names(pool)})


def _short(names: Mapping[str, str]) -> dict[str, str]:
    counts = Counter(names.values())
    # What is masked stays so: the whole is the secret.
    return {
        full: bare(short if counts[short] == 1 or MASK in short else full)
        for full, short in names.items()
    }


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
