"""A picture of pools as SVG: no script, nothing loaded, light and dark, readable on a phone.

The layout is our own.  On the left is lane below lane: who comes in, and below them their steps
from the top, as they are asked.  On the right is each goal once, near what leads to it.  The font
has one width, so that texts are measured without it; what is cut has all of it in its title.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final
from unicodedata import east_asian_width

from reconciler.checks.graph import End, Goal, Lane, PoolGraph, Source, State, Step, end_of
from reconciler.reports.graph_words import (
    KEY,
    SIGNS,
    Words,
    closed,
    goal_words,
    source_words,
    step_notes,
    step_words,
    title,
)

# In units of the picture, of which a phone shows nearly one a pixel.
_WIDTH: Final = 420
_EDGE: Final = 8
_STEPS_LEFT, _STEPS_RIGHT = 30, 208
_GOALS_LEFT, _GOALS_RIGHT = 256, _WIDTH - _EDGE
_CHAR: Final = 7.3  # 0.6 of the font's size, and a little more: fonts differ
_LINE: Final = 16
_PAD: Final = 7
_GAP: Final = 10
_HEAD: Final = 6  # of an arrow
_SPINE: Final = 17
_MOST_LINES: Final = 3
_BREAKS: Final = (" ", "-_/:.,@")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    css: str = ""


@dataclass(slots=True)
class _Box:
    """A box with its lines; ``top`` is where it stands."""

    lines: Sequence[_Line]
    css: str
    whole: str
    left: float = _STEPS_LEFT
    right: float = _STEPS_RIGHT
    top: float = 0

    @property
    def height(self) -> float:
        return len(self.lines) * _LINE + 2 * _PAD - 4

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass(frozen=True, slots=True)
class _Way:
    """An arrow from a step, at a height."""

    start: float
    end: End
    css: str


@dataclass(slots=True)
class _Sheet:
    """The picture of one pool, while it is drawn from the top."""

    parts: list[str] = field(default_factory=list)
    ways: list[_Way] = field(default_factory=list)
    top: float = 0


def graphs_svg(graphs: Sequence[PoolGraph]) -> str:
    """A file of its own; several pools stand below each other."""
    return _svg(graphs, f"<style>\n{style_sheet()}</style>") + "\n"


def inline_svg(graph: PoolGraph) -> str:
    """For a page that has the style sheet already."""
    return _svg([graph], "")


def style_sheet() -> str:
    """What a page with inline pictures needs; it concerns nothing else there."""
    return files("reconciler").joinpath("reports", "graph.css").read_text(encoding="utf-8")


def _svg(graphs: Sequence[PoolGraph], style: str) -> str:
    height = 0.0
    drawn = []
    for graph in graphs:
        sheet = _drawn(graph)
        drawn.append(f'<g transform="translate(0 {height:g})">{"".join(sheet.parts)}</g>')
        height += sheet.top
    name = _text(f"Who gets which role of {', '.join(map(title, graphs))}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img"'
        f' viewBox="0 0 {_WIDTH} {height:g}"><title>{name}</title>'
        f'{style}<rect class="sheet" width="{_WIDTH}" height="{height:g}"/>{"".join(drawn)}</svg>'
    )


def _drawn(graph: PoolGraph) -> _Sheet:
    sheet = _Sheet(top=_EDGE)
    told = [_Line(each, "title") for each in wrapped(title(graph), 44)]
    facts = [closed(graph), KEY if graph.has_changes else ""]
    told += [_Line(line, "soft") for fact in facts for line in wrapped(fact, 54)]
    for line in told:
        sheet.top += _LINE + 2
        sheet.parts.append(_words(line, _EDGE, sheet.top - 4))
    sheet.top += _GAP
    first = sheet.top
    for number, lane in enumerate(graph.lanes):
        _lane(lane, number, sheet)
    goals = _goals(graph, sheet.ways, first)
    ways = [part for way in _ports(sheet.ways, goals) for part in way]
    boxes = [_box(box) for box in goals.values()]
    # Boxes hide the ends of arrows, and arrows the boxes of nobody.
    sheet.parts += [*ways, *boxes]
    sheet.top = max([sheet.top, *(box.bottom + _GAP for box in goals.values())]) + _EDGE
    return sheet


# On the left: who comes in, and what is asked


def _lane(lane: Lane, number: int, sheet: _Sheet) -> None:
    for source in lane.sources:
        box = _source(source)
        box.top = sheet.top
        sheet.parts.append(_box(box))
        sheet.top = box.bottom + 3
    start = sheet.top - 3
    boxes = []
    for step in lane.steps:
        box = _step(step)
        box.top = sheet.top + 3
        sheet.top = box.bottom + 3
        boxes.append((step, box))
        sheet.ways += _ways(step, box, number)
    if boxes:
        end = boxes[-1][1].middle
        sheet.parts.append(f'<path class="way" d="M{_SPINE} {start:g}V{end:g}H{_STEPS_LEFT}"/>')
    for step, box in boxes:
        sheet.parts += [_number(step, box), _box(box)]
    sheet.top += _GAP


def _source(source: Source) -> _Box:
    words = source_words(source)
    columns = _columns(_EDGE, _STEPS_RIGHT)
    lines = wrapped(SIGNS[source.state] + words.shown, columns)
    css = f"source {source.state}"
    return _Box([_Line(line, "strong") for line in lines], css, words.whole, left=_EDGE)


def _step(step: Step) -> _Box:
    words = step_words(step)
    columns = _columns(_STEPS_LEFT, _STEPS_RIGHT)
    lines = [_Line(line) for line in wrapped(SIGNS[step.state] + words.shown, columns)]
    if step.number:
        lines += [_Line(line, "strong") for line in wrapped(words.value, columns)]
    lines += [_Line(line) for note in step_notes(step) for line in wrapped(note, columns)]
    css = f"step {step.state}{' dead' if step.is_dead else ''}"
    return _Box(lines, css, words.whole)


def _ways(step: Step, box: _Box, lane: int) -> Iterator[_Way]:
    count = len(step.arrows)
    for number, arrow in enumerate(step.arrows):
        start = box.middle + (number - (count - 1) / 2) * _GAP
        css = f"{arrow.state}{' dead' if step.is_dead else ''}"
        yield _Way(start, end_of(arrow.goal, lane), css)


def _number(step: Step, box: _Box) -> str:
    """The rule's number, on the line that goes down from rule to rule."""
    if not step.number:
        return ""
    at = f'cx="{_SPINE}" cy="{box.middle:g}"'
    text = f'<text x="{_SPINE}" y="{box.middle + 4:g}" text-anchor="middle">{step.number}</text>'
    link = f'<path class="way" d="M{_SPINE} {box.middle:g}H{_STEPS_LEFT}"/>'
    return f'{link}<g class="step"><circle class="box" {at} r="9"/>{text}</g>'


# On the right: what they get


def _goals(graph: PoolGraph, ways: Sequence[_Way], first: float) -> Mapping[End, _Box]:
    """Each goal in the middle of what leads to it, and below the one before it."""
    words = goal_words(graph)
    starts: dict[End, list[float]] = {}
    for way in ways:
        starts.setdefault(way.end, []).append(way.start)
    boxes = {}
    for end, heights in starts.items():
        box = _goal(end.goal, words[end.goal], graph.ends[end])
        box.top = sum(heights) / len(heights) - box.height / 2
        boxes[end] = box
    ordered = dict(sorted(boxes.items(), key=lambda each: each[1].middle))
    free = first
    for box in ordered.values():
        box.top = max(box.top, free)
        free = box.bottom + _GAP
    return ordered


def _goal(goal: Goal, words: Words, state: State) -> _Box:
    lines = wrapped(SIGNS[state] + words.shown, _columns(_GOALS_LEFT, _GOALS_RIGHT))
    css = "strong" if goal.kind in ("role", "any") else ""
    told = [_Line(line, css) for line in lines]
    return _Box(told, f"goal {goal.kind} {state}", words.whole, _GOALS_LEFT, _GOALS_RIGHT)


def _ports(ways: Sequence[_Way], goals: Mapping[End, _Box]) -> Iterator[tuple[str, str]]:
    """Arrows, each to a place of its own at its goal, so that none hides another."""
    for end, box in goals.items():
        own = sorted((way for way in ways if way.end == end), key=lambda way: way.start)
        room = box.height / (len(own) + 1)
        for number, way in enumerate(own):
            yield _way(way, box.top + room * (number + 1))


def _way(way: _Way, end: float) -> tuple[str, str]:
    tip = _GOALS_LEFT - 1
    turn = (_STEPS_RIGHT + tip) / 2
    curve = f"{turn:g} {way.start:g} {turn:g} {end:g} {tip - _HEAD} {end:g}"
    line = f"M{_STEPS_RIGHT + 1} {way.start:g}C{curve}"
    head = f"M{tip} {end:g}l-{_HEAD} -{_HEAD / 2:g}v{_HEAD}z"
    drawn = f'<path class="way" d="{line}"/><path class="head" d="{head}"/>'
    halo = f"M{_STEPS_RIGHT + _HEAD} {way.start:g}C{curve}"
    return f'<path class="halo" d="{halo}"/>', f'<g class="{way.css}">{drawn}</g>'


# Texts and boxes


def _box(box: _Box) -> str:
    width = box.right - box.left
    rect = (
        f'<rect class="box" x="{box.left:g}" y="{box.top:g}" width="{width:g}"'
        f' height="{box.height:g}" rx="4"/>'
    )
    texts = (
        _words(line, box.left + _PAD, box.top + _PAD + 10 + number * _LINE)
        for number, line in enumerate(box.lines)
    )
    return f'<g class="{box.css}"><title>{_text(box.whole)}</title>{rect}{"".join(texts)}</g>'


def _words(line: _Line, left: float, base: float) -> str:
    css = f' class="{line.css}"' if line.css else ""
    return f'<text{css} x="{left:g}" y="{base:g}">{_text(line.text)}</text>'


def _text(words: str) -> str:
    return html.escape(words)


def _columns(left: float, right: float) -> int:
    return int((right - left - 2 * _PAD) / _CHAR)


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of at most so many columns; the last one ends with ``…`` if it is cut."""
    lines: list[str] = []
    left = text
    while left and len(lines) < _MOST_LINES:
        fits = _fitting(left, columns)
        if fits < len(left) and len(lines) < _MOST_LINES - 1:
            fits = _break(left, fits)
        elif fits < len(left):
            lines.append(left[: _fitting(left, columns - 1)] + "…")
            break
        lines.append(left[:fits].rstrip())
        left = left[fits:].lstrip()
    return lines


def _break(text: str, most: int) -> int:
    """Where a line may end, after a space rather than after another sign."""
    for signs in _BREAKS:
        places = [n for n in range(most // 3, most) if text[n] in signs]
        if places:
            return places[-1] + 1
    return most


def _fitting(text: str, columns: int) -> int:
    """How many characters take at most so many columns; at least one, so that there is an end."""
    taken = 0
    for number, char in enumerate(text):
        taken += 2 if east_asian_width(char) in "WF" else 1
        if taken > columns:
            return max(number, 1)
    return len(text)
