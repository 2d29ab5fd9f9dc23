"""One real run of six actions: its journal, and the account's state after each of its writes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.e2e.conftest import Account, client_of
from tests.e2e.test_every_field import FULL
from tests.faults.proxy import FaultProxy
from tests.support.cli import Idpool, Result, aws_environment
from tests.support.specs import document, yaml_of

WRITES = {
    "CreateIdentityPool",
    "UpdateIdentityPool",
    "SetIdentityPoolRoles",
    "SetPrincipalTagAttributeMap",
    "TagResource",
    "UntagResource",
    "DeleteIdentityPool",
}
SPECS = (
    document(spec=FULL),
    document("second", {"Roles": {"authenticated": FULL["Roles"]["authenticated"]}}),
)
ACTIONS = 6  # CreatePool, SetRoles, two SetPrincipalTags; CreatePool, SetRoles
LINES = 2 + 2 * ACTIONS
# One after the other, so that journal and state of every run are alike.
APPLY = ("apply", "specs", "--yes", "--parallelism", "1", "--settle", "1")


class Run(NamedTuple):
    """``states[n]`` is the sandbox's file when n writes were carried out."""

    journal: list[str]
    states: list[bytes]


@pytest.fixture(scope="session")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run that nobody disturbs."""
    folder = tmp_path_factory.mktemp("rehearsal")
    state, states = folder / "state.json", [b'{"schemaVersion": 1, "pools": []}']

    def keep(operation: str, _number: int) -> None:
        if operation in WRITES:
            states.append(state.read_bytes())

    with SandboxServer(SandboxSettings(file=state)) as server, FaultProxy(server.url) as proxy:
        proxy.after = keep
        result = _idpool(folder, proxy.url).run(*APPLY, "--journal", "journal.jsonl")
    assert result.code == 0, result.text
    journal = (folder / "journal.jsonl").read_text().splitlines(keepends=True)
    assert (len(journal), len(states)) == (LINES, 1 + ACTIONS)
    return Run(journal, states)


class World(NamedTuple):
    """The command, the account, and the proxy between the two."""

    idpool: Idpool
    account: Account
    proxy: FaultProxy
    state: Path

    def go_on(self, how: str, journal: str) -> Result:
        """Resume with the journal, or merely apply again."""
        resume = ("--resume", journal) if how == "resume" else ()
        return self.idpool.run(*APPLY, *resume)

    def assert_converged(self) -> None:
        """The plan is empty, and there is exactly one pool for each spec."""
        plan = self.idpool.run("plan", "specs", "--detailed-exitcode")
        assert plan.code == 0, plan.text
        tags = [pool["IdentityPoolTags"]["idpool:name"] for pool in self.account.pools().values()]
        assert sorted(tags) == ["second", "storefront"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty account, its state in a file that a test may replace."""
    state = tmp_path / "state.json"
    with SandboxServer(SandboxSettings(file=state)) as server, FaultProxy(server.url) as proxy:
        client: Any = client_of(server)
        yield World(_idpool(tmp_path, proxy.url), Account(client), proxy, state)
        client.close()


def _idpool(folder: Path, url: str) -> Idpool:
    idpool = Idpool(folder, aws_environment(url))
    idpool.write("specs/all.yaml", yaml_of(*SPECS))
    return idpool
