"""What to do after a failed call: one table, operation class by kind of failure.

botocore sends every request once; this table and tenacity are the only retry layer.  Matching is
on error codes, not on exception classes: AWS answers some codes that its models do not list.
"""

from enum import Enum

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


class Kind(Enum):
    """What a failure says about the request."""

    THROTTLED = "throttled"  # refused unseen
    UNREACHABLE = "unreachable"  # never arrived
    CONCURRENT = "concurrent"  # refused because of another writer
    AMBIGUOUS = "ambiguous"  # may have been carried out
    FINAL = "final"  # refused for good: denied, invalid, a quota, not found


class Verdict(Enum):
    """What comes next."""

    AGAIN = "send again"
    RECHECK = "read afresh, compare, then send again"
    LOOK = "look for our tags, then send again"
    GIVE_UP = "give up"


THROTTLING_CODES = frozenset(
    {
        "TooManyRequestsException",
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "SlowDown",
        "429",  # botocore names an error whose body it cannot read after its HTTP status
    }
)
SERVER_FAULT_CODES = frozenset(
    {
        "InternalErrorException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "RequestTimeout",
        "RequestTimeoutException",
        "400",  # an error answer that was cut off: which error it was, nobody knows
        "408",
    }
)
CONCURRENT_CODES = frozenset({"ConcurrentModificationException"})

_UNREACHABLE = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)
_AMBIGUOUS = (HTTPClientError, IncompleteReadError, ResponseParserError)
_FIRST_SERVER_FAULT = 500

POLICY: dict[Operation, dict[Kind, Verdict]] = {
    Operation.READ: {
        Kind.THROTTLED: Verdict.AGAIN,
        Kind.UNREACHABLE: Verdict.AGAIN,
        Kind.CONCURRENT: Verdict.AGAIN,
        Kind.AMBIGUOUS: Verdict.AGAIN,
        Kind.FINAL: Verdict.GIVE_UP,
    },
    Operation.WRITE: {
        Kind.THROTTLED: Verdict.RECHECK,
        Kind.UNREACHABLE: Verdict.RECHECK,
        Kind.CONCURRENT: Verdict.RECHECK,
        Kind.AMBIGUOUS: Verdict.RECHECK,
        Kind.FINAL: Verdict.GIVE_UP,
    },
    Operation.CREATE: {
        Kind.THROTTLED: Verdict.LOOK,
        Kind.UNREACHABLE: Verdict.LOOK,
        Kind.CONCURRENT: Verdict.LOOK,
        Kind.AMBIGUOUS: Verdict.LOOK,
        Kind.FINAL: Verdict.GIVE_UP,
    },
}


def kind_of(failure: Failure) -> Kind:
    """What a failure says about the request."""
    if isinstance(failure, ClientError):
        return _kind_of_answer(failure)
    if isinstance(failure, _UNREACHABLE):
        return Kind.UNREACHABLE
    return Kind.AMBIGUOUS if isinstance(failure, _AMBIGUOUS) else Kind.FINAL


def verdict(operation: Operation, failure: Failure) -> Verdict:
    """What comes after this failure of an operation of this class."""
    return POLICY[operation][kind_of(failure)]


def error_code(failure: Failure) -> str:
    """AWS's error code, or the name of the client-side failure."""
    if isinstance(failure, ClientError):
        return str(failure.response.get("Error", {}).get("Code", "Unknown"))
    return type(failure).__name__


def _kind_of_answer(failure: ClientError) -> Kind:
    code = error_code(failure)
    status = failure.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in THROTTLING_CODES:
        return Kind.THROTTLED
    if code in CONCURRENT_CODES:
        return Kind.CONCURRENT
    if code in SERVER_FAULT_CODES or status >= _FIRST_SERVER_FAULT:
        return Kind.AMBIGUOUS
    return Kind.FINAL
