"""A listing that lags behind creations: ListIdentityPools without the pools that are new."""

import json
import threading
from collections import Counter
from typing import Any

from tests.faults.commands import LIST
from tests.faults.faults import Fault, StrangeAnswer


class LaggingListing:
    """A hook for the proxy: each pool is missing from the first `calls` listings after it is made.

    `client` is one of the server behind the proxy. `hidden`: how many times a pool was left out.
    """

    def __init__(self, client: Any, calls: int) -> None:
        self._client = client
        self._calls = calls
        self._lock = threading.Lock()
        self._asked: Counter[str] = Counter()

    @property
    def hidden(self) -> int:
        """How many times a pool was left out."""
        return sum(min(asked, self._calls) for asked in self._asked.values())

    def __call__(self, operation: str, _number: int) -> Fault | None:
        if operation != LIST:
            return None
        with self._lock:
            pools = self._client.list_identity_pools(MaxResults=60)["IdentityPools"]
            self._asked.update(pool["IdentityPoolId"] for pool in pools)
            shown = [p for p in pools if self._asked[p["IdentityPoolId"]] > self._calls]
        return StrangeAnswer(text=json.dumps({"IdentityPools": shown}))
