"""A report as one HTML file that a reviewer can open, keep and print.

Self-contained: no scripts, nothing loaded, light and dark, fit for paper.
"""

import base64
import hashlib
import html
from collections.abc import Iterable, Iterator
from importlib.resources import files
from string import Template

from reconciler.model.changes import Refusal
from reconciler.model.findings import Finding
from reconciler.reports.access_lines import AccessHead, access_head, word
from reconciler.reports.escape import escape, name
from reconciler.reports.graph_svg import inline_svg, style_sheet
from reconciler.reports.lines import plural, sign_of_line
from reconciler.reports.pictures import is_drawn, picture
from reconciler.reports.sections import ORPHAN_WAYS, Access, Alert, Entry, Report, Section, Urgency

_OUTCOMES = {"failed": "del", "unknown": "chg", "skipped": "soft"}
_CLASSES = {"+": "add", "-": "del", "~": "chg", "!": "loud", "?": "chg"}


def report_html(report: Report) -> str:
    """Who gets in, the summary, what needs a person, then every pool unfolding."""
    access = access_head(report)
    refused = (_refusal(entry, refusal, report) for entry, refusal in report.refused)
    losses = (f"{report.about(entry, _code)}: {_text(loss)}" for entry, loss in report.losses)
    return _document(
        f"idpool {report.title}",
        [
            _bullets(_access(access), "access"),
            _element("h1", _text(report.summary.plain)),
            _alert(Alert.REFUSED, _bullets(refused)),
            _alert(Alert.FOREVER, _bullets(losses), "alert forever"),
            _bullets(map(_text, report.steps)),
            *(_section(each, access, is_open=is_drawn(report)) for each in report.sections()),
            _undrawn(report),
            _bullets(map(_finding, report.findings)),
            _footer(report),
        ],
    )


def _refusal(entry: Entry, refusal: Refusal, report: Report) -> str:
    who = _text(entry.title.capitalize()) if entry.kind == "target" else _code(entry.title)
    facts = entry.facts(refusal).items()
    told = "".join(f"<dt>{key}</dt><dd>{_text(fact)}</dd>" for key, fact in facts)
    where, rule = report.refused_where(entry, _code), _code(refusal.rule)
    return f"<b>{who}</b>{where} ({rule}){_element('dl', told)}"


def _access(head: AccessHead) -> Iterator[str]:
    for each in head.lines:
        about = f"{each.about(head.report, _code)}: "
        yield _access_item(head.report, each.access, about)
    yield from (_access_item(head.report, each) for each in head.more)


def _access_item(report: Report, access: Access, about: str = "") -> str:
    css = "chg" if access.effect == "widens" else ""
    effect = _element("b", _text(f"{word(report, access)}:"), css)
    return f"{effect} {about}{_text(access.says)}"


def _section(section: Section, access: AccessHead, *, is_open: bool) -> str:
    facts = " ".join(_text(f"{what} {fact}") for what, fact in section.facts)
    title = access.report.heading(section, _text)
    head = _element("h2", f"{title} {_element('small', facts)}")
    parts = [part for each in section.entries for part in _entry(each, access, is_open=is_open)]
    if section.ends_orphans:
        parts.append(_element("p", "<br>".join(map(_text, ORPHAN_WAYS)), "soft"))
    return "\n".join([head, *parts]) if parts else ""


def _entry(entry: Entry, access: AccessHead, *, is_open: bool) -> Iterator[str]:
    """A pool unfolds; the rest is a line. What is stopped as a whole is told above."""
    soft = (entry.pool_id, entry.where, entry.about)
    facts = _element("span", " ".join(_code(fact) for fact in soft if fact), "soft")
    summary = f"{_sign(entry.sign)} {_text(entry.verb)} <b>{_code(entry.title)}</b> {facts}"
    told = [text.plain for text in (*access.of(entry), *entry.body)]
    if entry.kind == "rest":
        yield _element("p", "<br>".join(map(_text, told)), "soft")
    elif entry.kind in ("pool", "orphan"):
        is_loud = access.report.title == "apply" and entry.urgency is Urgency.ACT
        ids = entry.place_lines(len(entry.places))
        pools = _unfolding(_text(plural(len(ids), "target")), _lines(ids)) if ids else ""
        body = _lines(told) + (_picture(entry) if is_open else "") + pools
        yield _unfolding(summary, body, is_open=is_open or is_loud)


def _picture(entry: Entry) -> str:
    """Who gets which role."""
    graph = picture(entry)
    return inline_svg(graph) if graph else ""


def _undrawn(report: Report) -> str:
    """Pictures of hundreds of pools would make the file too large."""
    if is_drawn(report) or not any(entry.plan for entry in report.folded):
        return ""
    return _element("p", f"Who gets which role: {_code('idpool graph --plan FILE')}", "soft")


def _finding(finding: Finding) -> str:
    return _text(f"{finding.place}: {finding.severity}: {finding.sentence} [{finding.rule}]")


def _footer(report: Report) -> str:
    what, digest = report.digest.split(" ")
    origin = f"Owner {_code(name(report.owner))}, {what} {_code(digest)}"
    return _element("footer", f"{_text(report.summary.plain)}<br>{origin}")


def _document(title: str, parts: Iterable[str]) -> str:
    """The document, of ``parts`` that are HTML already; it may apply its own style sheet alone."""
    body = "\n".join(filter(None, parts))
    style = _file("report.css") + (style_sheet() if "<svg " in body else "")
    digest = base64.b64encode(hashlib.sha256(f"\n{style}".encode()).digest()).decode()
    facts = {"title": _text(title), "css": style, "css_hash": digest}
    return Template(_file("report.html")).substitute(facts, body=body)


def _file(name: str) -> str:
    return files("reconciler").joinpath("reports", name).read_text(encoding="utf-8")


def _text(words: str) -> str:
    """The words as text, and as nothing else."""
    return html.escape(escape(words))


def _code(words: str) -> str:
    return f"<code>{_text(words)}</code>"


def _element(tag: str, inner: str, css: str = "") -> str:
    return f'<{tag} class="{css}">{inner}</{tag}>' if css else f"<{tag}>{inner}</{tag}>"


def _bullets(items: Iterable[str], css: str = "") -> str:
    """A list of HTML items, "" where there are none."""
    inner = "".join(_element("li", item) for item in items)
    return _element("ul", inner, css) if inner else ""


def _alert(title: str, inner: str, css: str = "alert") -> str:
    """A box that cannot be overlooked, "" where nothing is in it."""
    return _element("section", f"{_element('h2', _text(title))}{inner}", css) if inner else ""


def _sign(mark: str) -> str:
    return _element("code", _text(mark), f"sign {_CLASSES.get(mark, 'soft')}")


def _class(line: str) -> str:
    """The colour of a line: by its sign, or by the outcome that it begins with."""
    outcome = line.partition(" ")[0]
    return _CLASSES.get(sign_of_line(line) or "") or _OUTCOMES.get(outcome, "")


def _lines(told: Iterable[str]) -> str:
    """Lines of a report, coloured; "" where there are none."""
    inner = "".join(_element("span", _text(line), _class(line)) for line in told)
    return _element("pre", inner) if inner else ""


def _unfolding(summary: str, body: str, *, is_open: bool = False) -> str:
    """A block that unfolds without any script; without anything in it, a plain one."""
    if not body:
        return _element("div", summary, "quiet")
    start = "<details open>" if is_open else "<details>"
    return f"{start}<summary>{summary}</summary>{body}</details>"
