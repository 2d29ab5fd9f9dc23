"""Files of specs before and after, for the commands that edit them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from reconciler.terminal.files import LeftAlone, TextFile
from reconciler.terminal.streams import Streams
from reconciler.writeback.masking import diff_of


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One file before and after; ``problem``: why it is left as it is."""

    file: TextFile
    text: str
    problem: LeftAlone | None = None

    @property
    def is_changed(self) -> bool:
        """Whether the texts differ."""
        return self.text != self.file.text

    def written(self) -> Self:
        """Write it if it is changed; a file that cannot be written is left as it is."""
        try:
            if self.is_changed:
                self.file.write(self.text)
        except LeftAlone as problem:
            return replace(self, text=self.file.text, problem=problem)
        return self


def show_diffs(rewrites: Iterable[Rewrite], streams: Streams) -> None:
    """Show how the files change, secrets masked."""
    for each in rewrites:
        if each.is_changed:
            streams.artefact(diff_of(each.file.path, each.file.text, each.text))
