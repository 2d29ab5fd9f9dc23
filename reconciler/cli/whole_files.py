"""Files that are written whole: whoever reads one finds the old text or the new, and no half."""

import errno
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from reconciler.model.errors import UnwritableFile

OWNER_ONLY, EVERYBODY_READS = 0o600, 0o644
_MOST_BYTES = 1024 * 1024
# The folder takes no new file, or the file is a mount point of its own, as in a container.
_CANNOT_BE_REPLACED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY})
# Opened by name, a stream that is a file would be written from its beginning once more.
_OUR_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}


def write_whole(path: Path, text: str, mode: int) -> None:
    """Put a file in the place of the one that is there, in one step.  Raises ``UnwritableFile``.

    What is no regular file is not replaced: neither a device nor a link.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _require_regular(path)
        _replace(path, text, mode)
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
        try:
            self._place = Path(os.path.realpath(path))
            self._is_stream = str(path) in _OUR_STREAMS or _is_special(path)
            if not self._is_stream:
                _try(self._place)
        except OSError as error:
            raise UnwritableFile(str(path), error.strerror or str(error)) from error
        except ValueError as error:  # NUL in the name
            raise UnwritableFile(str(path), "this is no file's name") from error

    def write(self, text: str) -> None:
        """Replace what is in the file.  Where that fails, it is as it was: ``UnwritableFile``."""
        try:
            if self._is_stream:
                _append(self._path, text)
            else:
                _replace_or_overwrite(self._place, text, OWNER_ONLY)
        except OSError as error:
            raise UnwritableFile(str(self._path), error.strerror or str(error)) from error


@contextmanager
def replacing(place: Path, last_look: Callable[[], None] = lambda: None) -> Iterator[BinaryIO]:
    """A file that takes the place of another one, in one step, when the block ends.

    ``last_look`` is called right before; where it or the block raises, the other one stays.
    """
    # In the same folder: a rename is one step only within a file system.
    descriptor, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        last_look()
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


def _require_regular(path: Path) -> None:
    if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
        raise UnwritableFile(str(path), "it is not a regular file")


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
