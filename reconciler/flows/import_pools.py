"""``idpool import``: read, choose, and write specs where none are."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.converters.conversion import name_from
from reconciler.flows.inputs import Inputs, project_of
from reconciler.flows.targets import OpenTargets, open_targets, read_targets
from reconciler.live.aws import Connection
from reconciler.live.reader import read_wanted
from reconciler.live.user_pools import user_pool_names
from reconciler.model.errors import IdpoolError, UsageProblem
from reconciler.model.live import Candidate, LivePool, LiveTarget, ReadProblem, TargetCandidates
from reconciler.model.project import Project
from reconciler.model.request import Named, Reach
from reconciler.planner.candidates import candidates, chosen, spec_names, whole_pool
from reconciler.reports.error_text import error_text
from reconciler.reports.escape import escape
from reconciler.reports.lines import Text
from reconciler.reports.spec_changes import (
    candidates_text,
    claimed_text,
    left_out_text,
    left_text,
    secrets_text,
    taken_away_text,
)
from reconciler.specs.files import find_files
from reconciler.specs.loading import Loaded, load_specs
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.files import OWNER_ONLY, NewFile, make_files
from reconciler.terminal.streams import Streams
from reconciler.writeback.imported import (
    Imported,
    Importing,
    NotImportable,
    imported,
    without_secrets,
)

_DEFAULT = "specs"
_SUFFIXES = frozenset({".yaml", ".yml"})
_SCHEMA = Path("schemas", "identity-pool.schema.json")


@dataclass(frozen=True, slots=True)
class ImportFolder:
    """The specs that there are, and the folder that gets new ones.

    ``taken``: names that no new spec may have; ``schema``: the way from the folder to the schema
    for editors, "" where there is none; ``is_in_project``: whether the project reads the folder.
    """

    inputs: Inputs
    folder: Path
    taken: frozenset[str]
    schema: str
    is_in_project: bool


def places_of(project_file: Path | None, out: Path | None, streams: Streams) -> ImportFolder:
    """Read the project and its specs, as far as there are any.  Raises ``InvalidSpecs``."""
    project = project_of(Named((out,) if out else (), project_file), streams)
    folder = out or _folder_of(project)
    root = Path(project.file).parent if project.file else Path()
    loaded = _loaded(project, folder)
    names = {spec.name for spec in loaded.specs}
    return ImportFolder(
        inputs=Inputs(project=project, loaded=loaded, all_specs=True),
        folder=folder,
        taken=frozenset({*names, *_file_names(folder)}),
        schema=_schema(root, folder),
        is_in_project=not project.file or any(_is_below(folder, Path(p)) for p in project.specs),
    )


def _folder_of(project: Project) -> Path:
    """The first folder of the project's specs; a path that does not exist yet is to be one."""
    folders = (Path(path) for path in project.specs if not Path(path).is_file())
    return next(folders, Path(_DEFAULT))


def _loaded(project: Project, folder: Path) -> Loaded:
    paths = [Path(path) for path in project.specs]
    if not any(_is_below(folder, path) for path in paths):
        paths.append(folder)
    there = [path for path in paths if any(find_files([path]).files)]
    return load_specs(there, project) if there else Loaded(specs=())


def _file_names(folder: Path) -> Iterator[str]:
    """The names of the files that are there, in lower case: some file systems know no other."""
    if folder.is_dir():
        yield from (p.stem.lower() for p in folder.iterdir() if p.suffix.lower() in _SUFFIXES)


def _is_below(folder: Path, path: Path) -> bool:
    return folder.resolve().is_relative_to(path.resolve())


def _schema(root: Path, folder: Path) -> str:
    schema = root / _SCHEMA
    return Path(os.path.relpath(schema, folder)).as_posix() if schema.is_file() else ""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be imported, the pools of these names and ids or ``every`` one, and where to."""

    names: tuple[str, ...]
    every: bool
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

    request: Request
    places: ImportFolder
    names: Mapping[str, str]
    user_pools: Mapping[str, str]


@dataclass(slots=True)
class _Outcome:
    """The files to write, what is to be said of them, and what went wrong with other pools."""

    files: dict[str, NewFile] = field(default_factory=dict)
    imported: dict[str, Imported] = field(default_factory=dict)
    problems: list[IdpoolError] = field(default_factory=list)


def import_pools(request: Request, reach: Reach, streams: Streams) -> ExitCode:
    """Write specs of pools, or list what could be imported where none are asked for.

    Raises ``UsageProblem`` for options that do not go together.
    """
    if reach.sandbox is not None and request.user_pool_names:
        raise UsageProblem(
            "--sandbox has no user pools", hint="leave out --user-pool-names: it is for comments"
        )
    if request.names and request.every:
        raise UsageProblem(
            "--all is every pool, and pools were named, too", hint="leave one of the two out"
        )
    if not (request.names or request.every):
        return list_candidates(request, reach, streams)
    return import_specs(request, reach, streams)


def list_candidates(request: Request, reach: Reach, streams: Streams) -> ExitCode:
    """Show every pool, and which could be imported."""
    places = places_of(request.project, request.out, streams)
    with open_targets(places.inputs, reach, streams) as opened:
        found = [_candidates(places, live) for live in read_targets(opened, streams)]
    streams.artefact(candidates_text(found))
    if any(pool.standing == "free" for target in found for pool in target.pools):
        streams.note("idpool import NAME, or --all, writes their specs.\n")
    unread = any(pool.standing == "unread" for target in found for pool in target.pools)
    return ExitCode.FAILED if unread else ExitCode.DONE


def import_specs(request: Request, reach: Reach, streams: Streams) -> ExitCode:
    """Write the specs of the pools that are asked for.

    Raises ``UsageProblem`` for names that fit no pool or several, and then writes nothing.
    """
    places = places_of(request.project, request.out, streams)
    with open_targets(places.inputs, reach, streams) as opened:
        lives = read_targets(opened, streams)
        found = [pool for live in lives for pool in _candidates(places, live).pools]
        asked = chosen(found, request.names)
        whole = _read_whole(lives, asked, opened)
        user_pools = _user_pool_names(asked, whole, opened) if request.user_pool_names else {}
    _tell_left(found, asked, request, streams)
    names = spec_names(found, places.taken, name_from)
    outcome = _specs(asked, whole, _Means(request, places, names, user_pools))
    make_files(list(outcome.files.values()))
    _tell_written(outcome, places, streams)
    for problem in outcome.problems:
        streams.problem(error_text(problem))
    return ExitCode.FAILED if outcome.problems else ExitCode.DONE


def _candidates(places: ImportFolder, live: LiveTarget) -> TargetCandidates:
    pools = candidates(live, places.inputs.loaded.specs, places.inputs.project)
    return TargetCandidates(target=live.target, pools=pools)


def _read_whole(
    lives: Sequence[LiveTarget], asked: Sequence[Candidate], opened: OpenTargets
) -> dict[str, LivePool]:
    """The pools that are asked for, with roles and principal tags, by id."""

    by_target = {live.target.name: live for live in lives}
    ids = {pool.pool_id for pool in asked if pool.standing in ("free", "claimed")}

    def read(connection: Connection) -> LiveTarget:
        live = by_target[connection.target.name]
        wants = [whole_pool(pool) for pool in live.pools if pool.pool_id in ids]
        return read_wanted(connection, live, wants, opened.workers)

    read_again = opened.for_each(read)
    return {p.pool_id: p for live in read_again for p in live.pools if p.pool_id in ids}


def _user_pool_names(
    asked: Sequence[Candidate], whole: Mapping[str, LivePool], opened: OpenTargets
) -> dict[str, str]:
    """What the user pools of all these are called, by ProviderName, as far as AWS tells."""

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
    left_out = () if means.request.with_secrets else without_secrets(live.pool)
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
    found: Sequence[Candidate], asked: Sequence[Candidate], request: Request, streams: Streams
) -> None:
    """What has an owner is left out, unless it was named; what has a spec always is."""
    wanted = {pool.pool_id for pool in asked}
    left = [p for p in found if p.standing == "claimed" and p.pool_id not in wanted]
    shown = [*([] if request.names else left), *(p for p in asked if p.standing == "described")]
    if shown:
        streams.note(left_text(shown))
    for pool in asked:
        if pool.standing == "claimed":
            streams.problem(claimed_text(pool))


def _tell_written(outcome: _Outcome, places: ImportFolder, streams: Streams) -> None:
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
