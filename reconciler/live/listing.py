"""Listing the pools of a target."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future
from itertools import chain
from typing import Any

from reconciler.live.calls import Channel
from reconciler.live.failures import target_problem
from reconciler.model.live import ListedPool

# ListIdentityPools answers at most 60 pools a page (API reference, MaxResults).
_PAGE = 60


class Listing:
    """Every pool of a target, read when called."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._first: Future[Mapping[str, Any]] | None = None

    def __call__(self) -> tuple[ListedPool, ...]:
        """List all pages anew.  Raises ``AwsProblem``."""
        return tuple(chain.from_iterable(self._pages(None)))

    def begin(self, beside: Executor) -> None:
        """Ask for the first page of ``pages``."""
        self._first = beside.submit(self._page)

    def pages(self) -> Iterator[tuple[ListedPool, ...]]:
        """The pages as they arrive.  Raises ``AwsProblem``.

        The first one may be as old as the connection is, once: who is about to write lists anew.
        """
        first, self._first = self._first, None
        return self._pages(first.result() if first else None)

    def _pages(self, page: Mapping[str, Any] | None) -> Iterator[tuple[ListedPool, ...]]:
        page = self._page() if page is None else page
        seen: set[str] = set()
        while True:
            yield tuple(self._listed(pool) for pool in page.get("IdentityPools") or ())
            token = page.get("NextToken")
            if not token:
                return
            if not isinstance(token, str):
                raise target_problem("no-token", self._channel.target)
            if token in seen:
                raise target_problem("same-token", self._channel.target)
            seen.add(token)
            page = self._page(NextToken=token)

    def _listed(self, pool: object) -> ListedPool:
        """One member of a page.  Whatever else it is, it may be a pool that nobody would see."""
        if isinstance(pool, dict):
            pool_id, name = pool.get("IdentityPoolId"), pool.get("IdentityPoolName") or ""
            if pool_id and isinstance(pool_id, str) and isinstance(name, str):
                return ListedPool(pool_id, name)
        raise target_problem("no-pool", self._channel.target)

    def _page(self, **token: str) -> Mapping[str, Any]:
        return self._channel.read("ListIdentityPools", MaxResults=_PAGE, **token)
