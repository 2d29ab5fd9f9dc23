"""Changes of RoleMappings and PrincipalTagAttributeMaps, provider by provider, as lines."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from reconciler.model.base import JsonValue
from reconciler.model.changes import Change, Edit, EditOp
from reconciler.model.pool_values import DEFAULT_PRINCIPAL_TAGS
from reconciler.reports.escape import escape, name, quoted, value
from reconciler.reports.lines import Sign, Text, columns, dim, indented, line, old_to_new, signed

OP_SIGNS: Mapping[EditOp, Sign] = {"add": "+", "remove": "-", "change": "~", "move": "~"}


def mapping(data: JsonValue) -> Mapping[str, JsonValue]:
    """The value if it is a map, else an empty one."""
    return data if isinstance(data, dict) else {}


def sequence(data: JsonValue) -> Sequence[JsonValue]:
    """The value if it is a list, else an empty one."""
    return data if isinstance(data, list) else ()


def member(edit: Edit) -> str:
    """The member of the field that an edit is about, as it came."""
    return str(edit.path[0]) if edit.path else ""


def by_member(edits: Iterable[Edit]) -> list[tuple[str, list[Edit]]]:
    """The edits of each member together, members in the order of their names."""
    ordered = sorted(edits, key=member)
    return [(key, list(group)) for key, group in groupby(ordered, key=member)]


def field_sign(change: Change) -> Sign:
    """Whether a field comes, goes, or changes."""
    return _sign_of(bool(change.before), bool(change.after))


def member_sign(change: Change, key: str) -> Sign:
    """Whether a member of a map comes, goes, or changes."""
    return _sign_of(key in mapping(change.before), key in mapping(change.after))


def _sign_of(before: bool, after: bool) -> Sign:
    if before == after:
        return "~"
    return "+" if after else "-"


_NUMBER_COLUMN = frozenset({0})
_RULE_DEPTH = 3  # (provider, "Rules", N)


@dataclass(frozen=True)
class _RuleRow:
    """One rule as it is shown: where it stands, what it says, and what it said before."""

    sign: Sign
    number: str
    rule: Mapping[str, JsonValue]
    was: dict[str, JsonValue] = field(default_factory=dict)


def role_mapping_lines(change: Change) -> list[Text]:
    """A header for each provider, and below it what changes there."""
    lines = []
    for provider, edits in by_member(change.edits):
        whole = next((edit for edit in edits if len(edit.path) == 1), None)
        sign = member_sign(change, provider)
        lines += _whole_mapping(whole) if whole else [signed(sign, name(provider))]
        lines += indented(_inner_lines(change, provider, edits))
    return lines


def _whole_mapping(edit: Edit) -> list[Text]:
    """A mapping that comes or goes at once."""
    before_after = edit.before if edit.op == "remove" else edit.after
    shown = mapping(before_after)
    sign = OP_SIGNS[edit.op]
    settings = "".join(f"  {key}: {value(shown[key])}" for key in _settings_of(shown))
    rules = [
        _RuleRow(sign, f"{number}.", mapping(rule))
        for number, rule in enumerate(sequence(shown.get("Rules")), start=1)
    ]
    header = signed(sign, f"{name(str(edit.path[0]))}{settings}")
    return [header, *indented(_rule_lines(rules))]


def _settings_of(shown: Mapping[str, JsonValue]) -> list[str]:
    return [key for key in ("Type", "AmbiguousRoleResolution") if shown.get(key)]


def _inner_lines(change: Change, provider: str, edits: Iterable[Edit]) -> list[Text]:
    inner = [edit for edit in edits if len(edit.path) > 1]
    settings = [edit for edit in inner if len(edit.path) < _RULE_DEPTH]
    rules = [edit for edit in inner if len(edit.path) >= _RULE_DEPTH]
    after = sequence(mapping(mapping(change.after).get(provider)).get("Rules"))
    return [*map(_setting_line, settings), *_rule_lines(_rows(rules, after))]


def _setting_line(edit: Edit) -> Text:
    before_after = old_to_new(value(edit.before), value(edit.after))
    return signed("~", f"{escape(str(edit.path[1]))}: ", before_after)


def _rows(edits: Iterable[Edit], after: Iterable[JsonValue]) -> list[_RuleRow]:
    """A row for each rule added or removed; moves and changed parts of one rule share its row."""
    final = dict(enumerate(after, start=1))
    rows: dict[tuple[Sign, str | int], _RuleRow] = {}
    for edit in edits:
        number, sign = edit.path[2], OP_SIGNS[edit.op]
        if edit.op in ("add", "remove"):
            rule = mapping(edit.after if edit.op == "add" else edit.before)
            rows[sign, number] = _RuleRow(sign, f"{number}.", rule)
            continue
        known = rows.get((sign, number))
        row = known or _RuleRow(sign, f"{number}.", mapping(final.get(int(number))))
        rows[sign, number] = _with_edit(row, edit)
    return list(rows.values())


def _with_edit(row: _RuleRow, edit: Edit) -> _RuleRow:
    if edit.op == "move":
        return _RuleRow(
            row.sign, f"{value(edit.before)} -> {value(edit.after)}.", row.rule, row.was
        )
    part = str(edit.path[-1])
    return _RuleRow(
        row.sign, row.number, {**row.rule, part: edit.after}, {**row.was, part: edit.before}
    )


def _rule_lines(rows: list[_RuleRow]) -> list[Text]:
    if not rows:
        return []
    table = columns([_cells(row) for row in rows], right=_NUMBER_COLUMN)
    return [signed(row.sign, text) for row, text in zip(rows, table, strict=True)]


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
