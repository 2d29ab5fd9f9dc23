"""The Resource Groups Tagging API: moto's, which knows the pools as well."""

from collections.abc import Iterator
from typing import Any

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
from reconciler.sandbox.pools import AccountRegion, Pools
from reconciler.sandbox.responses import CORS, Service, conformed, error_answer
from reconciler.sandbox.shapes import JsonObject, input_shape
from reconciler.sandbox.trail import caller_of, event_of

_KIND = "cognito-identity:identitypool"


def answer(request: Request, service: Service) -> Response:
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
                request = conformed(input_shape(operation) or "", {"ResourceArn": arn, **members})
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
