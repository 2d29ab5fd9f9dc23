"""What a conversion is given, what it gives, and what it says about a place in a file."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from reconciler.converters.export import any_secret
from reconciler.converters.nodes import Node
from reconciler.converters.pseudo_parameters import Kept
from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding, Severity
from reconciler.model.pool import Pool, canonical_pool
from reconciler.model.project import Project
from reconciler.model.spec import PoolDocument, spec_as_api
from reconciler.text.core_schema import BOOL, INT, NULL
from reconciler.text.json import BadJson, Skips, read_json
from reconciler.text.problems import clean
from reconciler.text.tree import List, Map, key_leaf
from reconciler.text.tree import Node as Tree

MOST: Final = 63
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER: Final = re.compile(r"[^a-z0-9]+")
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_FALLBACK: Final = "pool"
# Nobody reads more, and a hostile file can hold a million.
MOST_FINDINGS: Final = 500


def is_name(text: str | None) -> bool:
    """Whether it may be the name of a spec."""
    return text is not None and _NAME.fullmatch(text) is not None


def name_from(text: str) -> str:
    """The nearest name: ``Shop EU_1`` becomes ``shop-eu-1``, ``WebPool`` becomes ``web-pool``."""
    words = text if is_name(text) else _HUMP.sub("-", text)
    return _OTHER.sub("-", words.lower()).strip("-")[:MOST].rstrip("-") or _FALLBACK


def unused(name: str, taken: dict[str, int]) -> str:
    """The name, with a number where it is taken; it is taken from now on.

    ``taken``: the last number that was tried with each name, so that none is tried twice.
    """
    number, free = taken.get(name, 1), name
    while free in taken:
        number += 1
        free = f"{name[: MOST - len(str(number)) - 1].rstrip('-')}-{number}"
    taken[name] = number
    taken.setdefault(free, 1)
    return free


class ConversionRule(StrEnum):
    """One id for each thing that can keep a pool, or a part of it, from becoming a spec."""

    SYNTAX = "syntax"
    NOT_CONVERTIBLE = "not-convertible"
    NO_POOL = "no-pool"
    UNRESOLVED = "unresolved"
    NOT_CARRIED = "not-carried"
    NO_SUCH_POOL = "no-such-pool"
    TWICE = "twice"
    REPLACED = "replaced"
    READ_AS = "read-as"


@dataclass(slots=True)
class Report:
    """Collects findings about one file."""

    file: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        """Whether one of them keeps something from being converted."""
        return any(finding.severity == "error" for finding in self.findings)

    def below(self) -> "Report":
        """An empty one about the same file."""
        return Report(self.file)

    def error(self, rule: ConversionRule, node: Node, message: str, fix: str = "") -> None:
        """Something that has to be put right."""
        self._add("error", rule, node, message, fix)

    def warning(self, rule: ConversionRule, node: Node, message: str, fix: str = "") -> None:
        """Something that is not carried over, or that one should know."""
        self._add("warning", rule, node, message, fix)

    def _add(self, severity: Severity, rule: str, node: Node, message: str, fix: str) -> None:
        place = (self.file, node.line, node.column, node.where)
        self.findings.append(Finding(*place, str(rule), message, fix, severity))


def refusal(
    file: str, rule: ConversionRule, node: Node, message: str, fix: str = ""
) -> InvalidSpecs:
    """What is raised where nothing of a file can be converted."""
    report = Report(file)
    report.error(rule, node, message, fix)
    return InvalidSpecs(report.findings)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, in the order of places; errors before warnings, and not too many."""
    once = dict.fromkeys(findings)
    in_order = sorted(once, key=lambda f: (f.severity != "error", f.line, f.column))
    return tuple(in_order[:MOST_FINDINGS])


@dataclass(slots=True)
class Supplied:
    """Values from the command line, and the project that the specs go to.

    ``parameters`` by name, pseudo parameters among them; ``values`` by ``LogicalId`` (what Ref
    gives), ``LogicalId.Attr`` (what GetAtt gives), or the place that a value is missing at;
    ``kept``: where pseudo parameters stay references.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    project: Project = field(default_factory=Project)
    kept: Kept = field(default_factory=Kept)

    def value(self, name: str) -> str | None:
        """A value, if it was given; it counts as used."""
        if name not in self.values:
            return None
        self.used.add(name)
        return self.values[name]

    def notes(self) -> Iterator[str]:
        """A line about values that nothing has asked for: misspelt, most likely."""
        if unused := sorted(set(self.values) - self.used):
            yield f"--set was of no use for: {', '.join(map(clean, unused))}."


@dataclass(frozen=True, slots=True)
class ConvertedPool:
    """One spec: the document as it is in its first target, and its text with secrets in clear."""

    document: PoolDocument
    text: str

    @property
    def name(self) -> str:
        """``metadata.name``."""
        return self.document.metadata.name

    @property
    def pool(self) -> Pool:
        """What the document describes, in canonical form."""
        return canonical_pool(spec_as_api(self.document.spec))

    @property
    def holds_secret(self) -> bool:
        """Whether the text must not be shown."""
        return any_secret(self.pool)


@dataclass(frozen=True, slots=True)
class Conversion:
    """What came of one file.

    ``notes`` and ``steps`` are lines of plain text: what one should know, and what is to be done
    so that the other tool lets go of the pools without deleting them.
    """

    pools: tuple[ConvertedPool, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether nothing kept a pool from becoming a spec."""
        return not any(finding.severity == "error" for finding in self.findings)


def json_nodes(file: str, text: str, skips: Skips | None = None) -> Node:
    """The value that a JSON text holds.  Raises ``InvalidSpecs`` with the place of what is wrong.

    What is left of an object that ``skips`` says so of is checked for being JSON, and has no nodes.
    """
    try:
        return _placed(read_json(text, skips))
    except BadJson as bad:
        place = Node(None, bad.line, bad.column)
        raise refusal(file, ConversionRule.SYNTAX, place, bad.reason) from None


def _placed(tree: Tree) -> Node:
    if isinstance(tree, Map):
        members = {key_leaf(key).text: _placed(value) for key, value in tree.entries}
        return Node(members, *tree.place)
    if isinstance(tree, List):
        return Node(tuple(map(_placed, tree.items)), *tree.place)
    leaf = key_leaf(tree)
    if leaf.tag in (BOOL, NULL):
        return Node(None if leaf.tag == NULL else leaf.text == "true", *leaf.place)
    return Node(leaf.text, *leaf.place, is_number=leaf.tag == INT)
