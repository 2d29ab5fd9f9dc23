"""The command against a sandbox, and the account as a client of somebody else's sees it."""

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.model.pool import Pool, canonical_pool
from tests.e2e.conftest import Account, account, idpool, sandbox
from tests.support.cli import Idpool, Result
from tests.support.specs import document, yaml_of

__all__ = ["account", "idpool", "sandbox"]

Apply = Callable[..., Result]


@pytest.fixture
def apply(idpool: Idpool) -> Apply:
    """Write one spec, apply it, and keep the receipt under a name."""

    def applied(spec: dict[str, Any], receipt: str = "receipt.json", **around: Any) -> Result:
        idpool.write("specs/a.yaml", yaml_of(document(spec=spec, **around)))
        result = idpool.run("apply", "specs", "--yes", "--receipt", receipt)
        assert result.code == 0, result.text
        return result

    return applied


def live_pool(account: Account, pool_id: str) -> Pool:
    """The whole pool, principal tags included, as an independent client reads it."""
    api = {**account.describe(pool_id), **account.roles(pool_id), "PrincipalTagAttributeMaps": {}}
    for provider in canonical_pool(api).provider_names:
        try:
            answer = account.client.get_principal_tag_attribute_map(
                IdentityPoolId=pool_id, IdentityProviderName=provider
            )
        except account.client.exceptions.ResourceNotFoundException:
            continue
        api["PrincipalTagAttributeMaps"][provider] = answer
    return canonical_pool(api)
