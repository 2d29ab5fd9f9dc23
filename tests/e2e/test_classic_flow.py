"""A pool that never had AllowClassicFlow set: AWS allows the classic flow, and does not say so.

Under all that an update may do to a field that it leaves out: what idpool sends depends on none.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings, UpdateSemantics
from tests.e2e.conftest import Account, client_of
from tests.support.cli import Idpool, aws_environment
from tests.support.specs import document, yaml_of

UNSET = "AllowClassicFlow: unset (classic flow allowed)"
REFUSED = "clients that use GetOpenIdToken are refused from then on"
SPECS = "specs/shop.yaml"
OURS = {"idpool:owner": "default", "idpool:name": "shop"}


@pytest.fixture(params=get_args(UpdateSemantics))
def sandbox(request: pytest.FixtureRequest) -> Iterator[SandboxServer]:
    with SandboxServer(SandboxSettings(file=None, update_semantics=request.param)) as server:
        yield server


@pytest.fixture
def account(sandbox: SandboxServer) -> Account:
    return Account(client_of(sandbox))


@pytest.fixture
def idpool(tmp_path: Path, sandbox: SandboxServer) -> Idpool:
    return Idpool(tmp_path, aws_environment(sandbox.url))


@pytest.fixture
def live(account: Account) -> str:
    """The pool, ours already, with a guest who may use the classic flow."""
    return account.create(
        "shop", AllowClassicFlow=None, AllowUnauthenticatedIdentities=True, IdentityPoolTags=OURS
    )


def spec(idpool: Idpool, **fields: Any) -> None:
    told = {"AllowUnauthenticatedIdentities": True, **fields}
    idpool.write(SPECS, yaml_of(document("shop", told)))


def run(idpool: Idpool, *words: str, code: int = 0) -> str:
    result = idpool.run(*words)
    assert result.code == code, (words, result.text)
    return result.out


def flow(account: Account, pool_id: str) -> bool | None:
    """What AWS answers of the flow, ``None`` for nothing."""
    value: bool | None = account.pools()[pool_id].get("AllowClassicFlow")
    return value


def tell(account: Account, pool_id: str, *, flow: bool) -> None:
    """Somebody else says it to AWS."""
    account.client.update_identity_pool(
        IdentityPoolId=pool_id,
        IdentityPoolName="shop",
        AllowUnauthenticatedIdentities=True,
        AllowClassicFlow=flow,
        IdentityPoolTags=OURS,
    )


def is_open(account: Account, pool_id: str) -> bool:
    """Whether a guest gets a token by the classic flow."""
    identity = account.client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    try:
        return bool(account.client.get_open_id_token(IdentityId=identity)["Token"])
    except account.client.exceptions.InvalidParameterException:
        return False


@pytest.mark.parametrize("said", [{}, {"AllowClassicFlow": False}], ids=["left out", "false"])
def test_false_closes_it_and_the_plan_says_so(
    idpool: Idpool, account: Account, live: str, said: dict[str, bool]
) -> None:
    spec(idpool, **said)
    shown = run(idpool, "plan", "specs")
    assert f"~ {UNSET} -> false\n" in shown
    assert f"{REFUSED}; write AllowClassicFlow: true to keep them" in shown
    for name in ("markdown", "html"):
        assert REFUSED in run(idpool, "plan", "specs", "--format", name)
    (target,) = json.loads(run(idpool, "plan", "specs", "--format", "json"))["targets"]
    (change,) = target["pools"][0]["changes"]
    assert (change["field"], change["before"], change["after"]) == (
        "AllowClassicFlow",
        None,
        False,
    )
    drift = run(idpool, "drift", "specs", code=2)
    assert "AllowClassicFlow: specs say false, live has unset (classic flow allowed)" in drift
    assert flow(account, live) is None
    assert is_open(account, live)
    run(idpool, "apply", "specs", "--yes")
    assert flow(account, live) is False
    assert not is_open(account, live)
    run(idpool, "plan", "specs", "--detailed-exitcode")


def test_true_is_what_it_is_already(idpool: Idpool, account: Account, live: str) -> None:
    spec(idpool, AllowClassicFlow=True)
    assert "No changes" in run(idpool, "plan", "specs", "--detailed-exitcode")
    run(idpool, "drift", "specs")
    run(idpool, "apply", "specs", "--yes")
    assert flow(account, live) is None


@pytest.mark.parametrize(
    "change",
    [
        {"IdentityPoolName": "renamed"},
        {"IdentityPoolTags": {"team": "shop"}},
        {"SupportedLoginProviders": {"graph.facebook.com": "7346241598935555"}},
    ],
    ids=["name", "tags", "provider"],
)
def test_another_change_leaves_it_unset(
    idpool: Idpool, account: Account, live: str, change: dict[str, Any]
) -> None:
    """The update leaves the field out, whatever it sends besides."""
    spec(idpool, AllowClassicFlow=True, **change)
    assert "~ AllowClassicFlow" not in run(idpool, "plan", "specs")
    run(idpool, "apply", "specs", "--yes")
    assert flow(account, live) is None
    assert is_open(account, live)
    for field, value in change.items():
        wanted = {**value, **OURS} if field == "IdentityPoolTags" else value
        assert account.pools()[live][field] == wanted
    run(idpool, "plan", "specs", "--detailed-exitcode")


@pytest.mark.parametrize("before", [True, False, None])
def test_ignored_it_keeps_what_it_has(
    idpool: Idpool, account: Account, before: bool | None
) -> None:
    pool_id = account.create("shop", AllowClassicFlow=before, IdentityPoolTags=OURS)
    lifecycle = {"ignoreChanges": ["AllowClassicFlow"]}
    fields = {"IdentityPoolName": "renamed", "AllowClassicFlow": False}
    idpool.write(SPECS, yaml_of(document("shop", fields, lifecycle=lifecycle)))
    run(idpool, "apply", "specs", "--yes")
    assert flow(account, pool_id) is before
    assert account.pools()[pool_id]["IdentityPoolName"] == "renamed"


def test_imported_and_renamed_it_stays_open(idpool: Idpool, account: Account) -> None:
    pool_id = account.create("shop", AllowClassicFlow=None, AllowUnauthenticatedIdentities=True)
    run(idpool, "import", "shop", "--out", "specs")
    text = (idpool.folder / SPECS).read_text()
    assert (
        "  # It was never set, and AWS allows the classic flow then.  With false, clients" in text
    )
    assert "\n  AllowClassicFlow: true\n" in text
    assert "~ AllowClassicFlow" not in run(idpool, "plan", "specs")
    run(idpool, "apply", "specs", "--yes")
    idpool.write(SPECS, text.replace("IdentityPoolName: shop", "IdentityPoolName: renamed"))
    run(idpool, "apply", "specs", "--yes")
    assert account.pools()[pool_id]["IdentityPoolName"] == "renamed"
    assert flow(account, pool_id) is None
    assert is_open(account, pool_id)


@pytest.mark.usefixtures("live")
def test_pull_writes_true(idpool: Idpool) -> None:
    spec(idpool, AllowClassicFlow=False)
    run(idpool, "pull", "shop", "--spec", "specs")
    assert '"AllowClassicFlow": true' in (idpool.folder / SPECS).read_text()
    run(idpool, "plan", "specs", "--detailed-exitcode")


def test_a_rollback_writes_true_and_says_that_it_was_unset(
    idpool: Idpool, account: Account, live: str
) -> None:
    spec(idpool, AllowClassicFlow=False, IdentityPoolName="renamed")
    run(idpool, "apply", "specs", "--yes", "--receipt", "receipt.json")
    shown = run(idpool, "rollback", "receipt.json")
    assert "AllowClassicFlow: false -> true" in shown
    assert "AllowClassicFlow was never set before the run, and nothing unsets it" in shown
    run(idpool, "rollback", "receipt.json", "--apply", "--yes")
    assert flow(account, live) is True
    assert account.pools()[live]["IdentityPoolName"] == "shop"
    assert "Nothing to take back" in run(idpool, "rollback", "receipt.json")


def test_a_rollback_of_something_else_leaves_it_unset(
    idpool: Idpool, account: Account, live: str
) -> None:
    spec(idpool, AllowClassicFlow=True, IdentityPoolName="renamed")
    run(idpool, "apply", "specs", "--yes", "--receipt", "receipt.json")
    shown = run(idpool, "rollback", "receipt.json", "--apply", "--yes")
    assert "AllowClassicFlow" not in shown
    assert flow(account, live) is None


def test_a_saved_plan_is_not_stale_by_a_word_for_the_same(
    idpool: Idpool, account: Account, live: str
) -> None:
    """Somebody sets what is so already."""
    spec(idpool, AllowClassicFlow=True, IdentityPoolName="renamed")
    run(idpool, "plan", "specs", "--out", "saved.json")
    tell(account, live, flow=True)
    run(idpool, "apply", "saved.json", "--yes")
    assert flow(account, live) is True
    assert account.pools()[live]["IdentityPoolName"] == "renamed"


def test_closed_since_the_plan_it_is_stale(idpool: Idpool, account: Account, live: str) -> None:
    spec(idpool, AllowClassicFlow=True, IdentityPoolName="renamed")
    run(idpool, "plan", "specs", "--out", "saved.json")
    tell(account, live, flow=False)
    result = idpool.run("apply", "saved.json", "--yes")
    assert result.code == 4, result.text
    assert account.pools()[live]["IdentityPoolName"] == "shop"


def test_what_idpool_creates_is_never_unset(idpool: Idpool, account: Account) -> None:
    spec(idpool)
    run(idpool, "apply", "specs", "--yes")
    assert [pool["AllowClassicFlow"] for pool in account.pools().values()] == [False]
