"""The comment on a pull request: how it is found again, and what it says it is about.

A comment is idpool's when its first line is a marker, and its author the token's own user.  The
marker is an HTML comment, which no reader sees.
"""

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

from reconciler.model.base import digest
from reconciler.model.plan import Plan
from reconciler.model.receipt import Receipt
from reconciler.model.records import Record

CommentState: TypeAlias = Literal["planned", "superseded", "applied", "failed"]

_MARKER = re.compile(
    r"<!-- idpool:comment v1 key=(?P<key>[0-9a-f]{64})"
    r" state=(?P<state>planned|superseded|applied|failed)"
    r" commit=(?P<commit>[0-9a-f]{40}|[0-9a-f]{64}|none) run=(?P<run>[0-9a-f]{32}) -->\r?\n"
)
_NO_COMMIT = "none"


class Marker(Record):
    """The first line of a comment.

    ``key`` says which comment of a pull request it is; ``commit`` is "" where none is known;
    ``run``: 32 hex digits of the process that wrote it last.
    """

    key: str
    state: CommentState
    commit: str
    run: str

    @property
    def line(self) -> str:
        """The marker as it stands in the comment, with the end of the line."""
        commit = self.commit or _NO_COMMIT
        facts = f"key={self.key} state={self.state} commit={commit} run={self.run}"
        return f"<!-- idpool:comment v1 {facts} -->\n"


def comment_key(owner: str, targets: Iterable[str], extra: str = "") -> str:
    """64 hex digits: one comment for each (owner, set of targets), and ``extra`` where given."""
    return digest([owner, sorted(set(targets)), extra]).removeprefix("sha256:")


def marker_of(text: str) -> Marker | None:
    """The marker that a comment begins with; one that is quoted further down counts for nothing."""
    found = _MARKER.match(text)
    if found is None:
        return None
    facts = {**found.groupdict(), "commit": found["commit"].replace(_NO_COMMIT, "")}
    return Marker.model_validate(facts)


def shown_part(text: str) -> str:
    """What readers see of a comment: all but the marker, with plain line ends."""
    marker = _MARKER.match(text)
    return text[marker.end() if marker else 0 :].replace("\r\n", "\n").strip()


def state_after(receipt: Receipt, plan: Plan) -> CommentState:
    """``applied`` where all that could be done was done; what is refused cannot."""
    undone = any(action.outcome != "done" for action in receipt.actions)
    stale = any(pool.stale for pool in receipt.pools)
    errors = any(refusal.is_error for refusal in plan.refusals)
    return "failed" if undone or stale or errors or receipt.interrupted else "applied"
