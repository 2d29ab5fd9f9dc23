"""One field as lines: a change of it that a plan makes, or how live differs from the specs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from reconciler.model.base import JsonValue
from reconciler.model.changes import Change, Edit, EditOp, origin_text
from reconciler.model.drift import Difference, DifferenceKind
from reconciler.model.pool import FIELDS, kind_of
from reconciler.model.pool_fields import DEFAULT_PRINCIPAL_TAGS, LOGINS_FIELD, TAGS_FIELD, FieldKind
from reconciler.model.project import OWNER_TAG, RESERVED_TAG_PREFIX
from reconciler.model.secrets import mask_entry
from reconciler.reports.escape import escape, name, quoted, value
from reconciler.reports.lines import (
    Sign,
    Style,
    Text,
    columns,
    dim,
    indented,
    line,
    old_to_new,
    signed,
)

_SCALARS = frozenset({FieldKind.TEXT, FieldKind.FLAG, FieldKind.CLASSIC_FLOW})
_CLOSES = (
    "clients that use GetOpenIdToken are refused from then on; write AllowClassicFlow: true to "
    "keep them"
)
_OP_SIGNS: Mapping[EditOp, Sign] = {"add": "+", "remove": "-", "change": "~", "move": "~"}


def change_lines(change: Change) -> list[Text]:
    """The change as lines: a scalar in one, a collection as its name with members below.

    ``before`` is ``None`` where there was no pool: then there is no old value to show.
    """
    # A new pool has nobody to refuse: that it is closed is no change.
    closes = kind_of(change.field) is FieldKind.CLASSIC_FLOW and change.after is False
    consequences = [Text(_CLOSES, Style.REFUSE)] if closes else []
    if change.irreversible:
        why = why_irreversible(change)
        told = f"cannot be undone: {why}" if why else "cannot be undone"
        consequences.append(Text(told, Style.REFUSE))
    if kind_of(change.field) not in _SCALARS:
        lines = (_tags_lines if change.field == TAGS_FIELD else _collection_lines)(change)
    elif change.before is None and not closes:
        shown = f"{change.field}: {value(change.after)}"
        lines = [signed("+", shown, _origin(change))]
    else:
        lines = [_scalar_line(change)]
    return [*lines, *indented(consequences)]


def changes_lines(changes: Iterable[Change], **as_if: JsonValue) -> list[Text]:
    """The changes as lines, as if some of their fields were others."""
    return [text for change in changes for text in change_lines(change.model_copy(update=as_if))]


def why_irreversible(change: Change) -> str:
    """Why an irreversible change can never be taken back, "" where that is not known."""
    row = FIELDS.get(change.field)
    return row.irreversible if row else ""


def _scalar_line(change: Change) -> Text:
    before, after = _scalar(change.field, change.before), _scalar(change.field, change.after)
    return signed("~", f"{change.field}: ", old_to_new(before, after), _origin(change))


def _origin(change: Change, *path: str | int) -> Text:
    """``  <- role.shop``: where what is wanted at a path of the field comes from."""
    found = origin_text(change.origins, (change.field, *path))
    return dim(f"  <- {escape(found)}") if found else Text("")


def _scalar(field: str, told: JsonValue) -> str:
    """The value of a field of one value, in words where none is one, too."""
    is_unset = told is None and kind_of(field) is FieldKind.CLASSIC_FLOW
    return "unset (classic flow allowed)" if is_unset else value(told)


def _collection_lines(change: Change) -> list[Text]:
    header = escape(change.field)
    if not change.edits:
        bare = value(change.after) if change.after else "managed, and empty"
        return [signed("~", f"{header}: {bare}")]
    sign = _sign_of(bool(change.before), bool(change.after))
    return [signed(sign, header), *indented(_member_lines(change))]


def _member_lines(change: Change) -> list[Text]:
    match kind_of(change.field):
        case FieldKind.ROLE_MAPPINGS:
            return _provider_lines(change, _role_mapping_lines)
        case FieldKind.PRINCIPAL_TAGS:
            return _provider_lines(change, _principal_tag_lines)
        case FieldKind.LOGINS:
            line_of = _login_provider_line
        case FieldKind.CLIENTS:
            line_of = _client_line
        case _:
            line_of = _plain_member_line
    return [line(line_of(edit), _origin_of(change, edit)) for edit in change.edits]


def _origin_of(change: Change, edit: Edit) -> Text:
    """What goes away has none."""
    return Text("") if edit.op == "remove" else _origin(change, *edit.path)


def _sign_of(before: bool, after: bool) -> Sign:
    """Whether a field, or a member of it, comes, goes, or changes."""
    if before == after:
        return "~"
    return "+" if after else "-"


def _tags_lines(change: Change) -> list[Text]:
    """Tags; the two that say whose the pool is are one line of their own when they are added."""
    ours = tuple(edit for edit in change.edits if _is_ownership(edit))
    others = tuple(edit for edit in change.edits if not _is_ownership(edit))
    lines = [_ownership_line(change, ours)] if ours else []
    if others or not ours:
        lines = [*_collection_lines(change.model_copy(update={"edits": others})), *lines]
    return lines


def _is_ownership(edit: Edit) -> bool:
    return edit.op == "add" and _member(edit).startswith(RESERVED_TAG_PREFIX)


def _ownership_line(change: Change, edits: tuple[Edit, ...]) -> Text:
    """Whose the pool becomes; on one that is there already, that is an adoption."""
    tags = ((_member(edit), edit.after) for edit in edits)
    order = sorted(tags, key=lambda tag: (tag[0] != OWNER_TAG, tag[0]))
    shown = ", ".join(f"{name(key)}={value(tag)}" for key, tag in order)
    adopts = "" if change.before is None else " (adopts this pool)"
    return signed("+", f"ownership: {shown}{adopts}")


def _member(edit: Edit) -> str:
    """The member of the field that an edit is about, as it came."""
    return str(edit.path[0]) if edit.path else ""


def _steps(path: Iterable[str | int]) -> str:
    return ".".join(name(str(step)) for step in path)


def _added_or_removed(edit: Edit) -> JsonValue:
    return edit.after if edit.op == "add" else edit.before


def _plain_member_line(edit: Edit) -> Text:
    """A member of a set or a map: ``+ arn``, ``~ key: old -> new``."""
    sign, path = _OP_SIGNS[edit.op], _steps(edit.path)
    if edit.op == "change":
        return signed(sign, f"{path}: ", old_to_new(value(edit.before), value(edit.after)))
    shown = _added_or_removed(edit)
    return signed(sign, path if shown is None else f"{path}: {value(shown)}")


def _login_provider_line(edit: Edit) -> Text:
    """A login provider with its secrets masked once more: masking twice is masking once."""
    provider, (before, after) = mask_entry(_member(edit), edit.before, edit.after)
    if edit.secret and before == after:
        shown = f"{name(provider)}: {value(after)} (secret part changed)"
        return signed(_OP_SIGNS[edit.op], shown)
    masked = {"path": (provider,), "before": before, "after": after}
    text = _plain_member_line(edit.model_copy(update=masked))
    return line(text, " (secret part changed, too)") if edit.secret else text


def _client_line(edit: Edit) -> Text:
    """A client; its ServerSideTokenCheck only where it is on or changes."""
    sign, client = _OP_SIGNS[edit.op], name(_member(edit))
    if edit.op == "change":
        before_after = old_to_new(value(edit.before), value(edit.after))
        return signed(sign, f"{client}  ServerSideTokenCheck: ", before_after)
    is_checked = _mapping(_added_or_removed(edit)).get("ServerSideTokenCheck")
    return signed(sign, client, "  ServerSideTokenCheck: true" if is_checked else "")


def _mapping(data: JsonValue) -> Mapping[str, JsonValue]:
    """The value if it is a map, else an empty one: anybody may have edited the plan."""
    return data if isinstance(data, dict) else {}


def _sequence(data: JsonValue) -> Sequence[JsonValue]:
    return data if isinstance(data, list) else ()


_LinesOf = Callable[[Change, str, Sign, Sequence[Edit]], list[Text]]


def _provider_lines(change: Change, lines_of: _LinesOf) -> list[Text]:
    """A header for each provider, in the order of their names, and below it what changes there."""
    lines: list[Text] = []
    for provider, edits in groupby(sorted(change.edits, key=_member), key=_member):
        sign = _sign_of(provider in _mapping(change.before), provider in _mapping(change.after))
        lines += lines_of(change, provider, sign, list(edits))
    return lines


_RULE_DEPTH = 3  # (provider, "Rules", N)


@dataclass(frozen=True)
class _RuleRow:
    """One rule as it is shown: where it stands, what it says, and what it said before."""

    sign: Sign
    number: str
    rule: Mapping[str, JsonValue]
    was: dict[str, JsonValue] = field(default_factory=dict)


def _role_mapping_lines(
    change: Change, provider: str, sign: Sign, edits: Sequence[Edit]
) -> list[Text]:
    whole = next((edit for edit in edits if len(edit.path) == 1), None)
    settings = [edit for edit in edits if 1 < len(edit.path) < _RULE_DEPTH]
    rules = [edit for edit in edits if len(edit.path) >= _RULE_DEPTH]
    after = _sequence(_mapping(_mapping(change.after).get(provider)).get("Rules"))
    head = _whole_mapping(change, whole) if whole else [signed(sign, name(provider))]
    rows = _rows(rules, after)
    inner = [*map(_setting_line, settings), *_rule_lines(change, provider, rows)]
    return [*head, *indented(inner)]


def _whole_mapping(change: Change, edit: Edit) -> list[Text]:
    """A mapping that comes or goes at once."""
    sign, shown = _OP_SIGNS[edit.op], _mapping(_added_or_removed(edit))
    keys = [key for key in ("Type", "AmbiguousRoleResolution") if shown.get(key)]
    settings = "".join(f"  {key}: {value(shown[key])}" for key in keys)
    rules = [
        _RuleRow(sign, f"{number}.", _mapping(rule))
        for number, rule in enumerate(_sequence(shown.get("Rules")), start=1)
    ]
    provider = _member(edit)
    head = signed(sign, f"{name(provider)}{settings}", _origin_of(change, edit))
    return [head, *indented(_rule_lines(change, provider, rules))]


def _setting_line(edit: Edit) -> Text:
    before_after = old_to_new(value(edit.before), value(edit.after))
    return signed("~", f"{escape(str(edit.path[1]))}: ", before_after)


def _rows(edits: Iterable[Edit], after: Iterable[JsonValue]) -> list[_RuleRow]:
    """A row for each rule added or removed; moves and changed parts of one rule share its row."""
    final = dict(enumerate(after, start=1))
    rows: dict[tuple[Sign, str | int], _RuleRow] = {}
    for edit in edits:
        number, sign = edit.path[2], _OP_SIGNS[edit.op]
        if edit.op in ("add", "remove"):
            rows[sign, number] = _RuleRow(sign, f"{number}.", _mapping(_added_or_removed(edit)))
            continue
        known = rows.get((sign, number))
        row = known or _RuleRow(sign, f"{number}.", _mapping(final.get(int(number))))
        rows[sign, number] = _with_edit(row, edit)
    return list(rows.values())


def _with_edit(row: _RuleRow, edit: Edit) -> _RuleRow:
    if edit.op == "move":
        return replace(row, number=f"{value(edit.before)} -> {value(edit.after)}.")
    part = str(edit.path[-1])
    return replace(row, rule={**row.rule, part: edit.after}, was={**row.was, part: edit.before})


def _rule_lines(change: Change, provider: str, rows: Sequence[_RuleRow]) -> list[Text]:
    table = columns([_cells(row) for row in rows], right=frozenset({0}))
    return [
        signed(row.sign, text, _rule_origin(change, provider, row))
        for row, text in zip(rows, table, strict=True)
    ]


def _rule_origin(change: Change, provider: str, row: _RuleRow) -> Text:
    """Of a rule's role; what a rule compares with is text of the spec nearly always."""
    number = row.number.rpartition(" ")[2].rstrip(".")
    if row.sign == "-" or not number.isdecimal():
        return Text("")
    return _origin(change, provider, "Rules", int(number), "RoleARN")


def _cells(row: _RuleRow) -> list[Text]:
    """``2. | department | Equals | "sales" | => role``; a changed cell as ``old -> new``."""
    return [
        Text(row.number),
        _cell(row, "Claim", name),
        _cell(row, "MatchType", name),
        _cell(row, "Value", quoted),
        line("=> ", _cell(row, "RoleARN", name)),
    ]


def _cell(row: _RuleRow, part: str, shown: Callable[[str], str]) -> Text:
    after = shown(str(row.rule.get(part, "")))
    return old_to_new(shown(str(row.was[part])), after) if part in row.was else Text(after)


_DEFAULTS = ", ".join(f"{tag} <- {claim}" for tag, claim in sorted(DEFAULT_PRINCIPAL_TAGS.items()))


def _principal_tag_lines(
    _change: Change, provider: str, sign: Sign, edits: Sequence[Edit]
) -> list[Text]:
    flags = [_flag_line(sign, edit) for edit in edits if not _is_tag(edit)]
    tags = [edit for edit in edits if _is_tag(edit)]
    table = columns([(Text(name(str(e.path[-1]))), Text(f"<- {_claim(e)}")) for e in tags])
    shown = [signed(_OP_SIGNS[e.op], text) for e, text in zip(tags, table, strict=True)]
    return [signed(sign, name(provider)), *indented([*flags, *shown])]


def _is_tag(edit: Edit) -> bool:
    return "PrincipalTags" in edit.path[1:2]


def _flag_line(sign: Sign, edit: Edit) -> Text:
    """``UseDefaults``, with what it stands for where it is switched on."""
    if sign == "~":
        shown = old_to_new(value(edit.before), value(edit.after))
    else:
        shown = Text(value(edit.after if sign == "+" else edit.before))
    stands_for = f" ({_DEFAULTS})" if edit.after is True else ""
    return signed(sign, f"{_steps(edit.path[1:])}: ", shown, (stands_for, Style.DIM))


def _claim(edit: Edit) -> str:
    """The claim that counts, and which one it was before."""
    if edit.op in ("add", "remove"):
        return value(_added_or_removed(edit))
    return f"{value(edit.after)} (was {value(edit.before)})"


_SIGNS: Mapping[DifferenceKind, Sign] = {"added": "+", "removed": "-", "changed": "~", "moved": "~"}


def field_lines(field: str, differences: Iterable[Difference]) -> list[Text]:
    """A plain value in one line; a collection as its name with its members below."""
    shown = [_masked(each) if field == LOGINS_FIELD else each for each in differences]
    if len(shown) == 1 and not shown[0].path:
        spec, live = _scalar(field, shown[0].spec), _scalar(field, shown[0].live)
        return [line(f"{escape(field)}: ", _said(shown[0], spec, live))]
    return [line(escape(field)), *indented(map(_difference_line, shown))]


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
    path = _steps(difference.path)
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
