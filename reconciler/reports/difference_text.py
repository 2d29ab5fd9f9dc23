"""One field that differs, as lines: what the specs say and what live has."""

from collections.abc import Iterable, Mapping

from reconciler.model.base import JsonValue
from reconciler.model.drift import Difference, DifferenceKind
from reconciler.model.pool import LOGINS_FIELD
from reconciler.model.secrets import mask_entry
from reconciler.reports.escape import escape, name, value
from reconciler.reports.field_text import scalar
from reconciler.reports.lines import ADD, REMOVE, Sign, indented, line, signed
from reconciler.reports.styled_text import Text

_SIGNS: Mapping[DifferenceKind, Sign] = {
    "added": "+",
    "removed": "-",
    "changed": "~",
    "moved": "~",
}


def field_lines(field: str, differences: Iterable[Difference]) -> list[Text]:
    """A plain value in one line; a collection as its name with its members below."""
    differences = [_masked(each) if field == LOGINS_FIELD else each for each in differences]
    if len(differences) == 1 and not differences[0].path:
        only = differences[0]
        shown = scalar(field, only.spec), scalar(field, only.live)
        return [line(f"{escape(field)}: ", _said(only, *shown))]
    return [line(escape(field)), *indented(_member_line(each) for each in differences)]


def _masked(difference: Difference) -> Difference:
    """A login provider with its secrets masked once more: masking twice is masking once."""
    if not difference.path:
        return difference
    name, (spec, live) = mask_entry(str(difference.path[0]), difference.spec, difference.live)
    return difference.model_copy(update={"path": (name,), "spec": spec, "live": live})


def _member_line(difference: Difference) -> Text:
    path = ".".join(name(str(step)) for step in difference.path)
    shown = _shown(difference.spec), _shown(difference.live)
    return signed(_SIGNS[difference.kind], f"{path}: ", _said(difference, *shown))


def _said(difference: Difference, spec: str, live: str) -> Text:
    match difference.kind:
        case "added":
            return line("specs have none, ", _live(live))
        case "removed":
            return line(_specs(spec), ", live has none")
        case "moved" if difference.spec == difference.live:
            return line("its place among the others differs")
        case "moved":
            return line(f"specs have it as number {spec}, live as number {live}")
        case _:
            secret = " (the secret part differs)" if difference.secret else ""
            return line(_specs(spec), ", ", _live(live), secret)


def _specs(text: str) -> Text:
    return line("specs say ", (text, ADD)) if text else line("specs have it")


def _live(text: str) -> Text:
    return line("live has ", (text, REMOVE)) if text else line("live has it")


def _shown(data: JsonValue) -> str:
    """The value in one line, "" for the members of sets."""
    return "" if data is None else value(data)
