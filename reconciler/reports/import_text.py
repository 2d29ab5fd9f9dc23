"""What could be imported, and what was, for people."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from reconciler.model.candidate import Candidate, LeftOut, Standing, TargetCandidates
from reconciler.reports.escape import escape, name
from reconciler.reports.lines import (
    CHANGE,
    SIGN_STYLES,
    STRONG,
    Sign,
    columns,
    dim,
    indented,
    joined,
    line,
)
from reconciler.reports.numbers import plural
from reconciler.reports.styled_text import Text
from reconciler.reports.target_text import target_headline

_OTHERS = 0o077  # whatever the group, or anybody else, may do with a file
_SIGNS: dict[Standing, Sign] = {"free": "+", "described": "=", "claimed": "?", "unread": "!"}
_SAID: dict[Standing, str] = {
    "free": "can be imported",
    "described": "with a spec already",
    "claimed": "left out unless named",
    "unread": "not read",
}


def candidates_text(targets: Sequence[TargetCandidates]) -> Text:
    """Every pool of every target with what stands against importing it, and one sentence."""
    lines = [text for target in targets for text in (*_target_lines(target), Text())]
    return joined([*lines, _summary([pool for target in targets for pool in target.pools])])


def left_text(pools: Iterable[Candidate]) -> Text:
    """Pools that an import leaves out, a line each."""
    return joined(
        line(("left out: ", CHANGE), f"{_named(pool)}: {escape(pool.reason)}") for pool in pools
    )


def claimed_text(pool: Candidate) -> Text:
    """A pool that is imported though it has an owner."""
    return line(
        ("warning: ", CHANGE),
        f"{_named(pool)} is imported, because it was named: {escape(pool.reason)}",
    )


def left_out_text(file: str, fields: Iterable[LeftOut]) -> Text:
    """Fields that an imported spec leaves to AWS."""
    return joined(
        line(("warning: ", CHANGE), f"{escape(file)}: {each.field} is ignored: {escape(each.why)}")
        for each in fields
    )


def taken_away_text(file: str, tags: Sequence[str]) -> Text:
    """Tags of the pool that an apply will remove."""
    return line(
        ("warning: ", CHANGE),
        f"{escape(file)}: apply will remove the tags {', '.join(map(name, tags))}: what begins "
        "with idpool: is idpool's own",
    )


def secrets_text(file: str, providers: Sequence[str], mode: int) -> Text:
    """A file that holds secrets, and who can read it by its mode (such as 0o600)."""
    readers = f"Only you can read it (mode {mode:04o})"
    if mode & _OTHERS:
        readers = f"Not only you can read it (mode {mode:04o}): chmod 600 puts that right"
    return line(
        ("warning: ", CHANGE),
        (escape(file), STRONG),
        f" holds the secret of {', '.join(map(name, providers))}: keep it out of Git. {readers}",
    )


def _target_lines(target: TargetCandidates) -> list[Text]:
    if not target.pools:
        return [target_headline(target.target), Text(), *indented([line("no pools")], 2)]
    rows = [list(_cells(pool)) for pool in target.pools]
    return [target_headline(target.target), Text(), *indented(columns(rows), 2)]


def _cells(pool: Candidate) -> Iterator[Text]:
    sign = _SIGNS[pool.standing]
    yield line((sign, SIGN_STYLES[sign]), " ", (name(pool.pool_name), STRONG))
    yield dim(escape(pool.pool_id))
    yield Text(escape(pool.reason))


def _named(pool: Candidate) -> str:
    return f"{name(pool.pool_name)} ({escape(pool.pool_id)})"


def _summary(pools: Sequence[Candidate]) -> Text:
    count = Counter(pool.standing for pool in pools)
    parts = ", ".join(f"{count[each]} {said}" for each, said in _SAID.items() if count[each])
    return line(f"{plural(len(pools), 'pool')}{': ' if parts else ''}{parts}.")
