"""What all tests have in common: their order, hypothesis' profile, and Ctrl-C."""

import signal

import pytest

import tests.strategies  # noqa: F401 - it loads the profile before any test is collected
from reconciler.model.secrets import forget_secrets


def pytest_configure() -> None:
    """What tests start hears Ctrl-C, also where a script has started the tests with ``&``.

    Shells let what they start in the background ignore it, and children inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def no_secrets_of_before() -> None:
    """What another test has read is none of this one's business, as in a command."""
    forget_secrets()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that have a timeout of their own take minutes: begun first, nobody waits for them."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)
