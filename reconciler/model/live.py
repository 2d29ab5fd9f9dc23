"""What an account answered: pools with their ids in canonical form, and who wrote them."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from reconciler.model.drift import Write
from reconciler.model.pool import Pool
from reconciler.model.project import NAME_TAG, OWNER_TAG, OwnerTags, Target
from reconciler.model.records import Record

# ListIdentities answers at most 60 a page (API reference, MaxResults), and one page is enough to
# know whether a pool is in use.
MOST_IDENTITIES = 60
Standing = Literal["free", "described", "claimed", "unread"]


class TrailEvent(Record):
    """One write call to a pool: its id, and the tags where the call carries them."""

    pool_id: str
    tags: Mapping[str, str] = {}
    write: Write


class Asked(Record):
    """One pool, and the calls that can have made its drift.

    ``pool_id`` is ``None`` for a pool that is gone.
    """

    owner: str
    name: str
    pool_id: str | None
    calls: tuple[str, ...]

    def matching(self, events: Iterable[TrailEvent]) -> list[TrailEvent]:
        """The events of the pool, in the order given."""
        events = list(events)
        ids = {self.pool_id} if self.pool_id else {e.pool_id for e in events if self._is_ours(e)}
        return [e for e in events if e.pool_id in ids and e.write.call in self.calls]

    def is_answered_by(self, events: Iterable[TrailEvent]) -> bool:
        """Whether there is somebody to name: for a pool that is gone, who deleted it."""
        found = self.matching(events)
        if self.pool_id is not None:
            return bool(found)
        return any(event.write.call == self.calls[0] for event in found)

    def _is_ours(self, event: TrailEvent) -> bool:
        tags = event.tags
        return tags.get(OWNER_TAG) == self.owner and tags.get(NAME_TAG) == self.name


class ListedPool(NamedTuple):
    """What ListIdentityPools tells of a pool: whose it is, only its tags say."""

    pool_id: str
    name: str


class ReadProblem(Record):
    """Why a pool, or a part of it, could not be read.

    ``operation`` is the API call, ``code`` AWS's error code or the name of the client-side failure,
    ``message`` one sentence, ``hint`` what to do ("" where nobody can say).
    """

    operation: str
    code: str
    message: str
    hint: str = ""


class LivePool(Record):
    """One pool as AWS answers.

    ``pool.Roles`` and ``pool.PrincipalTagAttributeMaps`` are ``None`` until they are read;
    ``identities`` is how many it holds, ``MOST_IDENTITIES`` for as many or more, ``None`` until it
    is asked (of what may be deleted).  ``problem``: settings and tags are known, and the rest could
    not be read.  ``created_at``: when it was made, ISO 8601 in UTC, where that was asked and is
    known.
    """

    pool_id: str
    pool: Pool
    identities: int | None = None
    problem: ReadProblem | None = None
    created_at: str = ""

    @property
    def owner(self) -> str | None:
        """The value of the tag idpool:owner."""
        return self.pool.IdentityPoolTags.get(OWNER_TAG)

    @property
    def spec_name(self) -> str | None:
        """The value of the tag idpool:name."""
        return self.pool.IdentityPoolTags.get(NAME_TAG)

    @property
    def tags(self) -> OwnerTags | None:
        """Both values; ``None`` where one of the two tags is missing."""
        if self.owner is None or self.spec_name is None:
            return None
        return OwnerTags(self.owner, self.spec_name)


def identities_in_words(count: int | None) -> str:
    """``holds no identities``, ``holds 3 identities``, ``holds 60 identities or more``."""
    if count is None:
        return "how many identities it holds is not known"
    if count == 1:
        return "holds 1 identity"
    more = " or more" if count >= MOST_IDENTITIES else ""
    return f"holds {count or 'no'} identities{more}"


class UnreadPool(Record):
    """A pool that AWS lists and does not describe: whose it is, nobody knows."""

    pool_id: str
    pool_name: str
    problem: ReadProblem


class LeftCreate(Record):
    """A create of a run that did not come to its end, or left something open.

    ``pool_id`` is ``None`` where nobody knows whether there is a pool; ``at`` when it was sent for
    the last time, and ``unanswered`` how many sendings may have made a pool that nobody heard of.
    """

    target: str
    owner: str
    name: str
    pool_id: str | None = None
    at: str
    unanswered: int
    journal: str


class LiveTarget(Record):
    """Every pool of one target, and who answered for it.

    ``target.account`` is the account that answered, ``None`` where it could not be asked and the
    target names none; ``expected_account`` is the one the project names.  ``unread`` are in no
    particular order.  ``left`` is what earlier runs may have made here, by their journals.
    """

    target: Target
    expected_account: str | None = None
    pools: tuple[LivePool, ...] = ()
    unread: tuple[UnreadPool, ...] = ()
    left: tuple[LeftCreate, ...] = ()

    def has(self, pool_id: str) -> bool:
        """Whether the pool of this id was read."""
        return any(pool.pool_id == pool_id for pool in self.pools)

    @property
    def problems(self) -> dict[str | None, ReadProblem]:
        """Why a pool could not be read, or not all of it, by its id."""
        problems: dict[str | None, ReadProblem] = {}
        problems |= {pool.pool_id: pool.problem for pool in self.unread}
        problems |= {pool.pool_id: pool.problem for pool in self.pools if pool.problem}
        return problems

    @property
    def is_the_named_account(self) -> bool:
        """Whether the account that answered is the one that the project names."""
        return self.expected_account in (None, self.target.account)


class Want(Record):
    """What else must be read of one pool before it can be planned.

    ``created``: when it was made, where CloudTrail tells.
    """

    pool_id: str
    roles: bool = False
    principal_tag_providers: tuple[str, ...] | None = None
    identities: bool = False
    created: bool = False


class Candidate(Record):
    """A live pool, and why it would be left out of an import; ``reason`` is "" for a free one.

    ``described``: a spec of this project has it.  ``claimed``: its tags say that somebody else
    owns it, so that it is imported only by name.  ``unread``: it could not be read.
    ``tagged_name``: its tag idpool:name, where its tag idpool:owner is ours.
    """

    target: str
    pool_id: str
    pool_name: str
    standing: Standing = "free"
    reason: str = ""
    problem: ReadProblem | None = None
    tagged_name: str | None = None


class TargetCandidates(Record):
    """Every pool of one target."""

    target: Target
    pools: tuple[Candidate, ...]


class LeftOut(Record):
    """A field that an imported spec leaves to AWS, and why."""

    field: str
    why: str
