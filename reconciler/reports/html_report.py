"""A report as one HTML file that a reviewer can open, keep and print.

Self-contained: no scripts, nothing loaded, light and dark, fit for paper.
"""

import base64
import hashlib
import html
from collections.abc import Iterable, Iterator

from reconciler.model.changes import Refusal
from reconciler.model.findings import Finding
from reconciler.reports.escape import escape, name
from reconciler.reports.lines import plural, sign_of_line
from reconciler.reports.sections import (
    FOREVER_HEADING,
    ORPHAN_WAYS,
    REFUSED_HEADING,
    Entry,
    Report,
    Section,
    Urgency,
    refusal_facts,
)

_MAX_OPEN = 20  # more than a reader takes in at a glance
_CSS = """
:root { color-scheme: light dark;
  --ink: light-dark(#1f2328, #e6edf3); --paper: light-dark(#fff, #0d1117);
  --soft: light-dark(#59636e, #9198a1); --line: light-dark(#d1d9e0, #3d444d);
  --panel: light-dark(#f6f8fa, #151b23); --add: light-dark(#116329, #56d364);
  --add-bg: light-dark(#dafbe1, #12261e); --del: light-dark(#a40e26, #ff7b72);
  --del-bg: light-dark(#ffebe9, #2d1215); --chg: light-dark(#7d4e00, #e3b341);
  --loud: light-dark(#8250df, #d2a8ff); --loud-bg: light-dark(#fbefff, #271a3a); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 2rem 1.25rem; color: var(--ink);
  background: var(--paper); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 1.25rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; padding-bottom: .3rem;
  border-bottom: 1px solid var(--line); }
h2 small, footer, dt, .soft { color: var(--soft); font-weight: normal; font-size: .85rem; }
code, pre { font: .85rem/1.55 ui-monospace, "Cascadia Code", "DejaVu Sans Mono", monospace; }
b code { font-weight: 700; }
ul { padding-left: 1.25rem; } li { margin: .35rem 0; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr);
  gap: .15rem .75rem; margin: .35rem 0; }
dt, dd { margin: 0; }
.alert { margin: 1rem 0; padding: .75rem 1rem; border-left: .3rem solid var(--loud);
  background: var(--loud-bg); border-radius: .3rem; }
.alert.forever { border-color: var(--del); background: var(--del-bg); }
.alert h2 { margin: 0 0 .4rem; padding: 0; border: 0; font-size: 1rem; }
details, .quiet { margin: .5rem 0; border: 1px solid var(--line); border-radius: .4rem;
  overflow: hidden; }
summary, .quiet { padding: .5rem .8rem; background: var(--panel); }
summary { cursor: pointer; } summary:focus-visible { outline: 2px solid var(--loud); }
summary b { margin-right: .5rem; }
.sign { display: inline-block; min-width: 1.2ch; font-weight: 700; }
pre { margin: 0; padding: .6rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
pre span { display: block; padding: 0 .8rem 0 5.6rem; text-indent: -4.8rem; min-height: 1.55em; }
.add { color: var(--add); } .del { color: var(--del); } .chg { color: var(--chg); }
.loud { color: var(--loud); font-weight: 600; }
pre .add { background: var(--add-bg); } pre .del { background: var(--del-bg); }
pre .loud { background: var(--loud-bg); }
footer { margin-top: 2.5rem; }
@media print { body { max-width: none; padding: 0; color-scheme: light; }
  details, .alert { break-inside: avoid-page; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; } }
"""
# What the page may do: apply this one style sheet, and nothing else.
_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_CSS.encode()).digest()).decode()
    + "'"
)
_OUTCOMES = {"failed": "del", "unknown": "chg", "skipped": "soft"}
_CLASSES = {"+": "add", "-": "del", "~": "chg", "!": "loud", "?": "chg"}


def report_html(report: Report) -> str:
    """The summary, what needs a person, then target by target, every pool unfolding."""
    entries = report.folded
    is_open = len(entries) <= _MAX_OPEN
    return _document(
        f"idpool {report.title}",
        [
            _element("h1", _text(report.summary.plain)),
            _refused(report, entries),
            _irreversible(report, entries),
            _bullets(map(_text, report.steps)),
            *(_section(each, report, is_open=is_open) for each in report.sections()),
            _bullets(map(_finding, report.findings)),
            _footer(report),
        ],
    )


def _refused(report: Report, entries: Iterable[Entry]) -> str:
    items = (
        _refusal(entry, refusal, report.where(entry, _code))
        for entry in entries
        for refusal in entry.refusals
    )
    return _alert(REFUSED_HEADING, _bullets(items))


def _refusal(entry: Entry, refusal: Refusal, where: str) -> str:
    who = _text(entry.title.capitalize()) if entry.kind == "target" else _code(entry.title)
    pool_id = f" {_code(entry.pool_id)}" if entry.kind == "unread" else ""
    place = f", {_code(entry.where)}" if entry.source else ""
    facts = refusal_facts(refusal, entry.source)
    told = "".join(f"<dt>{key}</dt><dd>{_text(fact)}</dd>" for key, fact in facts)
    rule = _code(refusal.rule)
    return f"<b>{who}</b>{pool_id} in {where}{place} ({rule}){_element('dl', told)}"


def _irreversible(report: Report, entries: Iterable[Entry]) -> str:
    items = (
        f"{_code(entry.title)} in {report.where(entry, _code)}: {_text(loss)}"
        for entry in entries
        for loss in entry.losses
    )
    return _alert(FOREVER_HEADING, _bullets(items), "alert forever")


def _section(section: Section, report: Report, *, is_open: bool) -> str:
    facts = " ".join(_text(f"{what} {fact}") for what, fact in section.facts)
    title = report.heading(section, _text)
    head = _element("h2", f"{title} {_element('small', facts)}")
    parts = [part for each in section.entries for part in _entry(each, report, is_open=is_open)]
    if section.ends_orphans:
        parts.append(_element("p", "<br>".join(map(_text, ORPHAN_WAYS)), "soft"))
    return "\n".join([head, *parts]) if parts else ""


def _entry(entry: Entry, report: Report, *, is_open: bool) -> Iterator[str]:
    """A pool unfolds; the rest is a line. What is stopped as a whole is told above."""
    soft = (entry.pool_id, entry.where, entry.about)
    facts = _element("span", " ".join(_code(fact) for fact in soft if fact), "soft")
    summary = f"{_sign(entry.sign)} {_text(entry.verb)} <b>{_code(entry.title)}</b> {facts}"
    told = [text.plain for text in entry.body]
    if entry.kind == "rest":
        yield _element("p", "<br>".join(map(_text, told)), "soft")
    elif entry.kind in ("pool", "orphan"):
        is_loud = report.title == "apply" and entry.urgency is Urgency.ACT
        ids = entry.place_lines(len(entry.places))
        pools = _unfolding(_text(plural(len(ids), "target")), _lines(ids)) if ids else ""
        yield _unfolding(summary, _lines(told) + pools, is_open=is_open or is_loud)


def _finding(finding: Finding) -> str:
    return _text(f"{finding.place}: {finding.severity}: {finding.sentence} [{finding.rule}]")


def _footer(report: Report) -> str:
    what, digest = report.digest.split(" ")
    origin = f"Owner {_code(name(report.owner))}, {what} {_code(digest)}"
    return _element("footer", f"{_text(report.summary.plain)}<br>{origin}")


def _document(title: str, parts: Iterable[str]) -> str:
    """The document; ``parts`` are HTML already."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{_text(title)}</title>",
            f"<style>{_CSS}</style></head><body>",
            *(part for part in parts if part),
            "</body></html>\n",
        ]
    )


def _text(words: str) -> str:
    """The words as text, and as nothing else."""
    return html.escape(escape(words))


def _code(words: str) -> str:
    return f"<code>{_text(words)}</code>"


def _element(tag: str, inner: str, css: str = "") -> str:
    return f'<{tag} class="{css}">{inner}</{tag}>' if css else f"<{tag}>{inner}</{tag}>"


def _bullets(items: Iterable[str]) -> str:
    """A list of HTML items, "" where there are none."""
    inner = "".join(_element("li", item) for item in items)
    return _element("ul", inner) if inner else ""


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
