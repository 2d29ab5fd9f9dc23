"""From an HTTP request to an answer: of cognito-identity, LookupEvents, and the tagging API.

The Resource Groups Tagging API is moto's, which knows the pools as well.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.cognitoidentity.responses import CognitoIdentityResponse
from moto.core.request import Request
from moto.core.resource_tagging import TaggedResource, make_tag_matcher, match_resource_type
from moto.resourcegroupstaggingapi.models import (
    ResourceGroupsTaggingAPIBackend,
    resourcegroupstaggingapi_backends,
)
from moto.resourcegroupstaggingapi.responses import ResourceGroupsTaggingAPIResponse
from werkzeug.wrappers import Response

from reconciler.sandbox.backend import IdentityBackend, pool_arn
from reconciler.sandbox.errors import SandboxStateError
from reconciler.sandbox.faults import ApiError
from reconciler.sandbox.limits import RequestLimiter
from reconciler.sandbox.pools import AccountRegion, Pools
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

_KIND = "cognito-identity:identitypool"
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
                return answered(200, self._look_up(body))
            operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
            return answered(200, self._run(operation, body, request))
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
        request = _conformed(shape, _parsed(body))
        with self._service.store.open() as pools:
            answer = IdentityBackend(place, pools, self._service.settings).run(operation, request)
            if operation in WRITES:
                pools.record(event_of(operation, request, answer, place, caller_of(call, place)))
            return json.dumps(answer) if has_output(operation) else ""


def is_lookup(target: str) -> bool:
    """Whether an X-Amz-Target is CloudTrail's LookupEvents, with or without its Java package."""
    return target.endswith(LOOKUP)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise ApiError("SerializationException", str(error)) from None


def _conformed(shape: str, value: object) -> JsonObject:
    """The value as its input shape knows it.  Raises ApiError."""
    try:
        return conform(shape, value)
    except WrongTypeError as error:
        raise ApiError("SerializationException", str(error)) from None
    except ConstraintsError as error:
        # The code as reported in getmoto/moto#1979.
        raise ApiError("ValidationException", str(error)) from None


def answered(status: int, body: str, content_type: str = CONTENT_TYPE) -> Response:
    """An answer with the headers that all have."""
    response = Response(body, status, content_type=content_type)
    response.headers["x-amzn-RequestId"] = str(uuid.uuid4())
    response.headers.update(CORS)
    return response


def error_answer(fault: ApiError) -> Response:
    """An error in AWS's JSON protocol."""
    body = json.dumps({"__type": fault.code, "message": fault.message})
    response = answered(fault.status, body)
    response.headers["x-amzn-ErrorType"] = fault.code
    return response


def answer_tagging(request: Request, service: Service) -> Response:
    """The answer to one request of the tagging API."""
    responder = _TaggingResponse()
    responder.setup_class(request)
    place = AccountRegion(responder.current_account, responder.region)
    try:
        with service.store.open() as pools:
            responder.tagging = _TaggingBackend(place, pools, service, caller_of(request, place))
            status, headers, body = responder.call_action()
    except SandboxStateError as error:
        return error_answer(ApiError("InternalServiceException", str(error), 500))
    response = Response(body, int(status))
    response.headers.update({name: str(value) for name, value in headers.items()})
    response.headers.update(CORS)
    return response


class _TaggingResponse(ResourceGroupsTaggingAPIResponse):
    """One request, on a backend that is made for it."""

    tagging: "_TaggingBackend"

    @property
    def backend(self) -> ResourceGroupsTaggingAPIBackend:
        return self.tagging


class _TaggingBackend(ResourceGroupsTaggingAPIBackend):
    """moto's, with the pools of one account and region before what moto's services have."""

    def __init__(
        self, place: AccountRegion, pools: Pools, service: Service, caller: JsonObject
    ) -> None:
        super().__init__(place.region, place.account)
        self._place = place
        self._pools = pools
        self._caller = caller
        self._identity = IdentityBackend(place, pools, service.settings)
        # The rest of a list that is given out page by page outlives the request.
        self._pages = resourcegroupstaggingapi_backends[place.account][place.region]._pages

    def get_resources(
        self,
        pagination_token: str | None = None,
        resources_per_page: int = 50,
        tags_per_page: int = 100,
        tag_filters: list[dict[str, Any]] | None = None,
        resource_type_filters: list[str] | None = None,
        resource_arn_list: list[str] | None = None,
    ) -> tuple[str | None, list[TaggedResource]]:
        """GetResources; of resources that are named (100 at most), all are on one page."""
        if resource_arn_list:
            named = self._get_resources_generator(
                tag_filters, resource_type_filters, resource_arn_list
            )
            return None, list(named)
        return super().get_resources(
            pagination_token, resources_per_page, tags_per_page, tag_filters, resource_type_filters
        )

    def tag_resources(
        self, resource_arns: list[str], tags: dict[str, str]
    ) -> dict[str, dict[str, Any]]:
        """TagResources: each pool for itself, and those that failed in the answer."""
        others, failed = self._changed("TagResource", resource_arns, {"Tags": tags})
        return {**super().tag_resources(others, tags), **failed}

    def untag_resources(
        self, resource_arn_list: list[str], tag_keys: list[str]
    ) -> dict[str, dict[str, Any]]:
        """UntagResources, likewise."""
        others, failed = self._changed("UntagResource", resource_arn_list, {"TagKeys": tag_keys})
        return {**super().untag_resources(others, tag_keys), **failed}

    def _changed(
        self, operation: str, arns: list[str], members: JsonObject
    ) -> tuple[list[str], dict[str, dict[str, Any]]]:
        """The calls of cognito-identity that AWS makes of it.

        Gives the ARNs of other services, and what failed by its ARN.
        """
        others = [arn for arn in arns if arn.split(":")[2:3] != ["cognito-identity"]]
        failed: dict[str, dict[str, Any]] = {}
        for arn in (arn for arn in arns if arn not in others):
            try:
                request = _conformed(input_shape(operation) or "", {"ResourceArn": arn, **members})
                answered = self._identity.run(operation, request)
            except ApiError as fault:
                failed[arn] = {
                    "StatusCode": fault.status,
                    "ErrorCode": "InvalidParameterException",
                    "ErrorMessage": fault.message,
                }
            else:
                event = event_of(operation, request, answered, self._place, self._caller)
                self._pools.record(event)
        return others, failed

    def _get_resources_generator(
        self,
        tag_filters: list[dict[str, Any]] | None = None,
        resource_type_filters: list[str] | None = None,
        resource_arn_list: list[str] | None = None,
    ) -> Iterator[TaggedResource]:
        matches = make_tag_matcher(tag_filters)
        of_kind = match_resource_type(_KIND, resource_type_filters)
        for resource in self._tagged_pools():
            named = not resource_arn_list or resource.arn in resource_arn_list
            if named and of_kind and matches(resource.tags):
                yield resource
        yield from super()._get_resources_generator(
            tag_filters, resource_type_filters, resource_arn_list
        )

    def _get_tag_keys_generator(self) -> Iterator[str]:
        keys = [key for resource in self._tagged_pools() for key in resource.tags]
        yield from dict.fromkeys([*keys, *super()._get_tag_keys_generator()])

    def _get_tag_values_generator(self, tag_key: str) -> Iterator[str]:
        values = [each.tags[tag_key] for each in self._tagged_pools() if tag_key in each.tags]
        yield from dict.fromkeys([*values, *super()._get_tag_values_generator(tag_key)])

    def _tagged_pools(self) -> list[TaggedResource]:
        """As they are now: pages that follow do not see what changes between them."""
        pools = self._pools.at(self._place).values()
        return [TaggedResource(pool_arn(pool), pool.tags, _KIND) for pool in pools if pool.tags]
