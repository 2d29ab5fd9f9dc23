"""Taking and giving back a lock, against S3 over HTTP, also when answers are lost."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from reconciler.executor.lock import LockSettings, holding
from reconciler.executor.lock_errors import LockForeign, LockHeld
from reconciler.executor.lock_object import LockObject, this_owner
from reconciler.model.errors import AwsProblem
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.lock.conftest import BUCKET, DELETE, GET, KEY, PUT, Bucket, Heard, MakeLock, holder


def test_a_lock_says_who_has_it_and_is_gone_afterwards(
    lock: LockObject, bucket: Bucket, settings: LockSettings, heard: Heard
) -> None:
    """Owner, run, command and the moments are in the object."""
    with holding(lock, settings, heard):
        told = bucket.get() or {}
        assert told["owner"] == this_owner()
        assert told["run"] == settings.run
        assert told["command"] == "idpool apply"
        assert told["acquiredAt"] < told["expiresAt"]
        assert told["schemaVersion"] == 1
    assert bucket.get() is None
    assert not heard.losses


def test_a_lock_is_given_back_when_the_block_fails(
    lock: LockObject, bucket: Bucket, settings: LockSettings, heard: Heard
) -> None:
    """Whatever ends the block."""
    with pytest.raises(ZeroDivisionError), holding(lock, settings, heard):
        raise ZeroDivisionError
    assert bucket.get() is None


def test_a_held_lock_names_its_holder(
    lock: LockObject, bucket: Bucket, settings: LockSettings, heard: Heard
) -> None:
    """Who, since when, until when, and what to do; the lock stays."""
    bucket.put(holder(acquiredAt="2026-01-02T03:04:05Z"))
    with pytest.raises(LockHeld) as held, holding(lock, settings, heard):
        pytest.fail("entered")
    assert "ci@elsewhere (process 4711, idpool apply)" in str(held.value)
    assert "since 2026-01-02 03:04:05 UTC, until 20" in str(held.value)
    assert "idpool unlock default" in held.value.hint
    assert held.value.holder.pid == 4711
    assert bucket.get()


def test_of_two_runs_of_one_user_one_has_the_lock(
    make_lock: MakeLock, bucket: Bucket, heard: Heard
) -> None:
    """The run id tells them apart, not the user."""
    with (
        holding(make_lock(), LockSettings(), heard),
        pytest.raises(LockHeld),
        holding(make_lock(), LockSettings(), heard),
    ):
        pytest.fail("entered")
    assert bucket.get() is None


def test_an_expired_lock_is_taken_over(
    lock: LockObject, bucket: Bucket, settings: LockSettings, heard: Heard
) -> None:
    """And the one whose it was is named."""
    bucket.put(holder(expired=True))
    with holding(lock, settings, heard):
        assert (bucket.get() or {})["run"] == settings.run
    assert "ci@elsewhere" in heard.said[0]
    assert bucket.get() is None


def test_of_two_that_take_over_one_does(
    make_lock: MakeLock, proxy: FaultProxy, bucket: Bucket, heard: Heard
) -> None:
    """An expired lock is written over only while it is the one that was seen."""
    bucket.put(holder(expired=True))

    def another_is_quicker(operation: str, number: int) -> None:
        if (operation, number) == (GET, 1):
            bucket.put(holder("other@elsewhere", run="1" * 32))

    proxy.after = another_is_quicker
    with pytest.raises(LockHeld) as held, holding(make_lock(), LockSettings(), heard):
        pytest.fail("entered")
    assert held.value.holder.owner == "other@elsewhere"


def test_the_clock_that_counts_is_the_stores(
    lock: LockObject, bucket: Bucket, settings: LockSettings, heard: Heard
) -> None:
    """A holder whose clock is years behind still has its lock for as long as it is to last."""
    bucket.put(holder(renewedAt="2020-01-01T00:00:00Z", expiresAt="2020-01-01T00:10:00Z"))
    with pytest.raises(LockHeld), holding(lock, settings, heard):
        pytest.fail("entered")


def test_a_wait_ends_when_the_lock_is_free(
    lock: LockObject, proxy: FaultProxy, bucket: Bucket, settings: LockSettings, heard: Heard
) -> None:
    """It is told once whom it waits for."""
    bucket.put(holder())

    def free_after_three(operation: str, number: int) -> None:
        if (operation, number) == (GET, 3):
            bucket.remove()

    proxy.after = free_after_three
    with holding(lock, replace(settings, wait_seconds=60), heard):
        assert (bucket.get() or {})["run"] == settings.run
    assert [text.split(":")[0] for text in heard.said] == ["Waiting"]


def test_a_wait_that_is_too_short_ends_with_the_holder(
    lock: LockObject, bucket: Bucket, settings: LockSettings, heard: Heard
) -> None:
    """As without a wait."""
    bucket.put(holder())
    with (
        pytest.raises(LockHeld),
        holding(lock, replace(settings, wait_seconds=0.1), heard),
    ):
        pytest.fail("entered")


def test_an_interrupted_wait_ends_at_once(
    lock: LockObject, proxy: FaultProxy, bucket: Bucket, settings: LockSettings, heard: Heard
) -> None:
    """The block is entered without the lock, and nothing can be sent in it any more."""
    bucket.put(holder())

    def interrupt(operation: str, _number: int) -> None:
        if operation == GET:
            lock.channel.budget.interrupt()

    proxy.after = interrupt
    with holding(lock, replace(settings, wait_seconds=60, poll_seconds=60), heard):
        assert lock.channel.budget.interrupted
    assert (bucket.get() or {})["owner"] == "ci@elsewhere"


@pytest.mark.parametrize(
    "kind", [FaultKind.RESET_AFTER, FaultKind.INTERNAL_AFTER, FaultKind.CUT, FaultKind.RESET_BEFORE]
)
@pytest.mark.parametrize("expired", [False, True])
def test_a_lost_answer_is_looked_up(
    lock: LockObject, proxy: FaultProxy, bucket: Bucket, kind: FaultKind, expired: bool
) -> None:
    """The run finds its own id in the lock, and knows that it has it."""
    settings = LockSettings()
    if expired:
        bucket.put(holder(expired=True))
    proxy.add(Fault(kind, PUT, 2 if expired else 1))
    with holding(lock, settings, Heard()):
        assert (bucket.get() or {})["run"] == settings.run
    assert not proxy.unmet()
    assert bucket.get() is None


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.INTERNAL_500])
def test_giving_back_is_repeated(
    lock: LockObject,
    proxy: FaultProxy,
    bucket: Bucket,
    settings: LockSettings,
    heard: Heard,
    kind: FaultKind,
) -> None:
    """A lost answer of the removal leaves nothing behind and is no problem."""
    proxy.add(Fault(kind, DELETE, 1))
    with holding(lock, settings, heard):
        pass
    assert bucket.get() is None
    assert not heard.said


def test_a_lock_that_cannot_be_given_back_is_told_of(
    lock: LockObject, proxy: FaultProxy, bucket: Bucket, settings: LockSettings, heard: Heard
) -> None:
    """The run has done its work all the same; the lock expires."""
    proxy.add(Fault(FaultKind.ACCESS_DENIED, DELETE))
    with holding(lock, settings, heard):
        pass
    assert bucket.get()
    assert "will expire" in heard.said[0]
    assert "denied DeleteObject" in heard.said[0]


def test_the_lock_of_another_is_not_given_back(
    lock: LockObject, bucket: Bucket, settings: LockSettings, heard: Heard
) -> None:
    """Not even where it has come in place of the run's own."""
    with holding(lock, settings, heard):
        bucket.put(holder())
    assert (bucket.get() or {})["owner"] == "ci@elsewhere"


@pytest.mark.parametrize("taken", [False, True])
def test_a_store_without_conditional_delete(
    lock: LockObject, bucket: Bucket, settings: LockSettings, heard: Heard, taken: bool
) -> None:
    """The lock is read and compared first, so that another's is left alone there, too."""

    def unknown(request: Any, **_: Any) -> AWSResponse | None:
        if request.method != "DELETE" or "If-Match" not in request.headers:
            return None
        body = b"<Error><Code>NotImplemented</Code><Message>no</Message></Error>"
        return AWSResponse(request.url, 501, HTTPHeaders(), _Raw(body))

    lock.channel.client.meta.events.register("before-send.s3", unknown)
    with holding(lock, settings, heard):
        if taken:
            bucket.put(holder())
    assert bool(bucket.get()) is taken


class _Raw:
    """A body as botocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> list[bytes]:
        """All of it."""
        return [self._body]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"\xff\xfe not text",
        b"[" * 5000,
        holder() + b" " * 20_000,
        holder(owner=""),
        holder(owner="x" * 401),
        holder(schemaVersion=2),
        holder(run="../../etc"),
        holder(expiresAt="9999-12-31T23:59:59-12:00"),
        holder(acquiredAt="2026-01-01T00:00:00"),
        holder(surprise=True),
    ],
)
def test_what_is_no_lock_is_left_alone(
    lock: LockObject, bucket: Bucket, settings: LockSettings, heard: Heard, content: bytes
) -> None:
    """Anybody may have written it; it is neither believed nor written over."""
    bucket.put(content)
    with pytest.raises(LockForeign, match="not idpool") as foreign, holding(lock, settings, heard):
        pytest.fail("entered")
    assert "--force" in foreign.value.hint
    with bucket.client.get_object(Bucket=BUCKET, Key=KEY)["Body"] as body:
        assert body.read() == content


def test_a_missing_bucket(lock: LockObject, settings: LockSettings, heard: Heard) -> None:
    """It is named, with the line to mend."""
    with pytest.raises(AwsProblem, match="no bucket locks") as problem:
        holding(lock, settings, heard).__enter__()
    assert problem.value.code == "NoSuchBucket"
    assert "`lock:`" in problem.value.hint


@pytest.mark.parametrize("operation", [PUT, GET])
def test_access_denied(
    lock: LockObject,
    proxy: FaultProxy,
    bucket: Bucket,
    settings: LockSettings,
    heard: Heard,
    operation: str,
) -> None:
    """The hint is the permission, on the very object."""
    bucket.put(holder())
    proxy.add(Fault(FaultKind.ACCESS_DENIED, operation))
    with pytest.raises(AwsProblem, match=rf"denied {operation[:3].title()}Object") as problem:
        holding(lock, settings, heard).__enter__()
    assert "s3:GetObject" in problem.value.hint
    assert f"arn:aws:s3:::{BUCKET}/{KEY}" in problem.value.hint


def test_a_denied_look_at_what_has_vanished_is_no_denial(
    lock: LockObject, proxy: FaultProxy, bucket: Bucket, settings: LockSettings, heard: Heard
) -> None:
    """Without s3:ListBucket S3 denies what is not there; the next try has the lock."""
    bucket.put(holder())

    def vanish(operation: str, number: int) -> Fault | None:
        if (operation, number) == (GET, 1):
            bucket.remove()
            return Fault(FaultKind.ACCESS_DENIED, GET)
        return None

    proxy.before = vanish
    with holding(lock, settings, heard):
        assert (bucket.get() or {})["run"] == settings.run
