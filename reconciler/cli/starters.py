"""The files that ``idpool init`` writes, and what is filled into them.

They are files of the package, in ``reconciler/starters``, and valid YAML there; ``"@NAME@"``,
in its quotes, stands for a value.  Two more say what pipelines install, and are for pip.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from reconciler import __version__
from reconciler.cli.sources import Source, locked

EXAMPLE = "specs/example.yaml"
_PLACE = re.compile(r'"@(?P<name>[A-Z]+)@"')


class Host(StrEnum):
    """Where the pipelines run."""

    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True, slots=True)
class Starter:
    """A file below the folder that is started in, and its text."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Values:
    """What is filled in; "" where it is not known."""

    owner: str
    account: str
    region: str
    role_arn: str
    source: Source

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


def starters(host: Host, values: Values, *, forks: bool) -> tuple[Starter, ...]:
    """The files for one host, filled in.  ``forks``: with those for pull requests from forks."""
    filled = values.as_yaml()
    named = (
        Starter(path, _PLACE.sub(lambda place: filled[place["name"]], _text(name)))
        for path, name in _names(host, forks=forks).items()
    )
    return (*named, *_installed(host, values.source))


def _installed(host: Host, source: Source) -> tuple[Starter, Starter]:
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
    if host is Host.GITLAB:
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
