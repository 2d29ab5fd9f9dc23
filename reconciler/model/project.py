"""The project: whose pools these are, and which accounts and regions they live in."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from reconciler.model.base import Record
from reconciler.model.ignore import Ignore, IgnoreEntry
from reconciler.model.spec import RoleArn, TargetName

OWNER_TAG = "idpool:owner"
NAME_TAG = "idpool:name"
RESERVED_TAG_PREFIX = "idpool:"
AWS_TAG_PREFIX = "aws:"
MAX_TAGS = 50
# s3://bucket/key-prefix.  Steps of the key start with a letter or digit, so none is "." or "..",
# which HTTP clients take for folders; the length leaves room for the target's name in S3's 1,024.
_LOCK = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9][A-Za-z0-9_.=@+-]*)+/?$"
DEFAULT_OWNER = "default"
AMBIENT = "default"


class TargetSettings(Record):
    """One (account, region, role) that specs are applied to."""

    account: Annotated[
        str, Field(pattern=r"^[0-9]{12}$", description="The account that must answer, quoted.")
    ]
    region: Annotated[
        str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]+$", description="The AWS region.")
    ]
    role_arn: Annotated[
        RoleArn | None, Field(description="Role to assume. Left out: the ambient credentials.")
    ] = None


class ProjectDocument(Record):
    """The project file, idpool.yaml at the repository root."""

    api_version: Annotated[Literal["idpool/v1"], Field(description="The format's version.")]
    kind: Annotated[Literal["Project"], Field(description="The kind of document.")]
    owner: Annotated[
        str,
        Field(
            min_length=1,
            max_length=256,
            # A tag value: letters, digits, spaces and these signs (AWS tagging guide).
            pattern=r"^[A-Za-z0-9 _.:/=+@-]+$",
            description="Written as tag idpool:owner on every pool of this repository.",
        ),
    ]
    specs: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field(min_length=1, description="Spec files and folders, relative to this file."),
    ] = ["specs/"]
    targets: Annotated[
        dict[TargetName, TargetSettings],
        Field(description="Where specs go. Left out: the ambient AWS environment."),
    ] = {}
    ignore_tags: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field(description="Tag keys (with * and ?) that others write: never compared or changed."),
    ] = []
    ignore: Annotated[
        list[IgnoreEntry],
        Field(max_length=1000, description="Known drift: reported as ignored until its date."),
    ] = []
    lock: Annotated[
        str | None,
        Field(
            max_length=960,
            pattern=_LOCK,
            description="s3://bucket/key-prefix: where apply locks its targets, one object each. "
            "Left out: no lock.",
        ),
    ] = None


class Target(Record):
    """A named place that specs are applied to.

    ``account`` and ``region`` are ``None`` only for the ambient target before AWS was asked.
    """

    name: str
    account: str | None = None
    region: str | None = None
    role_arn: str | None = None


class Project(Record):
    """The settings that a command works with, from a project file or the defaults."""

    owner: str = DEFAULT_OWNER
    specs: tuple[str, ...] = ()
    targets: tuple[Target, ...] = (Target(name=AMBIENT),)
    ignore_tags: tuple[str, ...] = ()
    ignore: tuple[Ignore, ...] = ()
    lock: str | None = None


def project_of(document: ProjectDocument) -> Project:
    """The settings that a project file stands for.  Its dates must be dates."""
    targets = tuple(
        Target(name=name, account=t.account, region=t.region, role_arn=t.role_arn)
        for name, t in document.targets.items()
    )
    return Project(
        owner=document.owner,
        specs=tuple(document.specs),
        targets=targets or (Target(name=AMBIENT),),
        ignore_tags=tuple(document.ignore_tags),
        ignore=tuple(
            Ignore(path=entry.path, reason=entry.reason, until=date.fromisoformat(entry.until))
            for entry in document.ignore
        ),
        lock=document.lock,
    )
