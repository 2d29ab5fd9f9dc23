"""The command, a sandbox, and an environment that lends its packages."""

import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Account, account, idpool, sandbox
from tests.packaging.platforms import PipelineGitHub, PipelineGitLab

__all__ = ["Account", "account", "idpool", "sandbox"]


@pytest.fixture(scope="session")
def borrowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every installed package but idpool, for PYTHONPATH: pip then has nothing to fetch.

    Without idpool, because pip would not install it a second time.
    """
    folder = tmp_path_factory.mktemp("borrowed")
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if "idpool" not in package.name and package.suffix != ".pth":
            (folder / package.name).symlink_to(package)
    return folder


@pytest.fixture
def github() -> Iterator[PipelineGitHub]:
    """A GitHub with pull request 5."""
    with PipelineGitHub() as server:
        yield server


@pytest.fixture
def gitlab() -> Iterator[PipelineGitLab]:
    """A GitLab with merge request 7."""
    with PipelineGitLab() as server:
        yield server
