"""From an HTTP request to an answer of cognito-identity: moto's responses, on our backend."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from moto.cognitoidentity.responses import CognitoIdentityResponse
from moto.core.request import Request
from werkzeug.wrappers import Response

from reconciler.sandbox.backend import IdentityBackend
from reconciler.sandbox.errors import SandboxStateError
from reconciler.sandbox.faults import ApiError
from reconciler.sandbox.limits import RequestLimiter
from reconciler.sandbox.pools import AccountRegion
from reconciler.sandbox.settings import SandboxSettings
from reconciler.sandbox.shapes import (
    ConstraintsError,
    JsonObject,
    WrongTypeError,
    conform,
    has_output,
    input_shape,
)
from reconciler.sandbox.store import Store
from reconciler.sandbox.trail import WRITES, caller_of, event_of, look_up

LOOKUP = "CloudTrail_20131101.LookupEvents"
CONTENT_TYPE = "application/x-amz-json-1.1"

# Sent with each answer, so that a browser shows it to a page: aws-amplify/amplify-js#2443.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
}


@dataclass(frozen=True, slots=True)
class Service:
    """What the requests to one server share; two servers in a process share nothing of it."""

    settings: SandboxSettings
    store: Store
    limiter: RequestLimiter


class IdentityResponse(CognitoIdentityResponse):
    """One request. moto finds out account and region; the rest is AWS's rules."""

    # JSON bodies stay bytes: moto would take `&Action=` inside a string for a form field.
    use_raw_body = True

    def __init__(self, service: Service) -> None:
        super().__init__()
        self._service = service

    def answer(self, request: Request) -> Response:
        """Runs the operation that the request names."""
        # Taken first and whole: of a body that calls itself a form, moto leaves nothing.
        body = request.get_data()
        self.setup_class(request)
        try:
            if is_lookup(request.headers.get("X-Amz-Target", "")):
                return _response(200, self._look_up(body))
            operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
            return _response(200, self._run(operation, body, request))
        except ApiError as fault:
            return error_answer(fault)
        except SandboxStateError as error:
            return error_answer(ApiError("InternalErrorException", str(error), 500))

    def _look_up(self, body: bytes) -> str:
        place = AccountRegion(self.current_account, self.region)
        self._service.limiter.admit(place, "LookupEvents")
        request = _parsed(body)
        with self._service.store.open() as pools:
            return look_up(request, place, pools)

    def _run(self, operation: str, body: bytes, call: Request) -> str:
        shape = input_shape(operation)
        if shape is None:
            raise ApiError("UnknownOperationException", f"There is no operation {operation}.")
        place = AccountRegion(self.current_account, self.region)
        self._service.limiter.admit(place, operation)
        request = conformed(shape, _parsed(body))
        with self._service.store.open() as pools:
            answer = IdentityBackend(place, pools, self._service.settings).run(operation, request)
            if operation in WRITES:
                pools.record(event_of(operation, request, answer, place, caller_of(call, place)))
            return json.dumps(answer) if has_output(operation) else ""


def sync_is_closed() -> Response:
    """The answer to any call of Cognito Sync, which has taken no new customers since 2026-07-30.

    The status is the service model's; the sentence is ours.
    """
    message = "Amazon Cognito Sync is closed to new customers."
    return error_answer(ApiError("NotAuthorizedException", message, 403))


def is_lookup(target: str) -> bool:
    """Whether an X-Amz-Target is CloudTrail's LookupEvents, with or without its Java package."""
    return target.endswith(LOOKUP)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise ApiError("SerializationException", str(error)) from None


def conformed(shape: str, value: object) -> JsonObject:
    """The value as its input shape knows it.  Raises ApiError."""
    try:
        return conform(shape, value)
    except WrongTypeError as error:
        raise ApiError("SerializationException", str(error)) from None
    except ConstraintsError as error:
        # The code as reported in getmoto/moto#1979.
        raise ApiError("ValidationException", str(error)) from None


def _response(status: int, body: str) -> Response:
    response = Response(body, status, content_type=CONTENT_TYPE)
    response.headers["x-amzn-RequestId"] = str(uuid.uuid4())
    response.headers.update(CORS)
    return response


def error_answer(fault: ApiError) -> Response:
    """An error in AWS's JSON protocol."""
    body = json.dumps({"__type": fault.code, "message": fault.message})
    response = _response(fault.status, body)
    response.headers["x-amzn-ErrorType"] = fault.code
    return response
