"""A sandbox, and a proxy in front of it that can be told what is to go wrong."""

from collections.abc import Iterator

import pytest

from reconciler.sandbox import SandboxServer, SandboxSettings
from tests.faults.proxy import FaultProxy


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A sandbox of its own, in memory; its url leads past the proxy."""
    with SandboxServer(SandboxSettings(file=None)) as server:
        yield server


@pytest.fixture
def proxy(sandbox: SandboxServer) -> Iterator[FaultProxy]:
    """A proxy in front of `sandbox`, with no faults yet."""
    with FaultProxy(sandbox.url) as running:
        yield running
