"""Did you mean: the known name that a wrong one was meant to be."""

from collections.abc import Collection
from difflib import get_close_matches

from reconciler.loader.problems import quoted


def squeezed(name: str) -> str:
    """A name without what differs between naming habits: ``client_id`` is ``ClientId``."""
    return "".join(c for c in name if c.isalnum()).casefold()


def meant(name: str, known: Collection[str]) -> str | None:
    """The known name that is most like this one, or None where none is like it."""
    by_squeezed = {squeezed(one): one for one in known}
    if same := by_squeezed.get(squeezed(name)):
        return same
    # Long text cannot be a misspelt name, and comparing it would take its time.
    close = get_close_matches(squeezed(name)[:100], by_squeezed, n=1, cutoff=0.75)
    return by_squeezed[close[0]] if close else None


def did_you_mean(name: str, known: Collection[str]) -> str:
    """``did you mean "x"?``, or "" where nothing is like it."""
    guess = meant(name, known)
    return f"did you mean {quoted(guess)}?" if guess else ""
