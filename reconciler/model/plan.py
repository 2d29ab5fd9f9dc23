"""The plan: the actions and refusals for all targets, as plain data with a stable digest."""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from reconciler.model.access import AccessChange, PoolFinding
from reconciler.model.base import digest
from reconciler.model.changes import Action, Change, Notice, Refusal
from reconciler.model.findings import Source
from reconciler.model.pool import Pool, in_live_terms
from reconciler.model.project import NAME_TAG, OWNER_TAG, Ignored, Target
from reconciler.model.records import Record

# What stands in for the live value of what is left alone.
_BLANK: Final = Pool(IdentityPoolName="")
# Where a value comes from does not decide what is done: a comment in a spec moves lines.
# Nor does what is said of it: test users come and go.
_NOT_DONE: Final[Any] = {
    "changes": {"__all__": {"origins"}},
    "access": True,
    "findings": True,
}
# The rule of refusals that are about a pool, or a part of one, that could not be read.
UNREADABLE = "unreadable"


class PoolPlan(Record):
    """What is to be done with one spec in one target.

    ``live`` is what the plan saw (``None``: no such pool yet); ``desired`` is complete: ownership
    tags, live values of ignored fields and foreign tags included (``None``: a tombstone).  Where
    there are refusals there are no actions.  ``access`` is what changes of who gets in,
    ``findings`` what checks say of ``desired``.
    """

    name: str
    source: Source
    pool_id: str | None = None
    live: Pool | None = None
    desired: Pool | None = None
    ignored: Ignored = Ignored()
    changes: tuple[Change, ...] = ()
    actions: tuple[Action, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notices: tuple[Notice, ...] = ()
    access: tuple[AccessChange, ...] = ()
    findings: tuple[PoolFinding, ...] = ()

    @property
    def verb(self) -> Literal["create", "update", "delete", "refuse", "keep"]:
        """What happens to the pool, in one word."""
        if self.refusals:
            return "refuse"
        if not self.actions:
            return "keep"
        match self.actions[0].kind:
            case "CreatePool":
                return "create"
            case "DeletePool":
                return "delete"
            case _:
                return "update"

    @property
    def changes_hands(self) -> bool:
        """Whether a pool that is somebody else's, or nobody's, becomes the spec's."""
        if self.live is None or self.desired is None:
            return False
        tags = (OWNER_TAG, NAME_TAG)
        live, desired = self.live.IdentityPoolTags, self.desired.IdentityPoolTags
        return any(live.get(tag) != desired.get(tag) for tag in tags)

    @property
    def seen(self) -> str:
        """Digest of what the plan saw, secrets masked, without what is left alone."""
        live = self.live and in_live_terms(self.live, _BLANK, self.ignored)
        alone = [self.ignored.fields, self.ignored.tags]
        return digest([live and live.model_dump(mode="json"), alone])

    @property
    def digest(self) -> str:
        """Digest over all of it; of an unchanged pool over which one it is and what was seen."""
        if self.verb != "keep":
            return digest(self.model_dump(mode="json", exclude=_NOT_DONE))
        notices = [notice.model_dump(mode="json") for notice in self.notices]
        return digest([self.name, self.pool_id, notices, self.seen])


class RememberedPool(PoolPlan):
    """An unchanged pool of a saved plan: what was live is not there any more, but its digest is."""

    remembered: Annotated[str, Field(exclude=True)]

    @property
    def seen(self) -> str:
        """As it was when the plan was made."""
        return self.remembered


class Orphan(Record):
    """A pool that carries our owner tag and has no spec."""

    pool_id: str
    pool_name: str
    spec_name: str | None


class UnreadPlan(Record):
    """A pool that could not be read, so that nobody knows whose it is; ``refusal`` says why."""

    pool_id: str
    pool_name: str
    refusal: Refusal


class TargetPlan(Record):
    """What is to be done in one target; a refusal here stops the whole target.

    ``unread`` are pools that no spec is known to have; those of a spec are its refusals.
    """

    target: Target
    pools: tuple[PoolPlan, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    unread: tuple[UnreadPlan, ...] = ()
    refusals: tuple[Refusal, ...] = ()


class Plan(Record):
    """The actions and refusals for all targets."""

    schema_version: Literal[1] = 1
    owner: str
    targets: tuple[TargetPlan, ...]

    @property
    def digest(self) -> str:
        """``sha256:...`` over what is said of each pool, in any order, and of all the rest."""
        targets = [
            [each.model_dump(mode="json", exclude={"pools"}), sorted(p.digest for p in each.pools)]
            for each in self.targets
        ]
        return digest([self.owner, targets])

    @property
    def pools(self) -> Iterator[PoolPlan]:
        """Every pool of every target."""
        return (pool for target in self.targets for pool in target.pools)

    @property
    def has_changes(self) -> bool:
        """Whether applying the plan would do anything."""
        return any(pool.actions for pool in self.pools)

    @property
    def refusals(self) -> Iterator[Refusal]:
        """Every refusal, of whole targets, of pools that could not be read, of single pools."""
        for target in self.targets:
            yield from target.refusals
            yield from (pool.refusal for pool in target.unread)
            for pool in target.pools:
                yield from pool.refusals


class MovedSpec(Record):
    """A spec that does not say any more what it said when it was planned."""

    name: str
    file: str
    how: Literal["changed", "added", "removed"]


class MovedOrigin(Record):
    """A value of a spec that comes from elsewhere, and is another one now.

    ``what``: the reference, or the layer; ``place`` where a file says it; ``then`` and ``now`` are
    versions of what was read.
    """

    spec: str
    targets: tuple[str, ...]
    what: str
    place: str = ""
    then: str = ""
    now: str = ""


class MovedPool(Record):
    """A pool that would be planned otherwise now.

    ``live`` is what has changed in AWS: ``before`` is what the saved plan saw, ``after`` is now.
    ``facts`` are sentences about the rest.
    """

    target: str
    name: str
    pool_id: str | None
    live: tuple[Change, ...] = ()
    facts: tuple[str, ...] = ()


class Staleness(Record):
    """All that has moved; ``facts`` are sentences about targets, and about the plan as a whole."""

    specs: tuple[MovedSpec, ...] = ()
    origins: tuple[MovedOrigin, ...] = ()
    pools: tuple[MovedPool, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def is_stale(self) -> bool:
        """Whether anything has moved."""
        return bool(self.specs or self.origins or self.pools or self.facts)
