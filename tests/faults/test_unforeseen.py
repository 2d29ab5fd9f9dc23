"""What nobody has foreseen is the failure of one pool: the others go on, the receipt is written."""

from pathlib import Path
from typing import Any

import pytest

from reconciler.executor.steps import carry_out
from reconciler.model.pool import canonical_pool
from reconciler.sandbox.server import SandboxServer
from tests.faults.commands import DESCRIBE, JOURNAL, LIST, RECEIPT, command, journal, outcomes
from tests.faults.faults import StrangeAnswer
from tests.faults.proxy import FaultProxy
from tests.support.cli import Idpool
from tests.support.in_process import Driver
from tests.support.specs import document

DEEP = "[" * 100_000
APPLY = ("apply", "specs", "--yes", "--receipt", RECEIPT, "--journal", JOURNAL)
SECRET = "a-secret-in-an-exception"


@pytest.fixture
def idpool(tmp_path: Path, sandbox: SandboxServer, proxy: FaultProxy) -> Idpool:
    """The command with two specs, whose pools are to get another tag each."""
    with Driver(sandbox.url) as driver:
        driver.apply(*(document(name) for name in ("one", "two")))
    tagged = (document(name, {"IdentityPoolTags": {"team": "b"}}) for name in ("one", "two"))
    return command(tmp_path, proxy.url, *tagged)


def test_brackets_without_end_are_an_answer_that_cannot_be_read(
    idpool: Idpool, proxy: FaultProxy
) -> None:
    """It is read again, as half an answer is."""
    proxy.add(StrangeAnswer(operation=DESCRIBE, occurrence=1, text=DEEP))
    result = idpool.run(*APPLY)
    assert result.code == 0, result.text
    assert outcomes(idpool) == {"one": ["done"], "two": ["done"]}


def test_brackets_without_end_may_answer_a_write(idpool: Idpool, proxy: FaultProxy) -> None:
    """It was carried out, and the look that follows finds that."""
    proxy.add(StrangeAnswer(operation="TagResource", occurrence=1, text=DEEP))
    result = idpool.run(*APPLY)
    assert result.code == 0, result.text
    assert outcomes(idpool) == {"one": ["done"], "two": ["done"]}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"IdentityPools": [null]}', "names something that is no pool"),
        ('{"IdentityPools": [{}]}', "names something that is no pool"),
        ('{"IdentityPools": [], "NextToken": {"a": "b"}}', "holds a NextToken that is no text"),
    ],
)
def test_an_odd_listing_is_a_sentence(
    idpool: Idpool, proxy: FaultProxy, text: str, what: str
) -> None:
    """What it does not name may be a pool that nobody would see."""
    proxy.add(StrangeAnswer(operation=LIST, text=text))
    result = idpool.run(*APPLY)
    assert result.code == 1
    assert f"target default: ListIdentityPools {what}" in result.text
    assert "bug" not in result.text


def test_a_bug_while_one_pool_is_read(idpool: Idpool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an error with a number, under which -vv says where; the other pool is applied."""

    def odd(api: Any) -> Any:
        if api.get("IdentityPoolName") == "one":
            raise ZeroDivisionError(SECRET)
        return canonical_pool(api)

    monkeypatch.setattr("reconciler.live.reader.canonical_pool", odd)
    result = idpool.run(*APPLY, "-vv")
    assert result.code == 1, result.text
    assert "idpool has a bug: ZeroDivisionError (incident " in result.out
    assert "Traceback" not in result.out
    number = result.out.partition("(incident ")[2][:12]
    assert f"incident {number}: ZeroDivisionError" in result.err
    assert "in odd" in result.err
    assert SECRET not in result.text
    assert outcomes(idpool)["two"] == ["done"]


@pytest.mark.parametrize("is_sent", [False, True])
def test_a_bug_while_one_pool_is_written(
    idpool: Idpool, monkeypatch: pytest.MonkeyPatch, *, is_sent: bool
) -> None:
    """Its action is failed, or unknown where something was sent; the other pool is done."""

    def odd(connection: Any, plan: Any, *rest: Any) -> Any:
        if plan.name != "one":
            return carry_out(connection, plan, *rest)
        if is_sent:
            carry_out(connection, plan, *rest)
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr("reconciler.executor.execution.carry_out", odd)
    result = idpool.run(*APPLY)
    assert result.code == 1, result.text
    assert outcomes(idpool) == {"one": ["unknown" if is_sent else "failed"], "two": ["done"]}
    assert "idpool has a bug: ZeroDivisionError (incident " in result.out
    assert SECRET not in result.text
    assert journal(idpool)[-1]["entry"] == "end"
