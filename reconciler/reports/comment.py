"""The body of the comment on a pull request: one line on where things stand, then the report."""

from dataclasses import dataclass
from typing import Final

from reconciler.model.comment import CommentState, marker_of, shown_part
from reconciler.model.plan import Plan
from reconciler.model.receipt import Receipt
from reconciler.reports.escape import name
from reconciler.reports.markdown import code, details, link
from reconciler.reports.markdown_report import report_markdown
from reconciler.reports.plan_report import plan_report
from reconciler.reports.receipt_report import receipt_report
from reconciler.reports.sections import Report

_SHORT: Final = 7  # digits of a commit, as Git shows it
_MOST_TARGETS: Final = 5
_NO_PLAN: Final = "There is no plan for this commit: what is wrong is in the log of the run."
_NOT_APPLIED: Final = "The plan below was not applied: the reason is in the log of the run."
_GAP: Final = "\n\n"


@dataclass(frozen=True, slots=True)
class Heading:
    """What the first visible line tells.

    ``commit`` is a full hash or ""; ``link`` leads to the run, or is ""; ``label`` is the user's
    own word for this comment.
    """

    state: CommentState
    targets: tuple[str, ...]
    commit: str = ""
    link: str = ""
    label: str = ""


def planned_body(heading: Heading, plan: Plan, room: int) -> str:
    """A plan that waits for its reviewers, in at most ``room`` bytes where that can be."""
    return _with_report(heading, plan_report(plan), room)


def outcome_body(heading: Heading, receipt: Receipt, plan: Plan, room: int) -> str:
    """What came of the plan that was applied."""
    return _with_report(heading, receipt_report(receipt, plan), room)


def unapplied_body(heading: Heading, plan: Plan, room: int) -> str:
    """A plan of which an apply would have nothing, for example because things have moved."""
    return _with_report(heading, plan_report(plan), room, _NOT_APPLIED)


def planless_body(heading: Heading) -> str:
    """There is no plan, because the specs are invalid or AWS did not answer."""
    return f"{heading_line(heading)}{_GAP}{_NO_PLAN}\n"


def superseded_body(heading: Heading, before: str, room: int) -> str:
    """The comment as it was, folded away; without that where there is no room for it.

    ``before`` is the whole comment.  What it says was shown in its author's name already, so that
    showing it once more gives nobody a new way to speak; it is taken over as it is.
    """
    first = heading_line(heading)
    folded = f"{first}{_GAP}{_folded(before)}\n"
    return folded if _size(folded) <= room else f"{first}\n"


def heading_line(heading: Heading) -> str:
    """``**Planned** at commit `0123abc` for target `prod-eu`: [the run](...)``."""
    commit = code(heading.commit[:_SHORT])
    by = "by" if heading.state == "superseded" else "at"
    facts = [
        f" {by} commit {commit}" if commit else "",
        f" for {_targets(heading.targets)}" if heading.targets else "",
        f" ({code(heading.label)})" if heading.label else "",
        f": {link('the run', heading.link)}" if heading.link else "",
    ]
    return f"**{heading.state.capitalize()}**{''.join(facts)}"


def _targets(names: tuple[str, ...]) -> str:
    shown = [code(name(each)) for each in names[:_MOST_TARGETS]]
    left = len(names) - len(shown)
    more = f" and {left} more" if left else ""
    return f"target{'s' if len(names) > 1 else ''} {', '.join(shown)}{more}"


def _with_report(heading: Heading, report: Report, room: int, *above: str) -> str:
    head = "".join(f"{text}{_GAP}" for text in (heading_line(heading), *above))
    return head + report_markdown(report, max_bytes=room - _size(head), link=heading.link)


def _folded(before: str) -> str:
    """What stood below the old first line; a plan that is folded already is not folded twice."""
    marker = marker_of(before)
    _, _, rest = shown_part(before).partition(_GAP)
    if not rest or (marker is not None and marker.state == "superseded"):
        return rest
    commit = marker.commit[:_SHORT] if marker is not None else ""
    at = [("for commit", False), (commit, True)] if commit else []
    return details([("What stood here", False), *at], rest)


def _size(text: str) -> int:
    return len(text.encode())
