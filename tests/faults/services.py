"""The services: which operation a request asks for, and how an error is written."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from tests.faults.faults import OTHER, READS, STS, WRITES, Fault, FaultKind, StrangeAnswer
from tests.faults.wire import Message

_COGNITO = "AWSCognitoIdentityService"

# What references are looked up in.
_LOOKUPS = frozenset({"AmazonSSM", "secretsmanager", "AWSCognitoIdentityProviderService"})

WRITE_OPERATIONS = frozenset(
    {
        "CreateIdentityPool",
        "UpdateIdentityPool",
        "DeleteIdentityPool",
        "SetIdentityPoolRoles",
        "SetPrincipalTagAttributeMap",
        "TagResource",
        "UntagResource",
        "GetId",  # makes an identity, its name notwithstanding
        "DeleteIdentities",
        "MergeDeveloperIdentities",
        "UnlinkDeveloperIdentity",
        "UnlinkIdentity",
    }
)


class Protocol(Enum):
    """How a service writes its errors."""

    JSON = auto()
    QUERY = auto()
    REST_XML = auto()


@dataclass(frozen=True, slots=True)
class Call:
    """What a request asks for: the body parsed if it is JSON or a form, else None."""

    operation: str
    group: str
    protocol: Protocol
    body: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An error as the services word it."""

    status: int
    code: str
    message: str


_DENIED = "User: arn:aws:iam::123456789012:user/ci is not authorized to perform this action"
_EXPIRED = "The security token included in the request is expired"
_INTERNAL = "An internal error occurred"

# cognito-identity answers HTTP 400 to whatever the client did wrong (botocore model: the
# exceptions carry no httpStatusCode of their own).
_ERRORS = {
    FaultKind.TOO_MANY_REQUESTS: ErrorAnswer(400, "TooManyRequestsException", "Rate exceeded"),
    FaultKind.THROTTLING: ErrorAnswer(400, "ThrottlingException", "Rate exceeded"),
    FaultKind.INTERNAL_500: ErrorAnswer(500, "InternalErrorException", _INTERNAL),
    FaultKind.INTERNAL_AFTER: ErrorAnswer(500, "InternalErrorException", _INTERNAL),
    FaultKind.INTERNAL_400: ErrorAnswer(400, "InternalErrorException", _INTERNAL),
    FaultKind.CONCURRENT_MODIFICATION: ErrorAnswer(
        400, "ConcurrentModificationException", "The identity pool is being modified"
    ),
    FaultKind.LIMIT_EXCEEDED: ErrorAnswer(400, "LimitExceededException", "Limit exceeded"),
    FaultKind.NOT_AUTHORIZED: ErrorAnswer(400, "NotAuthorizedException", "Access denied"),
    FaultKind.ACCESS_DENIED: ErrorAnswer(400, "AccessDeniedException", _DENIED),
    FaultKind.EXPIRED_TOKEN: ErrorAnswer(400, "ExpiredTokenException", _EXPIRED),
}
# The XML services have names of their own for the errors that all services share ("Common error
# types" of the STS and S3 API references).
_XML_ERRORS = _ERRORS | {
    FaultKind.TOO_MANY_REQUESTS: ErrorAnswer(400, "Throttling", "Rate exceeded"),
    FaultKind.THROTTLING: ErrorAnswer(400, "Throttling", "Rate exceeded"),
    FaultKind.INTERNAL_500: ErrorAnswer(500, "InternalFailure", _INTERNAL),
    FaultKind.INTERNAL_AFTER: ErrorAnswer(500, "InternalFailure", _INTERNAL),
    FaultKind.INTERNAL_400: ErrorAnswer(400, "InternalFailure", _INTERNAL),
    FaultKind.ACCESS_DENIED: ErrorAnswer(403, "AccessDenied", _DENIED),
    FaultKind.EXPIRED_TOKEN: ErrorAnswer(403, "ExpiredToken", _EXPIRED),
}


def called(request: Message) -> Call:
    """What a request asks for."""
    service, _, operation = request.header("x-amz-target").rpartition(".")
    if service == _COGNITO:
        group = WRITES if operation in WRITE_OPERATIONS else READS
        return Call(operation, group, Protocol.JSON, _json(request.body))
    if service in _LOOKUPS:
        return Call(operation, OTHER, Protocol.JSON, _json(request.body))
    form = _form(request)
    if "Action" in form:
        return Call(form["Action"], STS, Protocol.QUERY, form)
    path = request.target.partition("?")[0]
    return Call(f"{request.method} {path}", OTHER, Protocol.REST_XML, None)


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _form(request: Message) -> dict[str, str]:
    if not request.header("content-type").startswith("application/x-www-form-urlencoded"):
        return {}
    return dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))


def error_answer(fault: Fault, protocol: Protocol) -> Message | None:
    """What the fault is answered with in place of the server; None: it is no such answer."""
    if isinstance(fault, StrangeAnswer):
        headers = [("Content-Type", fault.content_type)]
        return Message.answer(fault.status, headers, fault.text.encode())
    error = (_ERRORS if protocol is Protocol.JSON else _XML_ERRORS).get(fault.kind)
    if error is None:
        return None
    request_id = str(uuid.uuid4())
    headers = [("x-amzn-RequestId", request_id)]
    if fault.retry_after is not None:
        headers.append(("Retry-After", str(fault.retry_after)))
    if protocol is not Protocol.JSON:
        headers.append(("Content-Type", "text/xml"))
        return Message.answer(error.status, headers, _xml(error, protocol, request_id).encode())
    headers += [
        ("Content-Type", "application/x-amz-json-1.1"),
        ("x-amzn-ErrorType", f"{error.code}:"),
    ]
    body = json.dumps({"__type": error.code, "message": error.message})
    return Message.answer(error.status, headers, body.encode())


def _xml(error: ErrorAnswer, protocol: Protocol, request_id: str) -> str:
    said = f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
    identified = f"<RequestId>{request_id}</RequestId>"
    if protocol is Protocol.REST_XML:
        return f"<Error>{said}{identified}</Error>"
    sender = "Sender" if error.status < 500 else "Receiver"
    return (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        f"<Error><Type>{sender}</Type>{said}</Error>{identified}</ErrorResponse>"
    )
