"""What an account answered: pools with their ids, in canonical form."""

from typing import NamedTuple

from reconciler.model.base import Record
from reconciler.model.pool import Pool
from reconciler.model.project import NAME_TAG, OWNER_TAG, Target


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
    ``holds_identities`` is ``None`` until it is asked (only tombstones ask).  ``problem``: settings
    and tags are known, and the rest could not be read.
    """

    pool_id: str
    pool: Pool
    holds_identities: bool | None = None
    problem: ReadProblem | None = None

    @property
    def owner(self) -> str | None:
        """The value of the tag idpool:owner."""
        return self.pool.IdentityPoolTags.get(OWNER_TAG)

    @property
    def spec_name(self) -> str | None:
        """The value of the tag idpool:name."""
        return self.pool.IdentityPoolTags.get(NAME_TAG)


class UnreadPool(Record):
    """A pool that AWS lists and does not describe: whose it is, nobody knows."""

    pool_id: str
    pool_name: str
    problem: ReadProblem


class LiveTarget(Record):
    """Every pool of one target, and who answered for it.

    ``target.account`` is the account that answered, ``None`` where it could not be asked and the
    target names none; ``expected_account`` is the one the project names.  ``unread`` are in no
    particular order.
    """

    target: Target
    expected_account: str | None = None
    pools: tuple[LivePool, ...] = ()
    unread: tuple[UnreadPool, ...] = ()

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
    """What else must be read of one pool before it can be planned."""

    pool_id: str
    roles: bool = False
    principal_tag_providers: tuple[str, ...] | None = None
    identities: bool = False
