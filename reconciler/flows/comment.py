"""``idpool comment``: what to say on a pull request, where, and the one call that says it."""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from reconciler.flows.inputs import chosen_targets, load_project_alone
from reconciler.live.retry import Budget
from reconciler.model.comment import CommentState, Marker, comment_key, state_after
from reconciler.model.errors import IdpoolError, UsageProblem
from reconciler.model.plan import Plan
from reconciler.model.receipt import Receipt
from reconciler.platforms.places import github_access, github_place, gitlab_access, gitlab_place
from reconciler.platforms.platform import Access, MissingExtra, PipelineRun, Platform
from reconciler.platforms.posting import CommentDraft, Posted, post
from reconciler.reports.comment import (
    Heading,
    outcome_body,
    planless_body,
    planned_body,
    superseded_body,
    unapplied_body,
)
from reconciler.reports.escape import escape
from reconciler.specs.records import load_receipt, load_saved_plan
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.streams import Streams

_LONGEST_LABEL = 200
Opener: TypeAlias = Callable[[Access], AbstractContextManager[Platform]]


class OtherPlansReceipt(IdpoolError):
    """The receipt is not that of the plan."""

    def __init__(self, receipt: Path, plan: Path) -> None:
        super().__init__(f"{receipt} is the receipt of another plan than {plan}")
        self.hint = "give the plan and the receipt of one apply: apply PLAN --receipt FILE"


@dataclass(frozen=True, slots=True)
class About:
    """What the comment is about: the options that say so."""

    plan: Path | None
    receipt: Path | None
    state: Literal["planned", "superseded", "failed"] | None
    project: Path | None
    targets: Sequence[str]
    label: str


@dataclass(frozen=True, slots=True)
class Run:
    """Where the comment goes, and how: the options that say so."""

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
    label: str
    plan: Plan | None = None
    receipt: Receipt | None = None


def comment(host: str, about: About, run: Run, streams: Streams) -> ExitCode:
    """Keep the comment on GitHub or GitLab.

    Raises what ``load_saved_plan`` and ``post`` raise, and ``MissingExtra``.
    """
    story = _story(about, streams)
    access_of, place_of, opener = _HOSTS[host]
    access = access_of(run.api_url, run.repository, run.author, os.environ)
    place = place_of(run.number, run.commit, run.link, os.environ)
    _tell(_posted(story, access, place, run, opener), streams)
    return ExitCode.DONE


@contextmanager
def open_github(access: Access) -> Iterator[Platform]:
    """GitHub, closed at the end.  Raises ``MissingExtra``."""
    try:
        from reconciler.platforms.github import GitHub  # an extra
    except ModuleNotFoundError as missing:
        raise MissingExtra("GitHub", "github") from missing
    with closing(GitHub(access)) as platform:
        yield platform


@contextmanager
def open_gitlab(access: Access) -> Iterator[Platform]:
    """GitLab, closed at the end.  Raises ``MissingExtra``."""
    try:
        from reconciler.platforms.gitlab import GitLab  # an extra
    except ModuleNotFoundError as missing:
        raise MissingExtra("GitLab", "gitlab") from missing
    with closing(GitLab(access)) as platform:
        yield platform


_HOSTS: Final = {
    "github": (github_access, github_place, open_github),
    "gitlab": (gitlab_access, gitlab_place, open_gitlab),
}


def _posted(story: _Story, access: Access, place: PipelineRun, run: Run, opener: Opener) -> Posted:
    marker = Marker(
        key=comment_key(story.owner, story.targets, story.label),
        state=story.state,
        commit=place.commit,
        run=secrets.token_hex(16),
    )
    heading = Heading(story.state, story.targets, place.commit, place.link, story.label)
    draft = CommentDraft(
        marker, _renderer(story, heading), run.max_bytes, makes_one=story.state != "superseded"
    )
    with opener(access) as platform:
        return post(platform, place, draft, Budget(run.time_budget))


def _tell(posted: Posted, streams: Streams) -> None:
    for note in posted.notes:
        streams.note(f"{escape(note)}\n")
    if streams.verbose and posted.deed != "nothing":
        streams.note(f"{posted.deed}: {escape(posted.url)}\n")
    if posted.url:
        streams.artefact(f"{escape(posted.url)}\n")


def _story(about: About, streams: Streams) -> _Story:
    if len(about.label) > _LONGEST_LABEL:
        raise UsageProblem("--id is too long", hint=f"take at most {_LONGEST_LABEL} characters")
    return _planless(about, streams) if about.plan is None else _of_plan(about, about.plan)


def _planless(about: About, streams: Streams) -> _Story:
    """Only what needs no plan: that a new one is on its way, or that there will be none."""
    if about.receipt is not None or about.state not in ("superseded", "failed"):
        raise UsageProblem(
            "there is no plan to comment on",
            hint="give what plan --out has written, or --state superseded, or --state failed",
        )
    project = load_project_alone(about.project, streams).project
    targets = tuple(target.name for target in chosen_targets(project, about.targets))
    return _Story(about.state, project.owner, targets, about.label)


def _of_plan(about: About, path: Path) -> _Story:
    if about.project is not None or about.targets:
        raise UsageProblem(
            f"{path} says itself whose it is, and for which targets",
            hint="leave out --project and --target",
        )
    saved = load_saved_plan(path)
    targets = tuple(target.name for target in saved.targets)
    receipt = _receipt(about.receipt, path, saved.plan_digest) if about.receipt else None
    if receipt is not None and about.state is not None:
        raise UsageProblem("the receipt says what came of the plan", hint="leave out --state")
    plan = saved.whole
    state = state_after(receipt, plan) if receipt else about.state or "planned"
    return _Story(state, plan.owner, targets, about.label, plan, receipt)


def _receipt(path: Path, plan: Path, digest: str) -> Receipt:
    receipt = load_receipt(path)
    if receipt.plan_digest != digest:
        raise OtherPlansReceipt(path, plan)
    return receipt


def _renderer(story: _Story, heading: Heading) -> Callable[[int, str], str]:
    """How the body is made for a given room, and from what stands there now."""
    plan, receipt = story.plan, story.receipt
    if story.state == "superseded":
        return lambda room, before: superseded_body(heading, before, room)
    if plan is None:
        return lambda _room, _before: planless_body(heading)
    if receipt is not None:
        return lambda room, _before: outcome_body(heading, receipt, plan, room)
    if story.state == "failed":
        return lambda room, _before: unapplied_body(heading, plan, room)
    return lambda room, _before: planned_body(heading, plan, room)
