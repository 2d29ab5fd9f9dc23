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

from reconciler.live.policy import Failure, Kind, Operation, Verdict, kind_of, verdict


def answer(code: str, status: int = 400) -> ClientError:
    response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "UpdateIdentityPool")  # type: ignore[arg-type]


URL = {"endpoint_url": "http://127.0.0.1:1"}
KINDS: dict[str, tuple[Failure, Kind]] = {
    "TooManyRequests": (answer("TooManyRequestsException"), Kind.THROTTLED),
    "bare throttling": (answer("ThrottlingException"), Kind.THROTTLED),
    "request limit": (answer("RequestLimitExceeded", 503), Kind.THROTTLED),
    "internal as 500": (answer("InternalErrorException", 500), Kind.AMBIGUOUS),
    "internal as 400": (answer("InternalErrorException"), Kind.AMBIGUOUS),
    "any 5xx": (answer("Whatever", 502), Kind.AMBIGUOUS),
    "a cut error": (answer("400"), Kind.AMBIGUOUS),
    "a bare 429": (answer("429", 429), Kind.THROTTLED),
    "a bare 403": (answer("403", 403), Kind.FINAL),
    "concurrent": (answer("ConcurrentModificationException"), Kind.CONCURRENT),
    "hard quota": (answer("LimitExceededException"), Kind.FINAL),
    "not authorized": (answer("NotAuthorizedException"), Kind.FINAL),
    "invalid": (answer("InvalidParameterException"), Kind.FINAL),
    "expired": (answer("ExpiredTokenException"), Kind.FINAL),
    "conflict": (answer("ResourceConflictException"), Kind.FINAL),
    "not sent": (EndpointConnectionError(**URL), Kind.UNREACHABLE),
    "no connection": (ConnectTimeoutError(**URL), Kind.UNREACHABLE),
    "no answer": (ReadTimeoutError(**URL), Kind.AMBIGUOUS),
    "reset": (ConnectionClosedError(**URL), Kind.AMBIGUOUS),
    "cut off": (ResponseParserError("unterminated"), Kind.AMBIGUOUS),
    "client-side": (ParamValidationError(report="no"), Kind.FINAL),
}


@pytest.mark.parametrize("label", KINDS)
def test_a_failure_is_told_by_its_code_not_its_class(label: str) -> None:
    """AWS answers codes that its models do not list."""
    failure, kind = KINDS[label]
    assert kind_of(failure) is kind


@pytest.mark.parametrize(
    ("operation", "kind", "expected"),
    [
        (Operation.READ, "TooManyRequests", Verdict.AGAIN),
        (Operation.READ, "no answer", Verdict.AGAIN),
        (Operation.READ, "not authorized", Verdict.GIVE_UP),
        (Operation.WRITE, "TooManyRequests", Verdict.RECHECK),
        (Operation.WRITE, "concurrent", Verdict.RECHECK),
        (Operation.WRITE, "no answer", Verdict.RECHECK),
        (Operation.WRITE, "hard quota", Verdict.GIVE_UP),
        (Operation.CREATE, "bare throttling", Verdict.LOOK),
        (Operation.CREATE, "reset", Verdict.LOOK),
        (Operation.CREATE, "internal as 400", Verdict.LOOK),
        (Operation.CREATE, "not sent", Verdict.LOOK),
        (Operation.CREATE, "hard quota", Verdict.GIVE_UP),
        (Operation.CREATE, "invalid", Verdict.GIVE_UP),
    ],
)
def test_what_comes_next(operation: Operation, kind: str, expected: Verdict) -> None:
    """A create is never sent again without a look, a write never without a comparison."""
    assert verdict(operation, KINDS[kind][0]) is expected
