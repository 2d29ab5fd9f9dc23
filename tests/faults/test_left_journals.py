"""What a run leaves open is said: by itself with its journal, and by the next run in one line."""

import signal
from pathlib import Path

import pytest

from tests.e2e.conftest import Account
from tests.faults.commands import CREATE, command, ended, kill
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

APPLY = ("apply", "specs", "--yes")
UPDATE = "UpdateIdentityPool"
WAY_ON = "To go on with this run: idpool apply --resume "
LEFT = "note: an earlier run left something open: "


@pytest.fixture
def idpool(tmp_path: Path, proxy: FaultProxy) -> Idpool:
    """The command with a pool that is to be updated."""
    made = command(tmp_path, proxy.url, document("shop"))
    assert made.run(*APPLY).code == 0
    made.write("specs/pools.yaml", yaml_of(document("shop", {"AllowClassicFlow": True})))
    proxy.reset()
    return made


def journals(idpool: Idpool) -> list[str]:
    """The journals that are left, as they are named in messages."""
    return sorted(str(path.relative_to(idpool.folder)) for path in idpool.folder.glob(".idpool/*"))


def test_an_unknown_outcome_names_the_journal(idpool: Idpool, proxy: FaultProxy) -> None:
    """And the next run says that there is one, until it is gone on with."""
    proxy.add(Fault(FaultKind.INTERNAL_AFTER, UPDATE))
    result = idpool.run(*APPLY, "--time-budget", "0.1")
    (journal,) = journals(idpool)
    assert result.code == 1, result.text
    assert "unknown" in result.out
    assert f"{WAY_ON}{journal}, with the same specs" in result.err
    proxy.clear()
    again = idpool.run(*APPLY)
    assert again.code == 0, again.text
    assert [line for line in again.err.splitlines() if line.startswith(LEFT)] == [
        f"{LEFT}{journal}; go on with idpool apply --resume FILE, or remove the file once it is "
        "settled"
    ]
    resumed = idpool.run(*APPLY, "--resume", journal)
    assert resumed.code == 0, resumed.text
    assert LEFT not in resumed.err
    (idpool.folder / journal).unlink()
    assert LEFT not in idpool.run(*APPLY).err


def test_a_journal_of_its_own_place_is_named_as_well(idpool: Idpool, proxy: FaultProxy) -> None:
    """That it is there is nobody's business later."""
    proxy.add(Fault(FaultKind.ACCESS_DENIED, UPDATE))
    result = idpool.run(*APPLY, "--journal", "mine.jsonl")
    assert f"{WAY_ON}mine.jsonl" in result.err
    proxy.clear()
    assert LEFT not in idpool.run(*APPLY).err


def test_an_interruption_names_the_journal(idpool: Idpool, proxy: FaultProxy) -> None:
    """A first Ctrl-C before anything was sent."""
    held = idpool.start(*APPLY)
    proxy.before = lambda operation, _number: (
        held.send_signal(signal.SIGINT) if operation == UPDATE else None
    )
    result = ended(held)
    assert result.code == 130, result.text
    for journal in journals(idpool):
        assert f"{WAY_ON}{journal}" in result.err


def test_two_killed_runs_are_one_line(idpool: Idpool, proxy: FaultProxy) -> None:
    """The newest is named."""
    for number in (1, 2):
        run = idpool.start(*APPLY)
        proxy.before = lambda operation, _number: (
            Fault(FaultKind.HANG) if operation == UPDATE else None
        )
        proxy.wait_arrived(UPDATE, number, 60)
        kill(run)
        ended(run)
    proxy.before = None
    newest = journals(idpool)[-1]
    result = idpool.run(*APPLY)
    assert result.code == 0, result.text
    assert f"{LEFT}{newest} and 1 more; " in result.err


def test_a_run_under_way_has_left_nothing(
    idpool: Idpool, proxy: FaultProxy, account: Account
) -> None:
    """Its journal is there, and somebody writes it."""
    idpool.write("specs/pools.yaml", yaml_of(document("shop"), document("new")))
    proxy.before = lambda operation, _number: Fault(FaultKind.HANG) if operation == CREATE else None
    run = idpool.start(*APPLY)
    proxy.wait_arrived(CREATE, 1, 60)
    assert journals(idpool)
    idpool.write("only/shop.yaml", yaml_of(document("shop")))
    result = idpool.run("apply", "only", "--yes")
    assert result.code == 0, result.text
    assert LEFT not in result.err
    kill(run)
    ended(run)
    assert len(account.pools()) == 1


def test_a_rollback_names_its_own_way_on(idpool: Idpool, proxy: FaultProxy) -> None:
    """`apply --resume` would bring the specs back."""
    assert idpool.run(*APPLY, "--receipt", "receipt.json").code == 0
    proxy.add(Fault(FaultKind.ACCESS_DENIED, UPDATE))
    result = idpool.run("rollback", "receipt.json", "--apply", "--yes")
    assert result.code == 1, result.text
    assert "To go on with this run: idpool rollback receipt.json --apply" in result.err


def test_nothing_is_named_where_nothing_is_left(idpool: Idpool) -> None:
    """A good end."""
    result = idpool.run(*APPLY)
    assert result.code == 0, result.text
    assert "journal" not in result.err
