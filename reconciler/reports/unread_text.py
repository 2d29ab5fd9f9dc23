"""Pools that could not be read and are no spec's that is known, as lines."""

from collections.abc import Iterable

from reconciler.model.plan import UnreadPlan
from reconciler.reports.escape import escape, name
from reconciler.reports.lines import SIGN_STYLES, STRONG, dim, indented, signed
from reconciler.reports.pool_text import refusal_lines
from reconciler.reports.styled_text import Text


def unread_lines(unread: Iterable[UnreadPlan]) -> list[Text]:
    """Each pool with its error; empty where all could be read."""
    lines: list[Text] = []
    for pool in unread:
        lines += [_headline(pool), *indented(refusal_lines((pool.refusal,)))]
    return lines


def _headline(pool: UnreadPlan) -> Text:
    return signed(
        "!",
        ("unreadable ", SIGN_STYLES["!"]),
        (name(pool.pool_name), STRONG),
        dim(f"  {escape(pool.pool_id)}"),
    )
