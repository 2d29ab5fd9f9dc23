"""What a file is that stands in the place of another: which kind, and which command takes it."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple


class FileKind(NamedTuple):
    """A kind of file that idpool reads or writes.  ``way``: what to do with it."""

    what: str
    way: str


SPEC: Final = FileKind(
    "a spec", "specs are for idpool validate, plan, apply and drift; save a plan with plan --out"
)
PROJECT: Final = FileKind("a project file", "name it with --project, or call it idpool.yaml")
SAVED_PLAN: Final = FileKind("a saved plan", "show it with idpool show, or apply it: idpool apply")
RECEIPT: Final = FileKind("a receipt", "take its run back with idpool rollback")
JOURNAL: Final = FileKind("a journal", "go on with its run with idpool apply --resume")
_PLAN: Final = FileKind(
    "a plan as --format json prints it",
    "save one with idpool plan --out FILE, which can be applied",
)
_DRIFT: Final = FileKind("drift as --format json prints it", "no command reads it back")
_STATE: Final = FileKind("what drift has remembered", "it is for idpool drift --state")
_MARKER: Final = FileKind("the marker of a plan that was applied", "name the plan beside it")

# First match wins: what has more fields stands before what has fewer of the same.
_BY_KEYS: Final[tuple[tuple[Collection[str], FileKind], ...]] = (
    (("planDigest", "origin", "plan"), SAVED_PLAN),
    (("entry", "at"), JOURNAL),
    (("planDigest", "pools"), RECEIPT),
    (("savedPlan", "consumedAt"), _MARKER),
    (("clean", "told"), _STATE),
    (("isClean", "targets"), _DRIFT),
    (("owner", "targets", "schemaVersion"), _PLAN),
)
_YAML_HEAD: Final = 4096
_YAML_KIND: Final = re.compile(r"^kind:\s*[\"']?(IdentityPool|Project)\b", re.MULTILINE)


def kind_of(data: Mapping[str, object]) -> FileKind | None:
    """The kind of a document by its keys; ``None`` for what is none of ours."""
    match data.get("kind"):
        case "IdentityPool":
            return SPEC
        case "Project":
            return PROJECT
        case "SavedPlan":
            return SAVED_PLAN
    return next((kind for keys, kind in _BY_KEYS if all(key in data for key in keys)), None)


def kind_of_text(text: str) -> FileKind | None:
    """The kind of a file by its text: JSON, lines of JSON, or YAML."""
    for part in (text, text.partition("\n")[0]):
        try:
            data = json.loads(part)
        except (ValueError, RecursionError):
            continue
        if isinstance(data, dict):
            return kind_of(data)
    found = _YAML_KIND.search(text[:_YAML_HEAD])
    return {"IdentityPool": SPEC, "Project": PROJECT}[found[1]] if found else None
