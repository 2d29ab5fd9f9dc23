"""Whether the latency server is fast enough to say anything about its client."""

from typing import Final

from benchmarks.aws import Aws
from benchmarks.bare_client import Seen, ask
from benchmarks.setup import Setup

LATENCY_MS: Final = 30.0
# Below this many times what a run asked of it, the server is a part of what was measured.
_HEADROOM: Final = 3.0
# A little latency, so that answers wait as they do in a run, and enough connections to hide it.
_PRESSED_MS: Final = 2.0
_PRESSED_WORKERS: Final = 256
_PRESSED_REQUESTS: Final = 40_000
_WORKERS: Final = 16
_ROUNDS: Final = 30


def capacity(aws: Aws, setup: Setup) -> Seen:
    """The most Describes that the server answers in a second."""
    aws.latency(_PRESSED_MS)
    try:
        return _describe(aws, setup, _PRESSED_WORKERS, _PRESSED_REQUESTS)
    finally:
        aws.latency(LATENCY_MS)


def latency(aws: Aws, setup: Setup) -> Seen:
    """How long a Describe takes for a client that does nothing else."""
    return _describe(aws, setup, _WORKERS, _WORKERS * _ROUNDS)


def void(capacity: Seen, asked: float) -> str:
    """Why a run that asked so many calls a second says nothing; "" if it does."""
    if capacity.rate >= _HEADROOM * asked:
        return ""
    return (
        f"the latency server answers {capacity.rate:,.0f} calls a second at most, and the run "
        f"asked {asked:,.0f}: less than {_HEADROOM:g} times as many"
    )


def _describe(aws: Aws, setup: Setup, workers: int, requests: int) -> Seen:
    aws.empty()
    aws.fill(setup.live(1))
    request = {"IdentityPoolId": aws.pool_ids()[0]}
    seen = ask(
        aws, request, "DescribeIdentityPool", workers, requests // (10 if setup.quick else 1)
    )
    aws.take()
    return seen
