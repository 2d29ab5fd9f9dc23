"""From an HTTP request to an answer of cognito-identity: moto's responses, on our backend."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from moto.cognitoidentity.responses import CognitoIdentityResponse
from moto.core.request import Request
from werkzeug.wrappers import Response

from reconciler.sandbox.backend import OPERATIONS, IdentityBackend
from reconciler.sandbox.callers import caller_of
from reconciler.sandbox.errors import SandboxStateError
from reconciler.sandbox.events import WRITES, event_of
from reconciler.sandbox.faults import ApiError
from reconciler.sandbox.limits import Limiter
from reconciler.sandbox.pools import Place
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
from reconciler.sandbox.trail import look_up

LOOKUP = "CloudTrail_20131101.LookupEvents"
CONTENT_TYPE = "application/x-amz-json-1.1"

# What moto answers as it is: made-up tokens and credentials, no use of the pools.
MOTO_OPERATIONS: Mapping[str, Callable[[CognitoIdentityResponse], str]] = {
    "GetCredentialsForIdentity": CognitoIdentityResponse.get_credentials_for_identity,
    "GetOpenIdTokenForDeveloperIdentity": (
        CognitoIdentityResponse.get_open_id_token_for_developer_identity
    ),
}


@dataclass(frozen=True, slots=True)
class Service:
    """What the requests to one server share; two servers in a process share nothing of it."""

    settings: SandboxSettings
    store: Store
    limiter: Limiter

    def answer(self, request: Request) -> Response:
        """The answer to one request, an error of the API included."""
        return IdentityResponse(self).answer(request)


class IdentityResponse(CognitoIdentityResponse):
    """One request. moto finds out account and region; the rest is AWS's rules."""

    # JSON bodies stay bytes: moto would take `&Action=` inside a string for a form field.
    use_raw_body = True

    def __init__(self, service: Service) -> None:
        super().__init__()
        self._service = service
        self._backend: IdentityBackend | None = None

    @property
    def backend(self) -> IdentityBackend:
        if self._backend is None:
            raise RuntimeError("there is a backend only while the pools are held")
        return self._backend

    def answer(self, request: Request) -> Response:
        """Runs the operation that the request names."""
        # Taken first and whole: of a body that calls itself a form, moto leaves nothing.
        body = request.get_data()
        self.setup_class(request)
        try:
            if is_lookup(request.headers.get("X-Amz-Target", "")):
                return _response(200, self._look_up(body))
            return _response(200, self._run(_operation(request), body, request))
        except ApiError as fault:
            return _error(fault.status, fault.code, fault.message)
        except SandboxStateError as error:
            return _error(500, "InternalErrorException", str(error))

    def _look_up(self, body: bytes) -> str:
        place = Place(self.current_account, self.region)
        self._service.limiter.admit_lookup(place)
        with self._service.store.open() as pools:
            return look_up(body, place, pools)

    def _run(self, operation: str, body: bytes, call: Request) -> str:
        shape = input_shape(operation)
        if shape is None:
            raise ApiError("UnknownOperationException", f"There is no operation {operation}.")
        place = Place(self.current_account, self.region)
        self._service.limiter.admit(place, operation)
        request = _conformed(shape, body)
        with self._service.store.open() as pools:
            self._backend = IdentityBackend(place, pools, self._service.settings)
            if operation in MOTO_OPERATIONS:
                return MOTO_OPERATIONS[operation](self)
            if operation not in OPERATIONS:
                raise ApiError("NotImplementedException", f"The sandbox has no {operation}.", 501)
            answer = OPERATIONS[operation](self._backend, request)
            if operation in WRITES:
                pools.record(event_of(operation, request, answer, place, caller_of(call, place)))
            return json.dumps(answer) if has_output(operation) else ""


def sync_is_closed() -> Response:
    """The answer to any call of Cognito Sync, which has taken no new customers since 2026-07-30.

    The status is the service model's; the sentence is ours.
    """
    return _error(403, "NotAuthorizedException", "Amazon Cognito Sync is closed to new customers.")


def is_lookup(target: str) -> bool:
    """Whether an X-Amz-Target is CloudTrail's LookupEvents, with or without its Java package."""
    return target.endswith(LOOKUP)


def _operation(request: Request) -> str:
    return request.headers.get("X-Amz-Target", "").rpartition(".")[2]


def _conformed(shape: str, body: bytes) -> JsonObject:
    try:
        return conform(shape, json.loads(body or b"{}"))
    except (WrongTypeError, ValueError, RecursionError) as error:
        raise ApiError("SerializationException", str(error)) from None
    except ConstraintsError as error:
        # The code as reported in getmoto/moto#1979.
        raise ApiError("ValidationException", str(error)) from None


def _response(status: int, body: str) -> Response:
    response = Response(body, status, content_type=CONTENT_TYPE)
    response.headers["x-amzn-RequestId"] = str(uuid.uuid4())
    return response


def _error(status: int, code: str, message: str) -> Response:
    response = _response(status, json.dumps({"__type": code, "message": message}))
    response.headers["x-amzn-ErrorType"] = code
    return response
