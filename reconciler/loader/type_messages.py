"""A value of the wrong type: what it is, what it should be, and how to write that."""

from typing import Final

from reconciler.loader.formats import Said
from reconciler.loader.positions import Document
from reconciler.loader.problems import PROVIDER, FieldPath, clean, may_hold_secret, quoted, shown
from reconciler.model.json_value import JsonValue
from reconciler.model.secrets import TWITTER

_WANTED: Final = {
    "string": "a string",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
# Present, even empty, these are managed; left out they are not.
_MANAGED: Final = frozenset({"Roles", "RoleMappings", "PrincipalTagAttributeMaps"})
_TRUTHS: Final = {"true": "true", "yes": "true", "on": "true", "1": "true", "y": "true"}
_FALSEHOODS: Final = {"false": "false", "no": "false", "off": "false", "0": "false", "n": "false"}
_BOOLEANS: Final = _TRUTHS | _FALSEHOODS


def type_problem(
    document: Document, path: FieldPath, value: JsonValue, types: tuple[str, ...]
) -> Said:
    """Say that the value at a path is not of one of these JSON types."""
    wanted = " or ".join(_WANTED[one] for one in types)
    raw = "" if _may_be_secret(path, value) else clean(document.raw(path))
    if value is None:
        written = f" ({raw} is YAML for no value)" if raw else ""
        return Said(f"has no value; it takes {wanted}{written}", _empty_fix(path, types))
    if isinstance(value, str):
        message = f"is {_string(path, raw)}, not {wanted}"
        return Said(message, _string_fix(path, raw, types))
    if isinstance(value, list):
        return Said(f"is a list, not {wanted}", _list_fix(path, types))
    if isinstance(value, dict):
        fix = 'put "- " before each item' if "array" in types else f"write {wanted}"
        return Said(f"is a mapping, not {wanted}", fix)
    kind = "boolean" if isinstance(value, bool) else "number"
    told = f"the {kind} {raw}" if raw else f"a {kind}"
    return Said(f"is {told}, not {wanted}", _scalar_fix(raw, types))


def _may_be_secret(path: FieldPath, value: JsonValue) -> bool:
    """An app id is a number that people forget to quote, and no secret but Twitter's."""
    if value is None or isinstance(value, bool) or not may_hold_secret(path):
        return False
    name = str(path[-1])
    return TWITTER in name.casefold() or not PROVIDER.fullmatch(name)


def _string(path: FieldPath, raw: str) -> str:
    text = shown(path, raw)
    return f"the string {text}" if text.startswith('"') else "a string"


def _empty_fix(path: FieldPath, types: tuple[str, ...]) -> str:
    field = path[-1] if path else ""
    if field in _MANAGED:
        return 'write {} for "managed, and empty", or remove the line for "not managed"'
    if types[0] in ("array", "object"):
        empty = "[]" if types[0] == "array" else "{}"
        return f"write {empty}, a value, or remove the line"
    return "write a value or remove the line"


def _string_fix(path: FieldPath, raw: str, types: tuple[str, ...]) -> str:
    if "boolean" in types:
        word = _BOOLEANS.get(raw.strip().lower())
        return f"write {word}, without quotes" if word else "write true or false"
    if "array" in types:
        return f"write it as a list: [{shown(path, raw)}]" if _brief(path) else 'put "- " before it'
    return "write it as KEY: VALUE lines, indented; a space follows the colon"


def _brief(path: FieldPath) -> bool:
    return shown(path, "x").startswith('"')


def _list_fix(path: FieldPath, types: tuple[str, ...]) -> str:
    if "object" in types:
        if path and path[-1] == "IdentityPoolTags":
            return "write tags as KEY: VALUE lines, not as a list of Key and Value"
        return 'write KEY: VALUE lines without "- "'
    return 'write one value, without "- " or brackets'


def _scalar_fix(raw: str, types: tuple[str, ...]) -> str:
    if "string" in types:
        return f"quote it: {quoted(raw)}" if raw else "quote it"
    if "boolean" in types:
        return f"write {_BOOLEANS.get(raw, 'true or false')}"
    return "write " + " or ".join(_WANTED[one] for one in types)
