"""Request rates."""

from contextlib import suppress
from typing import Any

import pytest

from reconciler.sandbox.faults import ApiError
from reconciler.sandbox.limits import DOCUMENTED_RATES, RequestLimiter
from reconciler.sandbox.pools import AccountRegion
from reconciler.sandbox.settings import SandboxSettings
from tests.sandbox.conftest import Connect, Serve
from tests.sandbox.support import REQUIRED, arn, refused

HERE = AccountRegion("111122223333", "eu-west-1")


class Clock:
    """A time that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def admitted(limiter: RequestLimiter, place: AccountRegion, operation: str, tries: int) -> int:
    """How many of so many requests at once are admitted."""
    count = 0
    for _ in range(tries):
        with suppress(ApiError):
            limiter.admit(place, operation)
            count += 1
    return count


@pytest.mark.parametrize(("operation", "rate"), DOCUMENTED_RATES.items())
def test_documented_rates(operation: str, rate: float) -> None:
    """An operation takes its documented number a second, again a second later, and saves none."""
    clock = Clock()
    limiter = RequestLimiter(SandboxSettings(file=None, rate_limits=True), clock)
    for now in (0, 1, 100):
        clock.now = now
        assert admitted(limiter, HERE, operation, tries=300) == rate
    clock.now += 1.01 / rate
    assert admitted(limiter, HERE, operation, tries=300) == 1


def test_rates_are_per_account_region_and_operation() -> None:
    """One account's requests leave another's, another region's and another operation's quota."""
    limiter = RequestLimiter(SandboxSettings(file=None, rate_limits=True), Clock())
    for place in (HERE, HERE._replace(account="444455556666"), HERE._replace(region="us-east-1")):
        for operation in ("TagResource", "UntagResource"):
            assert admitted(limiter, place, operation, tries=9) == 5
    assert admitted(limiter, HERE, "CreateIdentityPool", tries=999) == 999


def test_too_many_requests_over_http(serve: Serve, connect: Connect) -> None:
    """With rate limits on, a burst of TagResource is TooManyRequestsException before its end."""
    client = connect(serve(rate_limits=True))
    resource = arn(client.create_identity_pool(**REQUIRED)["IdentityPoolId"])
    with refused("TooManyRequestsException", "Rate exceeded"):
        for _ in range(100):
            client.tag_resource(ResourceArn=resource, Tags={"a": "b"})


def test_no_rate_limits_by_default(client: Any) -> None:
    """Without the setting, nothing is throttled."""
    resource = arn(client.create_identity_pool(**REQUIRED)["IdentityPoolId"])
    for _ in range(30):
        client.list_tags_for_resource(ResourceArn=resource)


def test_overall_rate(serve: Serve, connect: Connect) -> None:
    """The overall rate is one bucket for every operation of cognito-identity, and not for STS."""
    server = serve(rate=0.001)
    client = connect(server)
    pool_id = client.create_identity_pool(**REQUIRED)["IdentityPoolId"]
    with refused("TooManyRequestsException", "Rate exceeded"):
        client.describe_identity_pool(IdentityPoolId=pool_id)
    sts = connect(server, service="sts")
    for _ in range(3):
        sts.get_caller_identity()
