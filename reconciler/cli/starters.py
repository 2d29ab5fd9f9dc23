"""The files that ``idpool init`` writes, and what is filled into them.

They are files of the package, in ``reconciler/starters``, and valid YAML there; ``"@NAME@"``,
in its quotes, stands for a value.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from reconciler import __version__

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

    def as_yaml(self) -> Mapping[str, str]:
        """Each placeholder's value as YAML: JSON is YAML, and quotes whatever there is."""
        place = {"main": {"account": self.account, "region": self.region}}
        known = self.account and self.region
        return {
            "OWNER": json.dumps(self.owner),
            "TARGETS": json.dumps(place if known else {}),
            "ROLE": json.dumps(self.role_arn),
            "REGION": json.dumps(self.region),
            "VERSION": json.dumps(__version__),
        }


def starters(host: Host, values: Values, *, forks: bool) -> tuple[Starter, ...]:
    """The files for one host, filled in.  ``forks``: with those for pull requests from forks."""
    filled = values.as_yaml()
    return tuple(
        Starter(path, _PLACE.sub(lambda place: filled[place["name"]], _source(name)))
        for path, name in _names(host, forks=forks).items()
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


def _source(name: str) -> str:
    return files("reconciler").joinpath("starters", name).read_text(encoding="utf-8")
