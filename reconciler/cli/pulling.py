"""The way that pull goes: plan, change texts, write.  Only the order; no decisions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.inputs import Inputs, load_inputs
from reconciler.cli.rewriting import LeftAlone, TextFile
from reconciler.cli.streams import Streams
from reconciler.cli.workflow import Reach, make_plan, open_targets
from reconciler.model.errors import UsageProblem
from reconciler.model.plan import Plan
from reconciler.model.pool import POOL_FIELDS
from reconciler.model.project import Project
from reconciler.model.pull import PoolPull
from reconciler.model.spec import Spec


@dataclass(frozen=True, slots=True)
class Pulling:
    """One file before and after, and what is said of its pools."""

    file: TextFile
    text: str
    pools: tuple[PoolPull, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is pulled: specs by name (none: all), fields, and whether new secrets are, too."""

    names: tuple[str, ...]
    fields: tuple[str, ...]
    with_secrets: bool


def chosen_fields(names: Sequence[str]) -> tuple[str, ...]:
    """The fields of these names, none for all.  Raises ``UsageProblem`` for an unknown one."""
    unknown = [name for name in names if name not in POOL_FIELDS]
    if unknown:
        raise UsageProblem(
            f"a pool has no field {', '.join(unknown)}",
            hint=f"the fields are: {', '.join(POOL_FIELDS)}",
        )
    return tuple(names) or POOL_FIELDS


def chosen_specs(inputs: Inputs, names: Sequence[str]) -> tuple[Spec, ...]:
    """The specs of these names, none for all.  Raises ``UsageProblem`` for an unknown one."""
    specs = inputs.loaded.specs
    unknown = [name for name in names if name not in {spec.name for spec in specs}]
    if unknown:
        raise UsageProblem(
            f"there is no spec {', '.join(unknown)}, and a pool is pulled into its spec",
            hint=f"the specs are: {', '.join(spec.name for spec in specs)}",
        )
    return tuple(spec for spec in specs if not names or spec.name in names)


def pull_specs(
    wish: Wish,
    specs: Sequence[Path] | None,
    project: Path | None,
    reach: Reach,
    streams: Streams,
) -> list[Pulling]:
    """Read specs and live, and find the texts that accept live.  Raises what ``plan`` raises."""
    from reconciler.reports.findings_text import findings_text

    inputs = load_inputs(specs, project, streams)
    if inputs.loaded.warnings:
        streams.note(findings_text(inputs.loaded.warnings))
    chosen = chosen_specs(inputs, wish.names)
    with open_targets(inputs, reach, streams) as opened:
        plan = make_plan(inputs, opened, streams).plan
    if not wish.names:
        _tell_orphans(plan, streams)
    return list(_by_file(chosen, plan, inputs.project, wish))


def show_diff(pulls: Sequence[Pulling], streams: Streams) -> None:
    """Show how the files change, secrets masked."""
    from reconciler.cli.diffs import diff_of

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


def _by_file(specs: Sequence[Spec], plan: Plan, project: Project, wish: Wish) -> Iterator[Pulling]:
    from reconciler.writeback.pulling import pull

    for file in dict.fromkeys(spec.source.file for spec in specs):
        text_file = TextFile(Path(file))
        ours = [spec for spec in specs if spec.source.file == file]
        pulled = pull(
            text_file.text, ours, plan, project, wish.fields, with_secrets=wish.with_secrets
        )
        yield Pulling(text_file, pulled.text, pulled.pools)


def _written(each: Pulling, streams: Streams) -> Pulling:
    from reconciler.reports.error_text import error_text
    from reconciler.reports.import_text import secrets_text

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
    from reconciler.reports.pull_text import pull_orphan_lines

    orphans = [orphan for target in plan.targets for orphan in target.orphans]
    if orphans:
        streams.note(pull_orphan_lines(orphans))
