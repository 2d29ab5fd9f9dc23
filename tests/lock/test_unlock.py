"""idpool unlock: shows the holder, asks, and removes what may be removed."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.executor.lock_object import this_owner
from tests.faults.commands import LIST
from tests.faults.proxy import FaultProxy
from tests.lock.conftest import DELETE, KEY, Bucket, here, holder
from tests.support.cli import Idpool, aws_environment
from tests.support.person import Person

PROJECT = "apiVersion: idpool/v1\nkind: Project\nowner: acme\n"
LOCK = "lock: s3://locks/team/idpool\n"


@pytest.fixture
def idpool(tmp_path: Path, proxy: FaultProxy) -> Idpool:
    """The command in a project with a lock; its one spec is wrong, which is no matter here."""
    made = Idpool(tmp_path, aws_environment(proxy.url))
    made.write("idpool.yaml", PROJECT + LOCK)
    made.write("specs/wrong.yaml", "no: spec\n")
    return made


def test_a_lock_of_somebody_else_needs_force(idpool: Idpool, bucket: Bucket) -> None:
    """Its holder is shown both times."""
    bucket.put(holder())
    refused = idpool.run("unlock", "--yes")
    assert refused.code == 1
    assert "locked by ci@elsewhere (process 4711" in refused.err
    assert "idpool unlock default --force" in refused.err
    assert bucket.get()
    forced = idpool.run("unlock", "default", "--yes", "--force")
    assert forced.code == 0, forced.text
    assert "locked by ci@elsewhere (process 4711" in forced.err
    assert bucket.get() is None


def test_an_expired_lock_needs_no_force(idpool: Idpool, bucket: Bucket) -> None:
    """Its run has given up by now, if it is alive."""
    bucket.put(holder(expired=True))
    result = idpool.run("unlock", "--yes")
    assert result.code == 0, result.text
    assert "Target default is unlocked." in result.err
    assert bucket.get() is None


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    """A process of this user, which lives as long as its stdin is open."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("is_reaped", [True, False])
def test_the_lock_of_ones_own_dead_process_needs_no_force(
    idpool: Idpool, bucket: Bucket, sleeper: "subprocess.Popen[bytes]", *, is_reaped: bool
) -> None:
    """Also where nobody has taken notice of its end, as in many containers."""
    bucket.put(holder(this_owner(), **here(sleeper.pid)))
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    if is_reaped:
        sleeper.wait()
    result = idpool.run("unlock", "--yes")
    assert result.code == 0, result.text
    assert bucket.get() is None


def test_the_lock_of_a_process_that_lives_needs_force(
    idpool: Idpool, bucket: Bucket, sleeper: "subprocess.Popen[bytes]"
) -> None:
    """It would write on."""
    bucket.put(holder(this_owner(), **here(sleeper.pid)))
    refused = idpool.run("unlock", "--yes")
    assert refused.code == 1
    assert f"let it end, or end it (Ctrl-C, or `kill {sleeper.pid}`)" in refused.err
    assert bucket.get()
    assert idpool.run("unlock", "--yes", "--force").code == 0
    assert bucket.get() is None


def test_a_process_id_that_is_used_again_is_another_process(
    idpool: Idpool, bucket: Bucket, sleeper: "subprocess.Popen[bytes]"
) -> None:
    """The lock's own has begun at another time, and is dead."""
    bucket.put(holder(this_owner(), **{**here(sleeper.pid), "started": "1"}))
    assert idpool.run("unlock", "--yes").code == 0
    assert bucket.get() is None


def test_a_process_that_cannot_be_seen_may_live(idpool: Idpool, bucket: Bucket) -> None:
    """Containers may share a host's name, and each counts its processes for itself."""
    elsewhere: dict[str, Any] = {
        "pid": 1,
        "space": "another-boot pid:[4026]",
        "started": "12",
    }
    bucket.put(holder(this_owner(), **elsewhere))
    refused = idpool.run("unlock", "--yes")
    assert refused.code == 1
    assert "cannot be seen from here (it is of another container" in refused.err
    assert bucket.get()


def test_what_is_no_lock_needs_force(idpool: Idpool, bucket: Bucket) -> None:
    """Somebody should look at it first."""
    bucket.put(b'"mine"')
    refused = idpool.run("unlock", "--yes")
    assert refused.code == 1
    assert "something that is not idpool" in refused.err
    assert bucket.get()
    assert idpool.run("unlock", "--yes", "--force").code == 0
    assert bucket.get() is None


def test_nothing_is_locked(idpool: Idpool, bucket: Bucket, proxy: FaultProxy) -> None:
    """That is what was wanted: exit 0; and no pool is asked for."""
    assert bucket.get() is None
    result = idpool.run("unlock", "--yes")
    assert (result.code, result.err) == (0, "Target default is not locked.\n")
    assert LIST not in proxy.counts()


def test_a_lock_that_moves_meanwhile_is_left(
    idpool: Idpool, bucket: Bucket, proxy: FaultProxy
) -> None:
    """What is removed is what was shown."""
    bucket.put(holder())

    def renew(operation: str, _number: int) -> None:
        if operation == DELETE:
            bucket.put(holder(pid=4712))

    proxy.before = renew
    result = idpool.run("unlock", "--yes", "--force")
    assert result.code == 1
    assert "renewed or has changed hands" in result.err
    assert (bucket.get() or {})["pid"] == 4712


def test_each_target_is_told_of(idpool: Idpool, bucket: Bucket) -> None:
    """One that stays locked is no reason to leave the other."""
    targets = "targets:\n" + "".join(
        f'  {name}: {{account: "123456789012", region: {region}}}\n'
        for name, region in (("eu", "eu-west-1"), ("us", "us-east-1"))
    )
    idpool.write("idpool.yaml", PROJECT + LOCK + targets)
    bucket.put(holder(), KEY.replace("default", "eu"))
    bucket.put(holder(expired=True), KEY.replace("default", "us"))
    result = idpool.run("unlock", "--yes")
    assert result.code == 1
    assert "idpool unlock eu --force" in result.err
    assert "Target us is unlocked." in result.err
    assert bucket.get(KEY.replace("default", "us")) is None


@pytest.mark.parametrize("arguments", [("unlock",), ("unlock", "--yes", "nowhere")])
def test_wrong_use(idpool: Idpool, arguments: tuple[str, ...]) -> None:
    """Nobody to ask, or no such target: exit 64."""
    assert idpool.run(*arguments).code == 64


@pytest.mark.parametrize("text", [None, PROJECT])
def test_a_project_without_locks(tmp_path: Path, text: str | None) -> None:
    """Exit 64, before AWS is asked."""
    idpool = Idpool(tmp_path)
    if text:
        idpool.write("idpool.yaml", text)
    result = idpool.run("unlock", "--yes")
    assert result.code == 64
    assert "this project has no locks" in result.err


@pytest.mark.parametrize("answer", ["yes", pytest.param("no", marks=pytest.mark.slow)])
def test_it_asks_on_a_terminal(idpool: Idpool, bucket: Bucket, answer: str) -> None:
    """The holder is shown first; only `yes` is yes."""
    bucket.put(holder(expired=True, owner="eve\x1b[2J@host"))
    result = Person(idpool, "unlock").says(answer)

    assert result.out.index(r"eve\x1b[2J@host") < result.out.index("Remove this lock?")
    assert result.code == (0 if answer == "yes" else 1), result.text
    assert bool(bucket.get()) is (answer == "no")
