"""Files that are made, and never in the place of others unless that was asked for."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from reconciler.cli.whole_files import EVERYBODY_READS, OWNER_ONLY, write_whole
from reconciler.model.errors import IdpoolError


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
        self.paths = tuple(paths)
        self.hint = way_out


class SecretsShown(IdpoolError):
    """Secrets would go to stdout, where logs and terminals keep them."""

    hint = "write to a file with --out"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"not shown, because a secret is in it: {', '.join(names)}")
        self.names = tuple(names)


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
