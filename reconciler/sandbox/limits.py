"""Request rates: token buckets by account, region and operation."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from reconciler.sandbox.faults import ApiError
from reconciler.sandbox.pools import AccountRegion
from reconciler.sandbox.settings import SandboxSettings

# Requests per second, from "Amazon Cognito identity pools API operation request rate quotas"
# (Cognito developer guide, "Quotas in Amazon Cognito"). AWS documents no others. LookupEvents is
# CloudTrail's (its API reference).
DOCUMENTED_RATES = {
    "GetId": 25.0,
    "GetOpenIdToken": 200.0,
    "GetCredentialsForIdentity": 200.0,
    "GetOpenIdTokenForDeveloperIdentity": 50.0,
    "ListIdentities": 5.0,
    "DeleteIdentities": 10.0,
    "TagResource": 5.0,
    "UntagResource": 5.0,
    "ListTagsForResource": 10.0,
    "LookupEvents": 2.0,
}


@dataclass(slots=True)
class Bucket:
    """Tokens that come back at `rate` a second, one second's worth of them at most."""

    rate: float
    tokens: float
    filled_at: float

    def take(self, now: float) -> bool:
        """Takes one token if there is one."""
        room = max(1.0, self.rate)
        self.tokens = min(room, self.tokens + (now - self.filled_at) * self.rate)
        self.filled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class RequestLimiter:
    """Admits a request, or raises TooManyRequestsException."""

    def __init__(
        self, settings: SandboxSettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rates = DOCUMENTED_RATES if settings.rate_limits else {}
        self._overall = settings.rate
        self._clock = clock
        self._mutex = threading.Lock()
        self._buckets: dict[tuple[AccountRegion, str] | None, Bucket] = {}

    def admit(self, place: AccountRegion, operation: str) -> None:
        """Counts one request of this operation in this account and region.

        LookupEvents is CloudTrail's: the overall rate is not about it, and the error is
        ThrottlingException, as CloudTrail calls it.
        """
        is_lookup = operation == "LookupEvents"
        with self._mutex:
            admitted = is_lookup or self._take(None, self._overall)
            admitted = admitted and self._take((place, operation), self._rates.get(operation))
        if not admitted:
            code = "ThrottlingException" if is_lookup else "TooManyRequestsException"
            raise ApiError(code, "Rate exceeded")

    def _take(self, key: tuple[AccountRegion, str] | None, rate: float | None) -> bool:
        if rate is None:
            return True
        now = self._clock()
        bucket = self._buckets.setdefault(key, Bucket(rate, max(1.0, rate), now))
        return bucket.take(now)
