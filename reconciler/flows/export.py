"""``idpool export``: write what another tool takes pools over with, and say what is left to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reconciler.converters.cfn_template import to_cloudformation
from reconciler.converters.export import ExportedPool
from reconciler.converters.tf_config import to_terraform
from reconciler.flows.inputs import chosen_targets, inputs_of, project_of
from reconciler.model.errors import UsageProblem
from reconciler.model.project import Project
from reconciler.model.request import Named
from reconciler.model.spec import Spec, is_pool_id
from reconciler.reports.escape import escape
from reconciler.specs.completion import OpenSpec
from reconciler.terminal.files import NewFile, SecretsShown, make_files
from reconciler.terminal.streams import Streams
from reconciler.writeback.files import WrittenSpec, written_specs


@dataclass(frozen=True, slots=True)
class Request:
    """What is exported and where to: ``ids`` are pools by spec, ``out`` is stdout without one.

    ``format``: JSON and YAML are ways to write a CloudFormation template.
    """

    named: Named
    format: Literal["yaml", "json", "terraform"]
    target: str | None
    ids: Mapping[str, str]
    out: Path | None
    force: bool
    imports: Path | None = None


def export(request: Request, streams: Streams) -> None:
    """Write a template or a configuration; notes and steps go to stderr.

    Raises ``InvalidSpecs``, ``UsageProblem``, ``SecretsShown``, ``WouldOverwrite`` and
    ``UnwritableFile``.
    """
    meant, pools = _selected(request, streams)
    if request.format == "terraform":
        made = to_terraform(pools)
    else:
        made = to_cloudformation(pools, as_json=request.format == "json")
    if made.holds_secret and request.out is None:
        raise SecretsShown([each.name for each in pools if each.holds_secret])
    files = [NewFile(request.out, made.text, made.holds_secret)] if request.out else []
    if request.imports and made.imports:
        files.append(NewFile(request.imports, made.imports))
    make_files(files, force=request.force)
    if request.out is None:
        streams.artefact(made.text)
    deleted = (spec.name for spec in meant if spec.lifecycle.delete)
    tombstones = [f"{name} is not exported: it is a tombstone." for name in deleted]
    for line in [*(file.said for file in files), *tombstones, *made.notes, *made.steps]:
        streams.note(f"{escape(line)}\n")


def _selected(request: Request, streams: Streams) -> tuple[Sequence[Spec], Sequence[ExportedPool]]:
    """The specs that are meant, and the pools of those that are kept.

    Raises ``InvalidSpecs`` and ``UsageProblem``.
    """
    inputs = inputs_of(request.named.specs, project_of(request.named, streams))
    target = request.target
    chosen_targets(inputs.project, [target] if target else [])
    meant = [
        spec
        for each in written_specs(inputs.loaded.documents)
        if (spec := _meaning(each, target)) is not None
    ]
    _require_ids(request.ids, meant)
    place = target or _only_target(inputs.project)
    pools = [
        ExportedPool(spec, request.ids.get(spec.name) or _adopted(spec, place))
        for spec in meant
        if not spec.lifecycle.delete
    ]
    if not pools:
        raise UsageProblem("there is no pool to export", hint="name specs of pools that are kept")
    return meant, pools


def _meaning(spec: WrittenSpec, target: str | None) -> Spec | None:
    """What a document means there, or anywhere; ``None`` where it does not go.

    Raises ``UsageProblem`` for one that means several things, and for one that only AWS completes.
    """
    here = [each for each in spec.meanings if target is None or each.goes_to(target)]
    if len(here) > 1:
        targets = ", ".join(sorted(name for each in here for name in each.targets or ()))
        raise UsageProblem(
            f"spec {spec.name} ({spec.source.file}) differs by target, and what is exported is one "
            "pool of each",
            hint=f"choose with --target; it goes to {targets}",
        )
    chosen = f" --target {target}" if target else ""
    for each in here:
        if isinstance(each, OpenSpec):
            raise UsageProblem(
                f"spec {spec.name} ({spec.source.file}) has values that only AWS knows, and export "
                f"does not ask: {', '.join(each.references)}",
                hint=f"idpool render {spec.source.file}{chosen} prints it with values; export that",
            )
        return each
    return None


def _require_ids(ids: Mapping[str, str], specs: Sequence[Spec]) -> None:
    """Raises ``UsageProblem`` for a name that is no spec's, and for what is no id."""
    names = {spec.name for spec in specs}
    for name, pool_id in ids.items():
        if name not in names:
            raise UsageProblem(f"there is no spec {name!r}", hint="check the name in --id")
        if not is_pool_id(pool_id):
            message = f"--id {name}: this is no identity pool id"
            raise UsageProblem(message, hint="write REGION:UUID")


def _only_target(project: Project) -> str | None:
    return project.targets[0].name if len(project.targets) == 1 else None


def _adopted(spec: Spec, target: str | None) -> str | None:
    """The id that the spec adopts there, or anywhere if that is but one."""
    if target is not None:
        return spec.adopted_id(target)
    adopt = spec.document.metadata.adopt
    ids = set(adopt.values()) if isinstance(adopt, dict) else {adopt}
    return ids.pop() if len(ids) == 1 else None
