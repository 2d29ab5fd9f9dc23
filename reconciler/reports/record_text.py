"""Records for people: a saved plan, why one is stale, the journal of a run that was killed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from reconciler.model.journal import Standing
from reconciler.model.plan import MovedOrigin, MovedPool, Staleness
from reconciler.model.saved_plan import Origin, SavedPlan
from reconciler.reports.error_text import error_line
from reconciler.reports.escape import escape, name
from reconciler.reports.field_text import changes_lines
from reconciler.reports.lines import (
    Sign,
    Style,
    Text,
    dim,
    headline,
    indented,
    joined,
    line,
    plural,
    strong,
)
from reconciler.reports.plan_report import call_in_words, plan_report
from reconciler.reports.text_report import report_text


def saved_plan_text(saved: SavedPlan, *, verbose: bool = False) -> Text:
    """When it was made, of which commit, by which idpool; then the plan as ``plan`` shows it."""
    origin = saved.origin
    commit = f"commit {origin.git_commit}" if origin.git_commit else "no Git commit"
    facts = f" of {moment(origin.created_at)}, {commit}, idpool {escape(origin.tool_version)}"
    more = [dim(f"saved plan {saved.digest}")] if verbose else []
    report = report_text(plan_report(saved.whole, verbose=verbose))
    return joined([line(strong("Saved plan"), facts), *more, Text(), report])


def other_version_text(origin: Origin, version: str) -> Text:
    """Another idpool has made the plan; versions may plan differently."""
    return line(
        f"warning: the plan was saved by idpool {escape(origin.tool_version)}, and this is "
        f"{escape(version)}: what they plan may differ"
    )


_SIGNS: dict[str, Sign] = {"changed": "~", "added": "+", "removed": "-"}


def staleness_text(file: str, saved: SavedPlan, stale: Staleness) -> Text:
    """What has moved since the plan in ``file`` was saved; nothing was applied."""
    made = moment(saved.origin.created_at)
    head = error_line(f"{file} is stale: it was saved on {made}, and things have moved since")
    fix = line("  fix: make a new plan, have it reviewed, and apply that one")
    return joined([head, *_moved_lines(stale), fix])


def moved_text(stale: Staleness) -> Text:
    """What has moved while a run waited, for an answer or for a lock; nothing was applied."""
    moved = "the plan is stale: things have moved while it waited, and nothing was written"
    fix = line("  fix: run it again, and read the new plan")
    return joined([error_line(moved), *_moved_lines(stale), fix])


def moment(when: datetime) -> str:
    """``2026-11-23 01:47:51 UTC``."""
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"


def _moved_lines(stale: Staleness) -> list[Text]:
    lines = [line(escape(fact)) for fact in stale.facts]
    for spec in stale.specs:
        title, file = name(spec.name), escape(spec.file)
        lines.append(headline(_SIGNS[spec.how], f"spec {spec.how}", title, file))
    lines += map(_moved_origin_line, stale.origins)
    for pool in stale.pools:
        lines += _moved_pool_lines(pool)
    return indented(lines, by=2)


def _moved_origin_line(origin: MovedOrigin) -> Text:
    """``~ ssm./shop/id changed  version 3 -> 4  of storefront in prod-eu``."""
    was_is = f"version {origin.then} -> {origin.now}" if origin.then and origin.now else ""
    place = f"at {origin.place}" if origin.place else ""
    facts = " ".join(filter(None, (place, was_is)))
    where = f"of {origin.spec} in {', '.join(origin.targets)}"
    return headline("~", "changed", name(origin.what), escape(facts), escape(where))


def _moved_pool_lines(pool: MovedPool) -> list[Text]:
    # What cannot be undone in a plan is past in what has happened already.
    changes = changes_lines(pool.live, irreversible=False)
    told = [line("live has changed, then -> now:"), *indented(changes, by=2)] if changes else []
    return [_pool_line(pool), *indented([*told, *(line(escape(fact)) for fact in pool.facts)])]


def journal_text(
    pools: Sequence[Standing], skipped: Sequence[Standing], *, is_cut: bool = False
) -> Text:
    """Pool by pool what was done, what is unknown and what was not sent.

    ``skipped`` are the pools that cannot be gone on with; ``is_cut``: the last line is unfinished.
    """
    lines = [strong("The run that is gone on with:")]
    for pool in pools:
        lines += indented([_pool_line(pool)], by=2)
        lines += indented([line(part) for part in _progress(pool)], by=6)
        if pool in skipped:
            why = Text("no spec of this run describes it: skipped", Style.CHANGE)
            lines += indented([why], by=6)
    if is_cut:
        lines.append(line("Its last line is unfinished and is ignored: nothing follows from it."))
    return joined(lines)


def _pool_line(pool: Standing | MovedPool) -> Text:
    pool_id = dim(f"  {escape(pool.pool_id)}") if pool.pool_id else ""
    return line(f"{name(pool.target)} ", strong(name(pool.name)), pool_id)


def _progress(pool: Standing) -> Iterable[str]:
    told = (("done", pool.done), ("unknown", pool.unknown), ("failed", pool.failed))
    for word, actions in told:
        if actions:
            yield f"{word}: {', '.join(map(call_in_words, actions))}"
    rest = pool.actions - sum(len(actions) for _, actions in told)
    if rest > 0:
        yield f"not sent: {plural(rest, 'action')}"
