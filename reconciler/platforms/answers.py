"""Failed requests as problems: what happened, whether it may pass, and what to check."""

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import requests
from requests.exceptions import ChunkedEncodingError, ProxyError, SSLError, Timeout

from reconciler.platforms.platform import PlatformProblem, ProblemKind

_REDIRECT, _BAD, _FORBIDDEN = 300, 400, 403
_SERVER_FAULT, _TOO_LARGE, _THROTTLED = 500, 413, 429
_INVALID = frozenset({400, 422})
# A request that came too slowly, and GitLab's lock on a resource that another one is changing.
_PASSING = frozenset({408, 409})
_TOO_LONG = re.compile(r"too (long|large|big)|maximum is \d", re.IGNORECASE)
_LIMIT = re.compile(r"rate limit|abuse|try again later|wait a few minutes", re.IGNORECASE)
_LONGEST_MESSAGE = 300
_UNREACHED = "check the API's URL and the network"
_NO_ANSWER: tuple[tuple[type[requests.RequestException], str], ...] = (
    (ProxyError, "the proxy cannot be reached"),
    (Timeout, "it did not answer in time"),
    (ChunkedEncodingError, "its answer was cut off"),
    (requests.ConnectionError, "it cannot be reached, or the connection broke"),
)
# What an answer of another shape ends in, here or in the library; pydantic's are ValueErrors.
ODD: Final = (ValueError, TypeError, KeyError, AttributeError, AssertionError)
_LOG = logging.getLogger(__name__)
Refusal: TypeAlias = tuple[int, Mapping[str, str], str]


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Makes problems of what one platform's client library raises.

    ``hints``: what to check, by HTTP status.  ``refused`` is the library's error for an answer that
    is not 2xx, and ``read`` gives its status, headers and message; ``elsewhere`` is the one for an
    answer that sends us to another server, and ``odd`` are those for one that cannot be read.
    """

    platform: str
    hints: Mapping[int, str]
    secret: str = field(repr=False)
    refused: type[Exception]
    read: Callable[[Any], Refusal]
    elsewhere: type[Exception]
    odd: tuple[type[Exception], ...] = ODD

    @contextmanager
    def asking(self, step: str) -> Iterator[None]:
        """Whatever is raised, as a ``PlatformProblem``.  ``step`` is what is tried, as a verb."""
        no = f"{self.platform} does not {step}"
        try:
            yield
        except self.elsewhere:  # the token stays here
            why = f"{no}: it sends us to another server"
            raise PlatformProblem(why, "give the API's own URL as --api-url") from None
        except requests.RequestException as failure:
            _LOG.debug("%s: %s", step, type(failure).__name__)
            raise _no_answer(no, failure) from None
        except self.odd as odd:  # a proxy may have sent it
            _LOG.debug("%s: %s", step, type(odd).__name__)
            why = f"{no}: its answer is none of its API ({type(odd).__name__})"
            raise PlatformProblem(why, "check the API's URL", ProblemKind.PASSING) from None
        except self.refused as refused:
            problem = self._refusal(no, *self.read(refused))
            _LOG.debug("%s: HTTP %s, %s", step, problem.status, problem.kind.value)
            raise problem from None
        _LOG.debug("%s: answered", step)

    def _refusal(
        self, no: str, status: int, headers: Mapping[str, str], message: str
    ) -> PlatformProblem:
        """The problem of an answer that is not 2xx."""
        kind = _kind(status, headers, message)
        if kind is ProblemKind.THROTTLED:
            told = _told(headers)
            asks = "" if told is None else f" and asks to wait {told:.0f} s"
            why = f"{no}: it limits our requests (HTTP {status}){asks}"
            hint = "try again later, or with a larger --time-budget"
            return PlatformProblem(why, hint, kind, status, told)
        if _REDIRECT <= status < _BAD:
            why = f"{no}: it redirects (HTTP {status}), and redirects are not followed"
            hint = "give the API's own URL as --api-url, and the repository's present name"
            return PlatformProblem(why, hint, status=status)
        quoted = self._clean(message)
        why = f"{no}: HTTP {status}{f': {quoted}' if quoted else ''}"
        return PlatformProblem(why, self.hints.get(status, ""), kind, status)

    def _clean(self, message: str) -> str:
        text = " ".join(message.split()).replace(self.secret, "****")
        return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}..."


def _no_answer(no: str, failure: requests.RequestException) -> PlatformProblem:
    """The problem of a request without a usable answer.

    The failure's own text is left out: it may quote headers.
    """
    if isinstance(failure, SSLError):
        hint = "name the CA's certificates in REQUESTS_CA_BUNDLE"
        return PlatformProblem(f"{no}: its certificate or TLS is not accepted", hint)
    for kind, reason in _NO_ANSWER:
        if isinstance(failure, kind):
            return PlatformProblem(f"{no}: {reason}", _UNREACHED, ProblemKind.PASSING)
    return PlatformProblem(f"{no}: {type(failure).__name__}", _UNREACHED)


def _kind(status: int, headers: Mapping[str, str], message: str) -> ProblemKind:
    if status == _THROTTLED or (status == _FORBIDDEN and _is_limit(headers, message)):
        return ProblemKind.THROTTLED
    if status == _TOO_LARGE or (status in _INVALID and _TOO_LONG.search(message)):
        return ProblemKind.TOO_LONG
    is_passing = status >= _SERVER_FAULT or status in _PASSING
    return ProblemKind.PASSING if is_passing else ProblemKind.FINAL


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
