"""Which files are meant, and their text."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler.loader.rule_ids import RuleId
from reconciler.model.findings import Finding

MAX_BYTES = 5 * 1024 * 1024
PROJECT_FILE = "idpool.yaml"

_SUFFIXES: Final = frozenset({".yaml", ".yml"})
# What YAML 1.2 calls printable (chapter 5.1), the other way round.
_NOT_TEXT: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(slots=True)
class Found:
    """The spec files of some paths: those named, and those found in named folders."""

    named: list[Path] = field(default_factory=list)
    walked: list[Path] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def files(self) -> Iterator[tuple[Path, bool]]:
        """Each file once, and whether it was found in a folder."""
        seen: set[str] = set()
        both = [(path, False) for path in self.named] + [(path, True) for path in self.walked]
        for path, is_walked in both:
            real = os.path.realpath(path)
            if real not in seen:
                seen.add(real)
                yield path, is_walked


def find_files(paths: Sequence[Path]) -> Found:
    """The files that are meant by files and folders; what is not there is a finding."""
    found = Found()
    for path in paths:
        if problem := _missing(path):
            found.findings.append(problem)
        elif path.is_dir():
            _walk(path, found)
        else:
            found.named.append(path)
    return found


def _missing(path: Path) -> Finding | None:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: NUL in the name
        message = "there is no such file or folder"
        fix = _NO_STDIN if str(path) == "-" else _TYPO
        return whole_file(path, RuleId.NOT_FOUND, message, fix)
    except OSError as error:
        return unreadable(path, error)
    return None


def read_text(path: Path, most: int = MAX_BYTES) -> str | Finding:
    """The text of a file of at most so many bytes, or why it has none."""
    if problem := _missing(path):
        return problem
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        return unreadable(path, error)
    return text_of(path, content, most)


def text_of(path: Path, content: bytes, most: int = MAX_BYTES) -> str | Finding:
    """What a file's bytes say, or why they are no text of at most so many bytes."""
    if len(content) > most:
        message = f"the file is larger than {most // 1024 // 1024} MiB"
        return whole_file(path, RuleId.FILE_SIZE, message, "split it into several files")
    return _decoded(path, content)


def name_of(path: Path) -> str:
    """A path as findings name it: as the user gave it, bytes that are no text replaced."""
    return os.fsencode(path).decode("utf-8", "replace")


def whole_file(path: Path, rule: RuleId, message: str, fix: str) -> Finding:
    """A finding about a file or folder as a whole."""
    return Finding(
        file=name_of(path), line=1, column=1, path="", rule=rule.value, message=message, fix=fix
    )


def unreadable(path: Path, error: OSError) -> Finding:
    """A finding for what the operating system does not let us read."""
    message = f"cannot be read: {error.strerror or type(error).__name__}"
    return whole_file(path, RuleId.UNREADABLE, message, "check its permissions")


_NO_STDIN: Final = "idpool reads no specs from stdin; name a file, or /dev/stdin"
_TYPO: Final = "check the spelling, and the folder that the command runs in"


def _walk(folder: Path, found: Found) -> None:
    before = len(found.walked), len(found.findings)
    seen: set[str] = set()
    errors: list[OSError] = []
    for here, folders, names in os.walk(folder, followlinks=True, onerror=errors.append):
        real = os.path.realpath(here)
        if real in seen:
            # A symbolic link that leads back to where we have been.
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found.walked += [Path(here, name) for name in sorted(names) if _is_spec(here, name)]
    found.findings += [unreadable(Path(str(error.filename)), error) for error in errors]
    if before == (len(found.walked), len(found.findings)):
        message = "there is no .yaml or .yml file in this folder"
        found.findings.append(whole_file(folder, RuleId.NO_SPECS, message, _TYPO))


def _is_spec(folder: str, name: str) -> bool:
    path = Path(folder, name)
    # A broken link is a finding of its own later on; a pipe in a folder would never end.
    usable = path.is_file() or not path.exists()
    return path.suffix in _SUFFIXES and not name.startswith(".") and usable


def _decoded(path: Path, content: bytes) -> str | Finding:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _place(content[: error.start].decode("utf-8", "replace"))
        return _not_text(path, line, column, "the file is not UTF-8 text")
    if match := _NOT_TEXT.search(text):
        line, column = _place(text[: match.start()])
        sign = f"U+{ord(match[0]):04X}"
        return _not_text(path, line, column, f"the file holds the control character {sign}")
    return text


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _not_text(path: Path, line: int, column: int, message: str) -> Finding:
    return Finding(
        file=name_of(path),
        line=line,
        column=column,
        path="",
        rule=RuleId.NOT_TEXT.value,
        message=message,
        fix="save it as plain UTF-8 text",
    )
