"""``idpool explain``: what a rule is about whose id stands behind what idpool says."""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any, Final

from reconciler.checks.pages import all_pages, page_of
from reconciler.model.errors import UsageProblem
from reconciler.model.findings import RuleId
from reconciler.planner.refusals import wording_of_rules
from reconciler.reports.escape import escape
from reconciler.terminal.streams import Streams
from reconciler.text.problems import did_you_mean, quoted, wordings

_OF_SARIF: Final = "refused/"
_IN_CODE: Final = "what it says differs from case to case: the finding has it, with what to do"


def explain(rule: str, streams: Streams) -> None:
    """Print the page of a rule, or all checks where none is named.

    Rules without a page have their sentences, with ``...`` for what differs from case to case.
    Raises ``UsageProblem`` for a rule that there is not.
    """
    name = rule.removeprefix(_OF_SARIF)
    if not name:
        streams.artefact(_list())
    elif page := page_of(name):
        streams.artefact(page.text)
    elif name in rules():
        streams.artefact("\n".join([f"# {name}", "", *(_sentences(name) or [_IN_CODE]), ""]))
    else:
        hint = did_you_mean(name, rules()) or "idpool explain lists all checks"
        raise UsageProblem(f"there is no rule {quoted(escape(name))}", hint)


def rules() -> list[str]:
    """The ids of all rules."""
    return sorted({*map(str, RuleId), *wording_of_rules()})


def _list() -> str:
    pages = list(all_pages())
    widths = [max(len(page[column]) for page in pages) for column in (0, 1)]
    lines = (
        f"{page.severity:{widths[1]}}  {page.rule:{widths[0]}}  {page.summary}" for page in pages
    )
    return "\n".join([*lines, ""])


def _sentences(rule: str) -> list[str]:
    """Each once, with its fix."""
    found: dict[str, None] = {}
    for row in _rows(rule):
        said = row.get("message") or row.get("reason")
        fix = row.get("fix") or row.get("way_out")
        if said:
            found[_filled(said) + (f"\n  fix: {_filled(fix)}" if fix else "")] = None
    return list(found)


def _rows(rule: str) -> Iterator[Mapping[str, Any]]:
    """What there is in both files of sentences: a rule's own row, and one for each case of it."""
    table = wordings().get(rule, {})
    yield table
    for case in table.values():
        rows = case if isinstance(case, list) else [case]
        yield from (table | row for row in rows if isinstance(row, dict))
    yield from wording_of_rules().get(rule, ())


def _filled(sentence: str) -> str:
    """As it is said, ``...`` for each fact."""
    parts = Formatter().parse(sentence)
    return "".join(text + ("" if fact is None else "...") for text, fact, _, _ in parts)
