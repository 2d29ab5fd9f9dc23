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
NOT_FOUND = "ResourceNotFoundException"
NOT_AUTHORIZED = "NotAuthorizedException"
INVALID_CODES = frozenset({"InvalidParameterException", "ValidationException"})
DENIED_CODES = frozenset(
    {
        NOT_AUTHORIZED,
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",  # SNS
        "UnauthorizedOperation",
    }
)

_UNREACHABLE = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)
_AMBIGUOUS = (HTTPClientError, IncompleteReadError, ResponseParserError)
_FIRST_SERVER_FAULT = 500

POLICY: dict[Operation, dict[FailureKind, Decision]] = {
    Operation.READ: {
        FailureKind.THROTTLED: Decision.AGAIN,
        FailureKind.UNREACHABLE: Decision.AGAIN,
        FailureKind.CONCURRENT: Decision.AGAIN,
        FailureKind.AMBIGUOUS: Decision.AGAIN,
        FailureKind.FINAL: Decision.GIVE_UP,
    },
    Operation.WRITE: {
        FailureKind.THROTTLED: Decision.RECHECK,
        FailureKind.UNREACHABLE: Decision.RECHECK,
        FailureKind.CONCURRENT: Decision.RECHECK,
        FailureKind.AMBIGUOUS: Decision.RECHECK,
        FailureKind.FINAL: Decision.GIVE_UP,
    },
    Operation.CREATE: {
        FailureKind.THROTTLED: Decision.LOOK,
        FailureKind.UNREACHABLE: Decision.LOOK,
        FailureKind.CONCURRENT: Decision.LOOK,
        FailureKind.AMBIGUOUS: Decision.LOOK,
        FailureKind.FINAL: Decision.GIVE_UP,
    },
}


def kind_of(failure: Failure) -> FailureKind:
    """What a failure says about the request."""
    if isinstance(failure, ClientError):
        return _kind_of_answer(failure)
    if isinstance(failure, _UNREACHABLE):
        return FailureKind.UNREACHABLE
    return FailureKind.AMBIGUOUS if isinstance(failure, _AMBIGUOUS) else FailureKind.FINAL


def decision_of(operation: Operation, failure: Failure) -> Decision:
    """What comes after this failure of an operation of this class."""
    return POLICY[operation][kind_of(failure)]


def error_code(failure: Failure) -> str:
    """AWS's error code, or the name of the client-side failure."""
    if isinstance(failure, ClientError):
        return str(failure.response.get("Error", {}).get("Code", "Unknown"))
    return type(failure).__name__


def _kind_of_answer(failure: ClientError) -> FailureKind:
    code = error_code(failure)
    status = failure.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in THROTTLING_CODES:
        return FailureKind.THROTTLED
    if code in CONCURRENT_CODES:
        return FailureKind.CONCURRENT
    if code in SERVER_FAULT_CODES or status >= _FIRST_SERVER_FAULT:
        return FailureKind.AMBIGUOUS
    return FailureKind.FINAL
