"""Saved plans, read back.  What is in one is checked as far as a file can vouch for itself."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from pydantic import TypeAdapter

from reconciler.model.pool import POOL_FIELDS
from reconciler.model.saved_plan import SavedPlan, body_digest, contradiction
from reconciler.specs.documents import SAVED_PLAN
from reconciler.specs.files import not_among
from reconciler.specs.records import (
    MAX_PLAN_BYTES,
    MAX_POOLS,
    TooLargeRecord,
    UnusableRecord,
    parsed_record,
    record_text,
    require_recordable,
    wanted,
)
from reconciler.text.json import line_of

_SAVED_PLAN: Final = TypeAdapter(SavedPlan)
_ANY_VERSION: Final[TypeAdapter[dict[str, Any]]] = TypeAdapter(dict[str, Any])
_VERSION: Final = 2
_CHANGED: Final = "the file was changed or damaged since it was written"


def is_saved_plan(path: Path) -> bool:
    """Whether ``apply FILE.json`` means a saved plan; a spec can be JSON, too.

    What is neither, because it was cut or is not there, is a saved plan: to take it for a spec
    would be to apply something else than was asked for.
    """
    if path.suffix != ".json" or path.is_dir():
        return False
    if not path.is_file():
        return True
    try:
        with path.open("rb") as file:
            content = file.read(MAX_PLAN_BYTES)
    except OSError:
        return True
    return b'"SavedPlan"' in content or b'"apiVersion"' not in content


def load_saved_plan(path: Path) -> SavedPlan:
    """Read a saved plan.  Raises ``UnusableRecord``."""
    with wanted(SAVED_PLAN, path):
        return _load_saved_plan(path)


def require_readable(path: Path, saved: SavedPlan, text: str) -> None:
    """Raise ``TooLargeRecord`` for a plan whose text ``load_saved_plan`` would not take again."""
    if _too_many(saved):
        raise TooLargeRecord(path, f"it holds more than {MAX_POOLS} pools")
    require_recordable(path, text)


def _too_many(saved: SavedPlan) -> bool:
    return len(list(saved.whole.pools)) > MAX_POOLS


def _load_saved_plan(path: Path) -> SavedPlan:
    text = record_text(path)
    data = parsed_record(path, text, _ANY_VERSION)
    _require_known_version(path, text, data.get("schemaVersion"))
    found = body_digest(data)
    del data  # it is as large as the plan that is made now
    saved = parsed_record(path, text, _SAVED_PLAN)
    if found != saved.digest:
        raise UnusableRecord(path, line_of(text, ("digest",)), f"digest: {_CHANGED}")
    wrong = contradiction(saved)
    if wrong:
        raise UnusableRecord(path, line_of(text, (wrong,)), f"{wrong}: {_CHANGED}")
    _require_sane(path, text, saved)
    return saved


def require_covered(path: Path, saved: SavedPlan, folder: Path, specs: Sequence[str]) -> None:
    """Raise ``UnusableRecord`` where a plan names what the project's ``specs`` do not cover.

    Whoever writes a plan must not say what is opened here: an example, a draft, another's spec.
    ``folder`` is where the plan's paths start.
    """
    places = {folder / named: number for number, named in enumerate(saved.origin.spec_paths)}
    for place in not_among(places, specs):
        number = places[place]
        raise UnusableRecord(
            path,
            line_of(record_text(path), ("origin", "specPaths", number)),
            f"origin.specPaths[{number}]: the project's specs: do not cover it",
            hint="add it to specs: in the project file, or make a plan of the specs there",
        )


def _require_known_version(path: Path, text: str, version: object) -> None:
    """Say it before anything else: a file of another version has other fields, too."""
    if type(version) is int and version != _VERSION:
        line = line_of(text, ("schemaVersion",))
        reason = f"schemaVersion {version} is not known here; this idpool reads {_VERSION}"
        raise UnusableRecord(path, line, reason)


def _require_sane(path: Path, text: str, saved: SavedPlan) -> None:
    """What fits together and still is nothing that idpool writes."""
    for number, named in enumerate(saved.origin.spec_paths):
        steps = PurePosixPath(named)
        if steps.is_absolute() or ".." in steps.parts or "\0" in named:
            line = line_of(text, ("origin", "specPaths", number))
            reason = f"origin.specPaths[{number}]: leads out of the project's folder"
            raise UnusableRecord(path, line, reason)
    if _too_many(saved):
        raise UnusableRecord(path, 1, f"it holds more than {MAX_POOLS} pools")
    if any(not set(pool.ignored.fields) <= set(POOL_FIELDS) for pool in saved.plan.pools):
        raise UnusableRecord(path, line_of(text, ("plan",)), "ignored.fields: no such field")
