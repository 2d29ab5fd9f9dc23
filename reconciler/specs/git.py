"""What is checked out, read from the files of ``.git``: Git itself need not be there."""

import re
from pathlib import Path
from typing import Final

_MAX_BYTES: Final = 16 * 1024 * 1024  # packed-refs of a large repository
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# A part of a ref never begins with a dot (git-check-ref-format), so no ref leads out of .git.
_REF: Final = re.compile(r"refs(/[^./\0][^/\0]*)+")
_GITDIR: Final = "gitdir: "
_SECTION: Final = re.compile(r"\s*\[(?P<name>[^\]]*)\]")
_URL: Final = re.compile(r"\s*url\s*=\s*\"?(?P<url>[^\s\"#;]+)")
# https://USER:TOKEN@HOST/PATH, or USER@HOST:PATH.  A path on this machine says nothing to others.
_PATH_AT_HOST: Final = re.compile(
    r"(?:[a-z+]+://[^/\s]+/|[^/\s:]+:)(?P<path>[^/?#][^?#]*?)(\.git)?/?"
)


def git_commit(start: Path) -> str | None:
    """What HEAD names in the repository around a folder.

    ``None`` outside of a repository, before its first commit, and for whatever keeps its refs
    otherwise than in files: the commit is told to people, nothing depends on it.
    """
    root = git_root(start)
    return _head(_directory(root / ".git")) if root else None


def git_root(start: Path) -> Path | None:
    """The folder of the repository around a folder, ``None`` outside of one."""
    folders = (start, *start.absolute().parents)
    return next((folder for folder in folders if (folder / ".git").exists()), None)


def git_remote_path(start: Path) -> str | None:
    """Where the remote ``origin`` is on its host, such as ``acme/identity``.

    Never the URL, which may hold a password.  ``None`` where there is no such remote.
    """
    root = git_root(start)
    if root is None:
        return None
    section = ""
    for line in _text(_common(_directory(root / ".git")) / "config").splitlines():
        if header := _SECTION.match(line):
            section = header["name"]
        elif section == 'remote "origin"' and (found := _URL.match(line)):
            at_host = _PATH_AT_HOST.fullmatch(found["url"])
            return at_host["path"] if at_host else None
    return None


def _directory(place: Path) -> Path:
    """Worktrees and submodules have a file that says where the directory is."""
    if place.is_dir():
        return place
    text = _text(place).strip()
    return place.parent / text.removeprefix(_GITDIR) if text.startswith(_GITDIR) else place


def _head(directory: Path) -> str | None:
    head = _text(directory / "HEAD").strip()
    if not head.startswith("ref: "):
        return _commit(head)
    ref = head.removeprefix("ref: ").strip()
    if not _REF.fullmatch(ref):
        return None
    common = _common(directory)
    return _commit(_text(common / ref).strip()) or _packed(_text(common / "packed-refs"), ref)


def _common(directory: Path) -> Path:
    """A worktree has a HEAD of its own, and shares branches and settings of the repository."""
    return directory / (_text(directory / "commondir").strip() or ".")


def _packed(text: str, ref: str) -> str | None:
    lines = (line.partition(" ") for line in text.splitlines())
    return next((_commit(commit) for commit, _, name in lines if name == ref), None)


def _commit(text: str) -> str | None:
    return text if _COMMIT.fullmatch(text) else None


def _text(path: Path) -> str:
    """The text of a regular file; "" for whatever is none."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):  # ValueError: NUL in the name
        return ""
