"""Why a saved plan is not applied, for people: what has moved since, and where."""

from collections.abc import Iterable
from datetime import datetime

from reconciler.model.saved_plan import Consumption, SavedPlan
from reconciler.model.staleness import MovedPool, MovedSpec, Staleness
from reconciler.reports.escape import escape, name
from reconciler.reports.field_text import change_lines
from reconciler.reports.lines import (
    REMOVE,
    SIGN_STYLES,
    STRONG,
    Sign,
    dim,
    indented,
    joined,
    line,
    signed,
)
from reconciler.reports.styled_text import Text

_SIGNS: dict[str, Sign] = {"changed": "~", "added": "+", "removed": "-"}
_FIX = "fix: make a new plan, have it reviewed, and apply that one"


def staleness_text(file: str, saved: SavedPlan, stale: Staleness) -> Text:
    """What has moved since the plan in ``file`` was saved; nothing was applied."""
    made = moment(saved.origin.created_at)
    head = _error(f"{file} is stale: it was saved on {made}, and things have moved since")
    return joined([head, *_moved_lines(stale), line(f"  {_FIX}")])


def moved_text(stale: Staleness) -> Text:
    """What has moved while a run waited, for an answer or for a lock; nothing was applied."""
    head = _error("the plan is stale: things have moved while it waited, and nothing was written")
    return joined([head, *_moved_lines(stale), line("  fix: run it again, and read the new plan")])


def consumed_text(file: str, consumption: Consumption) -> Text:
    """A saved plan is applied once."""
    when = moment(consumption.consumed_at)
    return joined(
        [_error(f"{file} was applied on {when}, and is good for once"), line(f"  {_FIX}")]
    )


def applied_text(consumption: Consumption) -> Text:
    """The same where nobody wants to apply it."""
    return line(f"It was applied on {moment(consumption.consumed_at)}.")


def moment(when: datetime) -> str:
    """``2026-11-23 01:47:51 UTC``."""
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"


def _moved_lines(stale: Staleness) -> list[Text]:
    lines = [line(escape(fact)) for fact in stale.facts]
    lines += _spec_lines(stale.specs)
    for pool in stale.pools:
        lines += _pool_lines(pool)
    return indented(lines, by=2)


def _error(sentence: str) -> Text:
    return line(("error", f"{STRONG} {REMOVE}"), f": {escape(sentence)}")


def _spec_lines(specs: Iterable[MovedSpec]) -> Iterable[Text]:
    for spec in specs:
        sign = _SIGNS[spec.how]
        told = (f"spec {spec.how} ", SIGN_STYLES[sign]), (name(spec.name), STRONG)
        yield signed(sign, *told, dim(f"  {escape(spec.file)}"))


def _pool_lines(pool: MovedPool) -> list[Text]:
    pool_id = dim(f"  {escape(pool.pool_id)}") if pool.pool_id else ""
    head = line(f"{name(pool.target)} ", (name(pool.name), STRONG), pool_id)
    # What cannot be undone in a plan is past in what has happened already.
    happened = (change.model_copy(update={"irreversible": False}) for change in pool.live)
    changes = [text for change in happened for text in change_lines(change)]
    told = [line("live has changed, then -> now:"), *indented(changes, by=2)] if changes else []
    return [head, *indented([*told, *(line(escape(fact)) for fact in pool.facts)])]
