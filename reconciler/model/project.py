"""The project: whose pools these are, and which accounts and regions they live in."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from reconciler.model.config import RECORD_CONFIG
from reconciler.model.findings import Finding
from reconciler.model.ignore import Ignore

if TYPE_CHECKING:
    from pydantic import ConfigDict

OWNER_TAG = "idpool:owner"
NAME_TAG = "idpool:name"
RESERVED_TAG_PREFIX = "idpool:"
AWS_TAG_PREFIX = "aws:"
MAX_TAGS = 50
DEFAULT_OWNER = "default"
AMBIENT = "default"


class OwnerTags(NamedTuple):
    """The values of the tags idpool:owner and idpool:name: whose a pool is."""

    owner: str
    name: str


@dataclass(frozen=True, slots=True)
class Target:
    """A named place that specs are applied to.

    ``account`` and ``region`` are ``None`` only for the ambient target before AWS was asked.
    """

    __pydantic_config__: ClassVar["ConfigDict"] = RECORD_CONFIG

    name: str
    account: str | None = None
    region: str | None = None
    role_arn: str | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """The settings that a command works with, from a project file or the defaults.

    ``file`` is where they were read, ``None``: these are the defaults; ``warnings`` are what is
    doubtful about it.
    """

    owner: str = DEFAULT_OWNER
    former_owners: tuple[str, ...] = ()
    specs: tuple[str, ...] = ()
    targets: tuple[Target, ...] = (Target(name=AMBIENT),)
    ignore_tags: tuple[str, ...] = ()
    ignore: tuple[Ignore, ...] = ()
    lock: str | None = None
    file: str | None = field(default=None, compare=False)
    warnings: tuple[Finding, ...] = field(default=(), compare=False)
