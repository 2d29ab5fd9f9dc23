"""Pools of one name in several targets as one spec, with references and ``perTarget``."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.model.base import API_VERSION, POOL_KIND, JsonValue
from reconciler.model.pool import FIELDS
from reconciler.model.pool_fields import LOGINS_FIELD, PRINCIPAL_TAGS_FIELD
from reconciler.model.project import Project, Target
from reconciler.model.spec import Spec
from reconciler.specs.references import ARN_SCHEMES, Surroundings, Unread, Unresolved, resolved
from reconciler.text.emission import Path
from reconciler.text.references import BadReference, escaped, literal, parse, replaced
from reconciler.text.tree import Strange
from reconciler.writeback.edits import GONE, Wanted
from reconciler.writeback.files import meanings_of
from reconciler.writeback.imported import Imported
from reconciler.writeback.layered import MAPS
from reconciler.writeback.spec_text import tidy_value, written_text

_FILE: Final = "folded.yaml"
# Their keys may be references.
_KEYED: Final = frozenset({"RoleMappings", PRINCIPAL_TAGS_FIELD, LOGINS_FIELD})
_ARN: Final = re.compile(rf"arn:[a-z-]+:iam::[0-9]{{12}}:({'|'.join(ARN_SCHEMES)})/(.+)", re.DOTALL)


class CannotFold(Exception):
    """Pools that get a spec each; ``str()`` is a sentence."""


@dataclass(frozen=True, slots=True)
class Folding:
    """One target's pool, and the spec that it would get alone."""

    target: Target
    pool_id: str
    alone: Imported


@dataclass(slots=True)
class _Folded:
    """``spec`` and ``perTarget`` while they are made; ``differing``: fields that are not alike."""

    spec: dict[str, Any] = field(default_factory=dict)
    per_target: dict[str, dict[str, Any]] = field(default_factory=dict)
    differing: set[str] = field(default_factory=set)


def folded(name: str, parts: Sequence[Folding], project: Project, *, schema: str = "") -> Imported:
    """One spec that means in each target what the pool's own would.

    Raises CannotFold where that cannot be, or where most fields would differ.
    """
    lifecycles = [part.alone.document.lifecycle for part in parts]
    if any(each != lifecycles[0] for each in lifecycles):
        raise CannotFold("not the same fields can be managed in all of them")
    blocks: dict[str, Any] = {
        part.target.name: tidy_value(part.alone.document)["spec"] for part in parts
    }
    made = _united(blocks, _Words(parts, project))
    fields = {each for block in blocks.values() for each in block}
    alike = len(fields) - len(made.differing)
    if alike * 2 < len(fields):
        raise CannotFold(f"{alike} of {len(fields)} fields are alike, which is less than half")
    text = _text(name, parts, made, project, schema)
    _verify(text, parts, project)
    secrets = dict.fromkeys(each for part in parts for each in part.alone.secrets)
    taken_away = dict.fromkeys(each for part in parts for each in part.alone.taken_away)
    first = parts[0].alone
    return Imported(text, first.document, first.left_out, tuple(secrets), tuple(taken_away))


class _Words:
    """Texts as references say them, in each target."""

    def __init__(self, parts: Iterable[Folding], project: Project) -> None:
        self._here = {
            part.target.name: (part.target, Surroundings.of(part.target, project)) for part in parts
        }

    def of(self, value: JsonValue, target: str) -> Any:
        """Plain data with references for what holds the account or the region of a target."""
        if isinstance(value, str):
            return self._text(value, target)
        if isinstance(value, list):
            return [self.of(each, target) for each in value]
        if isinstance(value, dict):
            return {escaped(key): self.of(each, target) for key, each in value.items()}
        return value

    def _text(self, text: str, name: str) -> str:
        target, here = self._here[name]
        words = escaped(text)
        if found := _ARN.fullmatch(text):
            words = f"${{{ARN_SCHEMES[found[1]]}.{found[2]}}}"
        else:
            for said, scheme in ((target.account, "account"), (target.region, "region")):
                if said:
                    words = words.replace(said, f"${{target.{scheme}}}")
        try:
            means = replaced(parse(words), lambda reference: resolved(reference, here))
        except (BadReference, Unread, Unresolved):
            return escaped(text)
        return words if means == text else escaped(text)


def _united(blocks: Mapping[str, Mapping[str, Any]], words: _Words) -> _Folded:
    made = _Folded()
    for name in (name for name in FIELDS if any(name in block for block in blocks.values())):
        values = {target: block.get(name, GONE) for target, block in blocks.items()}
        if name not in MAPS:
            _put(made, (name,), values, words)
            continue
        maps = {t: value if isinstance(value, dict) else {} for t, value in values.items()}
        everywhere = set.intersection(*(set(each) for each in maps.values()))
        written = {
            target: {_key(name, key, target, everywhere, words): key for key in members}
            for target, members in maps.items()
        }
        made.spec[name] = {}
        for key in dict.fromkeys(key for keys in written.values() for key in keys):
            members = {
                target: maps[target].get(keys[key], GONE) if key in keys else GONE
                for target, keys in written.items()
            }
            _put(made, (name, key), members, words)
    return made


def _key(name: str, key: str, target: str, everywhere: set[str], words: _Words) -> str:
    if name not in _KEYED or key in everywhere:
        return escaped(key)
    return str(words.of(key, target))


def _put(made: _Folded, path: tuple[str, ...], values: Mapping[str, Wanted], words: _Words) -> None:
    """One member: what most targets have goes into ``spec``, the others into ``perTarget``."""
    said: dict[str, Wanted] = {t: GONE if v is GONE else literal(v) for t, v in values.items()}
    if len(set(map(_told, said.values()))) > 1:
        said = {t: GONE if v is GONE else words.of(v, t) for t, v in values.items()}
    (most, _), *_ = Counter(map(_told, said.values())).most_common(1)
    common = next(each for each in said.values() if _told(each) == most)
    if common is not GONE:
        _set(made.spec, path, common)
    for target, value in said.items():
        if _told(value) != most:
            made.differing.add(path[0])
            _set(made.per_target.setdefault(target, {}), path, None if value is GONE else value)


def _told(value: Wanted) -> str:
    return "" if value is GONE else json.dumps(value, sort_keys=True)


def _set(fields: dict[str, Any], path: tuple[str, ...], value: Wanted) -> None:
    for step in path[:-1]:
        fields = fields.setdefault(step, {})
    fields[path[-1]] = value


def _text(name: str, parts: Sequence[Folding], made: _Folded, project: Project, schema: str) -> str:
    names = [part.target.name for part in parts]
    metadata: dict[str, JsonValue] = {"name": name}
    if names != [target.name for target in project.targets]:
        metadata["targets"] = [*names]
    metadata["adopt"] = {part.target.name: part.pool_id for part in parts}
    value: dict[str, JsonValue] = {
        "apiVersion": API_VERSION,
        "kind": POOL_KIND,
        "metadata": metadata,
    }
    first = tidy_value(parts[0].alone.document)
    if "lifecycle" in first:
        value["lifecycle"] = first["lifecycle"]
    value["spec"] = made.spec
    if made.per_target:
        value["perTarget"] = {**made.per_target}
    return written_text(value, _comments(parts), schema=schema)


def _comments(parts: Sequence[Folding]) -> dict[Path, str]:
    """Those that are true of all; what stands beside one value of a list may be of one alone."""
    first, *others = (part.alone.comments for part in parts)
    return {
        path: text
        for path, text in first.items()
        if len(path) == len(("spec", "field")) and all(each.get(path) == text for each in others)
    }


def _verify(text: str, parts: Sequence[Folding], project: Project) -> None:
    """Whether it means in each target what the pool's own spec means.  Raises CannotFold."""
    try:
        together = meanings_of(_FILE, text, project)
        for part in parts:
            (alone,) = meanings_of(_FILE, part.alone.text, project)
            (here,) = (each for each in together if each.goes_to(part.target.name))
            is_same = isinstance(here, Spec) and isinstance(alone, Spec) and here.pool == alone.pool
            if not is_same:
                raise CannotFold(f"it would mean something else in {part.target.name}")
    except Strange as strange:
        raise CannotFold(f"it would be no valid spec: {strange}") from strange
