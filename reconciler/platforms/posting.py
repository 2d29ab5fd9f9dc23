"""Keeping one comment: look, then create or edit; whatever is lost on the way is found again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal, TypeAlias

from reconciler.live.retry import Budget, Rules, full_jitter, repeat
from reconciler.model.comment import CommentState, Marker, marker_of, shown_part
from reconciler.model.errors import UsageProblem
from reconciler.platforms.platform import (
    Comment,
    PipelineRun,
    Platform,
    PlatformProblem,
    ProblemKind,
    PullRequest,
    Words,
)

_SHORT = 7
_BEFORE_A_MERGE: frozenset[CommentState] = frozenset({"planned", "superseded"})
Deed: TypeAlias = Literal["created", "edited", "unchanged", "nothing"]


def find_number(platform: Platform, place: PipelineRun) -> int | None:
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


_BASE_SECONDS = 0.5
_CAP_SECONDS = 10.0
_LEAST_WHEN_THROTTLED = 60.0  # where GitHub names no time (its REST guide, "Rate limits")
_MOST_PASSING = 6  # what stays down is said soon


@dataclass(frozen=True, slots=True)
class CommentDraft:
    """What is to be said.

    ``render`` gives the body in so many bytes, where that can be; its second argument is the whole
    comment as it is now, "" for none.  ``makes_one``: whether it is created where there is none.
    """

    marker: Marker
    render: Callable[[int, str], str]
    max_bytes: int
    makes_one: bool = True


@dataclass(frozen=True, slots=True)
class Posted:
    """What was done.  ``url`` is the comment's, "" where there is none; ``notes`` are sentences."""

    deed: Deed
    url: str = ""
    notes: tuple[str, ...] = ()


def post(platform: Platform, place: PipelineRun, draft: CommentDraft, budget: Budget) -> Posted:
    """Make the comment say what the draft says.

    Raises ``PlatformProblem``.  No pull request, a newer commit and no room are not among them: a
    note says so.
    """
    number = repeat(_RULES, budget, lambda: find_number(platform, place))
    if number is None:
        what = f"commit {place.commit}" if place.commit else "this branch"
        note = f"there is no {platform.words.request} for {what}, so there is nothing to comment on"
        return Posted("nothing", notes=(note,))
    author = repeat(_RULES, budget, platform.author)
    return repeat(_RULES, budget, _Attempt(platform, number, author, draft, place.commit))


@dataclass(slots=True)
class _Attempt:
    """One look and what follows from it; called again after a failure, it begins anew."""

    _platform: Platform
    _number: int
    _author: frozenset[str]
    _draft: CommentDraft
    _commit: str
    _found_none: bool = False
    _notes: list[str] = field(default_factory=list)

    def __call__(self) -> Posted:
        self._notes.clear()
        request = self._platform.pull_request(self._number)
        reason = why_not(request, self._commit, self._draft.marker.state, self._platform.words)
        if reason:
            return Posted("nothing", notes=(f"{reason}: the comment is left alone",))
        try:
            return self._keep_one()
        except PlatformProblem as problem:
            if problem.kind is not ProblemKind.TOO_LONG:
                raise
            return self._nothing("", "even the counts alone are too long for a comment here")

    def _keep_one(self) -> Posted:
        ours = self._ours()
        if not ours:
            self._found_none = True
            if not self._draft.makes_one:
                return self._nothing("", "there is no comment yet that this could supersede")
            created = self._fitting("", partial(self._platform.create, self._number))
            # A list that does not show it yet is no reason to say that there is none.
            ours = self._ours() or [created]
        return self._settle(ours)

    def _settle(self, ours: list[Comment]) -> Posted:
        oldest, *others = ours
        others = [each for each in others if not self._removed(each)]
        if others:
            self._notes.append(
                f"{len(ours)} comments of ours carry this marker; the oldest is kept up to date"
            )
        if self._overtaken(oldest):
            return self._nothing(oldest.url, "its plan is there already")
        made = self._found_none and self._is_this_run(oldest)
        kept = self._fitting(oldest.text, partial(self._edit, oldest))
        changed: Deed = "unchanged" if kept is oldest else "edited"
        return Posted("created" if made else changed, kept.url, tuple(self._notes))

    def _ours(self) -> list[Comment]:
        """Comments with our marker, of the token's own user; those of others are theirs."""
        comments = self._platform.comments(self._number)
        mine = (each for each in comments if each.author.casefold() in self._author)
        return sorted(filter(self._is_about_this, mine), key=lambda comment: comment.number)

    def _is_about_this(self, comment: Comment) -> bool:
        marker = marker_of(comment.text)
        return marker is not None and marker.key == self._draft.marker.key

    def _is_this_run(self, comment: Comment) -> bool:
        marker = marker_of(comment.text)
        return marker is not None and marker.run == self._draft.marker.run

    def _overtaken(self, comment: Comment) -> bool:
        """Whether the plan that this run announces stands there: jobs end in any order."""
        marker = marker_of(comment.text)
        if marker is None or self._draft.marker.state != "superseded" or not self._commit:
            return False
        return marker.commit == self._commit and marker.state != "superseded"

    def _removed(self, comment: Comment) -> bool:
        """Take a comment back that this process has made beside an older one."""
        if not self._is_this_run(comment):
            return False
        try:
            self._platform.delete(self._number, comment)
        except PlatformProblem as problem:
            if problem.kind is not ProblemKind.FINAL:
                raise
            self._notes.append(str(problem))
            return False
        return True

    def _fitting(self, before: str, write: Callable[[str], Comment]) -> Comment:
        """Write the longest body that is taken.  Raises ``PlatformProblem`` where none is."""
        text = self._text(self._draft.max_bytes, before)
        while True:
            try:
                return write(text)
            except PlatformProblem as problem:
                if problem.kind is not ProblemKind.TOO_LONG:
                    raise
                shorter = self._text(len(text.encode()) // 2, before)
                if len(shorter) >= len(text):  # as short as it gets
                    raise
                text = shorter

    def _text(self, room: int, before: str) -> str:
        line = self._draft.marker.line
        return line + self._draft.render(max(0, room - len(line)), before)

    def _edit(self, comment: Comment, text: str) -> Comment:
        if self._says(comment, text):
            return comment
        return self._platform.edit(self._number, comment, text)

    def _says(self, comment: Comment, text: str) -> bool:
        """Whether readers see no difference, and the marker says the same but for the run."""
        there, ours = marker_of(comment.text), self._draft.marker
        facts = there is not None and (there.state, there.commit) == (ours.state, ours.commit)
        return facts and shown_part(comment.text) == shown_part(text)

    def _nothing(self, url: str, note: str) -> Posted:
        return Posted("nothing", url, (*self._notes, note))


def _seconds_before_next(failure: BaseException, attempts: int) -> float:
    """As long as the platform says; else a random part of a doubling interval."""
    jitter = full_jitter(attempts, _BASE_SECONDS, _CAP_SECONDS)
    if not isinstance(failure, PlatformProblem) or failure.kind is not ProblemKind.THROTTLED:
        return jitter
    told = _LEAST_WHEN_THROTTLED if failure.wait is None else failure.wait
    # Two jobs that were told the same time should not come back at the same moment.
    return told + min(jitter, 1.0)


def _kind_of(failure: BaseException) -> ProblemKind | None:
    return failure.kind if isinstance(failure, PlatformProblem) else None


# What is repeated begins with finding what is there, or only finds.
_RULES: Final = Rules(
    repeats=lambda failure: _kind_of(failure) in (ProblemKind.PASSING, ProblemKind.THROTTLED),
    wait=_seconds_before_next,
    most=lambda failure: _MOST_PASSING if _kind_of(failure) is ProblemKind.PASSING else None,
    reason=lambda failure: (str(failure), False),
)
