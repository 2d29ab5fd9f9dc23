"""``idpool graph``: who gets which role of a pool, as a picture; of a plan, with what changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from reconciler.checks.graph import PoolGraph, graph_of
from reconciler.checks.graph_changes import graph_of_plan
from reconciler.flows.inputs import chosen_targets, project_of, require_known, spec_paths
from reconciler.model.project import Project, Target
from reconciler.model.request import Named
from reconciler.reports.error_text import findings_text
from reconciler.reports.graph_mermaid import graphs_mermaid
from reconciler.reports.graph_svg import graphs_svg
from reconciler.reports.sections import in_words
from reconciler.specs.checks import CheckedSpec, check_spec
from reconciler.specs.effective import Effective
from reconciler.specs.reading import check_specs
from reconciler.specs.records import load_saved_plan
from reconciler.terminal.files import EVERYBODY_READS, write_whole
from reconciler.terminal.streams import Streams
from reconciler.text.documents import Document

GraphFormat: TypeAlias = Literal["mermaid", "svg"]
_WRITERS: Final = {"mermaid": graphs_mermaid, "svg": graphs_svg}


@dataclass(frozen=True, slots=True)
class Request:
    """What is drawn, and how; without ``plan``, what the specs say, without ``out`` to stdout."""

    named: Named
    targets: tuple[str, ...]
    plan: Path | None
    format: GraphFormat
    out: Path | None


def graph(request: Request, streams: Streams) -> None:
    """Draw the pools, without AWS: what only AWS knows is shown as it is written.

    Only validity counts: what checks find in a pool is one more reason to look at it.

    Raises ``InvalidSpecs``, ``UsageProblem``, ``UnusableRecord`` and ``UnwritableFile``.
    """
    plan = request.plan
    graphs = list(_of_plan(plan, request, streams) if plan else _of_specs(request, streams))
    if not graphs:
        streams.note("There is nothing to draw.\n")
        return
    text = _WRITERS[request.format](graphs)
    if request.out is None:
        streams.artefact(text)
    else:
        write_whole(request.out, text, EVERYBODY_READS)


def _of_specs(request: Request, streams: Streams) -> Iterator[PoolGraph]:
    project = project_of(request.named, streams)
    chosen = chosen_targets(project, request.targets)
    for each in _effective(request.named, project, streams):
        targets = [target for target in each.targets if target in chosen]
        if targets and not each.value.get("lifecycle", {}).get("delete"):
            where = _where(targets, project.targets)
            yield graph_of(each.value["spec"], each.value["metadata"]["name"], where)


def _effective(named: Named, project: Project, streams: Streams) -> list[Effective]:
    """What the specs mean.  Raises ``InvalidSpecs``."""
    found: list[Effective] = []

    def check(document: Document, project: Project) -> CheckedSpec:
        checked = check_spec(document, project)
        found.extend(checked.effective)
        return checked

    checked = check_specs(spec_paths(named.specs, project), project, check)
    if checked.warnings:
        streams.note(findings_text(checked.warnings))
    return found


def _of_plan(file: Path, request: Request, streams: Streams) -> Iterator[PoolGraph]:
    """The pools that the plan does something with, or refuses to."""
    plan = load_saved_plan(file).whole
    every = [each.target for each in plan.targets]
    require_known("target", request.targets, [target.name for target in every])
    names = _names(request.named, streams) if request.named.specs else None
    places: dict[tuple[PoolGraph, bool], list[Target]] = {}
    for each in plan.targets:
        if request.targets and each.target.name not in request.targets:
            continue
        for pool in each.pools:
            if pool.verb != "keep" and (names is None or pool.name in names):
                key = graph_of_plan(pool), bool(pool.refusals)
                places.setdefault(key, []).append(each.target)
    for (drawn, is_refused), targets in places.items():
        where = [_where(targets, every), "(refused)" if is_refused else ""]
        yield drawn.shown_in(" ".join(filter(None, where)))


def _where(targets: Sequence[Target], every: Sequence[Target]) -> str:
    return f"in {in_words(targets, every)}" if len(every) > 1 else ""


def _names(named: Named, streams: Streams) -> frozenset[str]:
    project = project_of(named, streams)
    made = _effective(named, project, streams)
    return frozenset(each.value["metadata"]["name"] for each in made)
