"""Changes of PrincipalTagAttributeMaps, as lines: ``tag <- claim``."""

from reconciler.model.changes import Change, Edit
from reconciler.model.pool_values import DEFAULT_PRINCIPAL_TAGS
from reconciler.reports.escape import name, value
from reconciler.reports.lines import Sign, columns, dim, indented, old_to_new, signed
from reconciler.reports.members import OP_SIGNS, by_member, member_sign
from reconciler.reports.styled_text import Text

_DEFAULTS = ", ".join(f"{tag} <- {claim}" for tag, claim in sorted(DEFAULT_PRINCIPAL_TAGS.items()))


def principal_tag_lines(change: Change) -> list[Text]:
    """A header for each provider, and below it what changes there."""
    lines = []
    for provider, edits in by_member(change.edits):
        sign = member_sign(change, provider)
        flags = [_flag_line(sign, edit) for edit in edits if not _is_tag(edit)]
        tags = _tag_lines([edit for edit in edits if _is_tag(edit)])
        lines += [signed(sign, name(provider)), *indented([*flags, *tags])]
    return lines


def _is_tag(edit: Edit) -> bool:
    return "PrincipalTags" in edit.path[1:2]


def _flag_line(sign: Sign, edit: Edit) -> Text:
    """``UseDefaults``, with what it stands for where it is switched on."""
    field = ".".join(name(str(step)) for step in edit.path[1:])
    if sign == "~":
        shown = old_to_new(value(edit.before), value(edit.after))
    else:
        shown = Text(value(edit.after if sign == "+" else edit.before))
    stands_for = f" ({_DEFAULTS})" if edit.after is True else ""
    return signed(sign, f"{field}: ", shown, dim(stands_for))


def _tag_lines(edits: list[Edit]) -> list[Text]:
    if not edits:
        return []
    table = columns([(Text(name(str(e.path[-1]))), Text(f"<- {_claim(e)}")) for e in edits])
    return [signed(OP_SIGNS[e.op], text) for e, text in zip(edits, table, strict=True)]


def _claim(edit: Edit) -> str:
    """The claim that counts, and which one it was before."""
    if edit.op == "add":
        return value(edit.after)
    if edit.op == "remove":
        return value(edit.before)
    return f"{value(edit.after)} (was {value(edit.before)})"
