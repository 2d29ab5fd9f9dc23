"""Which pull request a run belongs to, as far as options and variables tell."""

from dataclasses import dataclass

from reconciler.platforms.platform import Head


@dataclass(frozen=True, slots=True)
class Place:
    """How to find the pull request, and what to say about the run.

    ``number`` is 0 where it has to be looked up: by ``head`` where the run says which branch it was
    for, else by ``commit``.  ``commit`` is the one that the run is about, "" where nobody knows.
    ``link`` leads to the run, or is "".
    """

    number: int = 0
    commit: str = ""
    head: Head | None = None
    link: str = ""
