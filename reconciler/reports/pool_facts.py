"""What every format tells of a pool: the words, before any markup."""

from collections.abc import Iterable

from reconciler.model.changes import Refusal
from reconciler.model.plan import UNREADABLE, PoolPlan
from reconciler.model.receipt import PoolReceipt
from reconciler.model.source import Source
from reconciler.reports.escape import escape, name
from reconciler.reports.field_text import why_irreversible
from reconciler.reports.pool_text import deletion_losses, pool_lines, refusal_lines
from reconciler.reports.receipt_text import action_lines, stale_lines

_INDENT = 4  # of a pool's body below its headline
_RUNNER = "whoever runs idpool here: it is about the account, not about a spec"
_RIGHTS = "whoever runs idpool here: it has to be able to read the pool"
_OTHERS = {
    "wrong-account": _RUNNER,
    UNREADABLE: _RIGHTS,
    "owner-unknown": _RIGHTS,
    "two-pools": "an administrator of the account: only a person knows which pool is in use",
    "other-owner": "the other owner of the pool",
    "holds-identities": "whoever answers for the pool's users",
}


def body_lines(pool: PoolPlan) -> list[str]:
    """What the text report says below the pool's headline, without colour."""
    return [text.plain[_INDENT:] for text in pool_lines(pool)[1:]]


def held_back_lines(pool: PoolPlan) -> list[str]:
    """``body_lines`` without the refusals, for reports that tell these elsewhere."""
    return body_lines(pool)[len(refusal_lines(pool.refusals)) :]


def receipt_lines(pool: PoolReceipt) -> list[str]:
    """What became of a pool: its own message, staleness, and each action."""
    message = [escape(pool.message)] if pool.message else []
    told = [text.plain for text in (*stale_lines(pool), *action_lines(pool.actions))]
    return [*message, *told]


def losses(pool: PoolPlan) -> Iterable[str]:
    """What can never be taken back once the pool's actions are done, a sentence each."""
    if pool.refusals:
        return
    yield from deletion_losses(pool)
    for change in pool.changes:
        if change.irreversible:
            why = why_irreversible(change)
            yield f"{escape(change.field)}: {why}" if why else escape(change.field)


def reason(refusal: Refusal) -> str:
    """Why not, with the field it is about."""
    told = not refusal.field or refusal.reason.startswith(refusal.field)
    return escape(refusal.reason if told else f"{refusal.field}: {refusal.reason}")


def who_acts(refusal: Refusal, source: Source | None) -> str:
    """Who can take the way out."""
    author = f"the author of {escape(source.file)}" if source else _RUNNER
    return _OTHERS.get(refusal.rule, author)


def place(source: Source) -> str:
    """``specs/storefront.yaml:1``."""
    return f"{escape(source.file)}:{source.line}"


def fields(pool: PoolPlan) -> list[str]:
    """The fields that change, each once, bare or quoted."""
    return list(dict.fromkeys(name(change.field) for change in pool.changes))


def sign_of_line(text: str) -> str:
    """The sign that a line of a report begins with, ``!`` for a loud one, "" for none."""
    start = text.lstrip()
    if start.startswith("cannot be undone"):
        return "!"
    return start[0] if start[:1] in tuple("+-~!?=") and start[1:2] == " " else ""
