"""Which rows of a long table are in `make test`; the others are in `make test-slow`."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def slow_but(
    quick: Iterable[Any], rows: Iterable[Any], ids: Callable[[Any], str] = str
) -> list[Any]:
    """All rows, as parameters of a test: those that are not quick have the mark ``slow``."""
    kept = list(quick)
    return [
        pytest.param(row, id=ids(row), marks=() if row in kept else pytest.mark.slow)
        for row in rows
    ]
