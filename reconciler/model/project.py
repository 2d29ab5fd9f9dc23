"""The project: whose pools these are, and which accounts and regions they live in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, NamedTuple

from pydantic import Field

from reconciler.model.base import RECORD_CONFIG, Record
from reconciler.model.findings import Finding, Source
from reconciler.model.partitions import REGION_FORM
from reconciler.model.spec import TargetName
from reconciler.model.spec_values import NO_SPACE, RoleArn

_NOWHERE: Final = Source(file="")


if TYPE_CHECKING:
    from pydantic import ConfigDict


OWNER_TAG = "idpool:owner"
NAME_TAG = "idpool:name"
RESERVED_TAG_PREFIX = "idpool:"
AWS_TAG_PREFIX = "aws:"
MAX_TAGS = 50
DEFAULT_OWNER = "default"
AMBIENT = "default"
# A tag value: letters, digits, spaces and these signs (AWS tagging guide).
_OWNER = r"^[A-Za-z0-9 _.:/=+@-]+$"
# s3://bucket/key-prefix.  Steps of the key start with a letter or digit, so none is "." or "..",
# which HTTP clients take for folders; the length leaves room for the target's name in S3's 1,024.
_LOCK = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9][A-Za-z0-9_.=@+-]*)+/?$"


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
class Ignore:
    """An entry with the place it was read from; ``column`` is 1-based."""

    path: str
    reason: str
    until: date
    source: Source = _NOWHERE
    column: int = 1

    def covers(self, name: str, field: str, member: Sequence[str | int]) -> bool:
        """Whether it is about this member (``()``: the field as a whole) of a spec's pool.

        A pattern for a member covers what is below it, too: ``RoleMappings.graph.facebook.com``
        its rules.
        """
        spec, wanted_field, *rest = self.path.split(".", 2)
        if not fnmatchcase(name, spec) or wanted_field != field:
            return False
        return not rest or any(fnmatchcase(text, rest[0]) for text in _prefixes(member))

    def holds_on(self, day: date) -> bool:
        """Whether the entry still hides something on this day."""
        return day <= self.until


def first_that_covers(
    entries: Iterable[Ignore], name: str, field: str, member: Sequence[str | int]
) -> Ignore | None:
    """The first entry that is about this member, in the order of the file."""
    return next((entry for entry in entries if entry.covers(name, field, member)), None)


def _prefixes(member: Sequence[str | int]) -> Iterable[str]:
    """The path and the paths above it, as text."""
    steps = [str(step) for step in member]
    return (".".join(steps[:length]) for length in range(1, len(steps) + 1))


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


class IgnoreEntry(Record):
    """One piece of drift that is known and not counted, until a day."""

    path: Annotated[
        str,
        Field(
            max_length=512,
            pattern=rf"^[a-z0-9*?-]+\.[A-Za-z]+(\.{NO_SPACE}.*)?$",
            description="SPEC.FIELD or SPEC.FIELD.MEMBER; * and ? in SPEC and MEMBER stand for any "
            "characters, for example storefront.IdentityPoolTags.team or *.AllowClassicFlow.",
        ),
    ]
    reason: Annotated[
        str, Field(min_length=1, max_length=500, description="Why it may differ, for reports.")
    ]
    until: Annotated[
        str,
        Field(
            pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            description='The last day (UTC) on which it is ignored: "2026-12-31".',
        ),
    ]


class TargetSettings(Record):
    """One (account, region, role) that specs are applied to."""

    account: Annotated[
        str, Field(pattern=r"^[0-9]{12}$", description="The account that must answer, quoted.")
    ]
    region: Annotated[str, Field(pattern=rf"^(?:{REGION_FORM})$", description="The AWS region.")]
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
            pattern=_OWNER,
            description="Written as tag idpool:owner on every pool of this repository.",
        ),
    ]
    former_owners: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=256, pattern=_OWNER)]],
        Field(
            max_length=20,
            description="Earlier owners: their pools are taken over by the specs of the same name.",
        ),
    ] = []
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
