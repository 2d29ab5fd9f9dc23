"""How the text of a file changes, as a unified diff that is safe to show."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from reconciler.reports.escape import escape
from reconciler.reports.lines import ADD, CHANGE, REMOVE, STRONG, joined, line
from reconciler.reports.styled_text import Text

_AROUND = 3


def spec_diff(file: str, before: str, after: str, shown_before: str, shown_after: str) -> Text:
    """The unified diff of two texts, "" if they are alike.

    What is compared is ``before`` and ``after``; what is shown are the other two, which have the
    same lines without secrets.  Line ends are not shown, and tabs are.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    old_shown, new_shown = _lines(shown_before), _lines(shown_after)
    groups = list(SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_AROUND))
    if not groups:
        return Text()
    lines = [line((f"--- {escape(file)}", STRONG)), line((f"+++ {escape(file)}", STRONG))]
    for group in groups:
        lines += _hunk(group, old_shown, new_shown)
    return joined(lines)


def _hunk(
    group: Sequence[tuple[str, int, int, int, int]], old: Sequence[str], new: Sequence[str]
) -> Iterator[Text]:
    first, last = group[0], group[-1]
    places = f"-{_range(first[1], last[2])} +{_range(first[3], last[4])}"
    yield line((f"@@ {places} @@", CHANGE))
    for tag, i1, i2, j1, j2 in group:
        if tag == "equal":
            yield from (Text(f" {text}") for text in old[i1:i2])
            continue
        yield from (line((f"-{text}", REMOVE)) for text in old[i1:i2])
        yield from (line((f"+{text}", ADD)) for text in new[j1:j2])


def _range(start: int, stop: int) -> str:
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _lines(text: str) -> list[str]:
    return ["\t".join(map(escape, each.split("\t"))) for each in text.splitlines()]
