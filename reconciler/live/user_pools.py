"""Names of user pools: what a person knows them by, for comments alone.

So nothing fails for want of one, and whoever may not ask is not told so for each pool.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Final

from reconciler.live.aws import Connection
from reconciler.live.calls import Channel
from reconciler.live.failures import FAILURES, NOT_FOUND, error_code

_LOG = logging.getLogger(__name__)
MOST_CALLS: Final = 100
_PROVIDER: Final = re.compile(
    r"cognito-idp\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(\1_[A-Za-z0-9]+)"
)


def user_pool_names(connection: Connection, providers: Iterable[str]) -> dict[str, str]:
    """Names by ProviderName, of those user pools in the target's region that tell it.

    ``MOST_CALLS`` user pools are asked for at most, once each, and none after the first failure
    that is not about a single one.
    """
    ids = dict(_ids(connection.target.region or "", providers))
    if not ids:
        return {}
    channel = connection.channel_for("cognito-idp")
    names: dict[str, str] = {}
    with closing(channel.client):
        for provider, pool_id in list(ids.items())[:MOST_CALLS]:
            try:
                name = _name(channel, pool_id)
            except FAILURES as failure:
                if error_code(failure) == NOT_FOUND:
                    continue
                _LOG.debug("names of user pools are not known: %s", type(failure).__name__)
                break
            names |= {provider: name} if name else {}
    return names


def _ids(region: str, providers: Iterable[str]) -> Iterator[tuple[str, str]]:
    for provider in sorted(set(providers)):
        found = _PROVIDER.fullmatch(provider)
        if found and found[1] == region:
            yield provider, found[2]


def _name(channel: Channel, pool_id: str) -> str:
    """The user pool's name, "" for an answer without one.  Raises botocore's failures."""
    answer = channel.once("DescribeUserPool", UserPoolId=pool_id)
    pool = answer.get("UserPool")
    name = pool.get("Name") if isinstance(pool, dict) else None
    return name if isinstance(name, str) else ""
