"""What happens after each failure: the table, row by row."""

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from reconciler.live.failures import Decision, Failure, FailureKind, Operation, decision_of, kind_of


def answer(code: str, status: int = 400) -> ClientError:
    response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "UpdateIdentityPool")  # type: ignore[arg-type]


URL = {"endpoint_url": "http://127.0.0.1:1"}
KINDS: dict[str, tuple[Failure, FailureKind]] = {
    "TooManyRequests": (answer("TooManyRequestsException"), FailureKind.THROTTLED),
    "bare throttling": (answer("ThrottlingException"), FailureKind.THROTTLED),
    "request limit": (answer("RequestLimitExceeded", 503), FailureKind.THROTTLED),
    "internal as 500": (answer("InternalErrorException", 500), FailureKind.AMBIGUOUS),
    "internal as 400": (answer("InternalErrorException"), FailureKind.AMBIGUOUS),
    "any 5xx": (answer("Whatever", 502), FailureKind.AMBIGUOUS),
    "a cut error": (answer("400"), FailureKind.AMBIGUOUS),
    "a bare 429": (answer("429", 429), FailureKind.THROTTLED),
    "a bare 403": (answer("403", 403), FailureKind.FINAL),
    "concurrent": (answer("ConcurrentModificationException"), FailureKind.CONCURRENT),
    "hard quota": (answer("LimitExceededException"), FailureKind.FINAL),
    "not authorized": (answer("NotAuthorizedException"), FailureKind.FINAL),
    "invalid": (answer("InvalidParameterException"), FailureKind.FINAL),
    "expired": (answer("ExpiredTokenException"), FailureKind.FINAL),
    "conflict": (answer("ResourceConflictException"), FailureKind.FINAL),
    "not sent": (EndpointConnectionError(**URL), FailureKind.UNREACHABLE),
    "no connection": (ConnectTimeoutError(**URL), FailureKind.UNREACHABLE),
    "no answer": (ReadTimeoutError(**URL), FailureKind.AMBIGUOUS),
    "reset": (ConnectionClosedError(**URL), FailureKind.AMBIGUOUS),
    "cut off": (ResponseParserError("unterminated"), FailureKind.AMBIGUOUS),
    "client-side": (ParamValidationError(report="no"), FailureKind.FINAL),
}


@pytest.mark.parametrize("label", KINDS)
def test_a_failure_is_told_by_its_code_not_its_class(label: str) -> None:
    """AWS answers codes that its models do not list."""
    failure, kind = KINDS[label]
    assert kind_of(failure) is kind


@pytest.mark.parametrize(
    ("operation", "kind", "expected"),
    [
        (Operation.READ, "TooManyRequests", Decision.AGAIN),
        (Operation.READ, "no answer", Decision.AGAIN),
        (Operation.READ, "not authorized", Decision.GIVE_UP),
        (Operation.WRITE, "TooManyRequests", Decision.RECHECK),
        (Operation.WRITE, "concurrent", Decision.RECHECK),
        (Operation.WRITE, "no answer", Decision.RECHECK),
        (Operation.WRITE, "hard quota", Decision.GIVE_UP),
        (Operation.CREATE, "bare throttling", Decision.LOOK),
        (Operation.CREATE, "reset", Decision.LOOK),
        (Operation.CREATE, "internal as 400", Decision.LOOK),
        (Operation.CREATE, "not sent", Decision.LOOK),
        (Operation.CREATE, "hard quota", Decision.GIVE_UP),
        (Operation.CREATE, "invalid", Decision.GIVE_UP),
    ],
)
def test_what_comes_next(operation: Operation, kind: str, expected: Decision) -> None:
    """A create is never sent again without a look, a write never without a comparison."""
    assert decision_of(operation, KINDS[kind][0]) is expected
