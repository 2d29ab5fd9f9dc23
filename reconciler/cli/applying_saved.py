"""The way of a saved plan to AWS: read, plan again, compare, and only then apply."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from os.path import relpath
from pathlib import Path

from reconciler import __version__
from reconciler.cli.applying import Applied, Records, apply_plan
from reconciler.cli.consuming import Marker, PlanInUse
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.inputs import Inputs, inputs_of
from reconciler.cli.journals import note_left_journals
from reconciler.cli.resuming import require_our_owner
from reconciler.cli.saving import base_folder, seen_specs
from reconciler.cli.spec_paths import project_of
from reconciler.cli.streams import Streams
from reconciler.cli.workflow import OpenTargets, Planned, Reach, make_plan, open_targets
from reconciler.loader import load_saved_plan
from reconciler.loader.saved_plans import require_covered
from reconciler.model.errors import ForeignRecord
from reconciler.model.saved_plan import SavedPlan
from reconciler.model.staleness import Staleness
from reconciler.planner.staleness import as_saved, staleness
from reconciler.reports.error_text import error_text
from reconciler.reports.escape import escape
from reconciler.reports.findings_text import findings_text
from reconciler.reports.saved_plan_text import other_version_text, saved_plan_text
from reconciler.reports.staleness_text import consumed_text, staleness_text
from reconciler.reports.styled_text import Text


@dataclass(frozen=True, slots=True)
class _Run:
    """A saved plan, and the specs that it is applied from; ``folder`` is where paths start."""

    path: Path
    saved: SavedPlan
    inputs: Inputs
    folder: Path


def apply_saved(
    path: Path,
    project_file: Path | None,
    reach: Reach,
    streams: Streams,
    show: Callable[[Text], None],
    records: Records,
) -> Applied:
    """Apply what a saved plan says, or say on stderr what has moved since.  It does not ask.

    What is carried out is planned afresh from specs and live: the file only decides whether.
    ``show`` is given the plan before.  Raises ``UnusableRecord``, and ``ForeignRecord`` where the
    plan is not this project's.
    """
    saved = load_saved_plan(path)
    marker = Marker(path, saved.digest)
    consumption = marker.found()
    if consumption is not None:
        streams.problem(consumed_text(str(path), consumption))
        return Applied(ExitCode.STALE)
    note_left_journals(streams, None)
    run = _run(path, saved, project_file, streams)
    _note_doubts(run, streams)
    names = tuple(target.name for target in saved.targets)
    with open_targets(run.inputs, replace(reach, targets=names), streams) as opened:
        try:
            applied = apply_plan(
                lambda: _plan_again(run, opened, streams),
                lambda _: show(saved_plan_text(saved)),
                opened,
                streams,
                records,
                yes=True,
                marker=marker,
            )
        except _Moved as moved:
            streams.problem(staleness_text(str(path), saved, moved.staleness))
            return Applied(ExitCode.STALE)
        except PlanInUse as problem:
            streams.problem(error_text(problem))
            return Applied(ExitCode.STALE)
    if marker.trouble:
        doubt = f"{marker.path} cannot be written ({marker.trouble}), which would keep {path} from"
        streams.problem(f"warning: {escape(doubt)} being applied again\n")
    return applied


def _run(path: Path, saved: SavedPlan, project_file: Path | None, streams: Streams) -> _Run:
    """The specs of a saved plan, as they are now.

    The project is the one here: the plan may have come from anywhere, and so may what is beside it.
    """
    project = project_of((), project_file, streams)
    require_our_owner(path, saved.plan.owner, project.owner)
    known = [target.name for target in project.targets]
    for target in saved.targets:
        if target.name not in known:
            raise ForeignRecord(str(path), "target", target.name, f"the targets {', '.join(known)}")
    folder = base_folder(project)
    if project.file:
        require_covered(path, saved, folder, project.specs)
    # As somebody would name them here: findings are read by people.
    paths = [Path(relpath(folder / named)) for named in saved.origin.spec_paths]
    return _Run(path, saved, inputs_of(paths, project), folder)


def _note_doubts(run: _Run, streams: Streams) -> None:
    here = __version__
    if run.saved.origin.tool_version != here:
        streams.note(other_version_text(run.saved.origin, here))
    if run.inputs.loaded.warnings:
        streams.note(findings_text(run.inputs.loaded.warnings))


class _Moved(Exception):
    """The fresh plan is not the saved one."""

    def __init__(self, staleness: Staleness) -> None:
        super().__init__("the saved plan is stale")
        self.staleness = staleness


def _plan_again(run: _Run, opened: OpenTargets, streams: Streams) -> Planned:
    """The fresh plan, which is the saved one with its secrets.  Raises ``_Moved``."""
    planned = make_plan(run.inputs, opened, streams)
    fresh = as_saved(planned.plan, run.saved.whole)
    moved = staleness(run.saved, seen_specs(run.inputs, fresh, run.folder), fresh)
    if moved.is_stale:
        raise _Moved(moved)
    return replace(planned, plan=fresh)
