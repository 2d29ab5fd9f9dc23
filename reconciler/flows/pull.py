"""``idpool pull``: plan, change the texts of specs, write them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.flows.inputs import chosen_specs, load_inputs
from reconciler.flows.plan import make_plan
from reconciler.flows.targets import open_targets
from reconciler.model.drift import PoolPull
from reconciler.model.errors import UsageProblem
from reconciler.model.plan import Plan
from reconciler.model.pool import POOL_FIELDS
from reconciler.model.project import Project
from reconciler.model.request import Named, Reach
from reconciler.model.spec import Spec
from reconciler.reports.error_text import error_text
from reconciler.reports.spec_changes import pull_orphan_lines, pull_text, secrets_text
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.files import LeftAlone, TextFile
from reconciler.terminal.streams import Streams
from reconciler.writeback.masking import diff_of
from reconciler.writeback.pulling import pull as pulled_from


@dataclass(frozen=True, slots=True)
class Pulling:
    """One file before and after, and what is said of its pools."""

    file: TextFile
    text: str
    pools: tuple[PoolPull, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What is pulled: specs by name (none: all), fields, and whether new secrets are, too.

    ``diff``: it is shown and not written; ``check``: that it would be written has an exit code.
    """

    names: tuple[str, ...]
    fields: tuple[str, ...]
    with_secrets: bool
    diff: bool
    check: bool


def chosen_fields(names: Sequence[str]) -> tuple[str, ...]:
    """The fields of these names, none for all.  Raises ``UsageProblem`` for an unknown one."""
    unknown = [name for name in names if name not in POOL_FIELDS]
    if unknown:
        raise UsageProblem(
            f"a pool has no field {', '.join(unknown)}",
            hint=f"the fields are: {', '.join(POOL_FIELDS)}",
        )
    return tuple(names) or POOL_FIELDS


def pull(named: Named, reach: Reach, request: Request, streams: Streams) -> ExitCode:
    """Write what live has into the specs, or show it.  Raises what ``plan`` raises."""
    pulls = _pulls(named, reach, request, streams)
    if request.diff:
        show_diff(pulls, streams)
    is_written = not (request.diff or request.check)
    if is_written:
        pulls = write_files(pulls, streams)
    pools = [pool for each in pulls for pool in each.pools]
    told = streams.note if all(pool.is_pulled for pool in pools) else streams.problem
    told(pull_text(pools, is_written=is_written))
    return exit_code_of_pull(pulls, is_check=request.check)


def _pulls(named: Named, reach: Reach, request: Request, streams: Streams) -> list[Pulling]:
    """Read specs and live, and find the texts that accept live."""
    inputs = load_inputs(named, streams)
    chosen = chosen_specs(inputs, request.names, "; a pool is pulled into its spec")
    with open_targets(inputs, reach, streams) as opened:
        plan = make_plan(inputs, opened, streams).plan
    if not request.names:
        _tell_orphans(plan, streams)
    return list(_by_file(chosen, plan, inputs.project, request))


def show_diff(pulls: Sequence[Pulling], streams: Streams) -> None:
    """Show how the files change, secrets masked."""

    for each in pulls:
        if each.text != each.file.text:
            streams.artefact(diff_of(each.file.path, each.file.text, each.text))


def write_files(pulls: Sequence[Pulling], streams: Streams) -> list[Pulling]:
    """Write the files; those that could not be are told, and so say their pools."""
    return [_written(each, streams) for each in pulls]


def exit_code_of_pull(pulls: Sequence[Pulling], *, is_check: bool) -> ExitCode:
    """Errors before changes, which count only where nothing was written."""
    pools = [pool for each in pulls for pool in each.pools]
    if not all(pool.is_pulled for pool in pools):
        return ExitCode.FAILED
    return ExitCode.CHANGES if is_check and pools else ExitCode.DONE


def _by_file(
    specs: Sequence[Spec], plan: Plan, project: Project, request: Request
) -> Iterator[Pulling]:

    for file in dict.fromkeys(spec.source.file for spec in specs):
        text_file = TextFile(Path(file))
        ours = [spec for spec in specs if spec.source.file == file]
        pulled = pulled_from(
            text_file.text, ours, plan, project, request.fields, with_secrets=request.with_secrets
        )
        yield Pulling(text_file, pulled.text, pulled.pools)


def _written(each: Pulling, streams: Streams) -> Pulling:

    if each.text == each.file.text:
        return each
    try:
        each.file.write(each.text)
    except LeftAlone as problem:
        streams.problem(error_text(problem))
        why = {"reason": str(problem), "way_out": problem.hint}
        left = (p.model_copy(update=why) if p.is_pulled else p for p in each.pools)
        return Pulling(each.file, each.file.text, tuple(left))
    if secrets := [name for pool in each.pools for name in pool.secrets]:
        file = each.file
        streams.problem(secrets_text(str(file.path), list(dict.fromkeys(secrets)), file.mode))
    return each


def _tell_orphans(plan: Plan, streams: Streams) -> None:

    orphans = [orphan for target in plan.targets for orphan in target.orphans]
    if orphans:
        streams.note(pull_orphan_lines(orphans))
