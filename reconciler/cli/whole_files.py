"""Files that somebody else reads while they are written: whole, or not there at all."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from reconciler.model.errors import UnwritableFile

OWNER_ONLY, EVERYBODY_READS = 0o600, 0o644
_MOST_BYTES = 1024 * 1024


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


def _replace(path: Path, text: str, mode: int) -> None:
    # In the same folder: a rename is one step only within a file system.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
