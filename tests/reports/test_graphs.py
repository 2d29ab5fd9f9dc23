"""Pictures as text: what Mermaid and a browser are given, whatever names say."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given

from reconciler.checks.graph import PoolGraph, graph_of
from reconciler.checks.graph_changes import graph_between
from reconciler.model.secrets import mask_half
from reconciler.reports.escape import escape, name
from reconciler.reports.graph_mermaid import graphs_mermaid, label
from reconciler.reports.graph_svg import graphs_svg, inline_svg, wrapped
from reconciler.reports.graph_words import goal_words, step_words
from tests.checks.test_graph import ADMIN, GUEST, SAML, USER, mapping, pool, rule
from tests.reports.test_markup import EXAMPLES, hostile

TRICKS = (
    *EXAMPLES,
    *('"]; click p0 "javascript:alert(1)"', "%%{init: {'theme': 'dark'}}%%", "end", "subgraph x"),
    *("`**bold**`", "style: #fff;", "classDef: #fff;", "fa:fa-user", "$$x^2$$", "1. list"),
    *("www.evil.example", "https://evil.example", "_a_ *b*", "#quot;", "&lt;b&gt;", "a\\nb"),
    *("\u202eabc", "pool\u200bs", "o--x", "x" * 500, "名" * 50, "<br>", "- list", "a\nb"),
    *("---\ntitle: x\n---", "   "),
)
_SVG = "{http://www.w3.org/2000/svg}"


def hostile_graph(text: str) -> PoolGraph:
    """The text in every place that a string can stand in, in a picture of changes."""
    after = pool(
        rule(text, text, claim=text),
        SamlProviderARNs=[SAML, text],
        RoleMappings={SAML: mapping(rule(text, text, claim=text), rule("b")), text: mapping()},
        SupportedLoginProviders={text: "a"},
        OpenIdConnectProviderARNs=[f"arn:aws:iam::123456789012:oidc-provider/{text}"],
        CognitoIdentityProviders=[{"ProviderName": text, "ClientId": text}],
        DeveloperProviderName=text,
        AllowUnauthenticatedIdentities=True,
        AllowClassicFlow=True,
    )
    return graph_between(pool(rule("a"), rule("b")), after, text, text)


def svg_of(*graphs: PoolGraph) -> ElementTree.Element:
    return ElementTree.fromstring(graphs_svg(graphs))


def texts(root: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{_SVG}text")]


def titles(root: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{_SVG}title")]


def read_off(svg: str) -> list[tuple[str, str]]:
    """What a reader sees who follows each arrow: the step it begins at, and what it leads to."""
    root = ElementTree.fromstring(svg)
    boxes = []
    for group in root.iter(f"{_SVG}g"):
        box = group.find(f"{_SVG}rect")
        if box is not None:
            x, y, height = (float(box.attrib[each]) for each in ("x", "y", "height"))
            words = " ".join(each.text or "" for each in group.findall(f"{_SVG}text"))
            boxes.append((x, y, y + height, words))
    seen = []
    for path in root.iter(f"{_SVG}path"):
        curve = re.fullmatch(r"M\d+ (\S+)C\S+ \S+ \S+ \S+ \S+ (\S+)", path.attrib["d"])
        if curve and path.get("class") == "way":
            start, end = map(float, curve.groups())
            (step,) = [w for x, top, bottom, w in boxes if x == 30 and top <= start <= bottom]
            (goal,) = [w for x, top, bottom, w in boxes if x > 210 and top <= end <= bottom]
            seen.append((step, goal))
    return seen


def labels(chart: str) -> list[str]:
    """What a chart of Mermaid says, with codes as the signs that they stand for."""
    coded = re.findall(r'"([^"]*)"', chart)
    return [re.sub(r"#(\d+);", lambda code: chr(int(code[1])), each) for each in coded]


def shape(root: ElementTree.Element) -> Iterator[tuple[str, list[str]]]:
    """Elements and the names of their attributes; how many texts there are depends on lengths."""
    for each in root.iter():
        if each.tag != f"{_SVG}text":
            yield each.tag, sorted(each.attrib)


@given(hostile)
def test_a_name_makes_no_element_of_an_svg(text: str) -> None:
    plain = "x" * 3
    if text in (SAML, "a", "b"):
        return
    ours, theirs = svg_of(hostile_graph(plain)), svg_of(hostile_graph(text))
    assert {tag for tag, _ in shape(theirs)} == {tag for tag, _ in shape(ours)}
    allowed = {name for _, names in shape(ours) for name in names}
    assert {name for _, names in shape(theirs) for name in names} == allowed


@pytest.mark.parametrize("text", TRICKS)
def test_what_is_cut_in_an_svg_is_whole_in_a_title(text: str) -> None:
    told = titles(svg_of(hostile_graph(text)))
    assert name(text) in told  # the role
    shown = name(mask_half(text))  # a secret may stand behind a semicolon
    assert f"SAML {shown}" in told or f"login {shown}" in told


def test_an_svg_loads_and_runs_nothing() -> None:
    drawn = graphs_svg([hostile_graph("x")])
    assert not re.search(r"<script|href|url\(|@import|@font-face|foreignObject|\son\w+=", drawn)
    # For a page whose policy allows its own style sheet alone.
    assert "style" not in inline_svg(hostile_graph("x"))


@pytest.mark.parametrize("text", ["a", "x" * 60, "名" * 60])
def test_texts_of_an_svg_stay_in_their_boxes(text: str) -> None:
    """A letter is 0.6 of the font's size wide, and one of East Asia twice that."""
    root = svg_of(hostile_graph(text))
    for group in root.iter(f"{_SVG}g"):
        box = group.find(f"{_SVG}rect")
        if box is None:
            continue
        right = float(box.attrib["x"]) + float(box.attrib["width"])
        bottom = float(box.attrib["y"]) + float(box.attrib["height"])
        for line in group.findall(f"{_SVG}text"):
            columns = sum(1 if ord(char) < 0x2E80 else 2 for char in line.text or "")
            assert float(line.attrib["x"]) + columns * 7.2 <= right
            assert float(line.attrib["y"]) <= bottom


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("short", ["short"]),
        ("cognito:groups contains", ["cognito:", "groups", "contains"]),
        ("x" * 31, ["x" * 10, "x" * 10, "x" * 9 + "…"]),
        ("名" * 6, ["名" * 5, "名"]),
    ],
)
def test_long_texts_are_wrapped_where_words_end_and_then_cut(text: str, lines: list[str]) -> None:
    assert wrapped(text, 10) == lines


def test_boxes_do_not_lie_on_each_other() -> None:
    rules = [rule(f"team-{number}", f"{ADMIN}-{number % 3}") for number in range(25)]
    root = svg_of(graph_of(pool(*rules), "shop"))
    boxes = [box for box in root.iter(f"{_SVG}rect") if box.get("class") == "box"]
    spans: dict[str, list[tuple[float, float]]] = {}
    for box in boxes:
        side = "goals" if float(box.attrib["x"]) > 210 else "steps"
        top = float(box.attrib["y"])
        spans.setdefault(side, []).append((top, top + float(box.attrib["height"])))
    for each in spans.values():
        each.sort()
        assert all(one[1] < other[0] for one, other in pairwise(each))
    height = float(root.attrib["viewBox"].split()[3])
    assert max(bottom for each in spans.values() for _, bottom in each) < height


def test_each_arrow_leads_from_its_step_to_its_role() -> None:
    rules = [rule(f"team-{number}", f"{ADMIN}-{number % 3}") for number in range(25)]
    graph = graph_between(pool(*rules[:20]), pool(*rules[3:]), "shop")
    (lane,) = graph.lanes
    signs = {"same": "", "added": "+ ", "removed": "- ", "changed": "~ "}
    steps = [(each.number, f"{signs[each.state]}{step_words(each).whole}") for each in lane.steps]
    ends = goal_words(graph)
    expected = [
        (words, ends[arrow.goal].shown)
        for (_, words), step in zip(steps, lane.steps, strict=True)
        for arrow in step.arrows
    ]
    told = [(step, end.lstrip("+-~ ")) for step, end in read_off(graphs_svg([graph]))]
    assert sorted(told) == sorted(expected)


def test_several_pools_are_below_each_other_in_one_file() -> None:
    first, second = graph_of(pool(rule("a")), "first"), graph_of(pool(rule("a")), "second")
    seen = texts(svg_of(first, second))
    assert seen.index("first") < seen.index("second")
    chart = graphs_mermaid([first, second])
    assert chart.count("flowchart") == 1
    assert chart.count("subgraph") == 2


def test_changes_have_signs_besides_colours() -> None:
    graph = graph_between(pool(rule("a", USER)), pool(rule("a", GUEST), rule("b")), "shop")
    seen = texts(svg_of(graph))
    assert {"~ team is", "+ team is", "+ guest", "- user", "+ admin"} <= set(seen)
    assert "+ added, - removed, ~ changed" in seen
    chart = graphs_mermaid([graph])
    for told in (
        '"#43; rule 2: team is b"',
        '"#126; rule 1: team is a"',
        "class p0l0r1,p0g0,p0g2 added",
    ):
        assert told in chart, chart


def test_a_dead_rule_is_dashed_and_says_so() -> None:
    graph = graph_of(pool(rule("a"), rule("a", GUEST)), "shop")
    drawn = graphs_svg([graph])
    assert 'class="step same dead"' in drawn
    assert "never reached" in texts(svg_of(graph))
    chart = graphs_mermaid([graph])
    assert "class p0l0r1 dead" in chart
    assert "p0l0r1 -.-> " in chart


def test_a_rule_that_is_reached_now_says_so() -> None:
    shadow, leads = rule("eng", USER, "StartsWith"), rule("engineers")
    graph = graph_between(pool(shadow, leads), pool(leads, shadow), "shop")
    assert {"reached now", "was rule 1"} <= set(texts(svg_of(graph)))
    told = labels(graphs_mermaid([graph]))
    assert "~ rule 1: team is engineers, reached now" in told
    assert "~ rule 2: team starts with eng, was rule 1" in told


def test_roles_of_one_name_in_two_accounts_are_told_apart() -> None:
    other = ADMIN.replace("123456789012", "210987654321")
    seen = label(ADMIN)
    assert seen in graphs_mermaid([graph_of(pool(rule("a"), rule("b", other)), "shop")])


@pytest.mark.parametrize("text", TRICKS)
def test_a_label_of_mermaid_holds_no_sign_that_means_anything(text: str) -> None:
    inside = label(escape(text))[1:-1]
    plain = r"[A-Za-z0-9 ()]|#\d+;|[,:](?= )|(?<=[A-Za-z0-9])[-_/](?=[A-Za-z0-9])"
    assert re.fullmatch(f"(?:{plain})*", inside)
    (shown,) = labels(label(escape(text)))
    assert escape(text).startswith(shown.removesuffix("…"))


@given(hostile)
def test_a_name_makes_no_line_of_mermaid(text: str) -> None:
    if text in (SAML, "a", "b"):
        return
    chart = graphs_mermaid([hostile_graph(text)])
    line: Any = re.compile(
        r'flowchart LR|subgraph p0\["[^"]*"\]|direction LR|end'
        r'|  p0\w+(?:\[|\(|\(\[|>)"[^"]*"(?:\]|\)|\]\))|  p0\w+ -(?:-|\.-)> p0\w+'
        r"|classDef \w+ [\w:#,. -]+|class [\w,]+ \w+|linkStyle [\d,]+ [\w:#,-]+"
    )
    assert [each for each in chart.splitlines() if not line.fullmatch(each)] == []
