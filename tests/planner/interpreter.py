"""Reads edits back: ``before`` and the edits of a field must give ``after``.

Written from the contract of Edit, not from the planner's code.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from reconciler.model.changes import Change, Edit

NO_TAGS = {"UseDefaults": False, "PrincipalTags": {}}


def applied(change: Change) -> Any:
    """What the field is after every edit was carried out on ``change.before``."""
    steps: Callable[[Any, Any], Any] = _FIELDS.get(change.field, _scalar)
    return steps(change.before, change.edits)


def _scalar(_before: Any, edits: Sequence[Edit]) -> Any:
    (edit,) = edits
    assert (edit.op, edit.path) == ("change", ())
    return edit.after


def _set(before: list[str], edits: Iterable[Edit]) -> list[str]:
    members = set(before)
    for edit in edits:
        (member,) = edit.path
        assert (member in members) == (edit.op == "remove")
        members ^= {str(member)}
    return sorted(members)


def _clients(before: list[dict[str, Any]], edits: Iterable[Edit]) -> list[dict[str, Any]]:
    checks = {_key(c): {"ServerSideTokenCheck": c["ServerSideTokenCheck"]} for c in before}
    after = _tree(checks, edits)
    return [
        dict(zip(("ProviderName", "ClientId"), key.rsplit(":", 1), strict=True)) | after[key]
        for key in sorted(after)
    ]


def _key(client: dict[str, Any]) -> str:
    return f"{client['ProviderName']}:{client['ClientId']}"


def _tree(before: dict[str, Any] | None, edits: Iterable[Edit]) -> dict[str, Any]:
    """Maps in maps."""
    tree = _copy(before or {})
    for edit in edits:
        *way, last = edit.path
        place = tree
        for step in way:
            place = place[step]
        if edit.op == "remove":
            assert place.pop(last) == edit.before
        elif edit.op == "add":
            assert last not in place
            place[last] = edit.after
        else:
            assert place[last] == edit.before
            place[last] = edit.after
    return tree


def _copy(value: Any) -> Any:
    return {key: _copy(v) for key, v in value.items()} if isinstance(value, dict) else value


def _principal_tags(before: dict[str, Any] | None, edits: Sequence[Edit]) -> dict[str, Any]:
    providers = {*(before or {}), *(str(edit.path[0]) for edit in edits)}
    after = _tree({p: (before or {}).get(p, NO_TAGS) for p in providers}, edits)
    return {provider: tags for provider, tags in after.items() if tags != NO_TAGS}


def _role_mappings(before: dict[str, Any] | None, edits: Sequence[Edit]) -> dict[str, Any]:
    of_rules = [edit for edit in edits if edit.path[1:2] == ("Rules",)]
    after = _tree(before, [edit for edit in edits if edit not in of_rules])
    for provider in {str(edit.path[0]) for edit in of_rules}:
        below = [edit for edit in of_rules if edit.path[0] == provider]
        after[provider]["Rules"] = rules_after(after[provider]["Rules"], below)
    return after


def rules_after(before: list[dict[str, str]], edits: Sequence[Edit]) -> list[dict[str, str]]:
    """Take removed and moved rules out, put added and moved ones in; the others keep their order.

    What is left is edited under its new number.
    """
    gone: set[Any] = {edit.path[2] for edit in edits if edit.op == "remove"}
    gone |= {edit.before for edit in edits if edit.op == "move"}
    new: dict[str | int, Any] = {edit.path[2]: edit.after for edit in edits if edit.op == "add"}
    for edit in edits:
        if edit.op == "move":
            assert isinstance(edit.before, int)
            assert edit.path[2] == edit.after
            new[edit.path[2]] = before[edit.before - 1]
        if edit.op == "remove":
            assert before[int(edit.path[2]) - 1] == edit.before
    staying = iter([rule for number, rule in enumerate(before, 1) if number not in gone])
    length = len(before) - len(gone) + len(new)
    after: list[Any] = [new.get(n) or dict(next(staying)) for n in range(1, length + 1)]
    for edit in edits:
        if edit.op == "change":
            part = edit.path[3]
            assert after[int(edit.path[2]) - 1][part] == edit.before
            after[int(edit.path[2]) - 1][part] = edit.after
    return after


_FIELDS: Mapping[str, Callable[[Any, Any], Any]] = {
    "SupportedLoginProviders": _tree,
    "OpenIdConnectProviderARNs": _set,
    "SamlProviderARNs": _set,
    "CognitoIdentityProviders": _clients,
    "IdentityPoolTags": _tree,
    "Roles": _tree,
    "RoleMappings": _role_mappings,
    "PrincipalTagAttributeMaps": _principal_tags,
}
