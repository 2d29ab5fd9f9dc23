"""Reading every pool of every target, for commands that plan nothing."""

from typing import TYPE_CHECKING

from reconciler.cli.streams import Streams
from reconciler.cli.workflow import OpenTargets, for_each_target, read_live
from reconciler.model.changes import Refusal
from reconciler.model.errors import IdpoolError, Problems
from reconciler.model.live import LiveTarget
from reconciler.planner.refusals import target_refusals

if TYPE_CHECKING:
    from reconciler.live.connections import Connection


class WrongTarget(IdpoolError):
    """A target that is not what the project says it is."""

    def __init__(self, target: str, refusal: Refusal) -> None:
        super().__init__(f"target {target}: {refusal.reason}")
        self.hint = refusal.way_out


def read_targets(opened: OpenTargets, streams: Streams) -> list[LiveTarget]:
    """Every pool of the open targets, described; roles and principal tags are not read.

    Raises ``Problems`` and ``WrongTarget``.
    """

    def read(connection: "Connection") -> LiveTarget:
        return read_live(connection, opened, streams, lambda _: ())

    found = for_each_target(opened, read)
    wrong = [WrongTarget(each.target.name, r) for each in found for r in target_refusals(each)]
    if wrong:
        raise wrong[0] if len(wrong) == 1 else Problems(wrong)
    return found
