"""Many targets: what is asked once is asked once, and sockets and calls at once are bounded."""

import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.faults.proxy import FaultProxy
from tests.support.cli import IDPOOL, Idpool, aws_environment
from tests.support.specs import document, yaml_of

ACCOUNTS = [f"{number:012}" for number in range(111100000001, 111100000009)]
REGIONS = ("eu-west-1", "us-east-1", "ap-south-1", "sa-east-1", "ca-central-1", "eu-north-1")
# As `plan` reads and prints 48 targets, Python and the signals' pipe included.
FEW_FILES = 48


def project(roles: bool = True) -> str:
    """A project with a target for each account and region; one role in each account."""
    lines = ["apiVersion: idpool/v1", "kind: Project", "owner: default", "targets:"]
    for account in ACCOUNTS:
        for region in REGIONS:
            role = f', roleArn: "arn:aws:iam::{account}:role/idpool"' if roles else ""
            lines.append(f'  t{account}-{region}: {{account: "{account}", region: {region}{role}}}')
    return "\n".join(lines) + "\n"


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A new sandbox, its state in memory."""
    with SandboxServer(SandboxSettings(file=None)) as running:
        yield running


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    """A spec for all of the targets."""
    made = Idpool(tmp_path, {})
    made.write("idpool.yaml", project())
    made.write("specs/shop.yaml", yaml_of(document("shop")))
    return made


def test_each_role_is_assumed_once_and_says_once_who_it_is(
    idpool: Idpool, sandbox: SandboxServer
) -> None:
    """However many targets have it, in however many regions."""
    with FaultProxy(sandbox.url) as proxy:
        idpool.environment = aws_environment(proxy.url)
        result = idpool.run("plan", "specs")
        counts = Counter(request.operation for request in proxy.requests)
    assert result.code == 0, result.text
    assert counts == {
        "AssumeRole": len(ACCOUNTS),
        "GetCallerIdentity": len(ACCOUNTS),
        "ListIdentityPools": len(ACCOUNTS) * len(REGIONS),
    }
    assert result.out.startswith(f"Plan: {len(ACCOUNTS) * len(REGIONS)} to create.")


def test_few_open_files_are_enough_for_many_targets(idpool: Idpool, sandbox: SandboxServer) -> None:
    """Connections to one endpoint are shared by all who are called there."""
    limited = f'ulimit -n {FEW_FILES}; exec "$0" plan specs --parallelism 4 --quiet'
    done = subprocess.run(
        ["bash", "-c", limited, str(IDPOOL)],
        cwd=idpool.folder,
        env=aws_environment(sandbox.url),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Plan: {len(ACCOUNTS) * len(REGIONS)} to create.")


@pytest.mark.parametrize("parallelism", [1, 3])
def test_so_many_calls_are_under_way_at_once(
    idpool: Idpool, sandbox: SandboxServer, parallelism: int
) -> None:
    """Whatever the targets: what signs a call may itself ask for credentials."""
    under_way, most, lock = 0, 0, threading.Lock()

    def before(operation: str, _number: int) -> None:
        nonlocal under_way, most
        with lock:
            under_way += operation != "AssumeRole"
            most = max(most, under_way)

    def after(operation: str, _number: int) -> None:
        nonlocal under_way
        with lock:
            under_way -= operation != "AssumeRole"

    with FaultProxy(sandbox.url, before=before, after=after) as proxy:
        idpool.environment = aws_environment(proxy.url)
        result = idpool.run("plan", "specs", "--parallelism", str(parallelism))
    assert result.code == 0, result.text
    assert 1 <= most <= parallelism
