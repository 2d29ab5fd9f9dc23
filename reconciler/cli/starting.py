"""The steps of ``idpool init``: settle what is filled in, then write what is not there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from reconciler.cli.sources import Source, UnusableSource, installed_source, named_source
from reconciler.cli.starters import EXAMPLE, Host, Starter, Values, starters
from reconciler.cli.starting_texts import next_steps
from reconciler.cli.streams import Streams
from reconciler.cli.whole_files import EVERYBODY_READS, read_if_any, write_whole
from reconciler.loader import git_remote_path, git_root
from reconciler.model.errors import Problems, UnwritableFile, UsageProblem
from reconciler.model.project_document import ProjectDocument
from reconciler.reports.escape import escape

# Narrower than what AWS allows in a path: nothing that a pipeline would take for a variable.
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>[0-9]{12}):role/[A-Za-z0-9_+=,.@/-]+")
_IGNORED: Final = ".idpool/"
_ALSO_IGNORES: Final = {".idpool", ".idpool/", "/.idpool", "/.idpool/"}
_SUFFIXES: Final = {".yaml", ".yml"}


@dataclass(frozen=True, slots=True)
class Answers:
    """What the user has said; ``None`` where nothing."""

    host: Host
    owner: str | None = None
    account: str | None = None
    region: str | None = None
    role_arn: str | None = None
    source: str | None = None
    forks: bool = False


@dataclass(slots=True)
class _Outcome:
    written: list[Path] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)
    problems: list[UnwritableFile] = field(default_factory=list)


def start(folder: Path, answers: Answers, streams: Streams, *, force: bool) -> None:
    """Write the starter files.  The files written go to stdout, everything else to stderr.

    Raises ``UsageProblem`` before anything is written, and ``Problems`` with every file that could
    not be written, after all others have been.
    """
    values = _values(folder, answers)
    outcome = _Outcome()
    for starter in starters(answers.host, values, forks=answers.forks):
        if not (starter.path == EXAMPLE and _has_other_specs(folder)):
            _write(folder, starter, outcome, force=force)
    _ignore(folder / ".gitignore", outcome)
    for path in outcome.written:
        streams.artefact(escape(str(path)))
    for path in outcome.kept:
        streams.note(f"kept {escape(str(path))}: it differs, and --force would overwrite it\n")
    streams.note(next_steps(answers.host, values, _misplaced(folder), forks=answers.forks))
    if outcome.problems:
        raise Problems(outcome.problems)


def _values(folder: Path, answers: Answers) -> Values:
    owner = _guessed_owner(folder) if answers.owner is None else answers.owner
    role = _ROLE.fullmatch(answers.role_arn or "")
    problems: list[str] = []
    values = Values(
        owner=owner,
        account=answers.account or (role["account"] if role else ""),
        region=answers.region or "",
        role_arn=answers.role_arn or "",
        source=_source(folder, answers, problems),
    )
    problems[:0] = _problems(answers, values, is_role=role is not None)
    if problems:
        raise UsageProblem("; ".join(problems), hint="see idpool init --help")
    return values


def _source(folder: Path, answers: Answers, problems: list[str]) -> Source:
    """What pipelines are to install; where that is not known, one problem more and nothing."""
    try:
        if answers.source is None:
            return installed_source(folder)
        return named_source(answers.source, folder)
    except UnusableSource as problem:
        problems.append(str(problem))
        return Source(())


def _problems(answers: Answers, values: Values, *, is_role: bool) -> Iterator[str]:
    if not values.owner:
        yield "there is no name to guess the owner from: give --owner"
    elif not _fits(owner=values.owner):
        yield (
            f"--owner {values.owner!r} cannot be the value of a tag: "
            "letters, digits, spaces and _ . : / = + @ -, 256 at most"
        )
    if values.account and not _fits(account=values.account):
        yield f"--account {values.account!r} is no account: 12 digits"
    if values.region and not _fits(region=values.region):
        yield f"--region {values.region!r} is no region, such as eu-west-1"
    if values.role_arn and not is_role:
        yield f"--role-arn {values.role_arn!r} is not like arn:aws:iam::111122223333:role/idpool"
    elif is_role and f"::{values.account}:" not in values.role_arn:
        yield f"--role-arn is of another account than --account {values.account}"
    if answers.account and not values.region:
        yield "--account needs --region: a target is both"
    if answers.forks and answers.host is not Host.GITHUB:
        yield "--forks is for github"


def _fits(owner: str = "x", account: str = "0" * 12, region: str = "eu-west-1") -> bool:
    """Whether a project file may say so."""
    target = {"account": account, "region": region}
    head = {"apiVersion": "idpool/v1", "kind": "Project", "owner": owner}
    try:
        ProjectDocument.model_validate({**head, "targets": {"main": target}})
    except ValidationError:
        return False
    return True


def _guessed_owner(folder: Path) -> str:
    """What others would call the repository: its path at its host, else the folder's name."""
    guesses = (git_remote_path(folder), (git_root(folder) or folder).resolve().name)
    return next((guess for guess in guesses if guess and _fits(owner=guess)), "")


def _write(folder: Path, starter: Starter, outcome: _Outcome, *, force: bool) -> None:
    path = folder / starter.path
    if _is_there(path):
        if read_if_any(path) == starter.text:
            return
        if not force:
            outcome.kept.append(path)
            return
    _try(path, starter.text, outcome)


def _ignore(path: Path, outcome: _Outcome) -> None:
    """Add what is missing; what else the file says stays as it is."""
    there = _is_there(path)
    text = read_if_any(path) if there else ""
    if any(line.strip() in _ALSO_IGNORES for line in text.splitlines()):
        return
    if "\ufffd" in text or (there and not path.is_file()):
        outcome.kept.append(path)
        return
    gap = "" if not text or text.endswith("\n") else "\n"
    _try(path, f"{text}{gap}{_IGNORED}\n", outcome)


def _try(path: Path, text: str, outcome: _Outcome) -> None:
    try:
        write_whole(path, text, EVERYBODY_READS)
    except UnwritableFile as problem:
        outcome.problems.append(problem)
    else:
        outcome.written.append(path)


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _has_other_specs(folder: Path) -> bool:
    """A repository that has specs needs no example, which would be one pool more."""
    specs = folder / "specs"
    found = specs.rglob("*") if specs.is_dir() else iter(())
    return any(path.suffix in _SUFFIXES and path != folder / EXAMPLE for path in found)


def _misplaced(folder: Path) -> Path | None:
    """The repository's root, where the folder is another one: pipelines are read only there."""
    root = git_root(folder)
    return root if root and root.resolve() != folder.resolve() else None
