"""What a journal tells of a run that was killed, for people who go on with it."""

from collections.abc import Iterable, Sequence

from reconciler.model.actions import OPERATIONS, Action
from reconciler.model.journal import Standing
from reconciler.model.secrets import mask_half
from reconciler.reports.escape import escape, name
from reconciler.reports.lines import CHANGE, STRONG, dim, indented, joined, line
from reconciler.reports.numbers import plural
from reconciler.reports.styled_text import Text

_UNSPECIFIED = "no spec of this run describes it: skipped"


def journal_text(
    pools: Sequence[Standing], skipped: Sequence[Standing], *, is_cut: bool = False
) -> Text:
    """Pool by pool what was done, what is unknown and what was not sent.

    ``skipped`` are the pools that cannot be gone on with; ``is_cut``: the last line is unfinished.
    """
    lines = [line(("The run that is gone on with:", STRONG))]
    for pool in pools:
        lines += indented([_headline(pool)], by=2)
        lines += indented([line(part) for part in _progress(pool)], by=6)
        if pool in skipped:
            lines += indented([line((_UNSPECIFIED, CHANGE))], by=6)
    if is_cut:
        lines.append(line("Its last line is unfinished and is ignored: nothing follows from it."))
    return joined(lines)


def _headline(pool: Standing) -> Text:
    pool_id = dim(f"  {escape(pool.pool_id)}") if pool.pool_id else ""
    return line(f"{name(pool.target)} ", (name(pool.name), STRONG), pool_id)


def _progress(pool: Standing) -> Iterable[str]:
    told = (("done", pool.done), ("unknown", pool.unknown), ("failed", pool.failed))
    for word, actions in told:
        if actions:
            yield f"{word}: {', '.join(map(_call, actions))}"
    rest = pool.actions - sum(len(actions) for _, actions in told)
    if rest > 0:
        yield f"not sent: {plural(rest, 'action')}"


def _call(action: Action) -> str:
    about = f" {name(mask_half(action.provider))}" if action.kind == "SetPrincipalTags" else ""
    return OPERATIONS[action.kind] + about
