"""The commit that is checked out, as Git's own files tell it."""

import subprocess
from pathlib import Path

import pytest

from reconciler.specs.git import git_commit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def _git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    process = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return process.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit."""
    folder = tmp_path / "repository"
    folder.mkdir()
    _git(folder, "init", "--quiet", "--initial-branch=feature/one")
    (folder / "deep").mkdir()
    (folder / "deep/file").write_text("x")
    _git(folder, "add", ".")
    _git(folder, "commit", "--quiet", "--message=one")
    return folder


def test_a_branch_a_packed_branch_and_no_branch(repository: Path) -> None:
    """As Git says itself, from any folder."""
    commit = _git(repository, "rev-parse", "HEAD")
    assert git_commit(repository / "deep") == commit
    _git(repository, "pack-refs", "--all")
    assert not (repository / ".git/refs/heads/feature/one").exists()
    assert git_commit(repository) == commit
    _git(repository, "checkout", "--quiet", "--detach")
    assert git_commit(repository) == commit


def test_a_worktree(repository: Path) -> None:
    """Its .git is a file, and its branch is in the repository."""
    _git(repository, "worktree", "add", "--quiet", "-b", "other", "../tree")
    tree = repository.parent / "tree"
    (tree / "more").write_text("x")
    _git(tree, "add", ".")
    _git(tree, "commit", "--quiet", "--message=two")
    commit = _git(tree, "rev-parse", "HEAD")
    assert git_commit(tree) == commit != git_commit(repository)


def test_no_commit_yet_and_no_repository(tmp_path: Path) -> None:
    """Nothing to tell."""
    assert git_commit(tmp_path) is None
    _git(tmp_path, "init", "--quiet")
    assert git_commit(tmp_path) is None


@pytest.mark.parametrize(
    "head",
    [
        "ref: refs/heads/.invalid",
        "ref: refs/heads/../../secret",
        "ref: /etc/passwd",
        "ref: refs/heads/a\0b",
        "hush",
        COMMIT.upper(),
        "",
    ],
)
def test_a_head_that_names_no_commit_of_a_branch(tmp_path: Path, head: str) -> None:
    """Files elsewhere are not read, and nothing but a commit is told."""
    (tmp_path / ".git/refs/heads").mkdir(parents=True)
    (tmp_path / ".git/HEAD").write_text(head)
    (tmp_path / "secret").write_text(COMMIT)
    assert git_commit(tmp_path) is None


def test_odd_places_for_the_directory(tmp_path: Path) -> None:
    """A .git that is an empty file, one that leads nowhere, and one that is a loop of links."""
    place = tmp_path / ".git"
    for text in ("", "gitdir: nowhere", "gitdir: a\0b", "gitdir: ."):
        place.write_text(text)
        assert git_commit(tmp_path) is None
    place.unlink()
    place.symlink_to(place)
    assert git_commit(tmp_path) is None
