"""One field as lines: a change of it that a plan makes, or how live differs from the specs."""

from collections.abc import Iterable, Mapping

from reconciler.model.base import JsonValue
from reconciler.model.changes import Change, Edit
from reconciler.model.drift import Difference, DifferenceKind
from reconciler.model.pool import FIELDS, LOGINS_FIELD, TAGS_FIELD, kind_of
from reconciler.model.pool_fields import FieldKind
from reconciler.model.project import OWNER_TAG, RESERVED_TAG_PREFIX
from reconciler.model.secrets import mask_entry
from reconciler.reports.escape import escape, name, value
from reconciler.reports.lines import Sign, Style, Text, indented, line, old_to_new, signed
from reconciler.reports.mapping_text import (
    OP_SIGNS,
    field_sign,
    mapping,
    member,
    principal_tag_lines,
    role_mapping_lines,
)

_SCALARS = frozenset({FieldKind.TEXT, FieldKind.FLAG, FieldKind.CLASSIC_FLOW})
_UNSET_FLOW = "unset (classic flow allowed)"
_CLOSES = (
    "clients that use GetOpenIdToken are refused from then on; write AllowClassicFlow: true to "
    "keep them"
)


def change_lines(change: Change) -> list[Text]:
    """The change as lines: a scalar in one, a collection as its name with members below.

    ``before`` is ``None`` where there was no pool: then there is no old value to show.
    """
    if kind_of(change.field) in _SCALARS:
        lines = [_scalar_line(change)]
    elif change.field == TAGS_FIELD:
        lines = _tags_lines(change)
    else:
        lines = _collection_lines(change)
    return [*lines, *_consequence_lines(change), *_irreversible_lines(change)]


def _scalar_line(change: Change) -> Text:
    if change.before is None and not consequence(change):
        return signed("+", f"{change.field}: {value(change.after)}")
    before, after = scalar(change.field, change.before), scalar(change.field, change.after)
    return signed("~", f"{change.field}: ", old_to_new(before, after))


def scalar(field: str, told: JsonValue) -> str:
    """The value of a field of one value, in words where none is one, too."""
    is_unset = told is None and kind_of(field) is FieldKind.CLASSIC_FLOW
    return _UNSET_FLOW if is_unset else value(told)


def consequence(change: Change) -> str:
    """What a change does that a reviewer should know of, "" where the change says it all."""
    # A new pool has nobody to refuse: that it is closed is no change.
    closes = kind_of(change.field) is FieldKind.CLASSIC_FLOW and change.after is False
    return _CLOSES if closes else ""


def _consequence_lines(change: Change) -> list[Text]:
    told = consequence(change)
    return indented([line((told, Style.REFUSE))]) if told else []


def _collection_lines(change: Change) -> list[Text]:
    header = f"{escape(change.field)}"
    if not change.edits:
        return [signed("~", f"{header}: {_bare_collection(change.after)}")]
    return [signed(field_sign(change), header), *indented(_member_lines(change))]


def _member_lines(change: Change) -> list[Text]:
    match kind_of(change.field):
        case FieldKind.ROLE_MAPPINGS:
            return role_mapping_lines(change)
        case FieldKind.PRINCIPAL_TAGS:
            return principal_tag_lines(change)
        case FieldKind.LOGINS:
            return [_login_provider_line(_masked(edit)) for edit in change.edits]
        case FieldKind.SET:
            return [signed(OP_SIGNS[edit.op], name(member(edit))) for edit in change.edits]
        case FieldKind.CLIENTS:
            return [_client_line(edit) for edit in change.edits]
        case _:
            return [_plain_member_line(edit) for edit in change.edits]


def _bare_collection(after: JsonValue) -> str:
    return value(after) if after else "managed, and empty"


def _irreversible_lines(change: Change) -> list[Text]:
    if not change.irreversible:
        return []
    why = why_irreversible(change)
    return indented(
        [line((f"cannot be undone: {why}" if why else "cannot be undone", Style.REFUSE))]
    )


def why_irreversible(change: Change) -> str:
    """Why an irreversible change can never be taken back, "" where that is not known."""
    row = FIELDS.get(change.field)
    return row.irreversible if row else ""


def _tags_lines(change: Change) -> list[Text]:
    """Tags; the two that say whose the pool is are one line of their own when they are added."""
    ours = tuple(edit for edit in change.edits if _is_ownership(edit))
    others = tuple(edit for edit in change.edits if not _is_ownership(edit))
    lines = [_ownership_line(change, ours)] if ours else []
    if others or not ours:
        lines = [*_collection_lines(change.model_copy(update={"edits": others})), *lines]
    return lines


def _is_ownership(edit: Edit) -> bool:
    return edit.op == "add" and member(edit).startswith(RESERVED_TAG_PREFIX)


def _ownership_line(change: Change, edits: tuple[Edit, ...]) -> Text:
    """Whose the pool becomes; on one that is there already, that is an adoption."""
    tags = ((member(edit), edit.after) for edit in edits)
    order = sorted(tags, key=lambda tag: (tag[0] != OWNER_TAG, tag[0]))
    shown = ", ".join(f"{name(key)}={value(tag)}" for key, tag in order)
    adopts = "" if change.before is None else " (adopts this pool)"
    return signed("+", f"ownership: {shown}{adopts}")


def _plain_member_line(edit: Edit) -> Text:
    """A member of a set or a map: ``+ arn``, ``~ key: old -> new``."""
    path = ".".join(name(str(step)) for step in edit.path)
    return signed(OP_SIGNS[edit.op], path, *_before_after(edit))


def _before_after(edit: Edit) -> list[str | Text]:
    if edit.op == "change":
        return [": ", old_to_new(value(edit.before), value(edit.after))]
    shown = edit.after if edit.op == "add" else edit.before
    return [] if shown is None else [f": {value(shown)}"]


def _masked(edit: Edit) -> Edit:
    """The edit with its secrets masked once more: masking twice is masking once."""
    shown, (before, after) = mask_entry(member(edit), edit.before, edit.after)
    return edit.model_copy(update={"path": (shown,), "before": before, "after": after})


def _login_provider_line(edit: Edit) -> Text:
    if not edit.secret:
        return _plain_member_line(edit)
    if edit.before == edit.after:
        shown = f"{name(member(edit))}: {value(edit.after)} (secret part changed)"
        return signed(OP_SIGNS[edit.op], shown)
    return line(_plain_member_line(edit), " (secret part changed, too)")


def _client_line(edit: Edit) -> Text:
    """A client; its ServerSideTokenCheck only where it is on or changes."""
    sign, client = OP_SIGNS[edit.op], name(member(edit))
    if edit.op == "change":
        before_after = old_to_new(value(edit.before), value(edit.after))
        return line(signed(sign, client), "  ServerSideTokenCheck: ", before_after)
    shown = edit.after if edit.op == "add" else edit.before
    is_checked = mapping(shown).get("ServerSideTokenCheck")
    return signed(sign, client, "  ServerSideTokenCheck: true" if is_checked else "")


_SIGNS: Mapping[DifferenceKind, Sign] = {
    "added": "+",
    "removed": "-",
    "changed": "~",
    "moved": "~",
}


def field_lines(field: str, differences: Iterable[Difference]) -> list[Text]:
    """A plain value in one line; a collection as its name with its members below."""
    differences = [
        _masked_difference(each) if field == LOGINS_FIELD else each for each in differences
    ]
    if len(differences) == 1 and not differences[0].path:
        only = differences[0]
        shown = scalar(field, only.spec), scalar(field, only.live)
        return [line(f"{escape(field)}: ", _said(only, *shown))]
    return [line(escape(field)), *indented(_difference_line(each) for each in differences)]


def _masked_difference(difference: Difference) -> Difference:
    """A login provider with its secrets masked once more: masking twice is masking once."""
    if not difference.path:
        return difference
    name, (spec, live) = mask_entry(str(difference.path[0]), difference.spec, difference.live)
    return difference.model_copy(update={"path": (name,), "spec": spec, "live": live})


def _difference_line(difference: Difference) -> Text:
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
    return line("specs say ", (text, Style.ADD)) if text else line("specs have it")


def _live(text: str) -> Text:
    return line("live has ", (text, Style.REMOVE)) if text else line("live has it")


def _shown(data: JsonValue) -> str:
    """The value in one line, "" for the members of sets."""
    return "" if data is None else value(data)
