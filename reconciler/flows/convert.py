"""``idpool convert``: read another tool's file, make specs of it, say what is left to do."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from reconciler.converters.cloudformation import from_cloudformation
from reconciler.converters.conversion import Conversion, ConvertedPool, Supplied
from reconciler.converters.pseudo_parameters import Kept
from reconciler.converters.terraform import from_terraform
from reconciler.flows.inputs import chosen_targets, project_of
from reconciler.model.errors import InvalidSpecs, UsageProblem
from reconciler.model.findings import Finding, RuleId
from reconciler.model.project import Project
from reconciler.model.request import Named
from reconciler.reports.error_text import findings_text
from reconciler.reports.escape import escape
from reconciler.specs.files import name_of, read_text
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.files import NewFile, SecretsShown, make_files
from reconciler.terminal.streams import Streams

# CloudFormation itself takes a megabyte.
_MOST_TEMPLATE_BYTES = 32 * 1024 * 1024
# What is not about identity pools is passed over, and leaves nothing in memory but its text.
_MOST_STATE_BYTES = 256 * 1024 * 1024
_NO_TEMPLATE = "name the template itself: CloudFormation takes none of more than 1 MB"
_ONLY_POOLS = """\
leave out what is not about identity pools: terraform state pull | jq '.resources |= \
map(select(.type | startswith("aws_cognito_identity_pool")))' | idpool convert terraform -"""
_STDIN = Path("-")
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")


@dataclass(frozen=True, slots=True)
class Request:
    """A template or a state, what the options say of it by name, and where its specs go.

    ``folder``: stdout without one; ``target``: of the project, whose pools they adopt.
    ``parameters``, ``account`` and ``region`` are of a template.
    """

    file: Path
    values: Mapping[str, str]
    folder: Path | None
    target: str | None
    force: bool
    parameters: Mapping[str, str] = field(default_factory=dict)
    account: str | None = None
    region: str | None = None


def convert_template(request: Request, streams: Streams) -> ExitCode:
    """Specs of the pools in a CloudFormation template.

    Raises ``InvalidSpecs`` where it cannot be read, ``UsageProblem``, ``WouldOverwrite`` and
    ``UnwritableFile``.
    """
    _require(_ACCOUNT, request.account, "--account takes the 12 digits of an account")
    _require(_REGION, request.region, "--region takes a region, such as eu-west-1")
    project = _project_for(request, streams)
    known = {"AWS::AccountId": request.account, "AWS::Region": request.region}
    pseudo = {name: value for name, value in known.items() if value is not None}
    name, text = _read(request.file, _MOST_TEMPLATE_BYTES, _NO_TEMPLATE)
    supplied = Supplied(
        {**request.parameters, **pseudo},
        request.values,
        project=project,
        kept=Kept.of(project, request.target),
    )
    return _deliver(from_cloudformation(name, text, supplied, request.target), request, streams)


def convert_state(request: Request, streams: Streams) -> ExitCode:
    """Specs of the pools in a Terraform state or plan.  Raises as ``convert_template`` does."""
    supplied = Supplied(values=request.values, project=_project_for(request, streams))
    name, text = _read(request.file, _MOST_STATE_BYTES, _ONLY_POOLS)
    return _deliver(from_terraform(name, text, supplied, request.target), request, streams)


def _read(path: Path, most: int, way_out: str) -> tuple[str, str]:
    """The name that findings give to a file, and its text."""
    text = read_text(Path("/dev/stdin") if path == _STDIN else path, most)
    if isinstance(text, Finding):
        is_large = text.rule == RuleId.FILE_SIZE
        raise InvalidSpecs([replace(text, fix=way_out) if is_large else text])
    return "<stdin>" if path == _STDIN else name_of(path), text


def _project_for(request: Request, streams: Streams) -> Project:
    """The project that the specs go to: that of their folder; else the one here.

    Raises ``UsageProblem`` for a target that is not the project's.
    """
    folder, name = request.folder, request.target
    project = project_of(Named((folder,) if folder else ()), streams)
    if name and project.file:
        chosen_targets(project, [name])
    elif name:
        streams.note(
            f"There is no project file here; where the specs go, it has to name {escape(name)}.\n"
        )
    return project


def _deliver(conversion: Conversion, request: Request, streams: Streams) -> ExitCode:
    """Write the specs; findings, notes and steps go to stderr."""
    if conversion.findings:
        streams.problem(findings_text(conversion.findings))
    for note in conversion.notes:
        streams.note(f"{escape(note)}\n")
    all_written = _write(conversion.pools, request, streams)
    for step in conversion.steps:
        streams.note(f"{escape(step)}\n")
    return ExitCode.DONE if conversion.is_complete and all_written else ExitCode.FAILED


def _write(pools: Sequence[ConvertedPool], request: Request, streams: Streams) -> bool:
    """Write specs; on stdout not those that hold secrets.  Whether all were written."""
    if folder := request.folder:
        files = [NewFile(folder / f"{p.name}.yaml", p.text, p.holds_secret) for p in pools]
        make_files(files, force=request.force)
        for file in files:
            streams.note(f"{escape(file.said)}\n")
        return True
    shown = [pool.text for pool in pools if not pool.holds_secret]
    hidden = [pool.name for pool in pools if pool.holds_secret]
    if shown:
        streams.artefact("---\n".join(shown))
    if hidden:
        streams.error(SecretsShown(hidden))
    return not hidden


def _require(pattern: re.Pattern[str], text: str | None, message: str) -> None:
    if text is not None and not pattern.fullmatch(text):
        raise UsageProblem(message, hint="check the spelling")
