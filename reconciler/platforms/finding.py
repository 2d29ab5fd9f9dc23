"""Which pull request a run is for, and whether its word still counts there."""

from collections.abc import Sequence

from reconciler.model.comment import CommentState
from reconciler.model.errors import UsageProblem
from reconciler.platforms.place import Place
from reconciler.platforms.platform import Platform, PullRequest, Words

_SHORT = 7
_BEFORE_A_MERGE: frozenset[CommentState] = frozenset({"planned", "superseded"})


def find_number(platform: Platform, place: Place) -> int | None:
    """The number of the pull request, ``None`` where the run is for none.

    Raises ``PlatformProblem``, and ``UsageProblem`` where there is nothing to look for.
    """
    if place.number:
        return place.number
    if place.head is not None:
        return _best(platform.of_head(place.head), place.commit)
    if not place.commit:
        words = platform.words
        raise UsageProblem(
            f"it is not known which {words.request} this is for",
            hint=f"give --{words.request.replace(' ', '-')} or --commit",
        )
    return _best(platform.of_commit(place.commit), place.commit)


def why_not(request: PullRequest, commit: str, state: CommentState, words: Words) -> str:
    """Why a comment may not be written now, in a sentence; "" where it may.

    The word of a run that was overtaken would stand where that of a newer one stands already.
    """
    which = words.numbered(request.number)
    if request.is_merged:
        late = state in _BEFORE_A_MERGE
        return f"{which} is merged, and a plan for it comes too late" if late else ""
    if commit and commit != request.head:
        ours, theirs = commit[:_SHORT], request.head[:_SHORT]
        return f"this run is for commit {ours}, and {which} is at {theirs} by now"
    return ""


def _best(found: Sequence[PullRequest], commit: str) -> int | None:
    """The one whose commit it is; else an open one that has moved on; the oldest of several."""
    exact = [r.number for r in found if commit in (r.head, *r.merge_commits)]
    moved_on = [r.number for r in found if not r.is_merged]
    return min(exact or moved_on, default=None)
