"""A long run keeps its lock; a run that has lost it does not go on."""

import threading

import pytest

from reconciler.executor.lock import LockSettings, holding
from reconciler.executor.lock_object import LockObject
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.lock.conftest import DELETE, GET, PUT, Bucket, Heard, holder

# Renewed often, yet so long that no slow machine lets it expire.
OFTEN = LockSettings(life_seconds=600, renew_seconds=0.05)


def test_a_lock_is_renewed(
    lock: LockObject, proxy: FaultProxy, bucket: Bucket, heard: Heard
) -> None:
    """The expiry moves; holder and beginning stay; then it is given back as it is by then."""
    with holding(lock, OFTEN, heard):
        first = bucket.get() or {}
        proxy.wait_arrived(PUT, 5)
        later = bucket.get() or {}
    assert later["expiresAt"] > first["expiresAt"]
    same = ("run", "owner", "acquiredAt")
    assert [later[key] for key in same] == [first[key] for key in same]
    assert bucket.get() is None
    assert not heard.losses
    assert proxy.counts()[DELETE] == 1


def test_a_run_whose_lock_was_taken_is_interrupted(
    lock: LockObject, bucket: Bucket, heard: Heard
) -> None:
    """Nothing more is sent, the new holder is named, and its lock is left alone."""
    with holding(lock, OFTEN, heard):
        bucket.put(holder())
        assert "it is held by ci@elsewhere" in heard.loss()
        assert lock.channel.budget.interrupted
    assert (bucket.get() or {})["owner"] == "ci@elsewhere"
    assert heard.losses[0].holder


def test_a_run_whose_lock_was_removed_is_interrupted(
    lock: LockObject, bucket: Bucket, heard: Heard
) -> None:
    """As by `idpool unlock --force`."""
    with holding(lock, OFTEN, heard):
        bucket.remove()
        assert "somebody has removed it" in heard.loss()
        assert lock.channel.budget.interrupted


def test_a_lost_lock_is_seen_long_before_it_is_to_be_renewed(
    lock: LockObject, bucket: Bucket, proxy: FaultProxy, heard: Heard
) -> None:
    """A run looks every few seconds: who has removed it by force may have begun to write."""
    with holding(lock, LockSettings(look_seconds=0.05), heard):
        bucket.remove()
        assert "somebody has removed it; the run was interrupted" in heard.loss()
        assert lock.channel.budget.interrupted
    assert proxy.counts()[PUT] == 1


@pytest.mark.parametrize("denied", [False, True])
def test_a_lock_that_is_lost_is_seen_at_the_end(
    lock: LockObject, bucket: Bucket, proxy: FaultProxy, heard: Heard, *, denied: bool
) -> None:
    """Also by a role that may not list, which S3 denies what is not there."""
    with holding(lock, LockSettings(), heard):
        bucket.remove()
        if denied:
            proxy.add(Fault(FaultKind.ACCESS_DENIED, GET))
    assert "somebody has removed it; this was seen when the run had ended" in heard.loss()


def test_a_look_that_fails_is_no_loss(
    lock: LockObject, bucket: Bucket, proxy: FaultProxy, heard: Heard
) -> None:
    """S3 may be out of reach for a moment; what counts is whether the lock is renewed in time."""
    with holding(lock, LockSettings(look_seconds=0.05), heard):
        for kind in (FaultKind.INTERNAL_500, FaultKind.RESET_BEFORE, FaultKind.ACCESS_DENIED):
            proxy.add(Fault(kind, GET, proxy.counts().get(GET, 0) + 2))
            proxy.wait_arrived(GET, proxy.counts().get(GET, 0) + 4)
    assert not proxy.unmet()
    assert not heard.losses
    assert bucket.get() is None


def test_a_run_whose_lock_was_overwritten_is_interrupted(
    lock: LockObject, bucket: Bucket, heard: Heard
) -> None:
    """By something that is not idpool."""
    with holding(lock, OFTEN, heard):
        bucket.put(b"mine!")
        assert "something that is not idpool" in heard.loss()


def test_a_lock_that_cannot_be_renewed_in_time_is_lost(
    lock: LockObject, proxy: FaultProxy, bucket: Bucket, heard: Heard
) -> None:
    """Before it expires, so that what is under way can end."""
    with holding(lock, LockSettings(life_seconds=1), heard):
        proxy.add(Fault(FaultKind.INTERNAL_500, PUT))
        assert "could not be renewed in time" in heard.loss()
        assert lock.channel.budget.interrupted
    assert bucket.get(), "what may be another's is not removed"


@pytest.mark.parametrize(
    "kind", [FaultKind.INTERNAL_500, FaultKind.THROTTLING, FaultKind.RESET_AFTER, FaultKind.CUT]
)
def test_a_renewal_that_fails_once_is_repeated(
    lock: LockObject, proxy: FaultProxy, bucket: Bucket, heard: Heard, kind: FaultKind
) -> None:
    """Also where S3 did it and the answer was lost: the lock's new ETag is looked up."""
    with holding(lock, OFTEN, heard):
        proxy.add(Fault(kind, PUT, proxy.counts()[PUT] + 2))
        proxy.wait_arrived(PUT, proxy.counts()[PUT] + 4)
    assert not proxy.unmet()
    assert not heard.losses
    assert bucket.get() is None


def test_a_lock_whose_last_renewal_was_not_answered_is_given_back(
    lock: LockObject, proxy: FaultProxy, bucket: Bucket, heard: Heard
) -> None:
    """Its ETag is not the one that the run knows, but its run id is the run's."""
    with holding(lock, OFTEN, heard):
        proxy.add(Fault(FaultKind.RESET_AFTER, PUT))
        proxy.wait_arrived(PUT, proxy.counts()[PUT] + 1)
    assert bucket.get() is None
    assert not heard.losses


def test_a_bug_in_the_renewal_ends_the_run(
    lock: LockObject, bucket: Bucket, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that nobody renews would be another's soon."""
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    with holding(lock, OFTEN, heard):
        monkeypatch.setattr(LockObject, "replace", None)
        assert "broke off" in heard.loss()
        assert lock.channel.budget.interrupted
    assert bucket.get()
