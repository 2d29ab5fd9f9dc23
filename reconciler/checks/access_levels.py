"""Which actions manage permissions, as AWS's Service Authorization Reference says.

policy-sentry, which has the reference as data, is an extra: nobody but who imports this needs it.
"""

from functools import cache

from policy_sentry.querying.actions import get_actions_with_access_level

_LEVEL = "Permissions management"


@cache
def permission_actions() -> tuple[str, ...]:
    """The actions of this access level, sorted, as AWS writes them."""
    return tuple(sorted(set(get_actions_with_access_level("all", _LEVEL))))
