"""The way that import goes: read, choose, write.  Only the order; no decisions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.import_places import Places, places_of
from reconciler.cli.new_files import NewFile, make_files
from reconciler.cli.reading_targets import read_targets
from reconciler.cli.streams import Streams
from reconciler.cli.whole_files import OWNER_ONLY
from reconciler.cli.workflow import OpenTargets, Reach, for_each_target, open_targets
from reconciler.converters.names import name_from
from reconciler.model.candidate import Candidate, TargetCandidates
from reconciler.model.errors import IdpoolError, UsageProblem
from reconciler.model.live import LivePool, LiveTarget, ReadProblem
from reconciler.planner.candidates import candidates, chosen, whole_pool
from reconciler.planner.spec_names import spec_names
from reconciler.reports.error_text import error_text
from reconciler.reports.escape import escape
from reconciler.reports.import_text import (
    candidates_text,
    claimed_text,
    left_out_text,
    left_text,
    secrets_text,
    taken_away_text,
)
from reconciler.reports.styled_text import Text
from reconciler.writeback.imported import (
    Imported,
    Importing,
    NotImportable,
    imported,
    without_secrets,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be imported: the pools of these names and ids, or all; and whither."""

    names: tuple[str, ...]
    out: Path | None
    project: Path | None
    with_secrets: bool
    user_pool_names: bool


class Unread(IdpoolError):
    """A pool that was asked for and could not be read."""

    def __init__(self, pool: Candidate, problem: ReadProblem) -> None:
        super().__init__(f"{pool.pool_id} cannot be imported: {problem.message}")
        self.hint = problem.hint or "try again"


@dataclass(frozen=True, slots=True)
class _Means:
    """What specs are made with: their names by pool id, and what user pools are called."""

    wish: Wish
    places: Places
    names: Mapping[str, str]
    user_pools: Mapping[str, str]


@dataclass(slots=True)
class _Outcome:
    """The files to write, what is to be said of them, and what went wrong with other pools."""

    files: dict[str, NewFile] = field(default_factory=dict)
    imported: dict[str, Imported] = field(default_factory=dict)
    problems: list[IdpoolError] = field(default_factory=list)


def require_one_way(wish: Wish, reach: Reach, *, every: bool) -> None:
    """Raises ``UsageProblem`` for options that do not go together."""
    if reach.sandbox is not None and wish.user_pool_names:
        raise UsageProblem(
            "--sandbox has no user pools", hint="leave out --user-pool-names: it is for comments"
        )
    if wish.names and every:
        raise UsageProblem(
            "--all is every pool, and pools were named, too", hint="leave one of the two out"
        )


def list_candidates(wish: Wish, reach: Reach, streams: Streams) -> ExitCode:
    """Show every pool, and which could be imported."""
    places = places_of(wish.project, wish.out, streams)
    with open_targets(places.inputs, reach, streams) as opened:
        found = [_candidates(places, live) for live in read_targets(opened, streams)]
    streams.artefact(candidates_text(found))
    if any(pool.standing == "free" for target in found for pool in target.pools):
        streams.note("idpool import NAME, or --all, writes their specs.\n")
    unread = any(pool.standing == "unread" for target in found for pool in target.pools)
    return ExitCode.FAILED if unread else ExitCode.DONE


def import_specs(wish: Wish, reach: Reach, streams: Streams) -> ExitCode:
    """Write the specs of the pools that are asked for.

    Raises ``UsageProblem`` for names that fit no pool or several, and then writes nothing.
    """
    places = places_of(wish.project, wish.out, streams)
    with open_targets(places.inputs, reach, streams) as opened:
        lives = read_targets(opened, streams)
        found = [pool for live in lives for pool in _candidates(places, live).pools]
        asked = chosen(found, wish.names)
        whole = _read_whole(lives, asked, opened)
        user_pools = _user_pool_names(asked, whole, opened) if wish.user_pool_names else {}
    _tell_left(found, asked, wish, streams)
    names = spec_names(found, places.taken, name_from)
    outcome = _specs(asked, whole, _Means(wish, places, names, user_pools))
    make_files(list(outcome.files.values()))
    _tell_written(outcome, places, streams)
    for problem in outcome.problems:
        streams.problem(error_text(problem))
    return ExitCode.FAILED if outcome.problems else ExitCode.DONE


def _candidates(places: Places, live: LiveTarget) -> TargetCandidates:
    pools = candidates(live, places.inputs.loaded.specs, places.inputs.project)
    return TargetCandidates(target=live.target, pools=pools)


def _read_whole(
    lives: Sequence[LiveTarget], asked: Sequence[Candidate], opened: OpenTargets
) -> dict[str, LivePool]:
    """The pools that are asked for, with roles and principal tags, by id."""
    from reconciler.live.connections import Connection
    from reconciler.live.reader import read_wanted

    by_target = {live.target.name: live for live in lives}
    ids = {pool.pool_id for pool in asked if pool.standing in ("free", "claimed")}

    def read(connection: Connection) -> LiveTarget:
        live = by_target[connection.target.name]
        wants = [whole_pool(pool) for pool in live.pools if pool.pool_id in ids]
        return read_wanted(connection, live, wants, opened.workers)

    read_again = for_each_target(opened, read)
    return {p.pool_id: p for live in read_again for p in live.pools if p.pool_id in ids}


def _user_pool_names(
    asked: Sequence[Candidate], whole: Mapping[str, LivePool], opened: OpenTargets
) -> dict[str, str]:
    """What the user pools of all these are called, by ProviderName, as far as AWS tells."""
    from reconciler.live.user_pools import user_pool_names

    names: dict[str, str] = {}
    for target, connection in opened.connections.items():
        pools = [whole[p.pool_id].pool for p in asked if p.target == target and p.pool_id in whole]
        clients = [client for pool in pools for client in pool.CognitoIdentityProviders]
        names |= user_pool_names(connection, [client.ProviderName for client in clients])
    return names


def _specs(
    asked: Sequence[Candidate],
    whole: dict[str, LivePool],
    means: _Means,
) -> _Outcome:
    outcome = _Outcome()
    for pool in asked:
        live = whole.get(pool.pool_id)
        problem = live.problem if live else pool.problem
        if problem is not None:
            outcome.problems.append(Unread(pool, problem))
        elif live is not None:
            _add_spec(outcome, pool, live, means)
    return outcome


def _add_spec(outcome: _Outcome, pool: Candidate, live: LivePool, means: _Means) -> None:
    places, name = means.places, means.names[pool.pool_id]
    left_out = () if means.wish.with_secrets else without_secrets(live.pool)
    importing = Importing(
        live, name, pool.target, places.inputs.project, places.schema, means.user_pools
    )
    try:
        spec = imported(importing, left_out)
    except NotImportable as problem:
        outcome.problems.append(problem)
        return
    path = places.folder / f"{name}.yaml"
    outcome.files[pool.pool_id] = NewFile(path, spec.text, bool(spec.secrets))
    outcome.imported[pool.pool_id] = spec


def _tell_left(
    found: Sequence[Candidate], asked: Sequence[Candidate], wish: Wish, streams: Streams
) -> None:
    """What has an owner is left out, unless it was named; what has a spec always is."""
    wanted = {pool.pool_id for pool in asked}
    left = [p for p in found if p.standing == "claimed" and p.pool_id not in wanted]
    shown = [*([] if wish.names else left), *(p for p in asked if p.standing == "described")]
    if shown:
        streams.note(left_text(shown))
    for pool in asked:
        if pool.standing == "claimed":
            streams.problem(claimed_text(pool))


def _tell_written(outcome: _Outcome, places: Places, streams: Streams) -> None:
    for pool_id, file in outcome.files.items():
        streams.note(f"Wrote {escape(str(file.path))} for {escape(pool_id)}\n")
        for text in _warnings(str(file.path), outcome.imported[pool_id]):
            streams.problem(text)
    if not outcome.files:
        streams.note("Nothing was imported.\n")
    elif not places.is_in_project:
        streams.note(f"{escape(str(places.folder))} is not among the specs of the project.\n")


def _warnings(file: str, spec: Imported) -> Iterator[Text]:
    if spec.left_out:
        yield left_out_text(file, spec.left_out)
    if spec.taken_away:
        yield taken_away_text(file, spec.taken_away)
    if spec.secrets:
        yield secrets_text(file, spec.secrets, OWNER_ONLY)
