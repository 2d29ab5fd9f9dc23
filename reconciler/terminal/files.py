"""Files that are written: whole, without overwriting, or in place with all else as it was."""

import errno
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from reconciler.model.errors import IdpoolError, UnwritableFile

OWNER_ONLY, EVERYBODY_READS = 0o600, 0o644
_MOST_BYTES = 1024 * 1024
# The folder takes no new file, or the file is a mount point of its own, as in a container.
_CANNOT_BE_REPLACED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY})
# Opened by name, a stream that is a file would be written from its beginning once more.
_OUR_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}
_BOM = b"\xef\xbb\xbf"


def write_whole(path: Path, text: str, mode: int) -> None:
    """Put a file in the place of the one that is there, in one step.  Raises ``UnwritableFile``.

    What is no regular file is not replaced: neither a device nor a link.
    """
    with _written(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
            raise UnwritableFile(str(path), "it is not a regular file")
        _replace(path, text, mode)


@contextmanager
def _written(path: Path) -> Iterator[None]:
    """What keeps the block from writing a file is an ``UnwritableFile``."""
    try:
        yield
    except OSError as error:
        raise UnwritableFile(str(path), error.strerror or str(error)) from error
    except ValueError as error:  # NUL in the name
        raise UnwritableFile(str(path), "this is no file's name") from error


class PrivateFile:
    """A file that only its owner can read, tried before there is anything to write.

    What cannot be written to is said before the first request; nothing is made before ``write``.
    Links are followed, and what is no regular file (``/dev/stdout``, a pipe) is written through.
    Raises ``UnwritableFile``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with _written(path):
            self._place = Path(os.path.realpath(path))
            self._is_stream = str(path) in _OUR_STREAMS or _is_special(path)
            if not self._is_stream:
                _try(self._place)

    def write(self, text: str) -> None:
        """Replace what is in the file.  Where that fails, it is as it was: ``UnwritableFile``."""
        with _written(self._path):
            if self._is_stream:
                _append(self._path, text)
            else:
                _replace_or_overwrite(self._place, text, OWNER_ONLY)


@contextmanager
def replacing(place: Path, before_replace: Callable[[], None] = lambda: None) -> Iterator[BinaryIO]:
    """A file that takes the place of another one, in one step, when the block ends.

    ``before_replace`` is called right before; where it or the block raises, the other one stays.
    """
    # In the same folder: a rename is one step only within a file system.
    descriptor, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        before_replace()
        Path(name).replace(place)
    finally:
        with suppress(OSError):  # it is in its place by now, or the block's error says more
            Path(name).unlink()


def read_if_any(path: Path) -> str:
    """The text of a small regular file; "" where there is none that can be read."""
    try:
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return ""
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _is_special(path: Path) -> bool:
    """Whether it is there, and neither a file nor a folder."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _try(place: Path) -> None:
    """Raises ``OSError`` where no file can be written."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        os.close(os.open(place, os.O_WRONLY))
    elif not os.access(place.parent, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "its folder cannot be written to")


def _append(path: Path, text: str) -> None:
    ours = _OUR_STREAMS.get(str(path))
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND) if ours is None else os.dup(ours)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _replace_or_overwrite(place: Path, text: str, mode: int) -> None:
    try:
        _replace(place, text, mode)
    except OSError as error:
        if error.errno not in _CANNOT_BE_REPLACED or not place.is_file():
            raise
        _overwrite(place, text.encode(), mode)


def _overwrite(place: Path, text: bytes, mode: int) -> None:
    """Write over a file; it has the room before its first byte changes, or stays as it was."""
    with place.open("r+b") as file:
        had = file.seek(0, os.SEEK_END)
        try:
            file.write(bytes(max(0, len(text) - had)))
            file.flush()
        except OSError:
            os.truncate(place, had)
            raise
        os.fchmod(file.fileno(), mode)
        file.seek(0)
        file.write(text)
        file.truncate(len(text))


def _replace(path: Path, text: str, mode: int) -> None:
    with replacing(path) as file:
        file.write(text.encode())
        os.fchmod(file.fileno(), mode)


class NewFile(NamedTuple):
    """A file to make; what holds a secret is its owner's alone to read."""

    path: Path
    text: str
    holds_secret: bool = False

    @property
    def said(self) -> str:
        """That it was written, and whether it holds a secret."""
        secret = " (it holds a secret, and only you can read it)" if self.holds_secret else ""
        return f"Wrote {self.path}{secret}"


class WouldOverwrite(IdpoolError):
    """Files stand where new ones are to be made."""

    def __init__(self, paths: Sequence[Path], way_out: str) -> None:
        super().__init__(f"there is a file already: {', '.join(map(str, paths))}")
        self.hint = way_out


class SecretsShown(IdpoolError):
    """Secrets would go to stdout, where logs and terminals keep them."""

    hint = "write to a file with --out"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"not shown, because a secret is in it: {', '.join(names)}")


def make_files(files: Sequence[NewFile], *, force: bool | None = None) -> None:
    """Write them all, or none where one would overwrite another file.

    ``force`` is ``None`` where there is no such option.  Raises ``WouldOverwrite`` and
    ``UnwritableFile``.
    """
    there = [file.path for file in files if os.path.lexists(file.path)]
    if there and not force:
        either = "" if force is None else ", or pass --force"
        raise WouldOverwrite(there, f"name another place{either}")
    for file in files:
        write_whole(file.path, file.text, OWNER_ONLY if file.holds_secret else EVERYBODY_READS)


class LeftAlone(IdpoolError):
    """A file that is not changed, because it could not be kept as it is."""

    def __init__(self, path: Path, reason: str, hint: str = "") -> None:
        super().__init__(f"{path} is left as it is: {reason}")
        self.hint = hint or "check it, and run the command again"


class TextFile:
    """The text of a file, and the file's whole content as it was when it was read."""

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        """``content``: what was read elsewhere.  Raises ``LeftAlone`` if the file is no text."""
        self.path = path
        self._place = Path(os.path.realpath(path))
        try:
            self._content = self._place.read_bytes() if content is None else content
            self.text = self._content.decode("utf-8-sig")
        except (OSError, ValueError) as error:
            raise LeftAlone(path, f"it cannot be read: {_said(error)}") from error

    @property
    def mode(self) -> int:
        """Who may do what with the file, such as 0o644."""
        return stat.S_IMODE(self._place.stat().st_mode)

    def encoded(self, text: str) -> bytes:
        """Another text as the content of the file: with a byte order mark if it has one."""
        mark = _BOM if self._content.startswith(_BOM) else b""
        return mark + text.encode()

    def write(self, text: str) -> None:
        """Put another text in the file's place, in one step.  Raises ``LeftAlone``.

        A file that is not any more what was read is left alone.
        """
        try:
            self.require_writable()
            self._replace(self.encoded(text))
        except OSError as error:
            raise LeftAlone(self.path, f"it cannot be written: {_said(error)}") from error

    def require_writable(self) -> None:
        """What keeps the file from being written is known before.  Raises ``LeftAlone``."""
        try:
            known = self._place.stat()
        except OSError as error:
            raise LeftAlone(self.path, f"it cannot be written: {_said(error)}") from error
        if not stat.S_ISREG(known.st_mode):
            raise LeftAlone(self.path, "it is not a regular file")
        if known.st_nlink > 1:
            raise LeftAlone(self.path, "it has other names (hard links), which would keep the old")
        if not os.access(self._place, os.W_OK):
            raise LeftAlone(self.path, "it may not be written to", "check its permissions")

    def _replace(self, content: bytes) -> None:
        with replacing(self._place, self._require_unchanged) as file:
            file.write(content)
            self._dress(file.fileno())

    def _require_unchanged(self) -> None:
        if self._place.read_bytes() != self._content:
            raise LeftAlone(self.path, "somebody has changed it in the meantime")

    def _dress(self, descriptor: int) -> None:
        """Give the new file the owner and mode of the old."""
        old, new = self._place.stat(), os.fstat(descriptor)
        if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
            os.fchown(descriptor, old.st_uid, old.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _said(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or "it is not UTF-8 text"
