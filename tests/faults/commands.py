"""`idpool apply` as a process of its own behind the proxy, and what it leaves on disk."""

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.faults.faults import LoggedRequest
from tests.faults.scenario import OPERATION_OF
from tests.faults.services import WRITE_OPERATIONS
from tests.support.cli import Idpool, Result, aws_environment
from tests.support.specs import yaml_of

CREATE = "CreateIdentityPool"
LIST = "ListIdentityPools"
DESCRIBE = "DescribeIdentityPool"
DELETE = "DeleteIdentityPool"
JOURNAL = "journal.jsonl"
RECEIPT = "receipt.json"
# One thread: the requests come in one order, which is that of the plan.
ONE_BY_ONE = ("apply", "specs", "--yes", "--parallelism", "1", "--settle", "0.5")
RECORDED = (*ONE_BY_ONE, "--journal", JOURNAL, "--receipt", RECEIPT)
SECONDS = 60.0  # for what must happen: far more than it takes on a slow machine

Boundary = tuple[str, int]


def command(folder: Path, url: str, *documents: Mapping[str, Any]) -> Idpool:
    """The command in a folder with these specs, its calls to a server at `url`."""
    made = Idpool(folder, aws_environment(url))
    made.write("specs/pools.yaml", yaml_of(*documents))
    return made


def ended(process: "subprocess.Popen[str]", seconds: float = SECONDS) -> Result:
    """What a process that ends within so many seconds leaves behind."""
    out, err = process.communicate(timeout=seconds)
    return Result(process.returncode, out, err)


def kill(process: "subprocess.Popen[str]") -> None:
    """End it without a chance to do anything, and return when it is gone."""
    process.kill()
    process.wait(SECONDS)


def applying(idpool: Idpool, name: str = JOURNAL) -> None:
    """Returns when the run has its journal, and so does no longer end at once on a signal."""
    ends = time.monotonic() + SECONDS
    while not (idpool.folder / name).exists():
        assert time.monotonic() < ends, f"there is no {name}"
        time.sleep(0.01)


def said_on_stderr(process: "subprocess.Popen[str]", words: str) -> None:
    """Returns when a line with these words has come."""
    assert process.stderr is not None
    for text in process.stderr:
        if words in text:
            return
    raise AssertionError(f"the process ended and has not said: {words}")


def killed(code: int) -> bool:
    """Whether SIGKILL ended the process."""
    return code == -signal.SIGKILL


def journal(idpool: Idpool, name: str = JOURNAL) -> list[dict[str, Any]]:
    """The journal's entries."""
    text = (idpool.folder / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def receipt(idpool: Idpool, name: str = RECEIPT) -> dict[str, Any]:
    """The receipt that was written last."""
    return json.loads((idpool.folder / name).read_text(encoding="utf-8"))


def outcomes(idpool: Idpool) -> dict[str, list[str]]:
    """What became of each pool's actions, by the receipt."""
    pools = receipt(idpool)["pools"]
    return {pool["name"]: [each["outcome"] for each in pool["actions"]] for pool in pools}


def sendings(entries: list[dict[str, Any]]) -> "Counter[tuple[str, str | None]]":
    """The writes that a journal says were about to be sent: operation and pool id."""
    return Counter(
        (OPERATION_OF[entry["action"]["kind"]], entry["poolId"])
        for entry in entries
        if entry["entry"] == "sending"
    )


def writes(requests: list[LoggedRequest]) -> "Counter[tuple[str, str | None]]":
    """The writes that came to the proxy, whatever became of them: operation and pool id."""
    return Counter(
        (request.operation, _pool_id(request.body or {}))
        for request in requests
        if request.operation in WRITE_OPERATIONS
    )


def _pool_id(body: Mapping[str, Any]) -> str | None:
    pool_id = body.get("IdentityPoolId") or body.get("ResourceArn", "").rpartition("/")[2]
    return pool_id or None
