"""Using up a saved plan: a marker beside it, made before anything is carried out."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.loader import load_consumption
from reconciler.loader.records import UnusableRecord
from reconciler.model.errors import IdpoolError
from reconciler.model.journal import JournalEntry, Sending
from reconciler.model.saved_plan import Consumption
from reconciler.reports.json_reports import consumption_json

if TYPE_CHECKING:
    from reconciler.executor.journal import Notes

_OWNER_ONLY = 0o600


class PlanInUse(IdpoolError):
    """Another run is applying the same saved plan."""

    def __init__(self, marker: Path) -> None:
        super().__init__(f"another run is applying the same saved plan ({marker})")
        self.hint = "wait for that run; what it leaves to be done is in a new plan"


class Marker:
    """``plan.json.applied``, which says that ``plan.json`` was applied, and when.

    Whoever makes the file first has the plan: two runs cannot both.
    """

    def __init__(self, plan: Path, digest: str) -> None:
        self.path = plan.with_name(f"{plan.name}.applied")
        self._plan = plan
        self.digest = digest
        self.trouble = ""
        self.is_used = False

    def found(self) -> Consumption | None:
        """What the marker says of this plan, not of another one that had the same file.

        Raises ``UnusableRecord``.
        """
        with self._alone():
            return self._read()

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Have the plan for as long as it is carried out; it is given back where nothing was sent.

        A run that is killed leaves the marker, whatever it has sent by then.  Raises ``PlanInUse``.
        """
        self.claim()
        try:
            yield
        finally:
            if not self.is_used:
                self.forget()

    def claim(self) -> None:
        """Make the marker.

        Where the folder cannot be written to, ``trouble`` says so and the run goes on: a plan that
        was applied does not fit to what is live any more.  Raises ``PlanInUse`` where another run
        was faster.
        """
        now = datetime.now(UTC).replace(microsecond=0)
        text = consumption_json(Consumption(saved_plan=self.digest, consumed_at=now))
        try:
            with self._alone():
                self._forget_another_plans()
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
                with os.fdopen(os.open(self.path, flags, _OWNER_ONLY), "w") as file:
                    file.write(text)
        except FileExistsError:
            raise PlanInUse(self.path) from None
        except OSError as error:
            self.trouble = error.strerror or str(error)

    def forget(self) -> None:
        """Remove what was said of a plan that is not there any more, or was not carried out."""
        with suppress(OSError):  # it is of another plan, and says so
            self.path.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One run at a time: a marker is whole when it is read, and its reader may remove it.

        Without this, a run would remove the marker that another one has just made.
        """
        with self._plan.open("rb") as plan:
            with suppress(OSError):  # a file system without locks: one run at a time is up to CI
                fcntl.flock(plan, fcntl.LOCK_EX)
            yield

    def _read(self) -> Consumption | None:
        if not os.path.lexists(self.path):
            return None
        consumption = load_consumption(self.path)
        return consumption if consumption.saved_plan == self.digest else None

    def _forget_another_plans(self) -> None:
        with suppress(UnusableRecord):  # cut off by a kill: nobody knows what it said
            if self._read() is None:
                self.forget()


@dataclass(frozen=True, slots=True)
class Consuming:
    """Notes that use up a saved plan when the first request is about to be sent."""

    notes: "Notes"
    marker: Marker

    def note(self, entry: JournalEntry) -> None:
        """Write one entry; see ``Notes``."""
        self.marker.is_used |= isinstance(entry, Sending)
        self.notes.note(entry)
