"""What a pull did, for people."""

from collections.abc import Iterable, Sequence

from reconciler.model.plan import Orphan
from reconciler.model.pull import PoolPull
from reconciler.reports.difference_text import field_lines
from reconciler.reports.escape import escape, name
from reconciler.reports.lines import CHANGE, REFUSE, indented, joined, line
from reconciler.reports.numbers import plural
from reconciler.reports.pool_text import headline
from reconciler.reports.styled_text import Text


def pull_text(pools: Sequence[PoolPull], *, is_written: bool) -> Text:
    """Every spec that differs from its pool, and one sentence at the end."""
    lines = [text for pool in pools for text in (*_pool_lines(pool, is_written), Text())]
    return joined([*lines, _summary(pools, is_written)])


def pull_orphan_lines(orphans: Iterable[Orphan]) -> Text:
    """Pools that have no spec to pull into."""
    return joined(
        line(
            ("note: ", CHANGE),
            f"{escape(orphan.pool_id)} ({name(orphan.pool_name)}) carries our tags and has no "
            "spec: nothing can be pulled into it",
        )
        for orphan in orphans
    )


def _pool_lines(pool: PoolPull, is_written: bool) -> list[Text]:
    sign, word = (
        ("~", "pulled" if is_written else "would pull") if pool.is_pulled else ("!", "left")
    )
    fields = [text for each in pool.fields for text in field_lines(each.field, each.differences)]
    head = headline("~" if sign == "~" else "!", word, pool.name, pool.pool_id, pool.source)
    return [head, *indented([*_why(pool), *fields])]


def _why(pool: PoolPull) -> Iterable[Text]:
    if not pool.is_pulled:
        yield line((escape(pool.reason), REFUSE))
        yield line("way out: ", escape(pool.way_out))


def _summary(pools: Sequence[PoolPull], is_written: bool) -> Text:
    pulled = sum(pool.is_pulled for pool in pools)
    left = len(pools) - pulled
    if not pools:
        return line("Nothing to pull: the specs say what live has.")
    word = "Pulled" if is_written else "To pull"
    rest = f" {left} left as {'it is' if left == 1 else 'they are'}." if left else ""
    return line(f"{word}: {plural(pulled, 'spec')}.{rest}")
