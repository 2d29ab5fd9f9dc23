"""Where pipelines install idpool from: what ``--from`` names, or where this idpool came from.

A name alone is not enough: whoever owns that name decides what runs with the pipeline's role.  So
every source says what is installed, byte for byte: a wheel by its hash, a repository by its commit.
"""

import hashlib
import json
import os
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final
from urllib.parse import urldefrag, urlsplit
from urllib.request import url2pathname

from reconciler.model.errors import UsageProblem
from reconciler.model.secrets import scrub_urls

_FORMS: Final = (
    "git+https://HOST/PATH@COMMIT, a wheel's path or URL with #sha256=HASH,"
    " 'idpool==VERSION --hash=sha256:HASH'"
)
# Narrower than what pip takes: nothing that a requirements file would read otherwise (blanks, $, ;,
# #), no password and no query, which may be one.
_PLACE: Final = r"[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~%+=,-]+)+"
_GIT: Final = re.compile(rf"git\+(https://|ssh://([A-Za-z0-9._-]+@)?){_PLACE}/?")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_URL: Final = re.compile(rf"https?://{_PLACE}")
_PATH: Final = re.compile(r"[A-Za-z0-9._+-]+(/[A-Za-z0-9._+-]+)*")
_WHEEL: Final = re.compile(r"(.*/)?[A-Za-z0-9_.]+(-[A-Za-z0-9_.+!%]+){4,5}\.whl")
_SHA256: Final = re.compile(r"sha256=(?P<hash>[0-9a-f]{64})")
_PINNED: Final = re.compile(
    r"(?P<name>[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?) *== *(?P<version>[A-Za-z0-9.!+]+)"
)
_HASHES: Final = re.compile(r"( +--hash[= ]sha256:[0-9a-f]{64})+ *")


class UnusableSource(Exception):
    """Nothing that pipelines could install for certain; the message says why."""


@dataclass(frozen=True, slots=True)
class InstallSource:
    """What pipelines install.

    ``lines``: of a requirements file for pip.  ``is_git``: pip builds it, and needs Git for that.
    ``wheel``: its path below the folder, "" where it is not in the repository.
    """

    lines: tuple[str, ...]
    is_git: bool = False
    wheel: str = ""


def install_source(text: str | None, folder: Path) -> InstallSource:
    """What a ``--from`` says; without one, where this idpool was installed from.

    A path counts from the current folder, and lies below ``folder``.  Where idpool came from its
    metadata says (PEP 610, direct_url.json).  Raises ``UnusableSource``, which quotes the text
    without what may be a password in it.
    """
    place = text or ""
    try:
        place = _recorded_place() if text is None else text
        return _read(place, folder)
    except UnusableSource as problem:
        if text is not None:
            raise UnusableSource(f"--from {_shown(text)} {problem}") from problem
        came = f"it came from {_shown(place)}, which" if place else "it"
        raise UnusableSource(
            "give --from, such as git+https://HOST/PATH@COMMIT: pipelines cannot install this"
            f" idpool, because {came} {problem}"
        ) from problem


def locked(*, with_build: bool) -> str:
    """The pins of what idpool needs, and of what it is built with, each with its hashes.

    They are the project's own locks, which the build puts into the metadata.  Raises
    ``UsageProblem`` where they are not in it.
    """
    texts = []
    for name in ("runtime.txt", *(["build.txt"] if with_build else [])):
        text = _metadata(f"extra_metadata/{name}")
        if text is None:
            raise UsageProblem(
                f"this idpool came without its {name}, which says what pipelines install",
                hint="install it with pip",
            )
        texts.append(text)
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def _shown(text: str) -> str:
    """The text without what may be a password in it; in a place that is fine there is none."""
    is_fine = _GIT.fullmatch(text.rpartition("@")[0]) or _URL.fullmatch(text.partition("#")[0])
    return repr(text if is_fine else scrub_urls(text).partition("?")[0])


def _read(text: str, folder: Path) -> InstallSource:
    if text.startswith("git+"):
        return _git(text)
    if "://" in text:
        return _url(text)
    if "==" in text:
        return _pinned(text)
    return _wheel(text, folder)


def _git(text: str) -> InstallSource:
    place, _, commit = text.rpartition("@")
    if not _COMMIT.fullmatch(commit):
        raise UnusableSource(
            "does not end in @ and a full commit, 40 or 64 hexadecimal digits:"
            " a branch or a tag can be moved"
        )
    if not _GIT.fullmatch(place):
        raise UnusableSource("is not like git+https://HOST/PATH@COMMIT, without a password")
    return InstallSource((text,), is_git=True)


def _url(text: str) -> InstallSource:
    place, _, fragment = text.partition("#")
    if not _URL.fullmatch(place):
        raise UnusableSource("is not like https://HOST/PATH, without a password or a query")
    if not _WHEEL.fullmatch(place):
        raise UnusableSource("is no wheel; a repository is git+https://HOST/PATH@COMMIT")
    found = _SHA256.fullmatch(fragment.lower())
    if not found:
        raise UnusableSource("does not end in #sha256= and the wheel's hash, 64 hexadecimal digits")
    return InstallSource((f"{place} --hash=sha256:{found['hash']}",))


def _pinned(text: str) -> InstallSource:
    pin, dashes, rest = text.partition("--")
    found = _PINNED.fullmatch(pin.strip())
    if not found:
        raise UnusableSource("is not like 'idpool==VERSION --hash=sha256:HASH'")
    hashes = f" {dashes}{rest}".lower()
    if not _HASHES.fullmatch(hashes):
        raise UnusableSource("has no --hash=sha256: with 64 hexadecimal digits after the version")
    given = "".join(f" --hash={each}" for each in re.findall(r"sha256:[0-9a-f]+", hashes))
    # Of a wheel: what pip builds it with has no hash.
    return InstallSource(
        (f"--only-binary {found['name']}", f"{found['name']}=={found['version']}{given}")
    )


def _wheel(text: str, folder: Path) -> InstallSource:
    place, _, fragment = text.partition("#")
    if not _WHEEL.fullmatch(place):
        raise UnusableSource(f"is none of: {_FORMS}")
    path = Path(os.path.realpath(place))
    try:
        actual = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    except OSError as error:
        raise UnusableSource(f"cannot be read: {error.strerror}") from error
    if not actual:
        raise UnusableSource("is not there, or is no file")
    if not path.is_relative_to(folder.resolve()):
        raise UnusableSource(
            f"is outside of {folder.resolve()}: put the wheel into the repository, where pipelines"
            " find it"
        )
    relative = path.relative_to(folder.resolve()).as_posix()
    if not _PATH.fullmatch(relative):
        raise UnusableSource("has a sign in its path that is no letter, digit, / . _ + or -")
    if fragment.lower() != f"sha256={actual}":
        wrong = "has another file's hash" if fragment else "has no hash"
        raise UnusableSource(f"{wrong}: what is there is {place}#sha256={actual}")
    return InstallSource((f"./{relative} --hash=sha256:{actual}",), wheel=relative)


def _recorded_place() -> str:
    """What ``--from`` would be for it."""
    text = _metadata("direct_url.json")
    if text is None:
        raise UnusableSource("came from an index, or nobody has recorded from where")
    try:
        data = json.loads(text)
    except ValueError as error:
        raise UnusableSource("has a damaged direct_url.json") from error
    match data:
        case {"subdirectory": _}:
            raise UnusableSource("came from a folder of a repository")
        case {"url": str(url), "vcs_info": {"vcs": "git", "commit_id": str(commit)}}:
            return f"git+{url}@{commit}"
        case {
            "url": str(url),
            "archive_info": {"hashes": {"sha256": str(found)}} | {"hash": str(found)},
        }:
            return f"{_without_scheme(url)}#sha256={found.removeprefix('sha256=')}"
        case {"url": str(_), "archive_info": {**_rest}}:
            raise UnusableSource("came from a wheel whose hash is not recorded")
        case {"dir_info": {"editable": True}}:
            raise UnusableSource("is an editable install of a folder")
        case {"dir_info": {**_rest}}:
            raise UnusableSource("was built from a folder")
    raise UnusableSource("has a direct_url.json that says nothing of a commit or a hash")


def _without_scheme(url: str) -> str:
    """A URL without its fragment; the path where it is a file's."""
    place = urldefrag(url).url
    return url2pathname(urlsplit(place).path) if place.startswith("file:") else place


def _metadata(name: str) -> str | None:
    """A file of this distribution's metadata, ``None`` where there is none."""
    try:
        return distribution("idpool").read_text(name)
    except PackageNotFoundError:
        return None
