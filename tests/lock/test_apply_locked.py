"""Two real applies with a lock against one AWS, and what a killed one leaves behind."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.commands import ended, said_on_stderr
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.lock.conftest import BUCKET, GET, PUT, Bucket, holder
from tests.support.cli import Idpool, aws_environment
from tests.support.specs import document, yaml_of

PROJECT = "apiVersion: idpool/v1\nkind: Project\nowner: acme\nlock: s3://locks/team/idpool/\n"
CREATE = "CreateIdentityPool"
LIST = "ListIdentityPools"


@pytest.fixture
def idpool(tmp_path: Path, proxy: FaultProxy) -> Idpool:
    """The command in a project with a lock and one spec, its calls through the proxy."""
    made = Idpool(tmp_path, aws_environment(proxy.url))
    made.write("idpool.yaml", PROJECT)
    made.write("specs/shop.yaml", yaml_of(document("shop")))
    return made


def until(event: threading.Event) -> Callable[[str, int], None]:
    """Keeps the first create back until the event."""

    def hold(operation: str, number: int) -> None:
        if (operation, number) == (CREATE, 1):
            event.wait(60)

    return hold


def journals(idpool: Idpool) -> list[Path]:
    """The journals that were left."""
    return list(idpool.folder.glob(".idpool/journal-*"))


def test_apply_takes_the_lock_and_gives_it_back(
    idpool: Idpool, proxy: FaultProxy, bucket: Bucket
) -> None:
    """It is there at the first write and gone after the last; an empty apply needs none."""
    seen: list[object] = []

    def look(operation: str, _number: int) -> None:
        if operation == CREATE:
            seen.append(bucket.get())

    proxy.before = look
    assert idpool.run("plan").code == 0
    assert PUT not in proxy.counts()
    applied = idpool.run("apply", "--yes")
    assert applied.code == 0, applied.text
    assert seen
    assert seen[0]
    assert bucket.get() is None
    assert idpool.run("apply", "--yes").code == 0
    assert proxy.counts()[PUT] == 1


def test_the_second_of_two_applies_fails_at_once(
    idpool: Idpool, proxy: FaultProxy, bucket: Bucket
) -> None:
    """It names the first, writes nothing and leaves no journal; the first ends well."""
    go_on = threading.Event()
    proxy.before = until(go_on)
    first = idpool.start("apply", "--yes")
    proxy.wait_arrived(CREATE, timeout=60)
    second = Idpool(idpool.folder, idpool.environment).run("apply", "--yes")
    told = bucket.get() or {}
    go_on.set()
    out, err = first.communicate(timeout=60)

    assert second.code == 1, second.text
    assert f"error: target default is locked by {told['owner']} (process {first.pid}" in second.err
    assert "idpool unlock default" in second.err
    assert first.returncode == 0, out + err
    assert proxy.counts()[CREATE] == 1
    assert journals(idpool) == []
    assert bucket.get() is None


def test_nothing_is_looked_for_before_the_lock_is_held(
    idpool: Idpool, proxy: FaultProxy, bucket: Bucket
) -> None:
    """Whoever holds it may create until he gives it back: only the plan has listed the pools."""
    bucket.put(holder())
    result = idpool.run("apply", "--yes")
    assert result.code == 1, result.text
    assert proxy.counts()[LIST] == 1


def test_with_a_wait_the_second_comes_after_the_first(
    idpool: Idpool, proxy: FaultProxy, bucket: Bucket
) -> None:
    """Both end well: the second plans again, and all that it wanted is done already."""
    released = threading.Event()

    def order(operation: str, number: int) -> None:
        if (operation, number) == (CREATE, 1):
            released.wait(60)
        if operation == GET:  # the second has seen the lock of the first
            released.set()

    proxy.before = order
    first = idpool.start("apply", "--yes")
    proxy.wait_arrived(CREATE, timeout=60)
    second = idpool.run("apply", "--yes", "--lock-wait", "60")
    out, err = first.communicate(timeout=60)
    assert first.returncode == 0, out + err
    assert second.code == 0, second.text
    assert "Waiting: target default is locked by" in second.err
    assert proxy.counts()[CREATE] == 1
    assert bucket.get() is None


def test_the_lock_of_a_killed_run_expires(
    idpool: Idpool, proxy: FaultProxy, bucket: Bucket
) -> None:
    """The next run waits for no person."""
    proxy.add(Fault(FaultKind.HANG, CREATE, 1))
    first = idpool.start("apply", "--yes", "--lock-life", "2")
    proxy.wait_arrived(CREATE, timeout=60)
    first.kill()
    first.communicate(timeout=60)
    left = bucket.get() or {}
    assert left["pid"] == first.pid
    after = idpool.run("apply", "--yes", "--lock-wait", "60")
    assert after.code == 0, after.text
    assert "Took over a lock that had expired" in after.err
    assert bucket.get() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_gives_the_lock_back(
    idpool: Idpool, proxy: FaultProxy, bucket: Bucket, number: signal.Signals
) -> None:
    """After the write that is under way."""
    go_on = threading.Event()
    proxy.before = until(go_on)
    run = idpool.start("apply", "--yes")
    proxy.wait_arrived(CREATE, timeout=60)
    run.send_signal(number)
    assert run.stderr is not None
    while "Finishing" not in run.stderr.readline():
        assert run.poll() is None
    go_on.set()
    run.communicate(timeout=60)
    assert run.returncode == 128 + number
    assert bucket.get() is None


def test_a_signal_ends_the_wait_for_a_lock(
    idpool: Idpool, proxy: FaultProxy, bucket: Bucket
) -> None:
    """Nothing was sent, and the receipt says so."""
    bucket.put(holder())
    run = idpool.start("apply", "--yes", "--lock-wait", "600")
    proxy.wait_arrived(GET, timeout=60)
    run.send_signal(signal.SIGTERM)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 143, out + err
    assert "not sent, because the run was interrupted" in out
    assert CREATE not in proxy.counts()
    assert (bucket.get() or {})["owner"] == "ci@elsewhere"


def test_a_run_that_loses_its_lock_sends_nothing_more(
    idpool: Idpool, proxy: FaultProxy, bucket: Bucket
) -> None:
    """Exit 1, the reason on stderr, the actions that were not sent in the receipt."""
    roles = {"Roles": {"authenticated": "arn:aws:iam::123456789012:role/shop"}}
    idpool.write("specs/shop.yaml", yaml_of(document("shop", roles)))

    def steal(operation: str, number: int) -> None:
        if (operation, number) == (CREATE, 1):
            bucket.put(holder())
            proxy.wait_arrived(GET, timeout=60)  # the renewal was refused, and looks why
            told.wait(60)

    told = threading.Event()
    proxy.before = steal
    run = idpool.start("apply", "--yes", "--lock-life", "3")
    assert run.stderr is not None
    errors = run.stderr.readline()
    while "was lost" not in errors:
        assert run.poll() is None, errors
        errors += run.stderr.readline()
    told.set()
    out, _ = run.communicate(timeout=60)

    assert run.returncode == 1, out
    assert "error: the lock of target default was lost: it is held by ci@elsewhere" in errors
    assert "not sent, because the run was interrupted" in out
    assert "SetIdentityPoolRoles" not in proxy.counts()
    assert (bucket.get() or {})["owner"] == "ci@elsewhere"


def test_a_lock_that_is_lost_is_seen_at_the_end(
    idpool: Idpool, proxy: FaultProxy, bucket: Bucket
) -> None:
    """All is written by then; another run may have written beside it, so this one has failed."""
    proxy.after = lambda operation, _: bucket.remove() if operation == CREATE else None
    result = idpool.run("apply", "--yes")
    assert result.code == 1, result.text
    assert "error: the lock of target default was lost: somebody has removed it" in result.err


@pytest.mark.usefixtures("bucket")
def test_unlock_does_not_take_the_lock_of_a_run_that_lives(
    idpool: Idpool, proxy: FaultProxy
) -> None:
    """With force it does, and the run sends nothing more, long before it renews."""
    roles = {"Roles": {"authenticated": "arn:aws:iam::123456789012:role/shop"}}
    idpool.write("specs/shop.yaml", yaml_of(document("shop", roles)))
    told = threading.Event()
    proxy.before = until(told)
    run = idpool.start("apply", "--yes")
    proxy.wait_arrived(CREATE, timeout=60)
    refused = idpool.run("unlock", "--yes")
    assert refused.code == 1, refused.text
    assert f"kill {run.pid}" in refused.err
    assert idpool.run("unlock", "--yes", "--force").code == 0
    said_on_stderr(run, "somebody has removed it; the run was interrupted")
    told.set()
    assert ended(run).code == 1
    assert "SetIdentityPoolRoles" not in proxy.counts()


def test_a_missing_bucket_is_a_sentence(idpool: Idpool, proxy: FaultProxy) -> None:
    """And nothing was written."""
    result = idpool.run("apply", "--yes")
    assert result.code == 1
    assert f"the lock cannot be used: there is no bucket {BUCKET}" in result.err
    assert CREATE not in proxy.counts()
    assert journals(idpool) == []


def test_the_embedded_sandbox_makes_the_bucket(idpool: Idpool) -> None:
    """A project with a lock works with --sandbox, too; moto's bucket goes with its process."""
    result = idpool.run_process("apply", "--yes", "--sandbox")
    assert result.code == 0, result.text
