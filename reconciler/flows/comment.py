"""``idpool comment``: what to say on a pull request, where, and the one call that says it."""

import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from reconciler.flows.inputs import chosen_targets, load_project_alone
from reconciler.live.retry import Budget
from reconciler.model.comment import CommentState, Marker, comment_key, state_after
from reconciler.model.errors import IdpoolError, UsageProblem
from reconciler.model.plan import Plan
from reconciler.model.receipt import Receipt
from reconciler.platforms.places import github_access, github_place, gitlab_access, gitlab_place
from reconciler.platforms.platform import Access, MissingExtra, Platform
from reconciler.platforms.posting import CommentDraft, Posted, post
from reconciler.reports import comment as bodies
from reconciler.reports.escape import escape
from reconciler.specs.records import load_receipt, load_saved_plan
from reconciler.terminal.streams import Streams

_LONGEST_LABEL = 200
# What each is called, who says where a comment goes there, and as whom.
_HOSTS: Final = {
    "github": ("GitHub", github_access, github_place),
    "gitlab": ("GitLab", gitlab_access, gitlab_place),
}


class OtherPlansReceipt(IdpoolError):
    """The receipt is not that of the plan."""

    def __init__(self, receipt: Path, plan: Path) -> None:
        super().__init__(f"{receipt} is the receipt of another plan than {plan}")
        self.hint = "give the plan and the receipt of one apply: apply PLAN --receipt FILE"


@dataclass(frozen=True, slots=True)
class Request:
    """What the comment is about, where it goes, and how: the options that say so."""

    plan: Path | None
    receipt: Path | None
    state: Literal["planned", "superseded", "failed"] | None
    project: Path | None
    targets: Sequence[str]
    label: str
    repository: str | None
    number: int | None
    commit: str | None
    api_url: str | None
    author: str | None
    link: str | None
    max_bytes: int
    time_budget: float


@dataclass(frozen=True, slots=True)
class _Story:
    """What there is to tell, read from files that anybody may have written."""

    state: CommentState
    owner: str
    targets: tuple[str, ...]
    plan: Plan | None = None
    receipt: Receipt | None = None


def comment(host: str, request: Request, streams: Streams) -> None:
    """Keep the comment on GitHub or GitLab.

    Raises what ``load_saved_plan`` and ``post`` raise, and ``MissingExtra``.
    """
    story, label = _story(request, streams), request.label
    _, access_of, place_of = _HOSTS[host]
    access = access_of(request.api_url, request.repository, request.author, os.environ)
    place = place_of(request.number, request.commit, request.link, os.environ)
    marker = Marker(
        key=comment_key(story.owner, story.targets, label),
        state=story.state,
        commit=place.commit,
        run=secrets.token_hex(16),
    )
    heading = bodies.Heading(story.state, story.targets, place.commit, place.link, label)
    render, makes_one = _renderer(story, heading), story.state != "superseded"
    draft = CommentDraft(marker, render, request.max_bytes, makes_one=makes_one)
    with closing(_platform(host, access)) as platform:
        _tell(post(platform, place, draft, Budget(request.time_budget)), streams)


def _platform(host: str, access: Access) -> Platform:
    """The client of an extra.  Raises ``MissingExtra``."""
    try:
        if host == "github":
            from reconciler.platforms.github import GitHub

            return GitHub(access)
        from reconciler.platforms.gitlab import GitLab

        return GitLab(access)
    except ModuleNotFoundError as missing:
        raise MissingExtra(_HOSTS[host][0], host) from missing


def _tell(posted: Posted, streams: Streams) -> None:
    for note in posted.notes:
        streams.note(f"{escape(note)}\n")
    if streams.verbose and posted.deed != "nothing":
        streams.note(f"{posted.deed}: {escape(posted.url)}\n")
    if posted.url:
        streams.artefact(f"{escape(posted.url)}\n")


def _story(request: Request, streams: Streams) -> _Story:
    if len(request.label) > _LONGEST_LABEL:
        raise UsageProblem("--id is too long", hint=f"take at most {_LONGEST_LABEL} characters")
    return _of_plan(request, request.plan) if request.plan else _planless(request, streams)


def _planless(request: Request, streams: Streams) -> _Story:
    """Only what needs no plan: that a new one is on its way, or that there will be none."""
    if request.receipt is not None or request.state not in ("superseded", "failed"):
        raise UsageProblem(
            "there is no plan to comment on",
            hint="give what plan --out has written, or --state superseded, or --state failed",
        )
    project = load_project_alone(request.project, streams).project
    targets = tuple(target.name for target in chosen_targets(project, request.targets))
    return _Story(request.state, project.owner, targets)


def _of_plan(request: Request, path: Path) -> _Story:
    if request.project is not None or request.targets:
        raise UsageProblem(
            f"{path} says itself whose it is, and for which targets",
            hint="leave out --project and --target",
        )
    saved = load_saved_plan(path)
    receipt = load_receipt(request.receipt) if request.receipt else None
    if request.receipt and receipt and receipt.plan_digest != saved.plan_digest:
        raise OtherPlansReceipt(request.receipt, path)
    if receipt is not None and request.state is not None:
        raise UsageProblem("the receipt says what came of the plan", hint="leave out --state")
    plan = saved.whole
    state = state_after(receipt, plan) if receipt else request.state or "planned"
    targets = tuple(target.name for target in saved.targets)
    return _Story(state, plan.owner, targets, plan, receipt)


def _renderer(story: _Story, heading: bodies.Heading) -> Callable[[int, str], str]:
    """How the body is made for a given room, and from what stands there now."""
    plan, receipt = story.plan, story.receipt
    if story.state == "superseded":
        return lambda room, before: bodies.superseded_body(heading, before, room)
    if plan is None:
        return lambda _room, _before: bodies.planless_body(heading)
    if receipt is not None:
        return lambda room, _before: bodies.outcome_body(heading, receipt, plan, room)
    if story.state == "failed":
        return lambda room, _before: bodies.unapplied_body(heading, plan, room)
    return lambda room, _before: bodies.planned_body(heading, plan, room)
