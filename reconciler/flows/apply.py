"""``idpool apply``: make live what specs say, what a killed run has left, or what a plan file says.

Of a saved plan only whether: what is carried out is planned afresh from specs and live.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os.path import relpath
from pathlib import Path

from reconciler import __version__
from reconciler.flows.carry_out import Terms, apply_plan
from reconciler.flows.inputs import Inputs, inputs_of, project_of, tell_warnings
from reconciler.flows.journals import note_left_journals, pools_to_resume, require_ours
from reconciler.flows.plan import Planned, make_plan
from reconciler.flows.saving import base_folder, seen_specs
from reconciler.flows.targets import OpenTargets, open_targets
from reconciler.model.errors import UsageProblem
from reconciler.model.plan import Staleness
from reconciler.model.project import Project
from reconciler.model.request import Named, Reach, RecordFiles
from reconciler.model.saved_plan import SavedPlan
from reconciler.planner.resumption import only
from reconciler.planner.staleness import as_saved, staleness
from reconciler.reports.format_names import OF_RECEIPTS
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

    named: Named
    reach: Reach
    formats: Sequence[str]
    records: RecordFiles
    resume: Path | None
    yes: bool


def apply(request: Request, streams: Streams) -> int:
    """Show the plan, ask, and carry it out; or a saved plan, unasked.

    Raises what ``load_inputs``, ``open_targets``, ``load_saved_plan`` and ``apply_plan`` raise, and
    ``UsageProblem`` where there is nobody to ask.
    """
    records = request.records
    outputs = outputs_of(request.formats, OF_RECEIPTS, beside=[records.journal, records.receipt])
    saved = _saved_plan_in(request)
    if saved is not None:
        return _apply_saved(saved, request, Terms(records, outputs, yes=True), streams)
    return _apply_specs(request, Terms(records, outputs, request.yes), streams)


def _apply_specs(request: Request, terms: Terms, streams: Streams) -> int:
    """Make live what specs say, or that part of it which a killed run has left."""
    require_somebody_to_ask(yes=request.yes)
    note_left_journals(streams, request.resume)
    project = project_of(request.named, streams)
    if request.yes:
        _require_meant(request.named, project)
    inputs = inputs_of(request.named.specs, project)
    tell_warnings(inputs, streams)
    resumed = None
    if request.resume:
        resumed = pools_to_resume(request.resume, inputs, request.reach.targets, streams)
        if not resumed:
            return ExitCode.DONE
    with open_targets(inputs, request.reach, streams) as opened:

        def plan_now() -> Planned:
            planned = make_plan(opened, request.resume)
            if resumed is None:
                return planned
            return replace(planned, plan=only(planned.plan, resumed))

        return apply_plan(
            plan_now,
            lambda plan: report_text(plan_report(plan, verbose=streams.verbose)),
            opened,
            terms,
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


def _saved_plan_in(request: Request) -> Path | None:
    """The saved plan that ``apply`` was called with, if it was one.

    Raises ``UsageProblem`` for a plan with other arguments, or with options that choose a part.
    """
    specs = request.named.specs
    plans = [path for path in specs if path.suffix == ".json" and is_saved_plan(path)]
    if plans and (len(specs) > 1 or request.reach.targets or request.resume):
        raise UsageProblem(
            f"{plans[0]} is a saved plan, and is applied as it was shown",
            hint="leave out specs, --target and --resume",
        )
    return plans[0] if plans else None


def _apply_saved(path: Path, request: Request, terms: Terms, streams: Streams) -> int:
    """Apply what a saved plan says, or say on stderr what has moved since.  It does not ask.

    What is carried out is planned afresh from specs and live: the file only decides whether.
    Raises ``UnusableRecord``, and ``ForeignRecord`` where the plan is not this project's.
    """
    saved = load_saved_plan(path)
    note_left_journals(streams, None)
    inputs, folder = _inputs(path, saved, request.named.project, streams)
    if saved.origin.tool_version != __version__:
        streams.note(other_version_text(saved.origin, __version__))
    tell_warnings(inputs, streams)
    names = tuple(target.name for target in saved.targets)
    with open_targets(inputs, replace(request.reach, targets=names), streams) as opened:
        try:
            return apply_plan(
                lambda: _plan_again(saved, opened, folder),
                lambda _: saved_plan_text(saved),
                opened,
                terms,
            )
        except _Moved as moved:
            streams.problem(staleness_text(str(path), saved, moved.staleness))
            return ExitCode.STALE


def _inputs(
    path: Path, saved: SavedPlan, project_file: Path | None, streams: Streams
) -> tuple[Inputs, Path]:
    """The specs of a saved plan, as they are now, and the folder where its paths start.

    The project is the one here: the plan may have come from anywhere, and so may what is beside it.
    """
    project = project_of(Named(project=project_file), streams)
    require_ours(path, saved.plan.owner, project, [target.name for target in saved.targets])
    folder = base_folder(project)
    if project.file:
        require_covered(path, saved, folder, project.specs)
    # As somebody would name them here: findings are read by people.
    paths = [Path(relpath(folder / named)) for named in saved.origin.spec_paths]
    return inputs_of(paths, project), folder


class _Moved(Exception):
    """The fresh plan is not the saved one."""

    def __init__(self, staleness: Staleness) -> None:
        super().__init__("the saved plan is stale")
        self.staleness = staleness


def _plan_again(saved: SavedPlan, opened: OpenTargets, folder: Path) -> Planned:
    """The fresh plan, which is the saved one with its secrets.  Raises ``_Moved``."""
    planned = make_plan(opened)
    fresh = as_saved(planned.plan, saved.whole)
    moved = staleness(saved, seen_specs(planned.specs, folder), fresh)
    if moved.is_stale:
        raise _Moved(moved)
    return replace(planned, plan=fresh)
