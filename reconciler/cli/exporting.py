"""The way that export goes: load, choose, write, say what is left to do.  Only the order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.inputs import chosen_targets, load_inputs
from reconciler.cli.name_values import name_values
from reconciler.cli.new_files import NewFile, SecretsShown, make_files
from reconciler.cli.streams import Streams
from reconciler.converters import Export, ExportedPool, exported_pool
from reconciler.model.errors import UsageProblem
from reconciler.model.project import Project
from reconciler.model.spec import PoolId, Spec
from reconciler.reports.escape import escape

_POOL_ID: TypeAdapter[str] = TypeAdapter(PoolId)


@dataclass(frozen=True, slots=True)
class Selection:
    """The pools to export, and the names of those that are to be deleted and so are not."""

    pools: tuple[ExportedPool, ...]
    tombstones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Files:
    """Where the texts go; ``None`` is stdout for the first, and nowhere for the imports."""

    out: Path | None
    imports: Path | None
    force: bool


def exported(
    specs: Sequence[Path] | None,
    project_file: Path | None,
    target: str | None,
    ids: Sequence[str] | None,
    streams: Streams,
) -> Selection:
    """The pools that are meant.  Raises ``InvalidSpecs`` and ``UsageProblem``."""
    inputs = load_inputs(specs, project_file, streams)
    chosen_targets(inputs.project, [target] if target else [])
    meant = [spec for spec in inputs.loaded.specs if target is None or spec.goes_to(target)]
    known = _known_ids(meant, ids)
    place = target or _only_target(inputs.project)
    pools = [
        exported_pool(spec, known.get(spec.name) or _adopted(spec, place))
        for spec in meant
        if not spec.lifecycle.delete
    ]
    if not pools:
        raise UsageProblem("there is no pool to export", hint="name specs of pools that are kept")
    return Selection(tuple(pools), tuple(s.name for s in meant if s.lifecycle.delete))


def deliver(export: Export, selection: Selection, files: Files, streams: Streams) -> ExitCode:
    """Write the texts; notes and steps go to stderr.

    Raises ``SecretsShown``, ``WouldOverwrite`` and ``UnwritableFile``.
    """
    if export.holds_secret and files.out is None:
        raise SecretsShown([each.name for each in selection.pools if each.holds_secret])
    new = [NewFile(files.out, export.text, export.holds_secret)] if files.out else []
    if files.imports and export.imports:
        new.append(NewFile(files.imports, export.imports))
    make_files(new, force=files.force)
    if files.out is None:
        streams.artefact(export.text)
    _say(export, selection, new, streams)
    return ExitCode.DONE


def _say(export: Export, selection: Selection, new: Sequence[NewFile], streams: Streams) -> None:
    lines = [file.said for file in new]
    lines += [f"{name} is not exported: it is a tombstone." for name in selection.tombstones]
    for line in [*lines, *export.notes, *export.steps]:
        streams.note(f"{escape(line)}\n")


def _known_ids(specs: Sequence[Spec], ids: Sequence[str] | None) -> Mapping[str, str]:
    known = name_values(ids, "--id", "NAME=ID")
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
