"""One edit of a page: what it puts where, and which comments it takes along."""

from typing import NamedTuple

from reconciler.writeback.page import Splice


class Edit(NamedTuple):
    """Splices that belong together; ``gone`` are the comments of a member that is removed."""

    splices: tuple[Splice, ...]
    gone: tuple[str, ...] = ()
