"""Failed requests as problems: what happened, whether it may pass, and what to check."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import requests
from requests.exceptions import ChunkedEncodingError, ProxyError, SSLError, Timeout

from reconciler.platforms.platform import PlatformProblem, ProblemKind, Words

_REDIRECT, _BAD, _FORBIDDEN, _GONE = 300, 400, 403, 404
_SERVER_FAULT, _TOO_LARGE, _THROTTLED = 500, 413, 429
_INVALID = frozenset({400, 422})
# A request that came too slowly, and GitLab's lock on a resource that another one is changing.
_PASSING = frozenset({408, 409})
_TOO_LONG = re.compile(r"too (long|large|big)|maximum is \d", re.IGNORECASE)
_LIMIT = re.compile(r"rate limit|abuse|try again later|wait a few minutes", re.IGNORECASE)
_LONGEST_MESSAGE = 300
_NO_ANSWER: tuple[tuple[type[requests.RequestException], str], ...] = (
    (ProxyError, "the proxy cannot be reached"),
    (Timeout, "it did not answer in time"),
    (ChunkedEncodingError, "its answer was cut off"),
    (requests.ConnectionError, "it cannot be reached, or the connection broke"),
)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Makes problems of one platform's failures.  ``hints``: what to check, by HTTP status."""

    words: Words
    hints: Mapping[int, str]
    secret: str = field(repr=False)

    def of_answer(
        self, step: str, status: int, headers: Mapping[str, str], message: str
    ) -> PlatformProblem:
        """The problem of an answer that is not 2xx.  ``step`` is what was tried, as a verb."""
        told = _told(headers)
        kind = _kind(status, headers, message)
        if kind is ProblemKind.THROTTLED:
            return self._throttled(step, status, told)
        if _REDIRECT <= status < _BAD:
            return self._redirected(step, status)
        quoted = self._clean(message)
        said = f": {quoted}" if quoted else ""
        return PlatformProblem(
            f"{self.words.platform} does not {step}: HTTP {status}{said}",
            hint=self.hints.get(status, ""),
            kind=kind,
            status=status,
            wait=told,
        )

    def of_no_answer(self, step: str, failure: requests.RequestException) -> PlatformProblem:
        """The problem of a request without a usable answer.

        The failure's own text is left out: it may quote headers.
        """
        if isinstance(failure, SSLError):
            return PlatformProblem(
                f"{self.words.platform} does not {step}: its certificate or TLS is not accepted",
                hint="name the CA's certificates in REQUESTS_CA_BUNDLE",
            )
        reason = next((text for kind, text in _NO_ANSWER if isinstance(failure, kind)), "")
        passing = bool(reason)
        return PlatformProblem(
            f"{self.words.platform} does not {step}: {reason or type(failure).__name__}",
            hint="check the API's URL and the network",
            kind=ProblemKind.PASSING if passing else ProblemKind.FINAL,
        )

    def of_odd_answer(self, step: str, why: Exception) -> PlatformProblem:
        """The problem of an answer that is not of the API's shape; a proxy may have sent it."""
        return PlatformProblem(
            f"{self.words.platform} does not {step}: its answer is none of its API"
            f" ({type(why).__name__})",
            hint="check the API's URL",
            kind=ProblemKind.PASSING,
        )

    def elsewhere(self, step: str) -> PlatformProblem:
        """The problem of an answer that sends us to another server: the token stays here."""
        return PlatformProblem(
            f"{self.words.platform} does not {step}: it sends us to another server",
            hint="give the API's own URL as --api-url",
        )

    def _throttled(self, step: str, status: int, told: float | None) -> PlatformProblem:
        asks = "" if told is None else f" and asks to wait {told:.0f} s"
        return PlatformProblem(
            f"{self.words.platform} does not {step}: it limits our requests (HTTP {status}){asks}",
            hint="try again later, or with a larger --time-budget",
            kind=ProblemKind.THROTTLED,
            status=status,
            wait=told,
        )

    def _redirected(self, step: str, status: int) -> PlatformProblem:
        return PlatformProblem(
            f"{self.words.platform} does not {step}: it redirects (HTTP {status}), and redirects "
            "are not followed",
            hint="give the API's own URL as --api-url, and the repository's present name",
            status=status,
        )

    def _clean(self, message: str) -> str:
        text = " ".join(message.split())
        if self.secret:
            text = text.replace(self.secret, "****")
        return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}..."


def _kind(status: int, headers: Mapping[str, str], message: str) -> ProblemKind:
    if status == _THROTTLED or (status == _FORBIDDEN and _is_limit(headers, message)):
        return ProblemKind.THROTTLED
    if status == _TOO_LARGE or (status in _INVALID and _TOO_LONG.search(message)):
        return ProblemKind.TOO_LONG
    return (
        ProblemKind.PASSING if status >= _SERVER_FAULT or status in _PASSING else ProblemKind.FINAL
    )


def _is_limit(headers: Mapping[str, str], message: str) -> bool:
    """GitHub says 403 to those who may not, and to those who may not now."""
    none_left = headers.get("x-ratelimit-remaining") == "0"
    return none_left or "retry-after" in headers or _LIMIT.search(message) is not None


def _told(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait; keys of headers are in lower case, or found in any."""
    after = headers.get("retry-after", "")
    if after.isdecimal():
        return float(after)
    if headers.get("x-ratelimit-remaining") != "0" and "ratelimit-reset" not in headers:
        return None
    reset = headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset") or ""
    return max(0.0, float(reset) - time.time()) + 1.0 if reset.isdecimal() else None
