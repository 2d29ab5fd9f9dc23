"""One self-contained HTML page: no scripts, nothing loaded, light and dark, fit for paper."""

import base64
import hashlib
import html
from collections.abc import Iterable

from reconciler.reports.escape import escape
from reconciler.reports.pool_facts import sign_of_line

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


def page(title: str, parts: Iterable[str]) -> str:
    """The document; ``parts`` are HTML already."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{text(title)}</title>",
            f"<style>{_CSS}</style></head><body>",
            *(part for part in parts if part),
            "</body></html>\n",
        ]
    )


def text(words: str) -> str:
    """The words as text, and as nothing else."""
    return html.escape(escape(words))


def code(words: str) -> str:
    """The words as code."""
    return f"<code>{text(words)}</code>"


def element(tag: str, inner: str, css: str = "") -> str:
    """An element around HTML."""
    return f'<{tag} class="{css}">{inner}</{tag}>' if css else f"<{tag}>{inner}</{tag}>"


def bullets(items: Iterable[str]) -> str:
    """A list of HTML items, "" where there are none."""
    inner = "".join(element("li", item) for item in items)
    return element("ul", inner) if inner else ""


def alert(heading: str, inner: str, css: str = "alert") -> str:
    """A box that cannot be overlooked, "" where nothing is in it."""
    return element("section", f"{element('h2', text(heading))}{inner}", css) if inner else ""


def sign(mark: str) -> str:
    """A sign in its colour."""
    return element("code", text(mark), f"sign {_CLASSES.get(mark, 'soft')}")


def lines(told: Iterable[str]) -> str:
    """Lines of a report, coloured by their signs."""
    return element("pre", "".join(element("span", text(line), _class(line)) for line in told))


def _class(line: str) -> str:
    """The colour of a line: by its sign, or by the outcome that it begins with."""
    outcome = line.partition(" ")[0]
    return _CLASSES.get(sign_of_line(line)) or _OUTCOMES.get(outcome, "")


def unfolding(summary: str, body: str, *, is_open: bool) -> str:
    """A block that unfolds without any script; without a body, a plain line."""
    if not body:
        return element("div", summary, "quiet")
    return f"<details{' open' if is_open else ''}><summary>{summary}</summary>{body}</details>"
