"""Live pools seen as specs to be: which may be imported, and which have an owner already."""

from typing import Literal

from reconciler.model.base import Record
from reconciler.model.live import ReadProblem
from reconciler.model.project import Target

Standing = Literal["free", "described", "claimed", "unread"]


class Candidate(Record):
    """A live pool, and why it would be left out of an import; ``reason`` is "" for a free one.

    ``described``: a spec of this project has it.  ``claimed``: its tags say that somebody else
    owns it, so that it is imported only by name.  ``unread``: it could not be read.
    ``tagged_name``: its tag idpool:name, where its tag idpool:owner is ours.
    """

    target: str
    pool_id: str
    pool_name: str
    standing: Standing = "free"
    reason: str = ""
    problem: ReadProblem | None = None
    tagged_name: str | None = None


class TargetCandidates(Record):
    """Every pool of one target."""

    target: Target
    pools: tuple[Candidate, ...]


class LeftOut(Record):
    """A field that an imported spec leaves to AWS, and why."""

    field: str
    why: str
