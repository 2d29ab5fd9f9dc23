"""A report for people, on a terminal or in a log."""

from collections.abc import Iterator

from reconciler.model.project import Target
from reconciler.reports.access_lines import AccessHead, access_head
from reconciler.reports.error_text import findings_text
from reconciler.reports.escape import escape, name
from reconciler.reports.lines import Text, dim, headline, indented, joined, line, strong
from reconciler.reports.sections import ORPHAN_WAYS, Entry, Report, Section, Urgency

_BODY = 2
_DEEPER = 4


def report_text(report: Report) -> Text:
    """Who gets in, the summary, what somebody must act on, all else, and the summary again."""
    access = access_head(report)
    lines = [*_section_lines(report, access)]
    if report.findings:
        lines += [findings_text(report.findings), Text()]
    if report.verbose:
        lines += [dim(f"owner {name(report.owner)}"), dim(report.digest), Text()]
    head = [*access.texts, Text()] if access.lines else []
    head += [report.summary, Text()] if lines else []
    return joined([*head, *lines, report.summary, *map(line, report.steps)])


def target_headline(target: Target) -> Text:
    """``Target prod-eu: account 111122223333, region eu-west-1``."""
    account = f"account {name(target.account)}" if target.account else "account unknown"
    region = f"region {name(target.region)}" if target.region else "region unknown"
    return line(strong(f"Target {name(target.name)}"), f": {account}, {region}")


def _section_lines(report: Report, access: AccessHead) -> Iterator[Text]:
    for section in report.sections(by_urgency=True):
        yield _section_headline(section, report)
        before: Urgency | None = None
        for entry in section.entries:
            # What takes one line each stands together.
            if entry.urgency is not before or entry.urgency < Urgency.QUIET:
                yield Text()
            yield from indented(_entry_lines(entry, access), by=_BODY)
            before = entry.urgency
        if section.ends_orphans:
            yield from indented(map(line, ORPHAN_WAYS), by=_BODY + _DEEPER)
        yield Text()


def _section_headline(section: Section, report: Report) -> Text:
    targets = section.targets
    if len(targets) == 1:
        role = targets[0].role_arn if report.verbose else ""
        return line(target_headline(targets[0]), dim(f", role {escape(role)}" if role else ""))
    facts = ", ".join(f"{what} {value}" for what, value in section.facts)
    return line(strong(report.heading(section)), f": {facts}" if facts else "")


def _entry_lines(entry: Entry, access: AccessHead) -> Iterator[Text]:
    if entry.kind == "rest":
        yield from entry.lines
        return
    facts = (entry.pool_id, entry.where, entry.about)
    yield headline(entry.sign, entry.verb, entry.title, *facts)
    details = entry.places[0].details if access.report.verbose else ()
    # Ids matter to who has to act, and are noise beside what many pools have in common.
    ids = [] if entry.urgency is Urgency.CHANGE else map(dim, entry.place_lines())
    yield from indented([*access.of(entry), *entry.body, *ids, *details], by=_DEEPER)
