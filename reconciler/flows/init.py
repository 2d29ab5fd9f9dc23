"""``idpool init``: the files that a repository begins with."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, TypeAlias

from pydantic import ValidationError

from reconciler import __version__
from reconciler.flows import install_sources as sources
from reconciler.model.base import JsonValue
from reconciler.model.errors import Problems, UnwritableFile, UsageProblem
from reconciler.model.project_file import ProjectDocument
from reconciler.reports.escape import escape
from reconciler.specs.git import git_remote_path, git_root
from reconciler.terminal.files import EVERYBODY_READS, read_if_any, write_whole
from reconciler.terminal.streams import Streams
from reconciler.text.emission import key, one_line

EXAMPLE = "specs/example.yaml"
_OF_TARGETS: Final = "specs/example-of-targets.yaml"
_PLACE = re.compile(r'(?P<space> ?)"@(?P<name>[A-Z]+)@"')
# Narrower than what AWS allows in a path: nothing that a pipeline would take for a variable.
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>[0-9]{12}):role/[A-Za-z0-9_+=,.@/-]+")
_IGNORED: Final = ".idpool/"
_ALSO_IGNORES: Final = {".idpool", ".idpool/", "/.idpool", "/.idpool/"}
# Of a target whose account is to be filled in: nobody's, and each another one.
_NOBODYS: Final = "{:012}"
_FILL_IN: Final = "fill in account and region of each target in idpool.yaml"
_SOME_REGION: Final = "eu-west-1"
_ROLE_OF_TARGET: Final = "arn:${target.partition}:iam::${target.account}:role/idpool"
_SUFFIXES: Final = {".yaml", ".yml"}
Host: TypeAlias = Literal["github", "gitlab"]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the user has said; ``None`` where nothing.  ``forks``: with what their plans need.

    ``targets``: names with commas between them.  Without a ``host`` there are no pipelines.
    """

    host: Host | None = None
    owner: str | None = None
    account: str | None = None
    region: str | None = None
    role_arn: str | None = None
    source: str | None = None
    forks: bool = False
    targets: str | None = None

    @property
    def target_names(self) -> Sequence[str]:
        """The names of targets, none where nothing was said."""
        return [] if self.targets is None else [each.strip() for each in self.targets.split(",")]


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
    texts = {path: _filled(name, values) for path, name in _names(answers).items()}
    outcome = _Outcome()
    for path, text in texts.items():
        if not (path == EXAMPLE and _has_other_specs(folder)):
            _write(folder / path, text, outcome, force=force)
    _ignore(folder / ".gitignore", outcome)
    for written in outcome.written:
        streams.artefact(escape(str(written)))
    for kept in outcome.kept:
        streams.note(f"kept {escape(str(kept))}: it differs, and --force would overwrite it\n")
    told = f"{answers.host}/next-steps.txt" if answers.host else "next-steps.txt"
    steps = filter(None, _filled(told, values).splitlines())
    numbered = (f"  {number}. {step}\n" for number, step in enumerate(steps, 1))
    streams.note(f"Owner: {escape(json.loads(values['OWNER']))}\nNext:\n{''.join(numbered)}")
    if outcome.problems:
        raise Problems(outcome.problems)


def _names(answers: Answers) -> dict[str, str]:
    """Where each file goes, and what it is called in the package."""
    host = answers.host
    example = _OF_TARGETS if answers.targets else EXAMPLE
    common = {"idpool.yaml": "idpool.yaml", EXAMPLE: example}
    if host is None:
        return common
    jobs = ["plan", "apply", "drift", *(["validate", "plan-forks"] if answers.forks else [])]
    names = [f"idpool-{job}.yml" for job in jobs]
    pipelines = {
        "github": {f".github/workflows/{name}": f"github/{name}" for name in names},
        "gitlab": {
            ".gitlab-ci.yml": "gitlab/gitlab-ci.yml",
            ".gitlab/idpool.yml": "gitlab/idpool.yml",
        },
    }
    # What the pipelines install, all of it pinned: idpool, and what it needs.
    installed = {f".{host}/idpool/{name}": name for name in ("idpool.txt", "needs.txt")}
    return {**common, **pipelines[host], **installed}


def _filled(name: str, values: Mapping[str, str]) -> str:
    text = files("reconciler").joinpath("starters", name).read_text(encoding="utf-8")

    def filled(place: re.Match[str]) -> str:
        value = values[place["name"]]
        return value if value.startswith("\n") else place["space"] + value

    return _PLACE.sub(filled, text)


def _values(folder: Path, answers: Answers) -> dict[str, str]:
    """What is filled in, by placeholder.  Raises ``UsageProblem`` with all that is wrong."""
    owner = _guessed_owner(folder) if answers.owner is None else answers.owner
    role = _ROLE.fullmatch(answers.role_arn or "")
    account = answers.account or (role["account"] if role else "")
    source = sources.InstallSource(())
    problems = list(_problems(answers, owner, account, is_role=role is not None))
    try:
        if answers.host:
            source = sources.install_source(answers.source, folder)
    except sources.UnusableSource as problem:
        problems.append(str(problem))
    if problems:
        raise UsageProblem("; ".join(problems), hint="see idpool init --help")
    return {
        **_of_pipelines(answers, owner, account, source),
        **_of_next_steps(answers, folder, source.wheel),
    }


def _of_pipelines(
    answers: Answers, owner: str, account: str, source: sources.InstallSource
) -> Mapping[str, str]:
    """Values in YAML are JSON, which is YAML and quotes whatever there is."""
    return {
        "OWNER": json.dumps(owner),
        "TARGETS": _targets(answers, account),
        "FIRST": json.dumps(next(iter(answers.target_names), "")),
        "ROLE": json.dumps(answers.role_arn or ""),
        "REGION": json.dumps(answers.region or ""),
        # pip has Git clone a repository, which the slim image is without.
        "IMAGE": json.dumps("python:3.13" if source.is_git else "python:3.13-slim"),
        "VERSION": __version__,
        "SOURCE": "\n".join(source.lines),
        "NEEDS": sources.locked(with_build=source.is_git),
    }


def _targets(answers: Answers, account: str) -> str:
    """What stands behind ``targets:``, a line for each where there are several to fill in."""
    if not answers.targets:
        place = {"main": {"account": account, "region": answers.region}}
        return json.dumps(place if account and answers.region else {})
    region = answers.region or _SOME_REGION
    lines = ["", "  # Fill in account and region: these accounts are nobody's."]
    for number, name in enumerate(answers.target_names, 1):
        empty: dict[str, JsonValue] = {
            "account": _NOBODYS.format(number),
            "region": region,
            "roleArn": _ROLE_OF_TARGET,
        }
        lines.append(f"  {key(name)}: {one_line(empty)}")
    return "\n".join(lines)


def _of_next_steps(answers: Answers, folder: Path, wheel: str) -> Mapping[str, str]:
    """What is said of some repositories alone; a step that is "" is left out."""
    role = answers.role_arn
    root = git_root(folder)
    host = "GitHub" if answers.host == "github" else "GitLab"
    misplaced = (
        f"{host} reads pipelines in {escape(str(root.resolve()))} only: move them there, and let"
        " their commands run in this folder"
        if root and root.resolve() != folder.resolve()
        else ""
    )
    return {
        "MISPLACED": misplaced,
        "FILL": "fill in account and region of each target in idpool.yaml"
        if answers.targets
        else "",
        "WHEEL": f"commit {wheel}, too: pipelines install it" if wheel else "",
        "UNTIL": f" (until then both are {role})" if role else "",
        "REGIONVARIABLE": "" if answers.region else ", AWS_REGION",
        "FORKS": ", idpool-forks (WITH reviewers)" if answers.forks else "",
    }


def _problems(answers: Answers, owner: str, account: str, *, is_role: bool) -> Iterator[str]:
    role, region = answers.role_arn or "", answers.region
    if not owner:
        yield "there is no name to guess the owner from: give --owner"
    elif not _fits(owner=owner):
        yield (
            f"--owner {owner!r} cannot be the value of a tag: "
            "letters, digits, spaces and _ . : / = + @ -, 256 at most"
        )
    if account and not _fits(account=account):
        yield f"--account {account!r} is no account: 12 digits"
    if region and not _fits(region=region):
        yield f"--region {region!r} is no region, such as eu-west-1"
    if role and not is_role:
        yield f"--role-arn {role!r} is not like arn:aws:iam::111122223333:role/idpool"
    elif is_role and f"::{account}:" not in role:
        yield f"--role-arn is of another account than --account {account}"
    yield from _contradictions(answers)
    yield from _target_problems(answers.target_names)


def _contradictions(answers: Answers) -> Iterator[str]:
    """What does not go together, or needs what is not there."""
    if answers.account and answers.targets:
        yield "--account is of one target: fill in those of --targets in idpool.yaml"
    elif answers.account and not answers.region:
        yield "--account needs --region: a target is both"
    if answers.forks and answers.host != "github":
        yield "--forks is for github"
    if answers.host is None and answers.targets is None:
        yield "name github or gitlab, or give --targets for a project without pipelines"


def _target_problems(names: Sequence[str]) -> Iterator[str]:
    for name, number in Counter(names).items():
        if not _fits(target=name):
            yield f"--targets: {name!r} is no name of a target"
        elif number > 1:
            yield f"--targets names {name} twice"


def _fits(
    owner: str = "x", account: str = "0" * 12, region: str = _SOME_REGION, target: str = "main"
) -> bool:
    """Whether a project file may say so."""
    place = {"account": account, "region": region}
    head = {"apiVersion": "idpool/v1", "kind": "Project", "owner": owner}
    try:
        ProjectDocument.model_validate({**head, "targets": {target: place}})
    except ValidationError:
        return False
    return True


def _guessed_owner(folder: Path) -> str:
    """What others would call the repository: its path at its host, else the folder's name."""
    guesses = (git_remote_path(folder), (git_root(folder) or folder).resolve().name)
    return next((guess for guess in guesses if guess and _fits(owner=guess)), "")


def _write(path: Path, text: str, outcome: _Outcome, *, force: bool) -> None:
    if not _is_there(path) or (force and read_if_any(path) != text):
        _try(path, text, outcome)
    elif read_if_any(path) != text:
        outcome.kept.append(path)


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
