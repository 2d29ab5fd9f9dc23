"""What import and pull write into specs, for people, and how the text of a file changes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from reconciler.model.base import canonical_json
from reconciler.model.drift import KeptDifference, PoolPull
from reconciler.model.live import Candidate, LeftOut, Standing, TargetCandidates
from reconciler.model.plan import Orphan
from reconciler.reports.difference_text import field_lines
from reconciler.reports.escape import escape, name
from reconciler.reports.lines import (
    SIGN_STYLES,
    Sign,
    Style,
    Text,
    columns,
    dim,
    headline,
    indented,
    joined,
    line,
    plural,
    remark,
    strong,
)
from reconciler.reports.text_report import target_headline

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
    return joined([*lines, _import_summary([pool for target in targets for pool in target.pools])])


def left_text(pools: Iterable[Candidate]) -> Text:
    """Pools that an import leaves out, a line each."""
    return joined(remark("left out", f"{_named(p)}: {escape(p.reason)}") for p in pools)


def claimed_text(pool: Candidate) -> Text:
    """A pool that is imported though it has an owner."""
    why = escape(pool.reason)
    return remark("warning", f"{_named(pool)} is imported, because it was named: {why}")


def left_out_text(file: str, fields: Iterable[LeftOut]) -> Text:
    """Fields that an imported spec leaves to AWS."""
    told = (f"{each.field} is ignored: {escape(each.why)}" for each in fields)
    return joined(remark("warning", f"{escape(file)}: {text}") for text in told)


def taken_away_text(file: str, tags: Sequence[str]) -> Text:
    """Tags of the pool that an apply will remove."""
    told = f"{escape(file)}: apply will remove the tags {', '.join(map(name, tags))}"
    return remark("warning", f"{told}: what begins with idpool: is idpool's own")


def secrets_text(file: str, providers: Sequence[str], mode: int) -> Text:
    """A file that holds secrets, and who can read it by its mode (such as 0o600)."""
    readers = f"Only you can read it (mode {mode:04o})"
    if mode & _OTHERS:
        readers = f"Not only you can read it (mode {mode:04o}): chmod 600 puts that right"
    told = f" holds the secret of {', '.join(map(name, providers))}: keep it out of Git. {readers}"
    return remark("warning", strong(escape(file)), told)


def _target_lines(target: TargetCandidates) -> list[Text]:
    rows = [list(_cells(pool)) for pool in target.pools]
    lines = columns(rows) if rows else [line("no pools")]
    return [target_headline(target.target), Text(), *indented(lines, by=2)]


def _cells(pool: Candidate) -> Iterator[Text]:
    sign = _SIGNS[pool.standing]
    yield line((sign, SIGN_STYLES[sign]), " ", strong(name(pool.pool_name)))
    yield dim(escape(pool.pool_id))
    yield Text(escape(pool.reason))


def _named(pool: Candidate) -> str:
    return f"{name(pool.pool_name)} ({escape(pool.pool_id)})"


def _import_summary(pools: Sequence[Candidate]) -> Text:
    count = Counter(pool.standing for pool in pools)
    parts = ", ".join(f"{count[each]} {said}" for each, said in _SAID.items() if count[each])
    return line(f"{plural(len(pools), 'pool')}{': ' if parts else ''}{parts}.")


def pull_text(pools: Sequence[PoolPull], *, is_written: bool) -> Text:
    """Every spec that differs from its pool, and one sentence at the end."""
    lines = [text for pool in pools for text in (*_pool_lines(pool, is_written), Text())]
    return joined([*lines, _summary(pools, is_written)])


def pull_orphan_lines(orphans: Iterable[Orphan]) -> Text:
    """Pools that have no spec to pull into."""
    told = "carries our tags and has no spec: nothing can be pulled into it"
    named = (f"{escape(each.pool_id)} ({name(each.pool_name)})" for each in orphans)
    return joined(remark("note", f"{each} {told}") for each in named)


def _pool_lines(pool: PoolPull, is_written: bool) -> list[Text]:
    pulled = "pulled" if is_written else "would pull"
    fields = [text for each in pool.fields for text in field_lines(each.field, each.differences)]
    where = (escape(pool.pool_id or ""), f"{escape(pool.source.file)}:{pool.source.line}")
    kept = [text for each in _folded(pool.kept) for text in _kept_lines(*each)]
    if pool.is_pulled:
        return [headline("~", pulled, name(pool.name), *where), *indented([*fields, *kept])]
    head = headline("!", "left", name(pool.name), *where)
    if not pool.reason:
        return [head, *indented(kept)]
    why = Text(escape(pool.reason), Style.REFUSE)
    return [head, *indented([why, line(f"way out: {escape(pool.way_out)}"), *fields])]


def _folded(kept: Iterable[KeptDifference]) -> Iterator[tuple[list[str], list[KeptDifference]]]:
    """What is left, of one field and one origin together; once for targets that are alike."""
    groups: dict[tuple[str, ...], list[KeptDifference]] = {}
    for each in kept:
        groups.setdefault((each.target, each.field, each.origin), []).append(each)
    alike: dict[str, tuple[list[str], list[KeptDifference]]] = {}
    for (target, field, origin), group in groups.items():
        told = canonical_json([each.difference.model_dump(mode="json") for each in group])
        alike.setdefault(f"{field} {origin} {told}", ([], group))[0].append(target)
    yield from alike.values()


def _kept_lines(targets: Sequence[str], kept: Sequence[KeptDifference]) -> list[Text]:
    first = kept[0]
    why = f"left in {escape(', '.join(targets))}: it comes from {escape(first.origin)}"
    way_out = line(f"way out: {escape(first.way_out)}")
    lines = field_lines(first.field, [each.difference for each in kept])
    return [*lines, *indented([Text(why, Style.REFUSE), way_out])]


def _summary(pools: Sequence[PoolPull], is_written: bool) -> Text:
    pulled = sum(pool.is_pulled for pool in pools)
    left = len(pools) - pulled
    if not pools:
        return line("Nothing to pull: the specs say what live has.")
    word = "Pulled" if is_written else "To pull"
    rest = f" {left} left as {'it is' if left == 1 else 'they are'}." if left else ""
    return line(f"{word}: {plural(pulled, 'spec')}.{rest}")


_AROUND = 3


def spec_diff(file: str, before: str, after: str, shown_before: str, shown_after: str) -> Text:
    """The unified diff of two texts, "" if they are alike.

    What is compared is ``before`` and ``after``; what is shown are the other two, which have the
    same lines without secrets.  Line ends are not shown, and tabs are.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    old_shown, new_shown = _shown_lines(shown_before), _shown_lines(shown_after)
    groups = list(SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_AROUND))
    if not groups:
        return Text()
    lines = [strong(f"--- {escape(file)}"), strong(f"+++ {escape(file)}")]
    for group in groups:
        lines += _hunk(group, old_shown, new_shown)
    return joined(lines)


def _hunk(
    group: Sequence[tuple[str, int, int, int, int]], old: Sequence[str], new: Sequence[str]
) -> Iterator[Text]:
    first, last = group[0], group[-1]
    places = f"-{_range(first[1], last[2])} +{_range(first[3], last[4])}"
    yield line((f"@@ {places} @@", Style.CHANGE))
    for tag, i1, i2, j1, j2 in group:
        if tag == "equal":
            yield from (Text(f" {text}") for text in old[i1:i2])
            continue
        yield from (line((f"-{text}", Style.REMOVE)) for text in old[i1:i2])
        yield from (line((f"+{text}", Style.ADD)) for text in new[j1:j2])


def _range(start: int, stop: int) -> str:
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _shown_lines(text: str) -> list[str]:
    return ["\t".join(map(escape, each.split("\t"))) for each in text.splitlines()]
