"""What every bench is given: a scratch folder, sizes, and how often to repeat."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.live_pools import live_pools
from benchmarks.specs import write_repository

LONG = 1000


@dataclass(frozen=True)
class Setup:
    """``sizes`` are numbers of pools, ascending; ``quick`` is for trying out, not for figures."""

    folder: Path
    sizes: tuple[int, ...]
    quick: bool = False

    def runs(self, usual: int) -> int:
        """How often to repeat what is usually repeated so often."""
        return 2 if self.quick else usual

    def runs_of(self, size: int) -> int:
        """How often to repeat what takes the longer the more pools there are."""
        return self.runs(5 if size <= LONG else 3)

    def repository(self, size: int) -> Path:
        """A folder with a project and so many specs."""
        return _repository(self.folder / f"{size}-pools", size)

    def live(self, size: int) -> list[dict[str, Any]]:
        """What a plan of that repository finds unchanged."""
        return live_pools(self.repository(size))


@cache
def _repository(folder: Path, size: int) -> Path:
    write_repository(folder, size)
    return folder
