"""Where the pools are kept between requests, and who may touch them when."""

import fcntl
import json
import os
import re
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from reconciler.sandbox.errors import SandboxForeignFile, SandboxResetError, SandboxStateError
from reconciler.sandbox.pools import AccountRegion, Pools, RecordedCall, StoredPool
from reconciler.sandbox.shapes import ConstraintsError, JsonObject, WrongTypeError, conform

SCHEMA_VERSION = 1

_ENTRY_KEYS = {"account", "region", "settings", "roles", "principalTags", "identities", "links"}
_STATE_KEYS = {"schemaVersion", "pools", "events", "seeds"}
_EVENT_KEYS = {"account", "region", "record"}
_RECORD_TEXTS = ("eventID", "eventTime", "eventName", "eventSource")
_ACCOUNT = re.compile(r"[0-9]{12}")
MAX_BYTES = 64 * 1024 * 1024
_MARK_WITHIN = 64  # a state file says what it is at once
# Tells one content of the state file from another: inode, mtime in ns, size. None: no file.
Stamp = tuple[int, int, int] | None
_NEVER_READ: Stamp = (-1, -1, -1)


class BadStateError(ValueError):
    """The text is not a sandbox state; says what is wrong with it."""


def encode(pools: Pools) -> str:
    """The pools as text, one to a line, so that unchanged ones need no new serialisation.

    The events follow in the same way.
    """
    lines = ",\n".join(pool.text for pool in pools)
    events = ",\n".join(event.text for event in pools.events)
    head = f'{{"schemaVersion": {SCHEMA_VERSION}, "pools": [\n{lines}\n]'
    seeds = json.dumps([{**place._asdict(), "things": each} for place, each in pools.seeds.items()])
    return f'{head}, "events": [\n{events}\n], "seeds": {seeds}}}\n'


def decode(text: str) -> Pools:
    """The pools that the text holds. Raises BadStateError."""
    state = _parse(text)
    # A state without events or seeds was written before there were any.
    if not isinstance(state, dict) or {*state, "events", "seeds"} != _STATE_KEYS:
        raise BadStateError("not a sandbox state file")
    if state["schemaVersion"] != SCHEMA_VERSION:
        raise BadStateError(
            f"schemaVersion is not {SCHEMA_VERSION}: written by another idpool version"
        )
    if not isinstance(state["pools"], list):
        raise BadStateError("'pools' is not a list")
    found = [_pool(number, entry) for number, entry in enumerate(state["pools"])]
    if len({pool.id for pool in found}) != len(found):
        raise BadStateError("two pools have the same id")
    if not isinstance(state.get("events", []), list):
        raise BadStateError("'events' is not a list")
    events = [_event(number, entry) for number, entry in enumerate(state.get("events", []))]
    return Pools(found, events, _seeds(state.get("seeds", [])))


def _seeds(entries: Any) -> dict[AccountRegion, JsonObject]:
    try:
        return {
            AccountRegion(entry["account"], entry["region"]): {
                kind: {name: dict(thing) for name, thing in things.items()}
                for kind, things in entry["things"].items()
            }
            for entry in entries
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        raise BadStateError("'seeds' is no list of what was seeded") from None


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadStateError(f"not JSON, line {error.lineno}: {error.msg}") from None
    except (ValueError, RecursionError):
        raise BadStateError(
            "not JSON that can be read: a number or a nesting is too large"
        ) from None


def _event(number: int, entry: Any) -> RecordedCall:
    if not isinstance(entry, dict) or set(entry) != _EVENT_KEYS:
        raise BadStateError(f"event {number}: must have exactly {', '.join(sorted(_EVENT_KEYS))}")
    record, place = entry["record"], (entry["account"], entry["region"])
    texts = [record.get(key) for key in _RECORD_TEXTS] if isinstance(record, dict) else [None]
    if not all(isinstance(text, str) for text in (*place, *texts)):
        raise BadStateError(f"event {number}: a text is missing")
    if not isinstance(record.get("userIdentity"), dict) or record.get("readOnly") is not False:
        raise BadStateError(f"event {number}: is not the record of a write")
    event = RecordedCall(AccountRegion(*place), record)
    with suppress(ValueError):
        if event.time.tzinfo is not None:
            return event
    raise BadStateError(f"event {number}: 'eventTime' is no time")


def _pool(number: int, entry: Any) -> StoredPool:
    try:
        return _checked(entry)
    except ConstraintsError as error:
        raise BadStateError(f"pool {number}: {error.without_values}") from None
    except (BadStateError, WrongTypeError) as error:
        raise BadStateError(f"pool {number}: {error}") from None


def _checked(entry: Any) -> StoredPool:
    # A pool without links was written before logins were told apart.
    if not isinstance(entry, dict) or {*entry, "links"} != _ENTRY_KEYS:
        raise BadStateError(f"must have exactly {', '.join(sorted(_ENTRY_KEYS))}")
    account, region = entry["account"], entry["region"]
    if not isinstance(account, str) or not _ACCOUNT.fullmatch(account):
        raise BadStateError("'account' must be twelve digits")
    settings = _exactly("IdentityPool", entry["settings"])
    if not isinstance(region, str) or settings["IdentityPoolId"].split(":")[0] != region:
        raise BadStateError("the pool id must begin with the region")
    return StoredPool(
        AccountRegion(account, region),
        settings,
        _exactly("GetIdentityPoolRolesResponse", entry["roles"]),
        _each("GetPrincipalTagAttributeMapResponse", entry["principalTags"]),
        _each("IdentityDescription", entry["identities"]),
        _links(entry.get("links", {}), entry["identities"]),
    )


def _links(links: Any, identities: dict[str, JsonObject]) -> dict[str, dict[str, str]]:
    if not isinstance(links, dict) or not all(isinstance(each, dict) for each in links.values()):
        raise BadStateError("'links' is not a map of maps")
    owners = [owner for users in links.values() for owner in users.values()]
    if not all(isinstance(owner, str) and owner in identities for owner in owners):
        raise BadStateError("'links' names an identity that is not there")
    return {provider: dict(users) for provider, users in links.items()}


def _each(shape: str, values: Any) -> dict[str, JsonObject]:
    if not isinstance(values, dict):
        raise BadStateError(f"a map of {shape} is not an object")
    return {key: _exactly(shape, value) for key, value in values.items()}


def _exactly(shape: str, value: Any) -> JsonObject:
    conformed = conform(shape, value)
    if conformed != value:
        raise BadStateError(f"has members that {shape} does not know")
    return conformed


class Store:
    """Hands out the pools to one request at a time; these live as long as the server."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._pools = Pools()

    @contextmanager
    def open(self) -> Iterator[Pools]:
        """The pools, for the length of one request."""
        with self._mutex:
            yield self._pools


class FileStore(Store):
    """Pools in a file that other processes may use at the same time.

    Threads queue at a lock of this process first, so that only one of them waits for the lock
    file. The file is read again only when somebody else has written it. Raises
    SandboxStateError for a file that cannot be locked, read, understood or written.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self._stamp: Stamp = _NEVER_READ

    @contextmanager
    def open(self) -> Iterator[Pools]:
        with self._mutex, _locked(self._file):
            pools = self._load()
            try:
                yield pools
                if pools.changed:
                    self._stamp = _replace(self._file, encode(pools).encode())
                    pools.changed = False
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
