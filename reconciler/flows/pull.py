"""``idpool pull``: plan, change the texts of specs, write them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.flows.inputs import Inputs, chosen_specs, load_inputs, spec_paths
from reconciler.flows.plan import make_plan
from reconciler.flows.rewriting import Rewrite, show_diffs
from reconciler.flows.targets import open_targets
from reconciler.model.drift import PoolPull
from reconciler.model.errors import UsageProblem
from reconciler.model.pool import POOL_FIELDS
from reconciler.model.request import Named, Reach
from reconciler.reports.spec_changes import pull_orphan_lines, pull_text, secrets_text
from reconciler.specs.loading import load_specs
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.files import TextFile
from reconciler.terminal.streams import Streams
from reconciler.writeback.layered import Into
from reconciler.writeback.pulling import pull as pulled_from
from reconciler.writeback.verifying import Pulling, Settings


@dataclass(frozen=True, slots=True)
class Request:
    """What is pulled: specs by name and fields (none: all), and whether new secrets are, too.

    ``into``: where values that come from a layer are written, ``None``: nowhere.
    ``diff``: it is shown and not written; ``check``: that it would be written has an exit code.
    """

    named: Named
    reach: Reach
    names: Sequence[str]
    fields: Sequence[str]
    with_secrets: bool
    into: Into | None
    diff: bool
    check: bool


def pull(request: Request, streams: Streams) -> ExitCode:
    """Write what live has into the specs, or show it.

    Raises what ``plan`` raises, and ``UsageProblem`` for unknown specs and fields.
    """
    unknown = [name for name in request.fields if name not in POOL_FIELDS]
    if unknown:
        raise UsageProblem(
            f"a pool has no field {', '.join(unknown)}",
            hint=f"the fields are: {', '.join(POOL_FIELDS)}",
        )
    pulls = list(_pulls(request, streams))
    if request.diff:
        show_diffs((rewrite for rewrite, _ in pulls), streams)
    is_written = not (request.diff or request.check)
    pools = [
        pool
        for rewrite, of_file in pulls
        for pool in (_written(rewrite, of_file, streams) if is_written else of_file)
    ]
    all_pulled = all(pool.is_whole for pool in pools)
    told = streams.note if all_pulled else streams.problem
    told(pull_text(pools, is_written=is_written))
    if not all_pulled:
        return ExitCode.FAILED
    return ExitCode.CHANGES if request.check and pools else ExitCode.DONE


def _pulls(request: Request, streams: Streams) -> Iterator[tuple[Rewrite, tuple[PoolPull, ...]]]:
    """Read specs and live; each file with the text that accepts live, and what that is."""
    inputs = load_inputs(request.named, streams)
    project_file = _project_file(inputs, request.into)
    settings = Settings(inputs.project, project_file.text if project_file else "")
    specs = chosen_specs(inputs, request.names, "; a pool is pulled into its spec")
    with open_targets(inputs, request.reach, streams) as opened:
        planned = make_plan(opened)
    plan = planned.plan
    orphans = [orphan for target in plan.targets for orphan in target.orphans]
    if orphans and not request.names:
        streams.note(pull_orphan_lines(orphans))
    fields = tuple(request.fields) or POOL_FIELDS
    paths = spec_paths(request.named.specs, inputs.project)
    pulling = Pulling(
        plan,
        settings,
        fields,
        request.with_secrets,
        planned.values,
        request.into,
        lambda project: load_specs(paths, project).documents,
    )
    for file in dict.fromkeys(spec.source.file for spec in specs):
        text_file = TextFile(Path(file))
        ours = [spec for spec in specs if spec.source.file == file]
        pulled = pulled_from(text_file.text, ours, pulling)
        pulling = replace(pulling, settings=pulled.settings)
        yield Rewrite(text_file, pulled.text), pulled.pools
    if project_file:
        yield Rewrite(project_file, pulling.settings.text), ()


def _project_file(inputs: Inputs, into: Into | None) -> TextFile | None:
    """The file of the project where that may change.  Raises ``UsageProblem``."""
    if into != "defaults":
        return None
    if not inputs.project.file:
        raise UsageProblem(
            "--into defaults writes the project file, and there is none",
            hint="write an idpool.yaml, or pull with --into spec",
        )
    if not inputs.all_specs:
        raise UsageProblem(
            "--into defaults changes what all specs of the project mean, and not all are read",
            hint="leave --spec out, and name the specs that are to be pulled",
        )
    return TextFile(Path(inputs.project.file))


def _written(rewrite: Rewrite, pools: Sequence[PoolPull], streams: Streams) -> Sequence[PoolPull]:
    """Write a file, and tell of new secrets in it; where it is left alone, its pools say why."""
    if not rewrite.is_changed:
        return pools
    if problem := rewrite.written().problem:
        streams.error(problem)
        why = {"reason": str(problem), "way_out": problem.hint}
        return [pool.model_copy(update=why) if pool.is_pulled else pool for pool in pools]
    if secrets := [name for pool in pools for name in pool.secrets]:
        file = rewrite.file
        streams.problem(secrets_text(str(file.path), list(dict.fromkeys(secrets)), file.mode))
    return pools
