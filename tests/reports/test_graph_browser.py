"""Pictures as they are seen: SVG in Chromium, and Mermaid drawn by the real library.

`make clients` installs Mermaid into `.node`: the small edition, which has flowcharts and no parts.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from reconciler.checks.graph import PoolGraph, graph_of
from reconciler.reports.escape import name
from reconciler.reports.graph_mermaid import graphs_mermaid
from reconciler.reports.graph_svg import graphs_svg
from tests.checks.test_graph import pool, rule
from tests.reports.test_graphs import TRICKS, hostile_graph, labels
from tests.reports.test_pictures import html, opened
from tests.support.chromium import ask

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]  # it starts Chromium

MERMAID = Path(__file__).parents[2] / ".node/node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js"
# As both platforms configure it: nothing of a chart's own is HTML, and no click does anything.
_DRAW = """async page => {
  page.mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
  const drawn = [];
  for (const [number, chart] of %s.entries()) {
    await page.mermaid.parse(chart);
    const { svg } = await page.mermaid.render(`chart${number}`, chart);
    const place = page.document.body.appendChild(page.document.createElement("div"));
    place.innerHTML = svg;
    const labels = [...place.querySelectorAll(".nodeLabel")];
    drawn.push({
      labels: labels.map(each => each.textContent),
      elements: [...new Set(labels.flatMap(l => [...l.querySelectorAll("*")]).map(e => e.tagName))],
      links: place.querySelectorAll("a, script, img, iframe, [onclick], [onerror]").length,
      dashed: [...place.querySelectorAll(".dead > *")].map(
        each => page.getComputedStyle(each).strokeDasharray),
    });
  }
  return { drawn, ran: Object.keys(page).includes("pwned") };
}"""
_LOOK = """page => {
  const root = page.document.querySelector("svg");
  const outside = [...root.querySelectorAll("g > rect.box")].filter(box => {
    const room = box.getBoundingClientRect();
    return [...box.parentElement.querySelectorAll("text")].some(text => {
      const words = text.getBoundingClientRect();
      return words.right > room.right + 1 || words.bottom > room.bottom + 1;
    });
  });
  return {
    text: [...root.querySelectorAll("text")].map(each => each.textContent).join("\\n"),
    letter: parseFloat(page.getComputedStyle(root.querySelector(".step text")).fontSize)
      * root.getBoundingClientRect().width / root.viewBox.baseVal.width,
    outside: outside.length,
    widest: page.document.documentElement.scrollWidth, room: page.innerWidth,
    ink: page.getComputedStyle(root.querySelector(".title")).fill,
    paper: page.getComputedStyle(root.querySelector(".sheet")).fill,
    ran: Object.keys(page).includes("pwned"),
  };
}"""


def drawn_by_mermaid(graphs: Sequence[PoolGraph], profile: Path) -> Any:
    library = MERMAID.read_text(encoding="utf-8").replace("</script", r"<\/script")
    charts = json.dumps([graphs_mermaid([graph]) for graph in graphs]).replace("</", r"<\/")
    page = f'<!doctype html><meta charset="utf-8"><script>{library}</script><body>'
    seen, requested = ask(page, _DRAW % charts, profile)
    assert "drawn" in seen, seen
    assert set(requested) - {"/favicon.ico"} == {"/", "/page"}
    return seen


def test_mermaid_draws_hostile_names_as_text(tmp_path: Path) -> None:
    graphs = [hostile_graph(text) for text in TRICKS]
    seen = drawn_by_mermaid(graphs, tmp_path)
    assert not seen["ran"]
    for text, graph, chart in zip(TRICKS, graphs, seen["drawn"], strict=True):
        shown = sorted(" ".join(label.split()) for label in chart["labels"])
        told = labels(graphs_mermaid([graph]))
        assert shown == sorted(" ".join(label.split()) for label in told), text
        assert any(f"+ {name(text)}".startswith(label.removesuffix("…")) for label in told)
        assert set(chart["elements"]) <= {"foreignObject", "P", "DIV", "SPAN", "BR"}, text
        assert chart["links"] == 0, text


def test_mermaid_dashes_a_dead_rule(tmp_path: Path) -> None:
    graph = graph_of(pool(rule("a"), rule("a")), "shop")
    (chart,) = drawn_by_mermaid([graph], tmp_path)["drawn"]
    assert any(dashes != "none" for dashes in chart["dashed"])
    assert "rule 2: team is a, never reached" in [
        " ".join(each.split()) for each in chart["labels"]
    ]


@pytest.mark.parametrize("width", [360, 1280])
def test_an_svg_can_be_read_on_a_phone(tmp_path: Path, width: int) -> None:
    graph = hostile_graph("arn:aws:iam::123456789012:role/a-long-path/and-a-very-long-name")
    page = f'<body style="margin: 0">{graphs_svg([graph])}'
    seen, requested = ask(page, _LOOK, tmp_path, width=width)
    assert seen["outside"] == 0
    assert seen["widest"] <= seen["room"]
    assert seen["letter"] >= 10  # CSS pixels
    assert seen["ink"] != seen["paper"]
    assert set(requested) - {"/favicon.ico"} == {"/", "/page"}


@pytest.mark.parametrize("width", [360, 1280])
def test_the_html_report_shows_it_in_its_style(tmp_path: Path, width: int) -> None:
    page = html(opened(name='"><img src="/x" onerror="window.pwned=1">'))
    seen, requested = ask(page, _LOOK, tmp_path, width=width)
    assert seen["outside"] == 0
    assert seen["widest"] <= seen["room"]
    assert seen["letter"] >= 9  # CSS pixels
    assert seen["ink"] != seen["paper"]
    assert not seen["ran"]
    assert set(requested) - {"/favicon.ico"} == {"/", "/page"}


def test_hostile_names_are_text_in_an_svg_and_run_nothing(tmp_path: Path) -> None:
    attack = '</text><script>window.pwned=1</script><img src="/x" onerror="window.pwned=1">'
    seen, requested = ask(f"<body>{graphs_svg([hostile_graph(attack)])}", _LOOK, tmp_path)
    assert "</text>" in seen["text"]
    assert not seen["ran"]
    assert set(requested) - {"/favicon.ico"} == {"/", "/page"}
