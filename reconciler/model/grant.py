"""What a policy is to allow, and where: the data of ``idpool iam-policy``."""

from reconciler.model.base import Record
from reconciler.model.permissions import Permission

ANY = "*"


class Place(Record):
    """An account as a policy names it; ``*`` stands for one that nobody has named.

    ``passed_roles`` and ``lock_objects`` are ARNs; ``any_role``: every role of the account may be
    passed, whatever ``passed_roles`` says.
    """

    account: str = ANY
    partition: str = "aws"
    regions: tuple[str, ...] = (ANY,)
    passed_roles: tuple[str, ...] = ()
    any_role: bool = False
    lock_objects: tuple[str, ...] = ()


class Grant(Record):
    """Permissions, in each of these places; topics and target roles are in none of them."""

    permissions: tuple[Permission, ...]
    places: tuple[Place, ...] = ()
    topics: tuple[str, ...] = ()
    target_roles: tuple[str, ...] = ()
