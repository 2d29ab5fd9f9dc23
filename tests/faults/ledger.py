"""Which requests have come, and which faults are due for them."""

import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tests.faults.faults import ANY, Fault, LoggedRequest
from tests.faults.services import Call


class Ledger:
    """Faults to come, counts and requests, for any thread to read and change."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._changed = threading.Condition()
        self._faults = list(faults)
        self._met: set[Fault] = set()
        self._operations: Counter[str] = Counter()
        self._groups: Counter[str] = Counter()
        self._log: dict[int, LoggedRequest] = {}
        self._tickets = 0
        self._open: set[int] = set()

    def add(self, fault: Fault) -> None:
        """One more fault; of several that are due for a request, the first added is the one."""
        with self._changed:
            self._faults.append(fault)

    def clear(self) -> None:
        """No more faults."""
        with self._changed:
            self._faults.clear()

    def reset(self) -> None:
        """No more faults, and nothing has come: the next request is the first again."""
        with self._changed:
            for record in (self._faults, self._met, self._operations, self._groups, self._log):
                record.clear()

    def arrive(self, call: Call) -> tuple[int, LoggedRequest, Fault | None]:
        """Logs and counts a request: a ticket for it, its entry, the fault that is due."""
        with self._changed:
            self._operations[call.operation] += 1
            self._groups.update((call.group, ANY))
            number = self._operations[call.operation]
            entry = LoggedRequest(call.operation, number, call.body, time.monotonic())
            self._tickets += 1
            self._log[self._tickets] = entry
            self._open.add(self._tickets)
            self._changed.notify_all()
            return self._tickets, entry, self._due(call)

    def note(self, ticket: int, **changes: Any) -> None:
        """What has become known of a request; `changes` are members of LoggedRequest."""
        with self._changed:
            if changes.get("fault"):
                self._met.add(changes["fault"])
            if ticket in self._log:  # else it was forgotten while on its way
                self._log[ticket] = replace(self._log[ticket], **changes)

    def leave(self, ticket: int) -> None:
        """The request is done with."""
        with self._changed:
            self._open.discard(ticket)
            self._changed.notify_all()

    def requests(self) -> list[LoggedRequest]:
        """All requests by arrival."""
        with self._changed:
            return list(self._log.values())

    def counts(self) -> dict[str, int]:
        """Requests by operation."""
        with self._changed:
            return dict(self._operations)

    def unmet(self) -> list[Fault]:
        """The faults that have not happened."""
        with self._changed:
            return [fault for fault in self._faults if fault not in self._met]

    def wait_arrived(self, operation: str, number: int, timeout: float) -> None:
        """Returns when so many requests of the operation have arrived. TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._operations[operation] >= number, timeout):
                raise TimeoutError(f"{operation} {number} has not come in {timeout} s")

    def wait_settled(self, timeout: float) -> None:
        """Returns when no request is on its way. TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._open, timeout):
                raise TimeoutError(f"{len(self._open)} requests are on their way after {timeout} s")

    def _due(self, call: Call) -> Fault | None:
        seen = {
            call.operation: self._operations[call.operation],
            call.group: self._groups[call.group],
            ANY: self._groups[ANY],
        }
        due = (
            fault
            for fault in self._faults
            if fault.operation in seen and fault.occurrence in (None, seen[fault.operation])
        )
        return next(due, None)
