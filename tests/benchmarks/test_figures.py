"""Figures, verdicts and the tables that show them."""

import pytest
from markdown_it import MarkdownIt

from benchmarks.__main__ import exit_code
from benchmarks.bare_client import Seen
from benchmarks.figures import Figure, Findings, Growth, sample
from benchmarks.serving import void as why_void
from benchmarks.tables import markdown_report, missed, text_report, void
from benchmarks.wording import number, seconds, spread

GOOD = Figure("plan", sample([1.1, 1.3, 1.2]), "x", "4.2 s", "3.8 s", goal=1.3)
OVER = Figure("apply", sample([1.4, 2.0, 1.6]), "x", goal=1.5)
ALONE = Figure("a | b", sample([12]))
VOID = Figure("slow server", sample([1.0]), "x", goal=2.0, void="the server was asked too much")
GROWTH = Growth("idpool plan", ("pools", "wall"), (("10", "1 s"), ("100", "2 s")))
FINDINGS = [Findings((GOOD, OVER), (GROWTH,), ("Server: fine.",)), Findings((ALONE, VOID))]


def test_a_sample_is_its_median_and_spread() -> None:
    three = sample([3.0, 1.0, 2.5])
    assert (three.median, three.low, three.high) == (2.5, 1.0, 3.0)
    with pytest.raises(ValueError, match="nothing was measured"):
        sample([])


def test_a_ratio_is_taken_run_by_run() -> None:
    assert sample([2.0, 9.0]).per(sample([1.0, 3.0])).values == (2.0, 3.0)
    with pytest.raises(ValueError, match="shorter"):
        sample([1.0, 2.0]).per(sample([1.0]))


def test_the_median_is_held_against_the_goal() -> None:
    assert [f.verdict for f in (GOOD, OVER, ALONE, VOID)] == ["ok", "MISSED", "", "VOID"]
    assert Figure("just", sample([1.3]), goal=1.3).verdict == "ok"
    assert missed(FINDINGS) == [OVER]
    assert void(FINDINGS) == [VOID]


def test_a_missed_goal_fails_only_a_strict_run_and_a_void_figure_every_run() -> None:
    good, over, void_one = (Findings((figure,)) for figure in (GOOD, OVER, VOID))
    assert exit_code([good, over], strict=False) == 0
    assert exit_code([good, over], strict=True) == 1
    assert exit_code([good], strict=True) == 0
    assert exit_code([good, void_one], strict=False) == 1


def test_the_terminal_shows_every_figure_with_its_goal() -> None:
    lines = text_report(FINDINGS).splitlines()
    plan = next(line for line in lines if line.startswith("plan"))
    assert plan.split() == [
        "plan", "4.2", "s", "3.8", "s", "1.20x", "(1.10-1.30)", "<=", "1.30x", "ok",
    ]  # fmt: skip
    assert next(line for line in lines if line.startswith("apply")).endswith("<= 1.50x  MISSED")
    assert "VOID: slow server: the server was asked too much." in lines
    assert {"Server: fine.", "idpool plan", "100    2 s"} <= set(lines)


def test_the_page_has_the_facts_the_figures_and_the_growth_as_tables() -> None:
    page = markdown_report(FINDINGS, {"Python": "3.11", "date": "2026-01-01"})
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    rows = "".join(token.content + "\n" for token in tokens if token.type == "inline")
    assert sum(token.type == "table_open" for token in tokens) == 3
    for cell in ("3.11", "2026-01-01", "1.60x (1.40-2)", "MISSED", "a | b", "idpool plan", "2 s"):
        assert cell in rows.splitlines()


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.034, "0.03"), (1.234, "1.23"), (12.34, "12.3"), (1234.5, "1,234"), (5.0, "5"), (0, "0")],
)
def test_numbers_have_about_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_seconds_below_one_are_milliseconds() -> None:
    assert seconds(sample([0.0123])) == "12.3 ms"
    assert seconds(sample([1.5, 2.5, 2.0])) == "2 s (1.50-2.50)"
    assert spread(sample([3, 3]), " calls") == "3 calls"


def test_a_run_says_nothing_when_it_asked_for_a_third_of_what_the_server_can_do() -> None:
    assert why_void(Seen(rate=3000, milliseconds=1), asked=1000) == ""
    assert "2,999 calls a second at most" in why_void(Seen(rate=2999, milliseconds=1), asked=1000)
