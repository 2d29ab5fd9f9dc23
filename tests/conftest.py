"""The order of all tests."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that have a timeout of their own take minutes: begun last, all others wait for them."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)
