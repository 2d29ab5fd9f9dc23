"""Opening a platform; its client library is needed from here on, and not before."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import TypeAlias

from reconciler.platforms.access import Access
from reconciler.platforms.platform import Platform
from reconciler.platforms.problems import MissingExtra

Opener: TypeAlias = Callable[[Access], AbstractContextManager[Platform]]


@contextmanager
def open_github(access: Access) -> Iterator[Platform]:
    """GitHub, closed at the end.  Raises ``MissingExtra``."""
    try:
        from reconciler.platforms.github import GitHub  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as missing:
        raise MissingExtra("GitHub", "github") from missing
    with closing(GitHub(access)) as platform:
        yield platform


@contextmanager
def open_gitlab(access: Access) -> Iterator[Platform]:
    """GitLab, closed at the end.  Raises ``MissingExtra``."""
    try:
        from reconciler.platforms.gitlab import GitLab  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as missing:
        raise MissingExtra("GitLab", "gitlab") from missing
    with closing(GitLab(access)) as platform:
        yield platform
