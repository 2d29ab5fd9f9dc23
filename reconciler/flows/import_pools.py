"""``idpool import``: read, choose, and write specs where none are."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from reconciler.converters.conversion import name_from
from reconciler.flows.inputs import Inputs, project_of
from reconciler.flows.targets import OpenTargets, open_targets, read_targets
from reconciler.live.aws import Connection
from reconciler.live.reader import read_wanted
from reconciler.live.user_pools import user_pool_names
from reconciler.model.errors import IdpoolError, UsageProblem
from reconciler.model.live import Candidate, LivePool, LiveTarget, ReadProblem, TargetCandidates
from reconciler.model.project import Project, Target
from reconciler.model.request import Named, Reach
from reconciler.planner.candidates import candidates, chosen, spec_names, whole_pool
from reconciler.reports import spec_changes as texts
from reconciler.reports.escape import escape
from reconciler.specs.completion import known_in
from reconciler.specs.files import find_files
from reconciler.specs.loading import Loaded, load_specs
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.files import OWNER_ONLY, NewFile, make_files
from reconciler.terminal.streams import Streams
from reconciler.writeback import imported as importer
from reconciler.writeback.folding import CannotFold, Folding, folded

_DEFAULT = "specs"
_SUFFIXES = frozenset({".yaml", ".yml"})
_SCHEMA = Path("schemas", "identity-pool.schema.json")


_Made: TypeAlias = Mapping[str, tuple[NewFile, importer.Imported]]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be imported, the pools of these names and ids or ``every`` one, and where to.

    ``fold``: those of one name in several targets become one spec.
    """

    names: Sequence[str]
    every: bool
    out: Path | None
    project: Path | None
    reach: Reach
    with_secrets: bool
    user_pool_names: bool
    fold: bool


class Unread(IdpoolError):
    """A pool that was asked for and could not be read."""

    def __init__(self, pool: Candidate | LivePool, problem: ReadProblem) -> None:
        super().__init__(f"{pool.pool_id} cannot be imported: {problem.message}")
        self.hint = problem.hint or "try again"


def import_pools(request: Request, streams: Streams) -> ExitCode:
    """Write specs of pools, or list what could be imported where none are asked for.

    Raises ``InvalidSpecs``, and ``UsageProblem`` for options that do not go together, and for names
    that fit no pool or several; then nothing is written.
    """
    if request.reach.sandbox is not None and request.user_pool_names:
        raise UsageProblem(
            "--sandbox has no user pools", hint="leave out --user-pool-names: it is for comments"
        )
    if request.names and request.every:
        raise UsageProblem(
            "--all is every pool, and pools were named, too", hint="leave one of the two out"
        )
    inputs, folder = _places_of(request, streams)
    if request.fold and len(inputs.project.targets) < 2:  # noqa: PLR2004 - one is not several
        raise UsageProblem(
            "--fold makes one spec of pools in several targets, and there is one target",
            hint="name the targets in idpool.yaml, or leave --fold out",
        )
    taken, schema = {*_taken(inputs, folder)}, _schema(inputs.project, folder)
    with open_targets(inputs, request.reach, streams) as opened:
        lives = read_targets(opened)
        found = [_candidates(inputs, live) for live in lives]
        if not (request.names or request.every):
            return _listed(found, streams)
        pools = [pool for target in found for pool in target.pools]
        asked = chosen(pools, request.names)
        whole = _read_whole(lives, asked, opened)
        user_pools = _user_pool_names(asked, whole, opened) if request.user_pool_names else {}
    _tell_left(pools, asked, request, streams)
    names = spec_names(pools, taken, name_from)
    new = [
        importer.Importing(
            whole[p.pool_id], names[p.pool_id], p.target, inputs.project, schema, user_pools
        )
        for p in asked
        if p.pool_id in whole
    ]
    made, problems = _alone(new, folder, with_secrets=request.with_secrets)
    problems += [Unread(p, p.problem) for p in asked if p.problem and p.pool_id not in whole]
    if request.fold:
        targets = {live.target.name: live.target for live in lives}
        fold = _Fold(asked, targets, {*taken, *names.values()}, inputs.project, folder, schema)
        made = fold.all(made, streams)
    make_files([file for file, _ in made.values()])
    _tell_written(made, inputs.project, folder, streams)
    for each in problems:
        streams.error(each)
    return ExitCode.FAILED if problems else ExitCode.DONE


def _places_of(request: Request, streams: Streams) -> tuple[Inputs, Path]:
    """The project with its specs, as far as there are any, and the folder that gets new ones.

    That is the first folder of the project's specs; a path that does not exist yet is to be one.
    Raises ``InvalidSpecs``.
    """
    out = request.out
    project = project_of(Named((out,) if out else (), request.project), streams)
    paths = [Path(path) for path in project.specs]
    folder = out or next((path for path in paths if not path.is_file()), Path(_DEFAULT))
    if not _is_below(folder, paths):
        paths.append(folder)
    there = [path for path in paths if any(find_files([path]).files)]
    loaded = load_specs(there, project) if there else Loaded()
    return Inputs(project, loaded, all_specs=True), folder


def _is_below(folder: Path, paths: Sequence[Path]) -> bool:
    return any(folder.resolve().is_relative_to(path.resolve()) for path in paths)


def _taken(inputs: Inputs, folder: Path) -> Iterator[str]:
    """The names that no new spec may have.

    Those of files in lower case: some file systems know no other.
    """
    yield from inputs.loaded.names
    if folder.is_dir():
        yield from (p.stem.lower() for p in folder.iterdir() if p.suffix.lower() in _SUFFIXES)


def _schema(project: Project, folder: Path) -> str:
    """The way from the folder to the schema for editors, "" where there is none."""
    schema = Path(project.file).parent / _SCHEMA if project.file else _SCHEMA
    return Path(os.path.relpath(schema, folder)).as_posix() if schema.is_file() else ""


def _candidates(inputs: Inputs, live: LiveTarget) -> TargetCandidates:
    specs = known_in(inputs.loaded.documents, live.target, inputs.project)
    pools = candidates(live, specs, inputs.project)
    return TargetCandidates(target=live.target, pools=pools)


def _listed(found: Sequence[TargetCandidates], streams: Streams) -> ExitCode:
    """Show every pool, and which could be imported."""
    streams.artefact(texts.candidates_text(found))
    standings = {pool.standing for target in found for pool in target.pools}
    if "free" in standings:
        streams.note("idpool import NAME, or --all, writes their specs.\n")
    return ExitCode.FAILED if "unread" in standings else ExitCode.DONE


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


def _alone(
    new: Sequence[importer.Importing], folder: Path, *, with_secrets: bool
) -> tuple[_Made, list[IdpoolError]]:
    """A spec and its file for each pool by its id, and why there is none."""
    made: dict[str, tuple[NewFile, importer.Imported]] = {}
    problems: list[IdpoolError] = []
    for each in new:
        live = each.live
        left_out = () if with_secrets else importer.without_secrets(live.pool)
        try:
            if live.problem:
                raise Unread(live, live.problem)
            spec = importer.imported(each, left_out)
        except (Unread, importer.NotImportable) as not_imported:
            problems.append(not_imported)
        else:
            file = NewFile(folder / f"{each.name}.yaml", spec.text, bool(spec.secrets))
            made[live.pool_id] = file, spec
    return made, problems


@dataclass(frozen=True, slots=True)
class _Fold:
    """What specs of pools with one name become one of; ``used``: names that specs have."""

    asked: Sequence[Candidate]
    targets: Mapping[str, Target]
    used: set[str]
    project: Project
    folder: Path
    schema: str

    def all(self, made: _Made, streams: Streams) -> _Made:
        """The specs by the ids of their pools; what is not folded, and why, is told."""
        result = dict(made)
        groups: dict[tuple[str, str | None], list[Candidate]] = {}
        for pool in (pool for pool in self.asked if pool.pool_id in made):
            groups.setdefault((pool.pool_name, pool.tagged_name), []).append(pool)
        for (name, tagged), pools in groups.items():
            if len(pools) == 1:
                continue
            ids = [pool.pool_id for pool in pools]
            try:
                spec_name = self._name(tagged or name, [made[each][0] for each in ids])
                one = folded(spec_name, self._parts(pools, made), self.project, schema=self.schema)
            except CannotFold as cannot:
                streams.note(f"not folded: {escape(name)} ({escape(', '.join(ids))}): {cannot}\n")
                continue
            self.used.add(spec_name)
            for each in ids:
                del result[each]
            file = NewFile(self.folder / f"{spec_name}.yaml", one.text, bool(one.secrets))
            result[", ".join(ids)] = file, one
        return result

    def _name(self, text: str, alone: Sequence[NewFile]) -> str:
        """The name that all would have if they were one, or that of the first."""
        name = name_from(text)
        own = [file.path.stem for file in alone]
        return own[0] if name in self.used.difference(own) else name

    def _parts(self, pools: Sequence[Candidate], made: _Made) -> list[Folding]:
        """One for each target, in the order of the project.  Raises ``CannotFold``."""
        by_target = {pool.target: pool for pool in pools}
        if len(by_target) < len(pools):
            raise CannotFold("several of them are in one target")
        return [
            Folding(self.targets[name], by_target[name].pool_id, made[by_target[name].pool_id][1])
            for name in (target.name for target in self.project.targets)
            if name in by_target
        ]


def _tell_left(
    found: Sequence[Candidate], asked: Sequence[Candidate], request: Request, streams: Streams
) -> None:
    """What has an owner is left out, unless it was named; what has a spec always is."""
    wanted = {pool.pool_id for pool in asked}
    left = [p for p in found if p.standing == "claimed" and p.pool_id not in wanted]
    shown = [*([] if request.names else left), *(p for p in asked if p.standing == "described")]
    if shown:
        streams.note(texts.left_text(shown))
    for pool in asked:
        if pool.standing == "claimed":
            streams.problem(texts.claimed_text(pool))


def _tell_written(
    made: _Made,
    project: Project,
    folder: Path,
    streams: Streams,
) -> None:
    for pool_id, (new, spec) in made.items():
        file = str(new.path)
        streams.note(f"Wrote {escape(file)} for {escape(pool_id)}\n")
        if spec.left_out:
            streams.problem(texts.left_out_text(file, spec.left_out))
        if spec.taken_away:
            streams.problem(texts.taken_away_text(file, spec.taken_away))
        if spec.secrets:
            streams.problem(texts.secrets_text(file, spec.secrets, OWNER_ONLY))
    if not made:
        streams.note("Nothing was imported.\n")
    elif project.file and not _is_below(folder, [Path(path) for path in project.specs]):
        streams.note(f"{escape(str(folder))} is not among the specs of the project.\n")
