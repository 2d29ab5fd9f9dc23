"""How a spec file changes, as it may be shown."""

from pathlib import Path

from reconciler.reports.spec_diff import spec_diff
from reconciler.reports.styled_text import Text
from reconciler.writeback.masking import masked


def diff_of(path: Path | str, before: str, after: str) -> Text:
    """The unified diff, secrets masked."""
    return spec_diff(str(path), before, after, masked(before), masked(after))
