"""Where the pools are kept between requests, and who may touch them when."""

import fcntl
import os
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from reconciler.sandbox.codec import BadStateError, decode, encode
from reconciler.sandbox.errors import SandboxForeignFile, SandboxResetError, SandboxStateError
from reconciler.sandbox.pools import Pools

MAX_BYTES = 64 * 1024 * 1024
_MARK_WITHIN = 64  # a state file says what it is at once

# Tells one content of the state file from another: inode, mtime in ns, size. None: no file.
Stamp = tuple[int, int, int] | None
_NEVER_READ: Stamp = (-1, -1, -1)


class Store(Protocol):
    """Hands out the pools to one request at a time and keeps what it changed."""

    def open(self) -> AbstractContextManager[Pools]: ...


class MemoryStore:
    """Pools that live as long as the server."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._pools = Pools()

    @contextmanager
    def open(self) -> Iterator[Pools]:
        with self._mutex:
            yield self._pools


class FileStore:
    """Pools in a file that other processes may use at the same time.

    Threads queue at a lock of this process first, so that only one of them waits for the lock
    file. The file is read again only when somebody else has written it. Raises
    SandboxStateError for a file that cannot be locked, read, understood or written.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._mutex = threading.Lock()
        self._pools = Pools()
        self._stamp: Stamp = _NEVER_READ

    @contextmanager
    def open(self) -> Iterator[Pools]:
        with self._mutex, _locked(self._file):
            pools = self._load()
            try:
                yield pools
                if pools.changed:
                    self._save(pools)
            finally:
                if pools.changed:
                    # The request or the writing failed: what is in memory is not what is kept.
                    self._stamp = _NEVER_READ

    def _load(self) -> Pools:
        stamp = _stamp(self._file)
        if stamp != self._stamp:
            self._pools = decode_file(self._file) if stamp else Pools()
            self._stamp = stamp
        return self._pools

    def _save(self, pools: Pools) -> None:
        self._stamp = _replace(self._file, encode(pools).encode())
        pools.changed = False


def reset(file: Path) -> None:
    """Forgets everything in the state file; servers that use it notice at their next request.

    Raises SandboxResetError for a file that cannot be read, locked or removed, and
    SandboxForeignFile for somebody else's.
    """
    try:
        _require_ours(file)
        with _locked(file):
            file.unlink(missing_ok=True)
    except SandboxStateError as error:
        raise SandboxResetError(file, error.reason) from error
    except OSError as error:
        raise SandboxResetError(file, error.strerror or str(error)) from error


def _require_ours(file: Path) -> None:
    """A file that never was a sandbox's is not ours to remove; a damaged state of ours is."""
    try:
        with file.open("rb") as source:
            begin = source.read(_MARK_WITHIN)
    except FileNotFoundError:
        return
    if begin and b'"schemaVersion"' not in begin:
        raise SandboxForeignFile(file)


def decode_file(file: Path) -> Pools:
    """The pools in the file, read within bounds. Raises SandboxStateError."""
    try:
        with file.open("rb") as source:
            data = source.read(MAX_BYTES + 1)
    except OSError as error:
        raise SandboxStateError(file, f"cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise SandboxStateError(file, f"larger than {MAX_BYTES} bytes")
    try:
        return decode(data.decode())
    except UnicodeDecodeError:
        raise SandboxStateError(file, "not UTF-8") from None
    except BadStateError as error:
        raise SandboxStateError(file, str(error)) from None


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file.with_name(f"{file.name}.lock"), flags, 0o600)
    except OSError as error:
        raise SandboxStateError(file, f"cannot be locked: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _stamp(file: Path) -> Stamp:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SandboxStateError(file, f"cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise SandboxStateError(file, "not a regular file")
    return found.st_ino, found.st_mtime_ns, found.st_size


def _replace(file: Path, data: bytes) -> Stamp:
    """Puts the data in the file's place in one step; there is no fsync, it is a sandbox."""
    temporary = file.with_name(f"{file.name}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as sink:
            sink.write(data)
        # The kernel's own mtime moves in ticks of milliseconds, too coarse to tell two writes.
        now = time.time_ns()
        os.utime(temporary, ns=(now, now))
        stamp = _stamp(temporary)
        temporary.replace(file)
    except OSError as error:
        raise SandboxStateError(file, f"cannot be written: {error.strerror}") from error
    return stamp
