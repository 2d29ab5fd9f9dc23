"""Expressions of policies, in CEL: compiled, held against the names that there are, and asked.

The extra ``policies`` is imported here alone, and this module only where a project has policies
(``rulebook``).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import cel

from reconciler.model.findings import RuleId
from reconciler.model.policies import Expression
from reconciler.model.pool import POOL_FIELDS
from reconciler.text.problems import FieldPath, Problem, clean, did_you_mean, quoted

# What expressions are asked about: a value a name.
Context = cel.Context
ALL_FIELDS: Final = frozenset(POOL_FIELDS)

# What expressions may name, and what each has, ``None``: names of no fixed set.
_VARIABLES: Final[Mapping[str, Collection[str] | None]] = {
    "pool": POOL_FIELDS,
    "live": POOL_FIELDS,
    "changes": None,
    "target": ("name", "account", "region", "partition", "vars"),
    "spec": ("name", "file", "lifecycle"),
}
_OF_PLANS: Final = frozenset({"live", "changes"})
# Every way to write a text in CEL, and comments: what stands in them is no name.
_TEXTS: Final = re.compile(
    r'//[^\n]*|[bB]?[rR][bB]?(?:"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"[^"\n]*"|\'[^\'\n]*\')'
    r'|"""(?:\\[\s\S]|[^\\])*?"""|\'\'\'(?:\\[\s\S]|[^\\])*?\'\'\''
    r'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
)
_MEMBER: Final = re.compile(r"(?<![\w.])(pool|live|target|spec)\s*\.\s*([A-Za-z_]\w*)")
_POOLS: Final = re.compile(r"\b(?:pool|live)\b(?:\s*\.\s*([A-Za-z_]\w*))?")
_BOUND: Final = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")
_SYNTAX: Final = re.compile(r"<input>:(\d+):(\d+): (?:Syntax error: )?([^\n]*)")
# All that evaluating raises; a pool that cannot be judged is not let pass.
_NOT_EVALUATED: Final = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)
_TYPES: Final = "an operator or a function does not take what it gets here"


class NotEvaluated(Exception):
    """Nobody knows what an expression says; the text says why."""


class Program(NamedTuple):
    """An expression and what it is compiled to."""

    text: str
    compiled: cel.Program

    @property
    def asks_plans(self) -> bool:
        """Whether it asks what is live, or what changes."""
        return not _OF_PLANS.isdisjoint(self.compiled.variables())

    @property
    def fields(self) -> frozenset[str]:
        """The fields that it can look at: all, where a pool is used but by ``pool.FIELD``.

        Texts and comments count, too: rather a field too many, for what changes is judged anew.
        """
        found = {match[1] for match in _POOLS.finditer(self.text)}
        return frozenset(found) if found <= ALL_FIELDS else ALL_FIELDS

    def holds(self, asked: Context) -> bool:
        """Whether it is true.  Raises ``NotEvaluated``."""
        try:
            value = self.compiled.execute(asked)
        except _NOT_EVALUATED as error:
            raise NotEvaluated(_reason(error)) from None
        if not isinstance(value, bool):
            raise NotEvaluated(f"it gives {_kind(value)}, not true or false")
        return value


def compiled(expression: Expression, path: FieldPath) -> Program | Problem:
    """The expression at a path of the project file; or what is wrong with it."""
    try:
        program = cel.compile(expression.text)
    except ValueError as error:
        return Problem.of(path, RuleId.POLICY_EXPRESSION, "syntax", why=_syntax(str(error)))
    return _unknown_name(expression.text, program, path) or Program(expression.text, program)


def _unknown_name(text: str, program: cel.Program, path: FieldPath) -> Problem | None:
    """A name that nothing has: ``has(pool.Misspelt)`` would be false for ever."""
    code = _TEXTS.sub('""', text)
    bound = set(_BOUND.findall(code))
    for name in program.variables():
        if name not in _VARIABLES and name not in bound:
            known = [*_VARIABLES]
            return _unknown(path, name, known)
    for name, member in _MEMBER.findall(code):
        members = _VARIABLES[name]
        if name not in bound and members is not None and member not in members:
            return _unknown(path, f"{name}.{member}", [f"{name}.{each}" for each in members])
    return None


def _unknown(path: FieldPath, name: str, known: Sequence[str]) -> Problem:
    guess = did_you_mean(name, known)
    return Problem.of(
        path, RuleId.POLICY_EXPRESSION, "unknown", guess, name=quoted(name), known=", ".join(known)
    )


def _syntax(message: str) -> str:
    found = _SYNTAX.search(message)
    if not found:
        return clean(message.partition("\n")[0])
    line, column, what = found.groups()
    # The list of all that could stand there has fifteen members.
    return f"line {line}, column {column}: {clean(what.partition(' expecting {')[0])}"


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"there is no {quoted(str(error.args[0]))}; ask with has() or in before"
    if isinstance(error, TypeError):
        return _TYPES
    return clean(str(error).partition("\n")[0])


def _kind(value: object) -> str:
    kinds = {type(None): "null", str: "a text", list: "a list", dict: "a map"}
    return kinds.get(type(value), "a number" if isinstance(value, int | float) else "a value")
