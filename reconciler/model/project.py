"""The project: whose pools these are, and which accounts and regions they live in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from reconciler.model.base import RECORD_CONFIG, JsonValue
from reconciler.model.findings import Finding, Source
from reconciler.model.policies import Policy, Waiver
from reconciler.model.pool_fields import TAGS_FIELD

if TYPE_CHECKING:
    from pydantic import ConfigDict

_NOWHERE: Final = Source(file="")

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
class RoleSession:
    """How the role of a target is assumed; ``tags`` are the session's, keys with values."""

    external_id: str | None = None
    name: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TerraformState:
    """A state in S3: ``state`` is its URL, ``outputs`` are globs, ``None`` for all.

    ``credentials``: ``ambient`` for those of the run, ``target`` for those of the target.
    """

    state: str
    region: str
    credentials: str
    outputs: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reads:
    """What references may read, as globs; ``user_pool`` is ``None`` where all are allowed."""

    ssm: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    stack: tuple[str, ...] = ()
    user_pool: tuple[str, ...] | None = None
    terraform: Mapping[str, TerraformState] = field(default_factory=dict)

    def globs(self, key: str) -> tuple[str, ...] | None:
        """Those of one key of ``reads:``."""
        by_key = {"ssm": self.ssm, "secret": self.secret, "stack": self.stack}
        return by_key.get(key, self.user_pool)


@dataclass(frozen=True, slots=True)
class TargetValues:
    """More of a target: vars and defaults as the project file has them, and its sessions."""

    vars: Mapping[str, str]
    defaults: Mapping[str, JsonValue]
    session: RoleSession = RoleSession()


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


@dataclass(frozen=True, slots=True)
class Ignored:
    """Fields that are never compared, and tag keys (with ``*`` and ``?``) that are left alone.

    ``aws:`` tags are AWS's and always left alone (tagging guide: the prefix is reserved).
    """

    __pydantic_config__: ClassVar["ConfigDict"] = RECORD_CONFIG

    fields: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def leaves_tag(self, key: str) -> bool:
        """Whether a live tag of this key is nobody's business here."""
        if key.startswith(RESERVED_TAG_PREFIX):
            return False
        return (
            TAGS_FIELD in self.fields
            or key.startswith(AWS_TAG_PREFIX)
            or any(fnmatchcase(key, pattern) for pattern in self.tags)
        )


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

    ``values`` are by target.  ``file`` is where all this was read, ``None``: these are what holds
    without one; ``places`` has the line and column (1-based) of what specs are made with, and
    ``warnings`` what is doubtful about it.
    """

    owner: str = DEFAULT_OWNER
    former_owners: tuple[str, ...] = ()
    specs: tuple[str, ...] = ()
    targets: tuple[Target, ...] = (Target(name=AMBIENT),)
    ignore_tags: tuple[str, ...] = ()
    ignore: tuple[Ignore, ...] = ()
    lock: str | None = None
    policies: tuple[Policy, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    vars: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, JsonValue] = field(default_factory=dict)
    values: Mapping[str, TargetValues] = field(default_factory=dict)
    reads: Reads = Reads()
    places: Mapping[tuple[str | int, ...], tuple[int, int]] = field(
        default_factory=dict, compare=False
    )
    file: str | None = field(default=None, compare=False)
    warnings: tuple[Finding, ...] = field(default=(), compare=False)

    @property
    def has_defaults(self) -> bool:
        """Whether specs have fields in some target that they do not say."""
        return bool(self.defaults or any(each.defaults for each in self.values.values()))

    def place(self, path: tuple[str | int, ...]) -> tuple[int, int]:
        """Line and column of what stands at a path, or of what it stands in."""
        ways = (path[:length] for length in range(len(path), 0, -1))
        return next((self.places[way] for way in ways if way in self.places), (1, 1))

    def vars_in(self, target: str) -> Mapping[str, str]:
        """The vars of a target; its own win."""
        own = self.values.get(target)
        return {**self.vars, **own.vars} if own else self.vars

    def session_in(self, target: str) -> RoleSession:
        """How the role of a target is assumed."""
        own = self.values.get(target)
        return own.session if own else RoleSession()

    def defaults_in(self, target: str) -> Iterator[tuple[tuple[str, ...], Mapping[str, JsonValue]]]:
        """What lies under every spec in a target, the lowest first, with its path in the file."""
        yield ("defaults",), self.defaults
        if own := self.values.get(target):
            yield ("targets", target, "defaults"), own.defaults
