"""The way that convert goes: read, convert, write, say what is left to do.  Only the order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.inputs import chosen_targets
from reconciler.cli.name_values import name_values
from reconciler.cli.new_files import NewFile, SecretsShown, make_files
from reconciler.cli.spec_paths import project_of
from reconciler.cli.streams import Streams
from reconciler.converters import Conversion, ConvertedPool, Given
from reconciler.loader.files import name_of, read_text
from reconciler.loader.rule_ids import RuleId
from reconciler.model.errors import InvalidSpecs, UsageProblem
from reconciler.model.findings import Finding
from reconciler.model.project import Project
from reconciler.reports.error_text import error_text
from reconciler.reports.escape import escape
from reconciler.reports.findings_text import findings_text

# CloudFormation itself takes a megabyte.
MOST_TEMPLATE_BYTES = 32 * 1024 * 1024
# What is not about identity pools is passed over, and leaves nothing in memory but its text.
MOST_STATE_BYTES = 256 * 1024 * 1024
_NO_TEMPLATE = "name the template itself: CloudFormation takes none of more than 1 MB"
_ONLY_POOLS = """\
leave out what is not about identity pools: terraform state pull | jq '.resources |= \
map(select(.type | startswith("aws_cognito_identity_pool")))' | idpool convert terraform -"""
_STDIN = Path("-")
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")


class Source(NamedTuple):
    """The text of a file, and the name that findings give it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Destination:
    """Where specs go: a folder, or stdout."""

    folder: Path | None
    force: bool


def template_source(path: Path) -> Source:
    """Read a template, or stdin for ``-``.  Raises ``InvalidSpecs``."""
    return _source(path, MOST_TEMPLATE_BYTES, _NO_TEMPLATE)


def state_source(path: Path) -> Source:
    """Read a state or plan, or stdin for ``-``.  Raises ``InvalidSpecs``."""
    return _source(path, MOST_STATE_BYTES, _ONLY_POOLS)


def _source(path: Path, most: int, way_out: str) -> Source:
    text = read_text(Path("/dev/stdin") if path == _STDIN else path, most)
    if isinstance(text, Finding):
        is_large = text.rule == RuleId.FILE_SIZE
        raise InvalidSpecs([replace(text, fix=way_out) if is_large else text])
    return Source("<stdin>" if path == _STDIN else name_of(path), text)


def project_for(name: str | None, out: Path | None, streams: Streams) -> Project:
    """The project that the specs go to: that of the folder ``out``; else the one here.

    Raises ``UsageProblem`` for a target that is not the project's.
    """
    project = project_of([out] if out else (), None, streams)
    if name and project.file:
        chosen_targets(project, [name])
    elif name:
        streams.note(
            f"There is no project file here; where the specs go, it has to name {escape(name)}.\n"
        )
    return project


def template_given(
    parameters: Sequence[str] | None,
    account: str | None,
    region: str | None,
    values: Sequence[str] | None,
    project: Project,
) -> Given:
    """What the options say of a template.  Raises ``UsageProblem``."""
    _require(_ACCOUNT, account, "--account takes the 12 digits of an account")
    _require(_REGION, region, "--region takes a region, such as eu-west-1")
    known = {"AWS::AccountId": account, "AWS::Region": region}
    pseudo = {name: value for name, value in known.items() if value is not None}
    given = name_values(parameters, "--parameter")
    return Given({**given, **pseudo}, name_values(values, "--set"), project=project)


def state_given(values: Sequence[str] | None, project: Project) -> Given:
    """What the options say of a state or plan.  Raises ``UsageProblem``."""
    return Given(values=name_values(values, "--set"), project=project)


def deliver(conversion: Conversion, destination: Destination, streams: Streams) -> ExitCode:
    """Write the specs; findings, notes and steps go to stderr.

    Raises ``WouldOverwrite`` and ``UnwritableFile``.
    """
    if conversion.findings:
        streams.problem(findings_text(conversion.findings))
    for note in conversion.notes:
        streams.note(f"{escape(note)}\n")
    hidden = _write(conversion.pools, destination, streams)
    for step in conversion.steps:
        streams.note(f"{escape(step)}\n")
    return ExitCode.DONE if conversion.is_complete and not hidden else ExitCode.FAILED


def _write(
    pools: Sequence[ConvertedPool], destination: Destination, streams: Streams
) -> Sequence[ConvertedPool]:
    """Write specs; gives those that must not be shown."""
    if destination.folder is not None:
        _write_files(pools, destination.folder, destination.force, streams)
        return ()
    shown = [pool for pool in pools if not pool.holds_secret]
    hidden = [pool for pool in pools if pool.holds_secret]
    if shown:
        streams.artefact("---\n".join(pool.text for pool in shown))
    if hidden:
        streams.problem(error_text(SecretsShown([pool.name for pool in hidden])))
    return hidden


def _write_files(
    pools: Sequence[ConvertedPool], folder: Path, force: bool, streams: Streams
) -> None:
    files = [NewFile(folder / f"{p.name}.yaml", p.text, p.holds_secret) for p in pools]
    make_files(files, force=force)
    for file in files:
        streams.note(f"{escape(file.said)}\n")


def _require(pattern: re.Pattern[str], text: str | None, message: str) -> None:
    if text is not None and not pattern.fullmatch(text):
        raise UsageProblem(message, hint="check the spelling")
