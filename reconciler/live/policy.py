"""What to do after a failed call, by the class of the operation and the kind of the failure.

botocore sends every request once; this policy and tenacity are the only retry layer.  What an error
code means stands in ``failures.toml``.
"""

import tomllib
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ProxyConnectionError,
)
from botocore.parsers import ResponseParserError

# All that a botocore call raises; an answer that is cut off fails in its parser.
Failure = ClientError | BotoCoreError | ResponseParserError
FAILURES = (ClientError, BotoCoreError, ResponseParserError)


class Operation(Enum):
    """How dangerous it is to send a request twice."""

    READ = "read"
    WRITE = "write"  # replaces a whole value: twice is once
    CREATE = "create"  # twice is two pools


class FailureKind(Enum):
    """What a failure says about the request."""

    THROTTLED = "throttled"  # refused unseen
    UNREACHABLE = "unreachable"  # never arrived
    CONCURRENT = "concurrent"  # refused because of another writer
    AMBIGUOUS = "ambiguous"  # may have been carried out
    FINAL = "final"  # refused for good: denied, invalid, a quota, not found


class Decision(Enum):
    """What comes next."""

    AGAIN = "send again"
    RECHECK = "read afresh, compare, then send again"
    LOOK = "look for our tags, then send again"
    GIVE_UP = "give up"


NOT_FOUND = "ResourceNotFoundException"
NOT_AUTHORIZED = "NotAuthorizedException"
_UNREACHABLE = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)
_AMBIGUOUS = (HTTPClientError, IncompleteReadError, ResponseParserError)
_FIRST_SERVER_FAULT = 500
_NEXT = {
    Operation.READ: Decision.AGAIN,
    Operation.WRITE: Decision.RECHECK,
    Operation.CREATE: Decision.LOOK,
}


@cache
def failures() -> dict[str, dict[str, Any]]:
    """What is known of AWS's failures: ``codes`` by what they mean, ``sentences`` by exception."""
    text = (files("reconciler.live") / "failures.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def codes(*meanings: str) -> frozenset[str]:
    """The error codes that mean one of these: "throttled", "denied" ..."""
    return frozenset().union(*(failures()["codes"][meaning] for meaning in meanings))


def kind_of(failure: Failure) -> FailureKind:
    """What a failure says about the request."""
    if isinstance(failure, ClientError):
        return _kind_of_answer(failure)
    if isinstance(failure, _UNREACHABLE):
        return FailureKind.UNREACHABLE
    return FailureKind.AMBIGUOUS if isinstance(failure, _AMBIGUOUS) else FailureKind.FINAL


def decision_of(operation: Operation, failure: Failure) -> Decision:
    """What comes after this failure of an operation of this class."""
    return Decision.GIVE_UP if kind_of(failure) is FailureKind.FINAL else _NEXT[operation]


def error_code(failure: Failure) -> str:
    """AWS's error code, or the name of the client-side failure."""
    if isinstance(failure, ClientError):
        return str(failure.response.get("Error", {}).get("Code", "Unknown"))
    return type(failure).__name__


def _kind_of_answer(failure: ClientError) -> FailureKind:
    code = error_code(failure)
    status = failure.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    for kind in (FailureKind.THROTTLED, FailureKind.CONCURRENT, FailureKind.AMBIGUOUS):
        if code in codes(kind.value):
            return kind
    return FailureKind.AMBIGUOUS if status >= _FIRST_SERVER_FAULT else FailureKind.FINAL
