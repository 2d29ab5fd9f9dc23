"""``idpool export``: write what another tool takes pools over with, and say what is left to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from reconciler.converters.cfn_template import to_cloudformation
from reconciler.converters.export import Export, ExportedPool
from reconciler.converters.tf_config import to_terraform
from reconciler.flows.inputs import chosen_targets, inputs_of, project_of
from reconciler.model.errors import UsageProblem
from reconciler.model.project import Project
from reconciler.model.request import Named
from reconciler.model.spec import PoolId, Spec
from reconciler.reports.escape import escape
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.files import NewFile, SecretsShown, make_files
from reconciler.terminal.streams import Streams

_POOL_ID: TypeAdapter[str] = TypeAdapter(PoolId)


@dataclass(frozen=True, slots=True)
class Selection:
    """The pools to export, and the names of those that are to be deleted and so are not."""

    pools: tuple[ExportedPool, ...]
    tombstones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What is exported and where to: ``ids`` are pools by spec, ``out`` is stdout without one."""

    target: str | None
    ids: Mapping[str, str]
    out: Path | None
    force: bool
    imports: Path | None = None


def export_template(named: Named, request: Request, streams: Streams, *, as_json: bool) -> ExitCode:
    """A CloudFormation template.  Raises what ``exported`` and ``deliver`` raise."""
    selection = exported(named, request, streams)
    return deliver(to_cloudformation(selection.pools, as_json=as_json), selection, request, streams)


def export_configuration(named: Named, request: Request, streams: Streams) -> ExitCode:
    """A Terraform configuration.  Raises what ``exported`` and ``deliver`` raise."""
    selection = exported(named, request, streams)
    return deliver(to_terraform(selection.pools), selection, request, streams)


def exported(named: Named, request: Request, streams: Streams) -> Selection:
    """The pools that are meant.  Raises ``InvalidSpecs`` and ``UsageProblem``."""
    inputs, target = inputs_of(named.specs, project_of(named, streams)), request.target
    chosen_targets(inputs.project, [target] if target else [])
    meant = [spec for spec in inputs.loaded.specs if target is None or spec.goes_to(target)]
    known = _known_ids(meant, request.ids)
    place = target or _only_target(inputs.project)
    pools = [
        ExportedPool(spec, known.get(spec.name) or _adopted(spec, place))
        for spec in meant
        if not spec.lifecycle.delete
    ]
    if not pools:
        raise UsageProblem("there is no pool to export", hint="name specs of pools that are kept")
    return Selection(tuple(pools), tuple(s.name for s in meant if s.lifecycle.delete))


def deliver(export: Export, selection: Selection, request: Request, streams: Streams) -> ExitCode:
    """Write the texts; notes and steps go to stderr.

    Raises ``SecretsShown``, ``WouldOverwrite`` and ``UnwritableFile``.
    """
    if export.holds_secret and request.out is None:
        raise SecretsShown([each.name for each in selection.pools if each.holds_secret])
    new = [NewFile(request.out, export.text, export.holds_secret)] if request.out else []
    if request.imports and export.imports:
        new.append(NewFile(request.imports, export.imports))
    make_files(new, force=request.force)
    if request.out is None:
        streams.artefact(export.text)
    _say(export, selection, new, streams)
    return ExitCode.DONE


def _say(export: Export, selection: Selection, new: Sequence[NewFile], streams: Streams) -> None:
    lines = [file.said for file in new]
    lines += [f"{name} is not exported: it is a tombstone." for name in selection.tombstones]
    for line in [*lines, *export.notes, *export.steps]:
        streams.note(f"{escape(line)}\n")


def _known_ids(specs: Sequence[Spec], known: Mapping[str, str]) -> Mapping[str, str]:
    names = {spec.name for spec in specs}
    for name, pool_id in known.items():
        if name not in names:
            raise UsageProblem(f"there is no spec {name!r}", hint="check the name in --id")
        try:
            _POOL_ID.validate_python(pool_id)
        except ValidationError:
            message = f"--id {name}: this is no identity pool id"
            raise UsageProblem(message, hint="write REGION:UUID") from None
    return known


def _only_target(project: Project) -> str | None:
    return project.targets[0].name if len(project.targets) == 1 else None


def _adopted(spec: Spec, target: str | None) -> str | None:
    """The id that the spec adopts there, or anywhere if that is but one."""
    if target is not None:
        return spec.adopted_id(target)
    adopt = spec.document.metadata.adopt
    ids = set(adopt.values()) if isinstance(adopt, dict) else {adopt}
    return ids.pop() if len(ids) == 1 else None
