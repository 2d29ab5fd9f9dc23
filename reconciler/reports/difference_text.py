"""How live differs from the specs in one field, as lines."""

from collections.abc import Iterable, Mapping, Sequence

from reconciler.model.changes import ValueOrigin
from reconciler.model.drift import Difference, DifferenceKind
from reconciler.model.pool_fields import LOGINS_FIELD
from reconciler.model.secrets import mask_entry
from reconciler.reports.escape import escape, value
from reconciler.reports.field_text import RULE_DEPTH, origin_suffix, scalar_text, steps_text
from reconciler.reports.lines import Sign, Style, Text, indented, line, signed

_SIGNS: Mapping[DifferenceKind, Sign] = {"added": "+", "removed": "-", "changed": "~", "moved": "~"}


def field_lines(
    field: str, differences: Iterable[Difference], origins: Sequence[ValueOrigin] = ()
) -> list[Text]:
    """A plain value in one line; a collection as its name with its members below.

    ``origins``: where what the specs say comes from, which is told behind it.
    """
    shown = [_masked(each) if field == LOGINS_FIELD else each for each in differences]
    if len(shown) == 1 and not shown[0].path:
        spec, live = scalar_text(field, shown[0].spec), scalar_text(field, shown[0].live)
        said = _said(shown[0], spec, live)
        return [line(f"{escape(field)}: ", said, origin_suffix(origins, field, ()))]
    members = [line(_difference_line(each), _wanted_from(origins, field, each)) for each in shown]
    return [line(escape(field)), *indented(members)]


def _wanted_from(origins: Sequence[ValueOrigin], field: str, difference: Difference) -> Text:
    """What the specs have not comes from nowhere; a rule comes from where its role does."""
    if difference.kind == "added":
        return Text("")
    is_rule = len(difference.path) == RULE_DEPTH and difference.path[1] == "Rules"
    path = (*difference.path, "RoleARN") if is_rule else difference.path
    return origin_suffix(origins, field, path)


def _masked(difference: Difference) -> Difference:
    """A login provider with its secrets masked once more: masking twice is masking once."""
    if not difference.path:
        return difference
    name, (spec, live) = mask_entry(str(difference.path[0]), difference.spec, difference.live)
    return difference.model_copy(update={"path": (name,), "spec": spec, "live": live})


def _difference_line(difference: Difference) -> Text:
    # Members of sets have no value.
    sides = (difference.spec, difference.live)
    spec, live = ("" if side is None else value(side) for side in sides)
    path = steps_text(difference.path)
    return signed(_SIGNS[difference.kind], f"{path}: ", _said(difference, spec, live))


def _said(difference: Difference, spec: str, live: str) -> Text:
    specs_say = line("specs say ", (spec, Style.ADD)) if spec else line("specs have it")
    live_has = line("live has ", (live, Style.REMOVE)) if live else line("live has it")
    match difference.kind:
        case "added":
            return line("specs have none, ", live_has)
        case "removed":
            return line(specs_say, ", live has none")
        case "moved" if difference.spec == difference.live:
            return line("its place among the others differs")
        case "moved":
            return line(f"specs have it as number {spec}, live as number {live}")
        case _:
            secret = " (the secret part differs)" if difference.secret else ""
            return line(specs_say, ", ", live_has, secret)
