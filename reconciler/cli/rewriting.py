"""Files of somebody else's that are changed: their mode, owner, place and byte order mark stay."""

import os
import stat
from pathlib import Path

from reconciler.cli.whole_files import replacing
from reconciler.model.errors import IdpoolError

_BOM = b"\xef\xbb\xbf"


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
