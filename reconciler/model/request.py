"""What a command line asks for, as plain data; the one place of every default."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

PARALLELISM: Final = 16
TIME_BUDGET_SECONDS: Final[float] = 3600
SETTLE_SECONDS: Final[float] = 10
LOCK_LIFE_SECONDS: Final[float] = 600
LOCK_WAIT_SECONDS: Final[float] = 0
DEFAULT_SANDBOX: Final = ".idpool/sandbox.json"
# What `idpool schema` prints; the first one where nothing is said.
SCHEMAS: Final = (
    "identity-pool",
    "project",
    "identity-pool-test",
    "receipt",
    "journal",
    "drift",
    "plan",
    "saved-plan",
)


@dataclass(frozen=True, slots=True)
class Named:
    """The spec files and folders that were named, and the project file; none: what is found."""

    specs: tuple[Path, ...] = ()
    project: Path | None = None


@dataclass(frozen=True, slots=True)
class RecordFiles:
    """Where a run keeps its journal, and writes its receipt; ``None``: no place of their own."""

    journal: Path | None = None
    receipt: Path | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Which targets are meant, and how they are called.

    Attributes:
        targets: Names of targets; none for all.
        sandbox: The sandbox's state file; with one, AWS is not called.
        parallelism: Calls at once.
        time_budget: Seconds for which failed calls may be repeated, over the whole run.
        settle: Seconds that a pool may take to appear in a listing after its creation.
        lock_life: Seconds that a lock outlives a run that was killed.
        lock_wait: Seconds to wait for another run's lock.
    """

    targets: tuple[str, ...] = ()
    sandbox: Path | None = None
    parallelism: int = PARALLELISM
    time_budget: float = TIME_BUDGET_SECONDS
    settle: float = SETTLE_SECONDS
    lock_life: float = LOCK_LIFE_SECONDS
    lock_wait: float = LOCK_WAIT_SECONDS
