"""Progress of long reads and applies, on stderr, for somebody who waits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from reconciler.cli.streams import Streams


@contextmanager
def reading(streams: Streams, target: str) -> Iterator[Callable[[int, int], None]]:
    """A line that counts the pools read; nothing where nobody watches."""
    if not streams.shows_progress:
        yield lambda _done, _total: None
        return
    with streams.err.console.status(f"reading {target}") as status:
        yield lambda done, total: status.update(f"reading {target}: {done} of {total} pools")


@contextmanager
def applying(streams: Streams, total: int) -> Iterator[Callable[[object], None]]:
    """A line that counts the pools applied; nothing where nobody watches."""
    if not streams.shows_progress:
        yield lambda _receipt: None
        return
    done = 0
    with streams.err.console.status(f"applying {total} pools") as status:

        def advance(_receipt: object) -> None:
            nonlocal done
            done += 1
            status.update(f"applying: {done} of {total} pools")

        yield advance
