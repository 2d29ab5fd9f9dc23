"""The way of specs to AWS: load, plan, show, ask, apply.  Only the order; no decisions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli.applying import Applied, Records, apply_plan
from reconciler.cli.asking import require_somebody_to_ask
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.inputs import Inputs, inputs_of
from reconciler.cli.journals import note_left_journals
from reconciler.cli.spec_paths import project_of
from reconciler.cli.streams import Streams
from reconciler.cli.workflow import Planned, Reach, make_plan, open_targets
from reconciler.loader.files import name_of, not_among
from reconciler.model.errors import UsageProblem
from reconciler.model.project import Project
from reconciler.reports.findings_text import findings_text
from reconciler.reports.plan_text import plan_text
from reconciler.reports.styled_text import Text

if TYPE_CHECKING:
    from reconciler.model.plan import Plan
    from reconciler.planner.resumption import PoolKey


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be applied.

    ``resume``: the journal of a run that is to be gone on with; ``yes``: it is not asked.
    """

    specs: Sequence[Path] | None
    project: Path | None
    resume: Path | None
    yes: bool
    verbose: bool


def apply_specs(
    wish: Wish, reach: Reach, streams: Streams, show: Callable[[Text], None], records: Records
) -> Applied:
    """Make live what specs say, or that part of it which a killed run has left.

    ``show`` is given the plan before.  Raises what ``load_inputs``, ``open_targets`` and
    ``apply_plan`` raise, and ``UsageProblem`` where there is nobody to ask.
    """
    require_somebody_to_ask(yes=wish.yes)
    note_left_journals(streams, wish.resume)
    project = project_of(wish.specs, wish.project, streams)
    _require_meant(wish, project)
    inputs = inputs_of(wish.specs, project)
    if inputs.loaded.warnings:
        streams.note(findings_text(inputs.loaded.warnings))
    resumed = _resumed(wish, inputs, reach, streams)
    if wish.resume and not resumed:
        return Applied(ExitCode.DONE)
    with open_targets(inputs, reach, streams) as opened:

        def plan_now() -> Planned:
            planned = make_plan(inputs, opened, streams, wish.resume)
            if resumed is None:
                return planned
            return replace(planned, plan=_only(planned.plan, resumed))

        return apply_plan(
            plan_now,
            lambda plan: show(plan_text(plan, verbose=wish.verbose)),
            opened,
            streams,
            records,
            yes=wish.yes,
        )


def _require_meant(wish: Wish, project: Project) -> None:
    """A pipeline that applies ``plan.json`` must not apply a spec that was put in its place.

    Raises ``UsageProblem``.
    """
    if not (wish.yes and project.file):
        return
    named = [path for path in wish.specs or () if path.suffix == ".json"]
    for path in not_among(named, project.specs):
        raise UsageProblem(
            f"{name_of(path)} is a spec and no saved plan, is not among the specs of "
            f"{project.file}, and --yes asks nobody",
            hint="add it to specs: in the project file, or leave out --yes",
        )


def _resumed(
    wish: Wish, inputs: Inputs, reach: Reach, streams: Streams
) -> "frozenset[PoolKey] | None":
    """The pools that are left to do; ``None`` where no run is gone on with."""
    if wish.resume is None:
        return None
    from reconciler.cli.resuming import pools_to_resume

    return pools_to_resume(wish.resume, inputs, reach.targets, streams)


def _only(plan: "Plan", pools: "frozenset[PoolKey]") -> "Plan":
    from reconciler.planner.resumption import only

    return only(plan, pools)
