"""A report as Markdown: the comment on a pull request, the summary of a pipeline's step."""

from collections.abc import Iterator, Sequence

from reconciler.model.access import PoolFinding
from reconciler.model.changes import Refusal
from reconciler.model.findings import Finding, standing
from reconciler.reports.access_lines import AccessHead, access_head, word
from reconciler.reports.doubts import known_lines, new_doubts
from reconciler.reports.error_text import findings_summary
from reconciler.reports.escape import name
from reconciler.reports.graph_mermaid import graphs_mermaid
from reconciler.reports.markdown import (
    Page,
    Row,
    Table,
    alert,
    block,
    chart,
    code,
    details,
    diff,
    prose,
)
from reconciler.reports.pictures import is_drawn, picture
from reconciler.reports.sections import ORPHAN_WAYS, Access, Alert, Entry, Report, Section, Urgency

_HEADER = ("", "Pool", "What")
_RANKS = {"!": 0, "-": 1, "~": 3, "+": 4, "=": 5}
_IRREVERSIBLE_RANK = 2
_MAX_FIELDS = 6
_MAX_LISTED = 20  # of what cannot be undone; the tables mark all of it


def report_markdown(report: Report, *, max_bytes: int | None = None, link: str = "") -> str:
    """Who gets in, the summary, what somebody must act on, all targets, and the summary again.

    ``max_bytes``: the platform's limit, kept by leaving out whole items and saying so; ``link``:
    where everything is to be read, such as the pipeline's log.
    """
    summary, access = report.summary.plain, access_head(report)
    what, digest = report.digest.split(" ")
    page = Page(
        summary=f"**idpool:** {summary}",
        first=tuple("\n".join(_access(each)) for each in access.forms),
        urgent=(
            _refused(report),
            _irreversible(report),
            "\n".join(f"- {step}" for step in report.steps),
        ),
        tables=tuple(_table(section, access) for section in report.sections()),
        after=(
            _orphans(report),
            alert("WARNING", _doubts(report)),
            alert("NOTE", _notices(report)),
            alert("WARNING", [f"- {code(f.place)}: {_finding(f)}" for f in report.findings]),
            f"{summary} Owner {code(name(report.owner))}, {what} {code(digest)}",
        ),
        link=link,
    )
    return page.fit(max_bytes)


def findings_markdown(
    findings: Sequence[Finding], *, max_bytes: int | None = None, link: str = ""
) -> str:
    """What is wrong in the files, place by place."""
    rows = tuple(map(_finding_row, standing(findings)))
    page = Page(
        summary=f"**idpool:** {findings_summary(findings).plain}",
        tables=(Table("", ("", "Place", "What"), rows),),
        noun="problem",
        link=link,
    )
    return page.fit(max_bytes)


def _refused(report: Report) -> str:
    """What nobody but a person can settle: why, the way out, and who has to take it."""
    lines = [line for pair in report.refused for line in _refusal_lines(*pair, report)]
    return "\n".join([f"#### {Alert.REFUSED}", "", *lines]) if lines else ""


def _refusal_lines(entry: Entry, refusal: Refusal, report: Report) -> Iterator[str]:
    who = entry.title if entry.kind == "target" else code(entry.title)
    yield f"- **{who}**{report.refused_where(entry, code)} ({code(refusal.rule)})"
    for key, fact in entry.facts(refusal).items():
        yield f"  - **{key}:** {prose(fact)}"


def _irreversible(report: Report) -> str:
    items = [f"- {report.about(entry, code)}: {prose(loss)}" for entry, loss in report.losses]
    left = len(items) - _MAX_LISTED
    more = [f"- and {left} more, marked in the tables below"] if left > 0 else []
    head = [f"**{Alert.FOREVER}:**", ""] if items else []
    return alert("CAUTION", [*head, *items[:_MAX_LISTED], *more])


def _access(head: AccessHead) -> Iterator[str]:
    for each in head.lines:
        yield _access_item(head.report, each.access, f"{each.about(head.report, code)}: ")
    yield from (_access_item(head.report, each) for each in head.more)


def _access_item(report: Report, access: Access, about: str = "") -> str:
    says = " \u2192 ".join(map(prose, access.says.split(" -> ")))
    return f"- **{word(report, access)}:** {about}{says}"


def _table(section: Section, access: AccessHead) -> Table:
    report = access.report
    facts = ", ".join(f"{what} {code(value)}" for what, value in section.facts)
    title = report.heading(section, code)
    pools = [entry for entry in section.entries if entry.kind == "pool"]
    is_short = is_drawn(access.report)
    rows = tuple(_row(entry, access, is_short=is_short) for entry in pools)
    return Table(f"#### {title}" + (f": {facts}" if facts else ""), _HEADER, rows)


def _row(entry: Entry, access: AccessHead, *, is_short: bool) -> Row:
    cells = (code(entry.sign), code(entry.title), _what(entry))
    rank = min(_RANKS[entry.sign], _IRREVERSIBLE_RANK if entry.losses else len(_RANKS))
    told = _details(entry, access)
    return Row(cells, told, rank, len(entry.places), _picture(entry) if is_short else "")


def _what(entry: Entry) -> str:
    """What happens and the fields, or why not; loud where there is no way back."""
    if entry.urgency is Urgency.ACT:
        rules = ", ".join(dict.fromkeys(code(refusal.rule) for refusal in entry.refusals))
        return f"**{entry.verb}**" + (f": {rules}" if rules else "")
    loud = ", **cannot be undone**" if entry.losses else ""
    shown = [code(field) for field in entry.fields]
    more = [f"{len(shown) - _MAX_FIELDS} more"] if len(shown) > _MAX_FIELDS else []
    told = ", ".join([*shown[:_MAX_FIELDS], *more])
    return f"{entry.verb}{loud}{f': {told}' if told else ''}"


def _details(entry: Entry, access: AccessHead) -> str:
    is_done = access.report.title == "apply"
    lines = [text.plain for text in (*access.of(entry), *entry.lines, *known_lines(entry.doubts))]
    ids = entry.place_lines()
    if not lines and not ids:
        return ""
    theirs = (entry.title, entry.pool_id, entry.where)
    summary = [(entry.sign, True), (entry.verb, False), *((each, True) for each in theirs if each)]
    # What was done has outcomes, and no signs that a diff would colour.
    body = block([*lines, *ids]) if is_done else diff([*lines, *ids])
    return details(summary, body, is_open=is_done and entry.urgency is Urgency.ACT)


def _picture(entry: Entry) -> str:
    """Who gets which role, folded away."""
    graph = picture(entry)
    told = [("Who gets which role of", False), (entry.title, True)]
    return details(told, chart(graphs_mermaid([graph]))) if graph else ""


def _orphans(report: Report) -> str:
    orphans = [entry for entry in report.folded if entry.kind == "orphan"]
    lines = [line for each in orphans for line in _orphan_lines(each, report)]
    ways = [f"{prose(way).capitalize()}." for way in ORPHAN_WAYS]
    return "\n".join(["#### Orphans", "", *lines, "", *ways]) if lines else ""


def _orphan_lines(entry: Entry, report: Report) -> Iterator[str]:
    about = f", {code(entry.about)}" if entry.about else ""
    pool_id = f" {code(entry.pool_id)}" if entry.pool_id else ""
    yield f"- {code('?')} **{code(entry.title)}**{pool_id} in {report.where(entry, code)}{about}"
    yield from (f"  - {code(each)}" for each in entry.place_lines())


def _notices(report: Report) -> list[str]:
    return [
        f"- {report.about(entry, code)}: {prose(notice.message)} ({code(notice.rule)})"
        for entry in report.folded
        for notice in entry.notices
    ]


def _doubts(report: Report) -> list[str]:
    """What checks say and nobody has to act on at once; what live has is in the tables."""
    return [
        f"- {report.about(entry, code)}, {code(doubt.place)}: {_finding(doubt)}"
        for entry in report.folded
        for doubt in new_doubts(entry.doubts)
    ]


def _finding_row(finding: Finding) -> Row:
    rank = int(finding.severity != "error")
    return Row((finding.severity, code(finding.place), _finding(finding)), rank=rank)


def _finding(finding: Finding | PoolFinding) -> str:
    about = f"{code(finding.path)}: " if finding.path else ""
    fix = f" **Fix:** {prose(finding.fix)}" if finding.fix else ""
    return f"{about}{prose(finding.message)} ({code(finding.rule)}){fix}"
