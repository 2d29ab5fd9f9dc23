"""Using up a saved plan: a marker beside it, made before the first request is sent."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.loader import load_consumption
from reconciler.loader.records import UnusableRecord
from reconciler.model.journal import JournalEntry, Sending
from reconciler.model.saved_plan import Consumption
from reconciler.reports.json_reports import consumption_json

if TYPE_CHECKING:
    from reconciler.executor.journal import Notes

_OWNER_ONLY = 0o600


class Marker:
    """``plan.json.applied``, which says that ``plan.json`` was applied, and when.

    Whoever makes the file first has the plan: two runs cannot both.
    """

    def __init__(self, plan: Path, digest: str) -> None:
        self.path = plan.with_name(f"{plan.name}.applied")
        self._plan = plan
        self.digest = digest
        self.trouble = ""
        self._claimed = False
        self._lock = threading.Lock()

    def found(self) -> Consumption | None:
        """What the marker says of this plan, not of another one that had the same file.

        Raises ``UnusableRecord``.
        """
        if not os.path.lexists(self.path):
            return None
        consumption = load_consumption(self.path)
        return consumption if consumption.saved_plan == self.digest else None

    def claim(self) -> None:
        """Make the marker, once.

        Where the folder cannot be written to, ``trouble`` says so and the run goes on: a plan that
        was applied does not fit to what is live any more.  Raises ``Stale`` where another run was
        faster.
        """
        with self._lock:
            if not self._claimed:
                self._make()
                self._claimed = True

    def forget(self) -> None:
        """Remove what was said of a plan that is not there any more."""
        with suppress(OSError):  # it is of another plan, and says so
            self.path.unlink(missing_ok=True)

    def _make(self) -> None:
        from reconciler.executor.freshness import Stale

        now = datetime.now(UTC).replace(microsecond=0)
        text = consumption_json(Consumption(saved_plan=self.digest, consumed_at=now))
        try:
            with self._alone():
                self._forget_another_plans()
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
                with os.fdopen(os.open(self.path, flags, _OWNER_ONLY), "w") as file:
                    file.write(text)
        except FileExistsError:
            raise Stale(f"another run is applying the same saved plan ({self.path})") from None
        except OSError as error:
            self.trouble = error.strerror or str(error)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One run at a time: between the look at a marker and its removal it stays the same.

        Without this, a run would remove the marker that another one has just made.
        """
        with self._plan.open("rb") as plan:
            with suppress(OSError):  # a file system without locks: one run at a time is up to CI
                fcntl.flock(plan, fcntl.LOCK_EX)
            yield

    def _forget_another_plans(self) -> None:
        with suppress(UnusableRecord):  # cut off by a kill: nobody knows what it said
            if self.found() is None:
                self.forget()


@dataclass(frozen=True, slots=True)
class Consuming:
    """Notes that use up a saved plan when the first request is about to be sent."""

    notes: "Notes"
    marker: Marker

    def note(self, entry: JournalEntry) -> None:
        """Write one entry; see ``Notes``.  Raises ``Stale`` where another run has the plan."""
        if isinstance(entry, Sending):
            self.marker.claim()
        self.notes.note(entry)
