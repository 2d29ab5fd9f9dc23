"""Orphans as lines: pools that are ours by their tags and that no spec describes."""

from collections.abc import Iterable

from reconciler.model.plan import Orphan
from reconciler.model.project import NAME_TAG, OWNER_TAG
from reconciler.reports.escape import escape, name
from reconciler.reports.lines import SIGN_STYLES, STRONG, dim, indented, line, signed
from reconciler.reports.styled_text import Text

ORPHAN_WAYS = (
    "tagged as ours, and no spec here describes it; idpool leaves it alone",
    "to keep it: add a spec with its metadata.name, or with metadata.adopt: its id",
    "to delete it: the same, with lifecycle.delete: true",
    f"to let it go: remove its tag {OWNER_TAG}",
)


def orphan_lines(orphans: Iterable[Orphan]) -> list[Text]:
    """One line an orphan, and below them what can be done; empty where there is none."""
    heads = [_headline(orphan) for orphan in orphans]
    return [*heads, *indented(map(line, ORPHAN_WAYS))] if heads else []


def _headline(orphan: Orphan) -> Text:
    spec = f"  {NAME_TAG}={name(orphan.spec_name)}" if orphan.spec_name else ""
    return signed(
        "?",
        ("orphan ", SIGN_STYLES["?"]),
        (name(orphan.pool_name), STRONG),
        dim(f"  {escape(orphan.pool_id)}{spec}"),
    )
