"""What an account answered: pools with their ids, in canonical form."""

from reconciler.model.base import Record
from reconciler.model.pool import Pool
from reconciler.model.project import NAME_TAG, OWNER_TAG, Target


class LivePool(Record):
    """One pool as AWS answers.

    ``pool.Roles`` and ``pool.PrincipalTagAttributeMaps`` are ``None`` until they are read;
    ``holds_identities`` is ``None`` until it is asked (only tombstones ask).
    """

    pool_id: str
    pool: Pool
    holds_identities: bool | None = None

    @property
    def owner(self) -> str | None:
        """The value of the tag idpool:owner."""
        return self.pool.IdentityPoolTags.get(OWNER_TAG)

    @property
    def spec_name(self) -> str | None:
        """The value of the tag idpool:name."""
        return self.pool.IdentityPoolTags.get(NAME_TAG)


class LiveTarget(Record):
    """Every pool of one target, and who answered for it.

    ``target.account`` is the account that answered, ``None`` where it could not be asked and the
    target names none; ``expected_account`` is the one the project names.
    """

    target: Target
    expected_account: str | None = None
    pools: tuple[LivePool, ...] = ()

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
