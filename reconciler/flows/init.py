"""``idpool init``: the files that a repository begins with."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, TypeAlias

from pydantic import ValidationError

from reconciler import __version__
from reconciler.flows.install_sources import (
    InstallSource,
    UnusableSource,
    installed_source,
    locked,
    named_source,
)
from reconciler.model.errors import Problems, UnwritableFile, UsageProblem
from reconciler.model.project_file import ProjectDocument
from reconciler.reports.escape import escape
from reconciler.specs.git import git_remote_path, git_root
from reconciler.terminal.files import EVERYBODY_READS, read_if_any, write_whole
from reconciler.terminal.streams import Streams

EXAMPLE = "specs/example.yaml"
_PLACE = re.compile(r'"@(?P<name>[A-Z]+)@"')
# Narrower than what AWS allows in a path: nothing that a pipeline would take for a variable.
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>[0-9]{12}):role/[A-Za-z0-9_+=,.@/-]+")
_IGNORED: Final = ".idpool/"
_ALSO_IGNORES: Final = {".idpool", ".idpool/", "/.idpool", "/.idpool/"}
_SUFFIXES: Final = {".yaml", ".yml"}


Host: TypeAlias = Literal["github", "gitlab"]


@dataclass(frozen=True, slots=True)
class Starter:
    """A file below the folder that is started in, and its text."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class StarterValues:
    """What is filled in; "" where it is not known."""

    owner: str
    account: str
    region: str
    role_arn: str
    source: InstallSource

    def as_yaml(self) -> Mapping[str, str]:
        """Each placeholder's value as YAML: JSON is YAML, and quotes whatever there is."""
        place = {"main": {"account": self.account, "region": self.region}}
        known = self.account and self.region
        return {
            "OWNER": json.dumps(self.owner),
            "TARGETS": json.dumps(place if known else {}),
            "ROLE": json.dumps(self.role_arn),
            "REGION": json.dumps(self.region),
            # pip has Git clone a repository, which the slim image is without.
            "IMAGE": json.dumps("python:3.13" if self.source.is_git else "python:3.13-slim"),
        }


def starters(host: Host, values: StarterValues, *, forks: bool) -> tuple[Starter, ...]:
    """The files for one host, filled in.  ``forks``: with those for pull requests from forks."""
    filled = values.as_yaml()
    named = (
        Starter(path, _PLACE.sub(lambda place: filled[place["name"]], _text(name)))
        for path, name in _names(host, forks=forks).items()
    )
    return (*named, *_installed(host, values.source))


def _installed(host: Host, source: InstallSource) -> tuple[Starter, Starter]:
    """What the pipelines install, all of it pinned: idpool, and what it needs."""
    folder = f".{host}/idpool"
    renew = "To renew both files, delete them and let a newer idpool run init again."
    needs = (
        f"# What idpool {__version__} needs: pipelines install these versions with these hashes,"
        f" and resolve nothing.\n# {renew}\n"
    )
    origin = f"# Where pipelines get idpool itself from: idpool init --from.\n# {renew}\n"
    return (
        Starter(f"{folder}/idpool.txt", origin + "".join(f"{line}\n" for line in source.lines)),
        Starter(f"{folder}/needs.txt", needs + locked(with_build=source.is_git)),
    )


def _names(host: Host, *, forks: bool) -> dict[str, str]:
    """Where each file goes, and what it is called in the package."""
    common = {"idpool.yaml": "idpool.yaml", EXAMPLE: EXAMPLE}
    if host == "gitlab":
        pipelines = {
            ".gitlab-ci.yml": "gitlab/gitlab-ci.yml",
            ".gitlab/idpool.yml": "gitlab/idpool.yml",
        }
        return common | pipelines
    jobs = ["plan", "apply", "drift", *(["validate", "plan-forks"] if forks else [])]
    names = [f"idpool-{job}.yml" for job in jobs]
    return common | {f".github/workflows/{name}": f"github/{name}" for name in names}


def _text(name: str) -> str:
    return files("reconciler").joinpath("starters", name).read_text(encoding="utf-8")


def next_steps(host: Host, values: StarterValues, root: Path | None, *, forks: bool) -> str:
    """The steps, numbered.  ``root``: the repository's, where init was run below it."""
    steps = [
        *([_misplaced_sign(root, host)] if root else []),
        *([f"commit {wheel}, too: pipelines install it"] if (wheel := values.source.wheel) else []),
        "idpool schema --out schemas   (editors then know the fields)",
        "change specs/example.yaml into a pool of yours; idpool validate",
        "idpool iam-policy plan, idpool iam-policy apply: the two roles of the pipelines;"
        " docs/pipelines.md has their trust policies",
        *(_github(values, forks=forks) if host == "github" else _gitlab(values)),
    ]
    lines = [f"  {number}. {step}\n" for number, step in enumerate(steps, 1)]
    return f"Owner: {escape(values.owner)}\nNext:\n{''.join(lines)}"


def _misplaced_sign(root: Path, host: Host) -> str:
    name = "GitHub" if host == "github" else "GitLab"
    return (
        f"{name} reads pipelines in {escape(str(root.resolve()))} only: move them there, and let"
        " their commands run in this folder"
    )


def _github(values: StarterValues, *, forks: bool) -> list[str]:
    variables = [_roles(values), *_region(values)]
    environments = ["idpool, idpool-drift", *(["idpool-forks (WITH reviewers)"] if forks else [])]
    return [
        f"repository variables: {', '.join(variables)}",
        f"environments, limited to branch main: {', '.join(environments)}",
        "secret IDPOOL_NOTIFY in environment idpool-drift: who is told of drift",
        "read the first lines of each file in .github/workflows",
    ]


def _gitlab(values: StarterValues) -> list[str]:
    variables = [_roles(values), *_region(values), "GITLAB_TOKEN"]
    return [
        f"CI/CD variables: {', '.join(variables)}, IDPOOL_NOTIFY",
        "a pipeline schedule on the default branch, for drift",
        "read the first lines of .gitlab/idpool.yml; a .gitlab-ci.yml that was there has to include"
        " it",
    ]


def _roles(values: StarterValues) -> str:
    names = "IDPOOL_PLAN_ROLE, IDPOOL_APPLY_ROLE"
    return f"{names} (until then both are {values.role_arn})" if values.role_arn else names


def _region(values: StarterValues) -> list[str]:
    return [] if values.region else ["AWS_REGION"]


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


def _values(folder: Path, answers: Answers) -> StarterValues:
    owner = _guessed_owner(folder) if answers.owner is None else answers.owner
    role = _ROLE.fullmatch(answers.role_arn or "")
    problems: list[str] = []
    values = StarterValues(
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


def _source(folder: Path, answers: Answers, problems: list[str]) -> InstallSource:
    """What pipelines are to install; where that is not known, one problem more and nothing."""
    try:
        if answers.source is None:
            return installed_source(folder)
        return named_source(answers.source, folder)
    except UnusableSource as problem:
        problems.append(str(problem))
        return InstallSource(())


def _problems(answers: Answers, values: StarterValues, *, is_role: bool) -> Iterator[str]:
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
    if answers.forks and answers.host != "github":
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
