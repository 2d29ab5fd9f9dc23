"""The counts of a drift, and the one sentence made of them."""

from collections import Counter

from reconciler.model.drift import Drift
from reconciler.reports.lines import STRONG, line
from reconciler.reports.numbers import plural
from reconciler.reports.styled_text import Text

_COUNTED = (
    ("changed", "drifted"),
    ("missing", "missing"),
    ("undeleted", "not deleted"),
    ("refused", "refused"),
    ("ignored", "ignored"),
)


def drift_summary(drift: Drift) -> Text:
    """``Drift: 1 drifted, 1 orphan, 14 as specified.``, or that there is none."""
    counts = drift_counts(drift)
    head = "No drift" if drift.is_clean else "Drift"
    if not counts:
        return line((f"{head}.", STRONG), " There are no specs to compare with.")
    return line((f"{head}: {', '.join(counts)}.", STRONG))


def drift_counts(drift: Drift) -> list[str]:
    """``1 drifted``, ``2 orphans``, ``14 as specified``: what there is, in a fixed order."""
    kinds: Counter[str] = Counter(pool.kind for pool in drift.pools)
    targets = sum(bool(target.refusals) for target in drift.targets)
    orphans = sum(len(target.orphans) for target in drift.targets)
    unread = sum(len(target.unread) for target in drift.targets)
    same = sum(target.checked for target in drift.targets) - kinds.total()
    counts = [f"{kinds[kind]} {word}" for kind, word in _COUNTED if kinds[kind]]
    counts += [f"{plural(targets, 'target')} refused"] if targets else []
    counts += [f"{plural(unread, 'pool')} unreadable"] if unread else []
    counts += [plural(orphans, "orphan")] if orphans else []
    return counts + ([f"{same} as specified"] if same else [])
