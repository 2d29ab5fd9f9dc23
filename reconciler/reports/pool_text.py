"""What a plan does with one pool, as lines."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from reconciler.model.actions import OPERATIONS, Action
from reconciler.model.base import digest
from reconciler.model.changes import Change, Notice, Refusal
from reconciler.model.live import identities_in_words
from reconciler.model.plan import PoolPlan
from reconciler.model.pool import Pool
from reconciler.model.source import Source
from reconciler.reports.escape import escape, name
from reconciler.reports.field_text import change_lines
from reconciler.reports.lines import (
    CHANGE,
    DIM,
    REFUSE,
    SIGN_STYLES,
    STRONG,
    Sign,
    dim,
    indented,
    line,
    signed,
)
from reconciler.reports.styled_text import Part, Text

_VERBS: Mapping[str, tuple[Sign, str]] = {
    "create": ("+", "create"),
    "update": ("~", "update"),
    "delete": ("-", "delete"),
    "refuse": ("!", "refused"),
    "keep": ("=", "unchanged"),
}
_GONE: tuple[Sign, str] = ("=", "gone already")


def pool_lines(pool: PoolPlan) -> list[Text]:
    """The pool's headline, and below it refusals, changes, notices and calls."""
    body = [
        *refusal_lines(pool.refusals),
        *notice_lines(pool.notices),
        *_deletion_lines(pool),
        *(_held_back_lines(pool) if pool.refusals else _changes_lines(pool)),
        *_calls_lines(pool.actions),
    ]
    return [pool_headline(pool), *indented(body)]


def pool_headline(pool: PoolPlan) -> Text:
    """``~ update storefront  eu-west-1:0f1e...  specs/storefront.yaml:1``."""
    sign, verb = sign_and_verb(pool)
    return headline(sign, verb, pool.name, pool.pool_id, pool.source)


def sign_and_verb(pool: PoolPlan) -> tuple[Sign, str]:
    """What happens to the pool, as a sign and in words."""
    gone = pool.verb == "keep" and pool.pool_id is None
    return _GONE if gone else _VERBS[pool.verb]


def headline(sign: Sign, verb: str, pool: str, pool_id: str | None, source: Source | None) -> Text:
    """What happens (or happened) to a pool, its id where it has one, and its spec's place."""
    parts: list[Part] = [(f"{verb} ", SIGN_STYLES[sign]), (name(pool), STRONG)]
    if pool_id:
        parts.append((f"  {escape(pool_id)}", DIM))
    if source:
        parts.append((f"  {escape(source.file)}:{source.line}", DIM))
    return signed(sign, *parts)


def refusal_lines(refusals: Iterable[Refusal]) -> list[Text]:
    """Why not, and the way out."""
    lines = []
    for refusal in refusals:
        told = refusal.reason.startswith(refusal.field)
        about = "" if told else f"{refusal.field}: "
        reason = (escape(about + refusal.reason), REFUSE)
        lines.append(line(reason, dim(f" [{escape(refusal.rule)}]")))
        if refusal.way_out:
            lines += [line("way out: ", escape(refusal.way_out))]
    return lines


def notice_lines(notices: Iterable[Notice]) -> list[Text]:
    """What a reviewer should know and what stops nothing."""
    return [
        line(("note: ", CHANGE), escape(notice.message), dim(f" [{escape(notice.rule)}]"))
        for notice in notices
    ]


def extra_lines(pool: PoolPlan) -> list[Text]:
    """What is left alone, and the digests of what the plan saw and wants, to compare plans by."""
    sides: tuple[tuple[str, Pool | None], ...] = (("live", pool.live), ("desired", pool.desired))
    digests = {side: digest(p.model_dump(mode="json")) for side, p in sides if p is not None}
    if digests.get("live") == digests.get("desired"):
        digests.pop("desired", None)
    shown = [f"{side} {text}" for side, text in digests.items()]
    alone = [*pool.ignored.fields, *(f"tags {tag}" for tag in pool.ignored.tags)]
    ignored = [f"ignored: {', '.join(map(escape, alone))}"] if alone else []
    return indented([dim(text) for text in (*ignored, *shown)])


def operation(action: Action) -> str:
    """The API operation that an action sends."""
    return OPERATIONS[action.kind]


def deletion_losses(pool: PoolPlan) -> Iterable[str]:
    """What is lost with a pool that is deleted: its live name says whether it is the one meant."""
    for action in pool.actions:
        if action.kind == "DeletePool" and pool.live is not None:
            lost = "and every identity in it are" if action.identities else "is"
            holds = identities_in_words(action.identities)
            live = name(pool.live.IdentityPoolName)
            yield f"the live pool {live} {holds}: its id {lost} lost"


def _deletion_lines(pool: PoolPlan) -> Iterable[Text]:
    for loss in deletion_losses(pool):
        yield line((f"cannot be undone: {loss}", REFUSE))


def _held_back_lines(pool: PoolPlan) -> list[Text]:
    """What else would change; of a pool that is not there that would be all of it."""
    if pool.live is None or not pool.changes:
        return []
    changes = (change.model_copy(update={"irreversible": False}) for change in pool.changes)
    lines = [text for change in changes for text in change_lines(change)]
    return [dim("not applied:"), *indented(lines, by=2)]


def _changes_lines(pool: PoolPlan) -> Iterable[Text]:
    for change in pool.changes:
        yield from change_lines(_as_new(change) if pool.live is None else change)


def _as_new(change: Change) -> Change:
    """A change of a pool that does not exist yet: there is no old value to show."""
    return change.model_copy(update={"before": None})


def _calls_lines(actions: Iterable[Action]) -> list[Text]:
    """What will be sent, in the order of sending; the same call in a row is counted."""
    calls = [(call, len(list(group))) for call, group in groupby(map(operation, actions))]
    shown = [call if count == 1 else f"{call} x{count}" for call, count in calls]
    return [dim("calls: " + ", ".join(shown))] if shown else []
