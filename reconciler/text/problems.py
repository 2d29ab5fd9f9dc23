"""Problems: what is wrong with a field, before anybody has asked where the field stands."""

import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Self, TypeAlias

from reconciler.model.findings import Finding, RuleId, Severity
from reconciler.model.secrets import MASK, TWITTER

FieldPath: TypeAlias = tuple[str | int, ...]
# A line and a column, both 1-based.
Place: TypeAlias = tuple[int, int]

# Of one document: nobody reads more, and a hostile file can hold a million.
MOST_PROBLEMS = 500

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LONGEST_QUOTE = 160
# SupportedLoginProviders, whoever spells it how.
_LOGINS = re.compile(r"log-?ins?[-_ ]*providers?", re.IGNORECASE)
# Twitter's secrets have 41 letters and more, and its keys, which are public, 25.
_LONG_WORD = re.compile(r"[A-Za-z0-9]{31}")
_SECRET = re.compile(r"[A-Za-z0-9]{31,}")
# Every provider's name is that of a host; a URL of one is a known slip.
PROVIDER = re.compile(r"(?:https?://)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/*")


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem with one field.

    ``at_key`` places it at the field's key, not at its value; ``where`` is the line and column
    (1-based) where the path does not lead to the very place; ``hides_key``: the key at the end of
    the path holds a secret.
    """

    path: FieldPath
    rule: RuleId
    message: str
    fix: str = ""
    severity: Severity = "error"
    at_key: bool = False
    where: Place | None = None
    hides_key: bool = False

    @classmethod
    def of(
        cls,
        path: FieldPath,
        rule: RuleId,
        case: str = "",
        fix: str = "",
        where: Place | None = None,
        **values: object,
    ) -> Self:
        """The problem in the words of ``findings.toml``, filled in with ``values``.

        ``case`` is one of the rule's; ``fix``, where it is not empty, says it better.
        """
        said = wording(rule)
        own = said.get(case)
        if isinstance(own, dict):  # a case may be a name out of a file
            said = said | own
        return cls(
            path,
            rule,
            message=said["message"].format(**values),
            fix=fix or said.get("fix", "").format(**values),
            severity=said.get("severity", "error"),
            at_key=said.get("at_key", False),
            where=where,
            hides_key=said.get("hides_key", False),
        )

    @property
    def shown_path(self) -> FieldPath:
        """The path as ``path_text`` may write it."""
        return (*self.path[:-1], MASK) if self.hides_key else self.path


def finding_at(file: str, place: Place, problem: Problem) -> Finding:
    """A problem as it is reported, at a line and column (1-based)."""
    line, column = place
    return Finding(
        file=file,
        line=line,
        column=column,
        path=path_text(problem.shown_path),
        rule=problem.rule.value,
        message=problem.message,
        fix=problem.fix,
        severity=problem.severity,
    )


class Unusable(Exception):
    """A text that cannot be read any further; ``place`` is the line and column (1-based)."""

    def __init__(
        self, rule: RuleId, place: Place, case: str = "", path: FieldPath = (), **values: object
    ) -> None:
        self.place = place
        self.problem = Problem.of(path, rule, case, "", place, **values)
        super().__init__(self.problem.message)


def wording(rule: RuleId) -> dict[str, Any]:
    """What ``findings.toml`` has for a rule: its words, and a mapping of them for each case."""
    return wordings()[rule]


@cache
def wordings() -> dict[str, dict[str, Any]]:
    """All that ``findings.toml`` has, by rule: not those whose words depend on the case alone."""
    return tomllib.loads(Path(__file__).with_name("findings.toml").read_text(encoding="utf-8"))


def path_text(path: Sequence[str | int]) -> str:
    """A field path as people write it: ``spec.RoleMappings["graph.facebook.com"].Type``.

    Below login providers, what is no provider's name is masked: a secret may stand in its place.
    """
    text = ""
    for place, step in enumerate(path):
        if isinstance(step, int):
            text += f"[{step}]"
        elif _is_masked(path[:place], step):
            text += f"[{quoted(MASK)}]"
        elif len(step) <= _LONGEST_QUOTE and _PLAIN_KEY.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{quoted(step)}]"
    return text


def quoted(text: str) -> str:
    """Text of a file as a message may show it, in quotes."""
    return f'"{clean(text)}"'


def clean(text: str) -> str:
    """Text of a file as a message may show it: on one line, short, no control signs, no secret.

    What follows a semicolon is masked wherever it stands: ``key;secret`` may have been written in
    the wrong place, and nothing else in a spec has a semicolon.
    """
    head, semicolon, _ = text.partition(";")
    shown = head + semicolon + (MASK if semicolon else "")
    if len(shown) > _LONGEST_QUOTE:
        shown = shown[: _LONGEST_QUOTE - 3] + "..."
    return "".join(c if c.isprintable() else "?" for c in shown)


def named(text: str) -> str:
    """A name as a message may show it, where a secret may stand in its place."""
    return MASK if _LONG_WORD.search(text) else clean(text)


def without_secrets(path: Sequence[str | int], sentence: str) -> str:
    """A sentence about what stands at a path, where a secret may stand in place of a name."""
    return _SECRET.sub(MASK, sentence) if may_hold_secret(path) else sentence


def may_hold_secret(path: Sequence[str | int]) -> bool:
    """Whether a value at this path is better not shown at all."""
    is_twitter = bool(path) and TWITTER in str(path[-1]).casefold()
    return is_twitter or is_claim(path) or _is_below_logins(path)


def is_claim(path: Sequence[str | int]) -> bool:
    """Whether it is what a test's token says, which is personal data."""
    return tuple(path[:2]) == ("spec", "claims")


def shown_key(path: Sequence[str | int]) -> str:
    """The key at the end of a path as a message may name it, in quotes."""
    *above, key = path
    return quoted(MASK if _is_masked(above, str(key)) else str(key))


def _is_masked(above: Sequence[str | int], key: str) -> bool:
    return _is_below_logins(above) and (not PROVIDER.fullmatch(key.strip()) or named(key) == MASK)


def _is_below_logins(path: Sequence[str | int]) -> bool:
    return any(_LOGINS.search(step) for step in path if isinstance(step, str))


def shown(path: Sequence[str | int], text: str) -> str:
    """The value of a field as a message may name it; "the value" where it may be secret."""
    return "the value" if may_hold_secret(path) else quoted(text)


def listed(names: Sequence[str]) -> str:
    """Names for a sentence: ``a, b and c``; long lists are cut."""
    names = [clean(name) for name in names]
    most = 8
    if len(names) > most:
        return ", ".join(names[:most]) + f" and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def squeezed(name: str) -> str:
    """A name without what differs between naming habits: ``client_id`` is ``ClientId``."""
    return "".join(c for c in name if c.isalnum()).casefold()


def meant(name: str, known: Collection[str]) -> str | None:
    """The known name that is most like this one, or None where none is like it."""
    by_squeezed = {squeezed(one): one for one in known}
    if same := by_squeezed.get(squeezed(name)):
        return same
    # Long text cannot be a misspelt name, and comparing it would take its time.
    close = get_close_matches(squeezed(name)[:100], by_squeezed, n=1, cutoff=0.75)
    return by_squeezed[close[0]] if close else None


def did_you_mean(name: str, known: Collection[str]) -> str:
    """``did you mean "x"?``, or "" where nothing is like it."""
    guess = meant(name, known)
    return f"did you mean {quoted(guess)}?" if guess else ""
