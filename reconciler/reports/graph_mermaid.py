"""A picture of pools as a Mermaid flowchart, which GitHub and GitLab draw from its text.

Mermaid reads labels as Markdown and HTML with codes of its own (``#quot;``), so every sign that may
begin something goes in as its number.  Colours are for light and dark pages.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from reconciler.checks.graph import End, Lane, PoolGraph, State, end_of
from reconciler.reports.graph_words import (
    KEY,
    SIGNS,
    closed,
    goal_words,
    source_words,
    step_notes,
    step_words,
    title,
)

# Between letters these begin nothing; elsewhere `_` is emphasis, `-` a list, `fa:fa-user` an icon.
_PLAIN: Final = re.compile(r"[A-Za-z0-9 ()]|[,:](?= )|(?<=[A-Za-z0-9])[-_/](?=[A-Za-z0-9])")
_MOST_SHOWN: Final = 80
_CLASSES: Final = (
    "classDef added stroke:#1a7f37,stroke-width:2px",
    "classDef removed stroke:#cf222e,stroke-width:2px,stroke-dasharray:2 3",
    "classDef changed stroke:#bf8700,stroke-width:2px",
    "classDef dead stroke-dasharray:5 4",
)
_STROKES: Final[dict[State, str]] = {
    "added": "stroke:#1a7f37",
    "removed": "stroke:#cf222e",
    "changed": "stroke:#bf8700",
}


def graphs_mermaid(graphs: Sequence[PoolGraph]) -> str:
    """One flowchart; each pool is a part of it with its name above."""
    chart = _Chart()
    for number, graph in enumerate(graphs):
        chart.add(graph, f"p{number}")
    return "\n".join(["flowchart LR", *chart.lines, *chart.styles()]) + "\n"


def label(text: str) -> str:
    """The text as a label in quotes, and as nothing else."""
    short = text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
    return f'"{_coded(short)}"'


def _coded(text: str) -> str:
    coded, place = [], 0
    for match in _PLAIN.finditer(text):
        coded += [f"#{ord(char)};" for char in text[place : match.start()]]
        coded.append(match[0])
        place = match.end()
    return "".join([*coded, *(f"#{ord(char)};" for char in text[place:])])


class _Chart:
    """The lines of a flowchart; links are counted, for their styles go by number."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._links: dict[State, list[str]] = {}
        self._nodes: dict[str, list[str]] = {}
        self._count = 0

    def add(self, graph: PoolGraph, prefix: str) -> None:
        """Draw one pool; ``prefix`` begins the ids of all that is in it."""
        self.lines += [f"subgraph {prefix}[{label(title(graph))}]", "direction LR"]
        ends = {end: f"{prefix}g{number}" for number, end in enumerate(graph.ends)}
        for number, lane in enumerate(graph.lanes):
            self._lane(number, lane, prefix, ends)
        words = goal_words(graph)
        for end, state in graph.ends.items():
            shape = ("[", "]") if end.goal.kind == "role" else ("(", ")")
            self._node(ends[end], shape, words[end.goal].shown, state)
        told = " ".join(filter(None, [closed(graph), KEY if graph.has_changes else ""]))
        if told:
            self._node(f"{prefix}n", (">", "]"), told)
        self.lines.append("end")

    def styles(self) -> list[str]:
        """What the parts look like: lines that come last."""
        classes = [line for line in _CLASSES if line.split()[1] in self._nodes]
        marks = [f"class {','.join(nodes)} {name}" for name, nodes in self._nodes.items()]
        links = (
            f"linkStyle {','.join(numbers)} {_STROKES[state]},stroke-width:2px"
            for state, numbers in self._links.items()
        )
        return [*classes, *marks, *links]

    def _lane(self, number: int, lane: Lane, prefix: str, ends: Mapping[End, str]) -> None:
        sources = []
        for count, source in enumerate(lane.sources):
            node = f"{prefix}l{number}s{count}"
            self._node(node, ("([", "])"), source_words(source).shown, source.state)
            sources.append((node, source.state))
        for count, step in enumerate(lane.steps):
            node = f"{prefix}l{number}r{count}"
            rule = f"rule {step.number}: " if step.number else ""
            says = ", ".join([f"{rule}{step_words(step).whole}", *step_notes(step)])
            self._node(node, ("[", "]"), says, step.state, is_dead=step.is_dead)
            for source_node, state in sources:
                both = state if step.state in ("same", "changed") else step.state
                self._link(source_node, node, both, is_dead=step.is_dead)
            for arrow in step.arrows:
                self._link(
                    node, ends[end_of(arrow.goal, number)], arrow.state, is_dead=step.is_dead
                )

    def _node(
        self,
        node: str,
        shape: tuple[str, str],
        says: str,
        state: State = "same",
        *,
        is_dead: bool = False,
    ) -> None:
        self.lines.append(f"  {node}{shape[0]}{label(SIGNS[state] + says)}{shape[1]}")
        for name in (state if state != "same" else "", "dead" if is_dead else ""):
            if name:
                self._nodes.setdefault(name, []).append(node)

    def _link(self, start: str, end: str, state: State, *, is_dead: bool) -> None:
        self.lines.append(f"  {start} {'-.->' if is_dead else '-->'} {end}")
        if state != "same":
            self._links.setdefault(state, []).append(str(self._count))
        self._count += 1
