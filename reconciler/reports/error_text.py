"""One error for people: what is wrong, and what to do."""

from reconciler.model.errors import AwsProblem, IdpoolError, InvalidSpecs
from reconciler.reports.escape import escape
from reconciler.reports.findings_text import findings_text
from reconciler.reports.lines import REMOVE, STRONG, dim, joined, line
from reconciler.reports.styled_text import Text


def error_text(error: IdpoolError) -> Text:
    """``error: ...`` and, where the error knows one, ``  fix: ...``; for specs, every finding."""
    if isinstance(error, InvalidSpecs):
        return findings_text(error.findings)
    lines = [line(("error", f"{STRONG} {REMOVE}"), f": {escape(str(error))}", _context(error))]
    if error.hint:
        lines.append(line(f"  fix: {escape(error.hint)}"))
    return joined(lines)


def _context(error: IdpoolError) -> Text:
    """What an answer of AWS belongs to, as far as the sentence does not say it."""
    if not isinstance(error, AwsProblem):
        return Text()
    facts = (
        ("target", error.target),
        ("operation", error.operation),
        ("code", error.code),
    )
    shown = [f"{key} {escape(fact)}" for key, fact in facts if fact and fact not in str(error)]
    return dim(f" ({', '.join(shown)})") if shown else Text()
