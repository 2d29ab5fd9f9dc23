"""Receipts, journals, saved plans and the state of drift, read back.

idpool has written them, but anybody may have since: each is checked as far as a file can vouch for
itself."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any, Final, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from reconciler.model.changes import OPERATIONS
from reconciler.model.drift import DriftState
from reconciler.model.errors import IdpoolError
from reconciler.model.journal import JournalEntry, RunBegins
from reconciler.model.pool import POOL_FIELDS
from reconciler.model.receipt import Receipt
from reconciler.model.saved_plan import SavedPlan, body_digest, contradiction
from reconciler.specs.documents import JOURNAL, RECEIPT, SAVED_PLAN, FileKind, kind_of_text
from reconciler.specs.files import name_of, not_among
from reconciler.text.json import BadJson, line_of, refuse_odd
from reconciler.text.problems import path_text

MAX_BYTES: Final = 64 * 1024 * 1024
# A saved plan of 10,000 pools that are all to be made: about 4 kB and 750 tokens each.
MAX_PLAN_BYTES: Final = 2 * MAX_BYTES
MAX_PLAN_TOKENS: Final = 24_000_000
MAX_LINE: Final = 1024 * 1024
MAX_ENTRIES: Final = 500_000
MAX_POOLS: Final = 100_000

_T = TypeVar("_T")
_ENTRY: Final[TypeAdapter[JournalEntry]] = TypeAdapter(JournalEntry)

# pydantic's sentences for these quote the value.
_REASONS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "union_tag_invalid": "is of an unknown kind",
    "union_tag_not_found": "does not say of which kind it is",
}
_PARSER_PLACE: Final = re.compile(r" at line (\d+) column \d+$")
# How pydantic names the members of a union in a path; they are not in the file.
_KINDS: Final = frozenset({*OPERATIONS, "run", "sending", "ended", "end"})


class UnusableRecord(IdpoolError):
    """A receipt or journal that cannot be used; ``line`` is 1-based.

    The reason names keys and places, never a value: that could be a secret.
    """

    def __init__(self, path: Path, line: int, reason: str, hint: str = "") -> None:
        super().__init__(f"{name_of(path)}:{line}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason
        self.hint = hint or "name a file that idpool has written and nobody has changed"


class TooLargeRecord(IdpoolError):
    """A saved plan that could not be read again, and so is not written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the plan cannot be saved to {name_of(path)}: {reason}")
        self.path = path
        self.hint = "plan a part of it: some targets with --target, or some of the specs"


class ReadJournal(NamedTuple):
    """A journal's entries; ``is_cut``: its last line was not finished, and is not among them."""

    entries: tuple[JournalEntry, ...]
    is_cut: bool


def load_receipt(path: Path) -> Receipt:
    """Read a receipt.  Raises ``UnusableRecord``."""
    with wanted(RECEIPT, path):
        receipt = _parsed(path, 1, _text(path, 1, _content(path)), TypeAdapter(Receipt))
    if len(receipt.pools) > MAX_POOLS:
        raise UnusableRecord(path, 1, f"it holds more than {MAX_POOLS} pools")
    for number, pool in enumerate(receipt.pools):
        if not set(pool.ignored.fields) <= set(POOL_FIELDS):
            raise UnusableRecord(path, 1, f"pools[{number}].ignored.fields: no such field")
    return receipt


def load_drift_state(path: Path) -> DriftState | None:
    """Read what the last drift run has remembered, ``None`` before the first.

    Raises ``UnusableRecord``.
    """
    if not os.path.lexists(path):
        return None
    return _parsed(path, 1, _text(path, 1, _content(path)), TypeAdapter(DriftState))


def record_text(path: Path) -> str:
    """The text of a saved plan, or of what is beside it, with nothing odd in it.

    Raises ``UnusableRecord``.
    """
    text = _text(path, 1, _content(path, MAX_PLAN_BYTES))
    _refuse_odd(path, 1, text, MAX_PLAN_TOKENS)
    return text


def read_journal(path: Path) -> ReadJournal:
    """Read a journal, be it the one of a process that was killed while it wrote.

    A line is on disk before the next step, so what an unfinished last line announces was not
    begun.  Raises ``UnusableRecord``.
    """
    with wanted(JOURNAL, path):
        *lines, rest = _content(path).split(b"\n")
        if len(lines) > MAX_ENTRIES:
            raise UnusableRecord(path, MAX_ENTRIES + 1, f"it has more than {MAX_ENTRIES} lines")
        if not lines:
            raise UnusableRecord(path, 1, "it holds no complete entry: its run has sent nothing")
        entries = tuple(_entry(path, number, line) for number, line in enumerate(lines, start=1))
        _require_one_run(path, entries)
        return ReadJournal(entries, is_cut=bool(rest))


@contextmanager
def wanted(kind: FileKind, path: Path) -> Iterator[None]:
    """Say what a file is that cannot be read because it is one of another kind.

    Raises ``UnusableRecord``.
    """
    try:
        yield
    except UnusableRecord as wrong:
        found = _kind_of_file(path)
        if found is None or found == kind:
            raise
        reason = f"this is {found.what}, and {kind.what} is wanted here"
        raise UnusableRecord(path, wrong.line, reason, hint=found.way) from None


def _kind_of_file(path: Path) -> FileKind | None:
    with suppress(UnusableRecord):
        return kind_of_text(_text(path, 1, _content(path)))
    return None


def _require_one_run(path: Path, entries: tuple[JournalEntry, ...]) -> None:
    if not isinstance(entries[0], RunBegins):
        raise UnusableRecord(path, 1, "a journal begins with the entry of its run")
    for number, entry in enumerate(entries[1:], start=2):
        if isinstance(entry, RunBegins):
            raise UnusableRecord(path, number, "a second run begins here")


def _entry(path: Path, number: int, line: bytes) -> JournalEntry:
    if len(line) > MAX_LINE:
        raise UnusableRecord(path, number, f"the line is longer than {MAX_LINE} bytes")
    return _parsed(path, number, _text(path, number, line), _ENTRY)


def _content(path: Path, most: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file.  A pipe is not waited for, and a link is not followed."""
    try:
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UnusableRecord(path, 1, "it is not a regular file")
            content = file.read(most + 1)
    except OSError as error:
        raise UnusableRecord(path, 1, _why_unreadable(path, error)) from error
    except ValueError as error:  # NUL in the name
        raise UnusableRecord(path, 1, "there is no such file") from error
    if len(content) > most:
        raise UnusableRecord(path, 1, _larger_than(most))
    return content


def _larger_than(most: int) -> str:
    return f"it is larger than {most / 1024 / 1024:g} MiB"


def _why_unreadable(path: Path, error: OSError) -> str:
    if path.is_symlink():
        return "it is a symbolic link; name the file itself"
    if isinstance(error, IsADirectoryError):
        return "it is not a regular file"
    return f"it cannot be read: {error.strerror or type(error).__name__}"


def _text(path: Path, number: int, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = number + content.count(b"\n", 0, error.start)
        raise UnusableRecord(path, line, "it is not UTF-8 text") from None


def _parsed(path: Path, number: int, text: str, model: TypeAdapter[_T]) -> _T:
    """The model of a text whose first line is ``number``."""
    _refuse_odd(path, number, text)
    return _model_of(path, number, text, model)


def _refuse_odd(path: Path, number: int, text: str, most: int | None = None) -> None:
    try:
        refuse_odd(text, most)
    except BadJson as bad:
        raise UnusableRecord(path, number + bad.line - 1, bad.reason) from None


def _model_of(path: Path, number: int, text: str, model: TypeAdapter[_T]) -> _T:
    try:
        return model.validate_json(text, strict=True, by_alias=True, by_name=False)
    except ValidationError as invalid:
        # `from None`: the cause would quote the file.
        line, reason = _first_error(text, invalid)
        raise UnusableRecord(path, number + line - 1, reason) from None


def _first_error(text: str, invalid: ValidationError) -> tuple[int, str]:
    error = invalid.errors(include_url=False, include_context=False, include_input=False)[0]
    message = error["msg"]
    if error["type"] == "json_invalid":
        place = _PARSER_PLACE.search(message)
        return int(place[1]) if place else 1, _PARSER_PLACE.sub("", message)
    path = tuple(step for step in error["loc"] if step not in _KINDS)
    reason = _REASONS.get(error["type"], message)
    return line_of(text, path), f"{path_text(path) or 'it'}: {reason}"


_VERSION: Final = 2
_CHANGED: Final = "the file was changed or damaged since it was written"


def is_saved_plan(path: Path) -> bool:
    """Whether ``apply FILE.json`` means a saved plan; a spec can be JSON, too.

    What is neither, because it was cut or is not there, is a saved plan: to take it for a spec
    would be to apply something else than was asked for.
    """
    if path.suffix != ".json" or path.is_dir():
        return False
    if not path.is_file():
        return True
    try:
        with path.open("rb") as file:
            content = file.read(MAX_PLAN_BYTES)
    except OSError:
        return True
    return b'"SavedPlan"' in content or b'"apiVersion"' not in content


def load_saved_plan(path: Path) -> SavedPlan:
    """Read a saved plan.  Raises ``UnusableRecord``."""
    with wanted(SAVED_PLAN, path):
        text = record_text(path)
        data = _model_of(path, 1, text, TypeAdapter(dict[str, Any]))
        _require_known_version(path, text, data.get("schemaVersion"))
        found = body_digest(data)
        del data  # it is as large as the plan that is made now
        saved = _model_of(path, 1, text, TypeAdapter(SavedPlan))
        if found != saved.digest:
            raise UnusableRecord(path, line_of(text, ("digest",)), f"digest: {_CHANGED}")
        if wrong := contradiction(saved):
            raise UnusableRecord(path, line_of(text, (wrong,)), f"{wrong}: {_CHANGED}")
        _require_sane(path, text, saved)
        return saved


def require_readable(path: Path, saved: SavedPlan, text: str) -> None:
    """Whether ``load_saved_plan`` would take a text that is to be written: it has the same bounds.

    ``text`` is ASCII.  Raises ``TooLargeRecord``.
    """
    if _too_many(saved):
        raise TooLargeRecord(path, f"it holds more than {MAX_POOLS} pools")
    if len(text) > MAX_PLAN_BYTES:
        raise TooLargeRecord(path, _larger_than(MAX_PLAN_BYTES))
    try:
        refuse_odd(text, MAX_PLAN_TOKENS)
    except BadJson as bad:
        raise TooLargeRecord(path, bad.reason) from None


def _too_many(saved: SavedPlan) -> bool:
    return len(list(saved.whole.pools)) > MAX_POOLS


def require_covered(path: Path, saved: SavedPlan, folder: Path, specs: Sequence[str]) -> None:
    """Raise ``UnusableRecord`` where a plan names what the project's ``specs`` do not cover.

    Whoever writes a plan must not say what is opened here: an example, a draft, another's spec.
    ``folder`` is where the plan's paths start.
    """
    places = {folder / named: number for number, named in enumerate(saved.origin.spec_paths)}
    for place in not_among(places, specs):
        number = places[place]
        raise UnusableRecord(
            path,
            line_of(record_text(path), ("origin", "specPaths", number)),
            f"origin.specPaths[{number}]: the project's specs: do not cover it",
            hint="add it to specs: in the project file, or make a plan of the specs there",
        )


def _require_known_version(path: Path, text: str, version: object) -> None:
    """Say it before anything else: a file of another version has other fields, too."""
    if type(version) is int and version != _VERSION:
        line = line_of(text, ("schemaVersion",))
        reason = f"schemaVersion {version} is not known here; this idpool reads {_VERSION}"
        raise UnusableRecord(path, line, reason)


def _require_sane(path: Path, text: str, saved: SavedPlan) -> None:
    """What fits together and still is nothing that idpool writes."""
    for number, named in enumerate(saved.origin.spec_paths):
        steps = PurePosixPath(named)
        if steps.is_absolute() or ".." in steps.parts or "\0" in named:
            line = line_of(text, ("origin", "specPaths", number))
            reason = f"origin.specPaths[{number}]: leads out of the project's folder"
            raise UnusableRecord(path, line, reason)
    if _too_many(saved):
        raise UnusableRecord(path, 1, f"it holds more than {MAX_POOLS} pools")
    if any(not set(pool.ignored.fields) <= set(POOL_FIELDS) for pool in saved.plan.pools):
        raise UnusableRecord(path, line_of(text, ("plan",)), "ignored.fields: no such field")
