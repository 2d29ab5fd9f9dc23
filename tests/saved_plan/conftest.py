"""The command against a sandbox, specs in one line, and plans that are saved."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.model.saved_plan import body_digest
from tests.e2e.conftest import Account, account, idpool, sandbox
from tests.support.cli import Idpool, Result
from tests.support.specs import document, yaml_of

__all__ = ["account", "idpool", "sandbox"]

Save = Callable[..., Path]


@pytest.fixture
def save(idpool: Idpool) -> Save:
    """Save the plan of ``specs/``, and give its file."""

    def saved(*options: str, code: int = 0) -> Path:
        result = idpool.run("plan", "specs", "--out", "plan.json", *options)
        assert result.code == code, result.text
        return idpool.folder / "plan.json"

    return saved


def write_spec(idpool: Idpool, name: str = "shop", /, **fields: Any) -> None:
    """One spec in ``specs/NAME.yaml``."""
    idpool.write(f"specs/{name}.yaml", yaml_of(document(name, fields)))


def apply_specs(idpool: Idpool) -> None:
    """Make live what the specs say."""
    result = idpool.run("apply", "specs", "--yes")
    assert result.code == 0, result.text


def update(account: Account, **fields: Any) -> None:
    """Change the only pool as somebody in the console does."""
    account.client.update_identity_pool(**{**account.describe(account.only_id()), **fields})


def assert_stale(result: Result, *fragments: str) -> None:
    """Exit 4, the difference on stderr, nothing on stdout."""
    assert result.code == 4, result.text
    assert result.out == ""
    assert result.err.startswith("error: plan.json is stale: ")
    assert "\n  fix: make a new plan" in result.err
    for fragment in fragments:
        assert fragment in result.err, result.err


def reseal(path: Path, data: dict[str, Any]) -> None:
    """Write a saved plan whose own digest fits: whoever edits one can compute that, too."""
    path.write_text(json.dumps({**data, "digest": body_digest(data)}))
