"""Who gets in, at the head of a report: what widens access first, in one line for all targets."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.model.access import AccessChange, Effect
from reconciler.model.project import Target
from reconciler.model.receipt import Outcome
from reconciler.reports.escape import escape
from reconciler.reports.lines import Style, Text, line, plural
from reconciler.reports.sections import Access, Entry, Report, in_words

# In the order in which they are told.
_PLAN: Final[Mapping[Effect, str]] = {
    "widens": "widens access",
    "narrows": "narrows access",
    "moves nobody": "moves nobody",
}
_APPLIED: Final[Mapping[Effect, str]] = {
    "widens": "widened access",
    "narrows": "narrowed access",
    "moves nobody": "moved nobody",
}
_IN_PART: Final[Mapping[Effect, str]] = {
    "widens": "may have widened access",
    "narrows": "may have narrowed access",
}
# Drift leads from the spec to live: what widens access is what somebody has opened in AWS.
_DRIFT: Final[Mapping[Effect, str]] = {
    "widens": "live is wider than the spec",
    "narrows": "live is narrower than the spec",
    "moves nobody": "live is as wide as the spec",
}
_WORDS: Final = {"drift": _DRIFT, "apply": _APPLIED}
_ORDER: Final = tuple(_PLAN)
_STYLES: Final[Mapping[Effect, Style]] = {
    "widens": Style.CHANGE,
    "narrows": Style.DIM,
    "moves nobody": Style.DIM,
}
_MOST_LINES: Final = 20  # more than a reader takes in at a glance
_MOST_NAMED: Final = 10
_BELOW: Final = "told below, with the pool"
_TOO_LONG: Final = "too long for here"


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One sentence, and all pools and targets of which it is true; names are escaped."""

    access: Access
    pools: tuple[str, ...]
    targets: tuple[Target, ...]

    def about(self, report: Report, mark: Callable[[str], str] = str) -> str:
        """``storefront in prod-eu``; no target where there is but one. ``mark``: around names."""
        named = ", ".join(map(mark, self.pools[:_MOST_NAMED]))
        left = len(self.pools) - _MOST_NAMED
        more = f" and {left} more" if left > 0 else ""
        where = in_words(self.targets, report.targets, mark) if len(report.targets) > 1 else ""
        return f"{named}{more}{f' in {where}' if where else ''}"


@dataclass(frozen=True, slots=True)
class AccessHead:
    """What stands at the head.

    ``left``: how many sentences of an effect do not, and ``why``: what is to be said of that.
    """

    report: Report
    lines: tuple[AccessLine, ...]
    left: Counter[Effect]
    why: str = _BELOW

    @property
    def texts(self) -> list[Text]:
        """The lines for people: ``widens access: storefront in prod-eu: guests get in``."""
        report = self.report
        told = [_text(report, each.access, f"{each.about(report)}: ") for each in self.lines]
        return [*told, *(_text(report, each) for each in self.more)]

    @property
    def more(self) -> list[Access]:
        """``in 7 more ways, told below``, an effect each: nothing that widens access is unsaid."""
        told = {each.access.effect for each in self.lines}
        return [
            Access(effect, f"in {plural(n, 'more way' if effect in told else 'way')}, {self.why}")
            for effect, n in sorted(self.left.items(), key=lambda each: _ORDER.index(each[0]))
        ]

    @property
    def forms(self) -> Iterator["AccessHead"]:
        """It, and shorter ones for where there is no room, down to the counts alone."""
        yield self
        count = len(self.lines)
        while count:
            count //= 2
            left = self.left + Counter(each.access.effect for each in self.lines[count:])
            yield AccessHead(self.report, self.lines[:count], left, _TOO_LONG)

    def of(self, entry: Entry) -> list[Text]:
        """What the entry tells itself: nothing twice, as long as the head has room for all."""
        return access_texts(self.report, entry) if self.left else []


def accesses(changes: Iterable[AccessChange]) -> tuple[Access, ...]:
    """What an entry tells of who gets in."""
    return tuple(Access(each.effect, escape(each.says)) for each in changes)


def applied_accesses(
    changes: Iterable[AccessChange], outcomes: Collection[Outcome]
) -> tuple[Access, ...]:
    """What an entry tells of who gets in now that its actions came out like this.

    A part of a pool's actions may be enough to let somebody in, and it may be too little.
    """
    told = accesses(changes)
    if all(outcome == "done" for outcome in outcomes):
        return told if outcomes else ()
    if not {"done", "unknown"} & {*outcomes}:
        return ()
    return tuple(each._replace(is_certain=False) for each in told if each.effect in _IN_PART)


def access_head(report: Report) -> AccessHead:
    """What all entries tell: the same of several targets, or of several pools, once."""
    targets: dict[tuple[Access, str], list[Target]] = {}
    for entry in report.entries:
        for access in entry.access:
            targets.setdefault((access, entry.title), []).extend(entry.targets)
    pools: dict[tuple[Access, tuple[Target, ...]], list[str]] = {}
    for (access, title), where in targets.items():
        pools.setdefault((access, tuple(where)), []).append(title)
    lines = [AccessLine(access, tuple(n), where) for (access, where), n in pools.items()]
    lines.sort(key=lambda each: _ORDER.index(each.access.effect))
    left = Counter(each.access.effect for each in lines[_MOST_LINES:])
    return AccessHead(report, tuple(lines[:_MOST_LINES]), left)


def word(report: Report, access: Access) -> str:
    """What a line begins with."""
    words = _WORDS.get(report.title, _PLAN) if access.is_certain else _IN_PART
    return words[access.effect]


def access_texts(report: Report, entry: Entry) -> list[Text]:
    """What an entry tells, for formats without a head."""
    return [_text(report, each) for each in entry.access]


def _text(report: Report, access: Access, about: str = "") -> Text:
    style = _STYLES[access.effect]
    return line((f"{word(report, access)}: ", style), about, access.says)
