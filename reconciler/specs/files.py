"""Which files are meant, and their text."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from reconciler.model.findings import Finding, RuleId
from reconciler.text.problems import Place, Problem, finding_at

MAX_BYTES = 5 * 1024 * 1024
PROJECT_FILE = "idpool.yaml"
# Asked for first: Python allocates all that it is asked for, and few files are as large as allowed.
_USUAL_BYTES: Final = 64 * 1024

_SUFFIXES: Final = (".yaml", ".yml")
# What YAML 1.2 does not call printable (chapter 5.1).  "[^...]" of what it does takes Python's re
# ten times as long to compile, 3 ms of each start.
_NOT_TEXT: Final = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
)
# The part of it that is ASCII.
_PLAIN: Final = b"\t\n\r" + bytes(range(0x20, 0x7F))


class Walked(NamedTuple):
    """Something that was found in a folder, and its real path.

    A system call for each component of each real path is what a walk of many files would be spent
    on; below a folder whose real path is known only links are worth one.
    """

    path: str
    real: str


@dataclass(slots=True)
class SpecFiles:
    """The spec files of some paths: those named, and those found in named folders.

    ``folders`` are the real paths of all that were looked into.
    """

    named: list[Path] = field(default_factory=list)
    walked: list[Walked] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    @property
    def files(self) -> Iterator[tuple[Path, bool]]:
        """Each file once, and whether it was found in a folder."""
        seen: set[str] = set()
        named = ((path, os.path.realpath(path), False) for path in self.named)
        walked = ((Path(path), real, True) for path, real in self.walked)
        for path, real, is_walked in chain(named, walked):
            if real not in seen:
                seen.add(real)
                yield path, is_walked


def not_among(paths: Iterable[Path], specs: Iterable[str]) -> list[Path]:
    """Those of these files and folders that are not read where ``specs`` are.

    Real paths count: what a link leads to is among them only where that is.
    """
    asked = list(paths)
    if not asked:
        return []
    found = find_files([Path(spec) for spec in specs])
    files = {os.path.realpath(path) for path in found.named} | {real for _, real in found.walked}
    among = files | found.folders
    return [path for path in asked if os.path.realpath(path) not in among]


def find_files(paths: Sequence[Path]) -> SpecFiles:
    """The files that are meant by files and folders; what is not there is a finding."""
    found = SpecFiles()
    for path in paths:
        try:
            path.stat()
        except (OSError, ValueError) as error:
            found.findings.append(_unread(path, error))
            continue
        if path.is_dir():
            _walk(path, found)
        else:
            found.named.append(path)
    return found


def _unread(path: Path, error: OSError | ValueError) -> Finding:
    """ValueError: NUL in the name."""
    if isinstance(error, FileNotFoundError | NotADirectoryError | ValueError):
        return finding_in(path, RuleId.NOT_FOUND, "stdin" if str(path) == "-" else "")
    return _unreadable(path, error)


def _unreadable(path: Path, error: OSError) -> Finding:
    """A finding for what the operating system does not let us read."""
    why = error.strerror or type(error).__name__
    return finding_in(path, RuleId.UNREADABLE, why=why)


def read_text(path: Path, most: int = MAX_BYTES) -> str | Finding:
    """The text of a file of at most so many bytes, or why it has none."""
    try:
        with path.open("rb") as file:
            content = file.read(min(_USUAL_BYTES, most + 1))
            if len(content) == _USUAL_BYTES:
                content += file.read(most + 1 - _USUAL_BYTES)
    except (OSError, ValueError) as error:
        return _unread(path, error)
    return text_of(path, content, most)


def text_of(path: Path, content: bytes, most: int = MAX_BYTES) -> str | Finding:
    """What a file's bytes say, or why they are no text of at most so many bytes."""
    if len(content) > most:
        return finding_in(path, RuleId.FILE_SIZE, most=most // 1024 // 1024)
    return _decoded(path, content)


def name_of(path: Path) -> str:
    """A path as findings name it: as the user gave it, bytes that are no text replaced."""
    return os.fsencode(path).decode("utf-8", "replace")


def finding_in(
    path: Path, rule: RuleId, case: str = "", place: Place = (1, 1), **values: object
) -> Finding:
    """A finding about a file or folder as a whole, or at a place in one that is no text."""
    return finding_at(name_of(path), place, Problem.of((), rule, case, "", place, **values))


def _walk(folder: Path, found: SpecFiles) -> None:
    before = len(found.walked), len(found.findings)
    seen: set[str] = set()
    waiting = [Walked(str(folder), os.path.realpath(folder))]
    while waiting:
        here = waiting.pop()
        # A symbolic link may lead back to where we have been.
        if here.real not in seen:
            seen.add(here.real)
            waiting += reversed(_look_into(here, found))
    found.folders |= seen
    if before == (len(found.walked), len(found.findings)):
        found.findings.append(finding_in(folder, RuleId.NO_SPECS))


def _look_into(folder: Walked, found: SpecFiles) -> list[Walked]:
    """Add the files of a folder, and give its folders back; both sorted, hidden ones left out."""
    try:
        with os.scandir(folder.path) as entries:
            there = sorted((e for e in entries if e.name[0] != "."), key=lambda e: e.name)
    except OSError as error:
        found.findings.append(_unreadable(Path(folder.path), error))
        return []
    folders = []
    for entry in there:
        if _is_folder(entry):
            folders.append(_inside(folder, entry))
        elif entry.name.endswith(_SUFFIXES) and _is_usable(entry):
            found.walked.append(_inside(folder, entry))
    return folders


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_usable(entry: os.DirEntry[str]) -> bool:
    """A broken link is a finding of its own later on; a pipe in a folder would never end."""
    if not entry.is_symlink():
        return entry.is_file()
    path = Path(entry.path)
    return path.is_file() or not path.exists()


def _inside(folder: Walked, entry: os.DirEntry[str]) -> Walked:
    if entry.is_symlink():
        return Walked(entry.path, os.path.realpath(entry.path))
    return Walked(entry.path, os.path.join(folder.real, entry.name))  # noqa: PTH118 - not a Path


def _decoded(path: Path, content: bytes) -> str | Finding:
    if not content.translate(None, _PLAIN):
        return content.decode("ascii")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place(content[: error.start].decode("utf-8", "replace"))
        return finding_in(path, RuleId.NOT_TEXT, "bytes", place)
    if match := _NOT_TEXT.search(text):
        place, sign = _place(text[: match.start()]), f"U+{ord(match[0]):04X}"
        return finding_in(path, RuleId.NOT_TEXT, "sign", place, sign=sign)
    return text


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - before.rfind("\n")
