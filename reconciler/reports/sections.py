"""What a report says, before any markup: entries, each with the targets in which it holds.

A plan, a receipt and a drift become a ``Report`` in ``plan_report``, ``receipt_report`` and
``drift_report``.  Every format is a visitor of it.  Wordings that all formats share stand here:
those of refusals, orphans, pools that could not be read, and lists of targets.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from functools import cached_property
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Final, Literal, NamedTuple

from reconciler.model.access import Effect, PoolFinding
from reconciler.model.changes import Notice, Refusal
from reconciler.model.drift import Drift
from reconciler.model.findings import Finding, Source
from reconciler.model.plan import UNREADABLE, Plan, PoolPlan
from reconciler.model.project import OWNER_TAG, Target
from reconciler.model.receipt import Receipt
from reconciler.reports.doubts import known_lines, new_lines
from reconciler.reports.escape import escape, name
from reconciler.reports.lines import Sign, Style, Text, dim, line

EntryKind = Literal["target", "unread", "pool", "orphan", "rest"]

ORPHAN_WAYS: Final = (
    "tagged as ours, and no spec here describes it; idpool leaves it alone",
    "to keep it: add a spec with its metadata.name, or with metadata.adopt: its id",
    "to delete it: the same, with lifecycle.delete: true",
    f"to let it go: remove its tag {OWNER_TAG}",
)

_MOST_NAMED = 10  # targets in one list
_RUNNER = "whoever runs idpool here: it is about the account, not about a spec"
_RIGHTS = "whoever runs idpool here: it has to be able to read the pool"
_ACTORS = {
    "wrong-account": _RUNNER,
    UNREADABLE: _RIGHTS,
    "owner-unknown": _RIGHTS,
    "two-pools": "an administrator of the account: only a person knows which pool is in use",
    "other-owner": "the other owner of the pool",
    "holds-identities": "whoever answers for the pool's users",
}


class Alert(StrEnum):
    """The headings of what nobody may overlook."""

    REFUSED = "Refused: somebody has to act"
    FOREVER = "This cannot be undone"


class Urgency(IntEnum):
    """The order in which entries are shown."""

    ACT = 0
    FOREVER = 1
    CHANGE = 2
    QUIET = 3
    ORPHAN = 4
    REST = 5


@dataclass(frozen=True, slots=True)
class ReportPlace:
    """A target in which an entry holds, and the pool's id there; ``details`` are for --verbose."""

    target: Target
    pool_id: str | None = None
    details: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """One call of an apply that failed, or of which nobody knows."""

    outcome: str
    call: str
    code: str
    message: str


class Access(NamedTuple):
    """What changes of who gets in; ``says`` is escaped.

    ``is_certain``: unlike what an apply has done in part, or may have done.
    """

    effect: Effect
    says: str
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a report tells: of a pool, a whole target, an orphan, or the rest.

    Attributes:
        verb: What happens to it or has become of it: ``update``, ``partly done``, ``drifted``.
        places: Where it holds: one place before entries are folded.
        name: The pool's name as it came, "" for a whole target.
        rule: A stable id of the change or the drift, "" where there is none.
        about: One more fact for the headline.
        doubts: What checks say of the pool, each with its place.
        losses: What can never be taken back, a sentence each.
        fields: The fields that change, bare or quoted.
        access: Who gets in by it, or does not any more.
        lines: What stands below the headline and the refusals.
        problems: Why it counts as a failure, a sentence each; refusals apart.
        is_quiet: Whether only --verbose shows it, and a format that lists every pool.
        plan: What a plan does with the pool in the first place; equal entries may differ in it.
    """

    kind: EntryKind
    sign: Sign
    verb: str
    places: tuple[ReportPlace, ...]
    name: str = ""
    rule: str = ""
    source: Source | None = None
    about: str = ""
    refusals: tuple[Refusal, ...] = ()
    notices: tuple[Notice, ...] = ()
    doubts: tuple[PoolFinding, ...] = ()
    losses: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    access: tuple[Access, ...] = ()
    lines: tuple[Text, ...] = ()
    problems: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    is_quiet: bool = False
    plan: PoolPlan | None = field(default=None, compare=False, repr=False)

    @property
    def title(self) -> str:
        """What the entry is about, escaped."""
        fixed = {"target": "the whole target", "rest": "all other pools"}
        return fixed.get(self.kind) or name(self.name)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets in which it holds."""
        return tuple(place.target for place in self.places)

    @property
    def pool_id(self) -> str:
        """The pool's id, escaped; "" where there is none, or several."""
        only = self.places[0].pool_id if len(self.places) == 1 else None
        return escape(only) if only else ""

    @property
    def where(self) -> str:
        """Where its spec stands: ``specs/storefront.yaml:1``, "" for none."""
        return f"{escape(self.source.file)}:{self.source.line}" if self.source else ""

    @property
    def urgency(self) -> Urgency:
        """What somebody must act on comes first, then what cannot be undone."""
        if self.sign == "!":
            return Urgency.ACT
        if self.losses:
            return Urgency.FOREVER
        if self.kind in ("orphan", "rest"):
            return Urgency.ORPHAN if self.kind == "orphan" else Urgency.REST
        return Urgency.QUIET if self.is_quiet else Urgency.CHANGE

    @property
    def body(self) -> list[Text]:
        """All that stands below the headline: why not and the way out, doubts, and the lines."""
        lines = []
        for each in self.refusals:
            lines.append(line((reason(each), Style.REFUSE), dim(f" [{escape(each.rule)}]")))
            lines.append(line(f"way out: {escape(each.way_out)}"))
        lines += new_lines(self.doubts)
        return [*lines, *self.lines, *known_lines(self.doubts)]

    def doubt_of(self, refusal: Refusal) -> PoolFinding | None:
        """The doubt for which it is refused."""
        return next((d for d in self.doubts if d.blocks and d.sentence == refusal.reason), None)

    def facts(self, refusal: Refusal) -> dict[str, str]:
        """Why not, the way out, and who can take it."""
        author = f"the author of {escape(self.source.file)}" if self.source else _RUNNER
        who = _ACTORS.get(refusal.rule, author)
        return {"Why": reason(refusal), "Way out": escape(refusal.way_out), "Who": who}

    def place_lines(self, most: int = _MOST_NAMED) -> list[str]:
        """The places of an entry that holds in several: ``prod-eu  eu-west-1:0f1e...``."""
        has_ids = any(place.pool_id for place in self.places)
        if len(self.places) == 1 or not (has_ids or len(self.places) > _MOST_NAMED):
            return []
        lines = [f"{name(p.target.name)}  {escape(p.pool_id or '')}".rstrip() for p in self.places]
        left = len(lines) - most
        return [*lines[:most], f"and {left} more"] if left > 0 else lines


@dataclass(frozen=True, slots=True)
class Section:
    """Entries that hold in the same targets."""

    targets: tuple[Target, ...]
    entries: tuple[Entry, ...]
    ends_orphans: bool = False  # what can be done about orphans is told once, below the last

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The account and the region, where they are known and the same in all the targets."""
        accounts = {target.account for target in self.targets}
        regions = {target.region for target in self.targets}
        known = (("account", accounts), ("region", regions))
        return [(what, name(v)) for what, found in known if len(found) == 1 for v in found if v]


@dataclass(frozen=True)
class Report:
    """All that is told of a plan, a receipt or a drift.

    Attributes:
        record: What the report is about, as a program reads it.
        targets: Every target, in order.
        entries: Each in one target, in the order of targets.
        steps: What to do next, a sentence each.
        verbose: Nothing is folded, and quiet pools are shown.
    """

    title: Literal["plan", "apply", "drift"]
    record: Plan | Receipt | Drift
    owner: str
    summary: Text
    targets: tuple[Target, ...]
    entries: tuple[Entry, ...]
    steps: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    verbose: bool = False

    @property
    def digest(self) -> str:
        """``plan sha256:...``: of the plan that was made or applied, or of the drift."""
        if isinstance(self.record, Receipt):
            return f"plan {self.record.plan_digest}"
        return f"{self.title} {self.record.digest}"

    @property
    def refused(self) -> list[tuple[Entry, Refusal]]:
        """What is refused, as it is shown: each reason with what it is about."""
        return [(entry, refusal) for entry in self.folded for refusal in entry.refusals]

    @property
    def losses(self) -> list[tuple[Entry, str]]:
        """What can never be taken back, as it is shown."""
        return [(entry, loss) for entry in self.folded for loss in entry.losses]

    @cached_property
    def folded(self) -> list[Entry]:
        """The entries that are shown: equal ones as one, the most urgent first.

        Of equally urgent ones those come first that hold in most targets.
        """
        shown = [each for each in self.entries if self.verbose or not each.is_quiet]
        entries = shown if self.verbose else _folded(shown)
        return sorted(entries, key=lambda each: (each.urgency, -len(each.targets)))

    def sections(self, *, by_urgency: bool = False) -> list[Section]:
        """The folded entries by their targets.

        ``by_urgency``: what is urgent has sections of its own, which come before all else.
        """
        groups: dict[object, list[Entry]] = {}
        for entry in self.folded:
            key = (entry.targets, min(entry.urgency, Urgency.CHANGE) if by_urgency else None)
            groups.setdefault(key, []).append(entry)
        sections: list[Section] = []
        for entries in groups.values():
            targets = entries[0].targets
            if sections and sections[-1].targets == targets:
                entries = [*sections.pop().entries, *entries]  # noqa: PLW2901
            sections.append(Section(targets, tuple(entries)))
        return _with_end_of_orphans(sections)

    def where(self, entry: Entry, mark: Callable[[str], str] = str) -> str:
        """The entry's targets in words; ``mark`` is around each name."""
        return in_words(entry.targets, self.targets, mark)

    def about(self, entry: Entry, mark: Callable[[str], str] = str) -> str:
        """``storefront in prod-eu``, ``target prod-us``; ``mark`` is around each name."""
        if entry.kind == "target":
            return f"target{'s' if len(entry.targets) > 1 else ''} {self.where(entry, mark)}"
        return f"{mark(entry.title)} in {self.where(entry, mark)}"

    def refused_where(self, entry: Entry, mark: Callable[[str], str]) -> str:
        """`` in prod-eu, specs/storefront.yaml:1``, after the id of a pool that was not read."""
        pool_id = f" {mark(entry.pool_id)}" if entry.kind == "unread" else ""
        spec = f", {mark(entry.where)}" if entry.source else ""
        return f"{pool_id} in {self.where(entry, mark)}{spec}"

    def heading(self, section: Section, mark: Callable[[str], str] = str) -> str:
        """``Target prod-eu``, ``Targets prod-eu, prod-us``, ``All 500 targets``."""
        words = in_words(section.targets, self.targets, mark)
        if len(section.targets) > _MOST_NAMED:
            return words[0].upper() + words[1:]
        return f"Target{'s' if len(section.targets) > 1 else ''} {words}"

    def from_root(self, folder: PurePosixPath) -> "Report":
        """The report, its files named from the repository's root; now they are from ``folder``."""
        entries = (_entry_from_root(each, folder) for each in self.entries)
        findings = findings_from_root(self.findings, folder)
        return replace(self, entries=tuple(entries), findings=tuple(findings))


def _with_end_of_orphans(sections: list[Section]) -> list[Section]:
    for number, section in reversed([*enumerate(sections)]):
        if any(entry.kind == "orphan" for entry in section.entries):
            sections[number] = replace(section, ends_orphans=True)
            break
    return sections


def findings_from_root(findings: Iterable[Finding], folder: PurePosixPath) -> list[Finding]:
    """The findings, their files named from the repository's root."""
    return [replace(each, file=_path(each.file, folder)) for each in findings]


def _entry_from_root(entry: Entry, folder: PurePosixPath) -> Entry:
    if not entry.source:
        return entry
    source = replace(entry.source, file=_path(entry.source.file, folder))
    doubts = (each.model_copy(update={"place": _path(each.place, folder)}) for each in entry.doubts)
    return replace(entry, source=source, doubts=tuple(doubts))


def _path(file: str, folder: PurePosixPath) -> str:
    """Absolute ones stay, and so do those that lead out of the repository."""
    joined = normpath(folder / file)
    return file if joined.startswith("..") else joined


def _folded(entries: Iterable[Entry]) -> list[Entry]:
    """Equal entries of several targets as one; those of one target stay as many as they are."""
    places: dict[tuple[Entry, int], list[ReportPlace]] = {}
    seen: Counter[tuple[Entry, str]] = Counter()
    for entry in entries:
        (place,), alike = entry.places, replace(entry, places=())
        number = seen[alike, place.target.name]
        seen[alike, place.target.name] += 1
        places.setdefault((alike, number), []).append(place)
    return [replace(entry, places=tuple(found)) for (entry, _), found in places.items()]


def reason(refusal: Refusal) -> str:
    """Why not, with the field it is about."""
    about = "" if refusal.reason.startswith(refusal.field) else f"{refusal.field}: "
    return escape(about + refusal.reason)


def in_words(
    targets: Sequence[Target], every: Sequence[Target], mark: Callable[[str], str] = str
) -> str:
    """The targets by their names, or by what they are of all; ``mark`` is around each name.

    ``prod-eu, prod-us``; ``all 500 targets``; ``498 of 500 targets, all but prod-eu, prod-us``;
    ``250 targets: prod-eu, ... and 240 more``.
    """
    names = [mark(name(target.name)) for target in targets]
    if len(names) <= _MOST_NAMED:
        return ", ".join(names)
    here = {target.name for target in targets}
    others = [mark(name(target.name)) for target in every if target.name not in here]
    if not others:
        return f"all {len(names)} targets"
    if len(others) <= _MOST_NAMED:
        return f"{len(names)} of {len(every)} targets, all but {', '.join(others)}"
    left = len(names) - _MOST_NAMED
    return f"{len(names)} targets: {', '.join(names[:_MOST_NAMED])} and {left} more"
