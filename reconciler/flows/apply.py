"""``idpool apply``: make live what specs say, what a killed run has left, or what a plan file says.

Of a saved plan only whether: what is carried out is planned afresh from specs and live.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from os.path import relpath
from pathlib import Path

from reconciler import __version__
from reconciler.flows.carry_out import Applied, Terms, apply_plan
from reconciler.flows.inputs import Inputs, inputs_of, project_of, tell_warnings
from reconciler.flows.journals import note_left_journals, pools_to_resume, require_our_owner
from reconciler.flows.plan import Planned, make_plan
from reconciler.flows.reporting import show_receipt
from reconciler.flows.saving import base_folder, seen_specs
from reconciler.flows.targets import OpenTargets, open_targets
from reconciler.model.errors import ForeignRecord, UsageProblem
from reconciler.model.plan import Staleness
from reconciler.model.project import Project
from reconciler.model.request import Named, Reach, RecordFiles
from reconciler.model.saved_plan import SavedPlan
from reconciler.planner.resumption import PoolKey, only
from reconciler.planner.staleness import as_saved, staleness
from reconciler.reports.format_names import OF_RECEIPTS
from reconciler.reports.lines import Text
from reconciler.reports.plan_report import plan_report
from reconciler.reports.record_text import other_version_text, saved_plan_text, staleness_text
from reconciler.reports.text_report import report_text
from reconciler.specs.files import name_of, not_among
from reconciler.specs.records import is_saved_plan, load_saved_plan, require_covered
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.outputs import outputs_of
from reconciler.terminal.streams import Streams, require_somebody_to_ask


@dataclass(frozen=True, slots=True)
class Request:
    """How it is applied: ``resume``, the journal of a run to go on with; ``yes``, unasked."""

    resume: Path | None
    yes: bool
    records: RecordFiles


def apply(
    named: Named, reach: Reach, formats: Sequence[str], request: Request, streams: Streams
) -> int:
    """Show the plan, ask, and carry it out; or a saved plan, unasked.

    Raises what ``apply_specs`` and ``apply_saved`` raise.
    """
    outputs = outputs_of(
        formats, OF_RECEIPTS, beside=[request.records.journal, request.records.receipt]
    )
    show = streams.artefact if outputs.is_text else streams.note
    saved = saved_plan_in(named.specs, alone=not (reach.targets or request.resume))
    if saved is not None:
        applied = apply_saved(saved, named.project, reach, streams, show, request.records)
    else:
        applied = apply_specs(named, reach, request, streams, show)
    show_receipt(applied.done, outputs, streams)
    return applied.code


def apply_specs(
    named: Named, reach: Reach, request: Request, streams: Streams, show: Callable[[Text], None]
) -> Applied:
    """Make live what specs say, or that part of it which a killed run has left.

    ``show`` is given the plan before.  Raises what ``load_inputs``, ``open_targets`` and
    ``apply_plan`` raise, and ``UsageProblem`` where there is nobody to ask.
    """
    require_somebody_to_ask(yes=request.yes)
    note_left_journals(streams, request.resume)
    project = project_of(named, streams)
    if request.yes:
        _require_meant(named, project)
    inputs = inputs_of(named.specs, project)
    tell_warnings(inputs, streams)
    resumed = _resumed(request, inputs, reach, streams)
    if request.resume and not resumed:
        return Applied(ExitCode.DONE)
    with open_targets(inputs, reach, streams) as opened:

        def plan_now() -> Planned:
            planned = make_plan(inputs, opened, streams, request.resume)
            if resumed is None:
                return planned
            return replace(planned, plan=only(planned.plan, resumed))

        return apply_plan(
            plan_now,
            lambda plan: show(report_text(plan_report(plan, verbose=streams.verbose))),
            opened,
            streams,
            Terms(request.records, request.yes),
        )


def _require_meant(named: Named, project: Project) -> None:
    """A pipeline that applies ``plan.json`` must not apply a spec that was put in its place.

    Raises ``UsageProblem``.
    """
    if not project.file:
        return
    plans = [path for path in named.specs if path.suffix == ".json"]
    for path in not_among(plans, project.specs):
        raise UsageProblem(
            f"{name_of(path)} is a spec and no saved plan, is not among the specs of "
            f"{project.file}, and --yes asks nobody",
            hint="add it to specs: in the project file, or leave out --yes",
        )


def _resumed(
    request: Request, inputs: Inputs, reach: Reach, streams: Streams
) -> frozenset[PoolKey] | None:
    """The pools that are left to do; ``None`` where no run is gone on with."""
    if request.resume is None:
        return None
    return pools_to_resume(request.resume, inputs, reach.targets, streams)


def saved_plan_in(specs: Sequence[Path], *, alone: bool) -> Path | None:
    """The saved plan that ``apply`` was called with, if it was one.

    ``alone``: no option chooses a part.  Raises ``UsageProblem`` for a plan with other arguments.
    """
    plans = [path for path in specs if path.suffix == ".json" and is_saved_plan(path)]
    if plans and (len(specs) > 1 or not alone):
        raise UsageProblem(
            f"{plans[0]} is a saved plan, and is applied as it was shown",
            hint="leave out specs, --target and --resume",
        )
    return plans[0] if plans else None


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
    records: RecordFiles,
) -> Applied:
    """Apply what a saved plan says, or say on stderr what has moved since.  It does not ask.

    What is carried out is planned afresh from specs and live: the file only decides whether.
    ``show`` is given the plan before.  Raises ``UnusableRecord``, and ``ForeignRecord`` where the
    plan is not this project's.
    """
    saved = load_saved_plan(path)
    note_left_journals(streams, None)
    run = _run(path, saved, project_file, streams)
    _note_doubts(run, streams)
    names = tuple(target.name for target in saved.targets)
    with open_targets(run.inputs, replace(reach, targets=names), streams) as opened:
        try:
            return apply_plan(
                lambda: _plan_again(run, opened, streams),
                lambda _: show(saved_plan_text(saved)),
                opened,
                streams,
                Terms(records, yes=True),
            )
        except _Moved as moved:
            streams.problem(staleness_text(str(path), saved, moved.staleness))
            return Applied(ExitCode.STALE)


def _run(path: Path, saved: SavedPlan, project_file: Path | None, streams: Streams) -> _Run:
    """The specs of a saved plan, as they are now.

    The project is the one here: the plan may have come from anywhere, and so may what is beside it.
    """
    project = project_of(Named(project=project_file), streams)
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
    tell_warnings(run.inputs, streams)


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
