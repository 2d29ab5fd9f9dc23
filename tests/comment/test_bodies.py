"""What the comment says, byte for byte, and that no name in it is more than text."""

import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reconciler.model.comment import Marker, comment_key, marker_of, shown_part
from reconciler.model.plan import Plan
from reconciler.reports.comment import (
    Heading,
    outcome_body,
    planless_body,
    planned_body,
    superseded_body,
    unapplied_body,
)
from tests.comment.conftest import (
    github_environment,
    plan_file,
    receipt_file,
    with_variables,
)
from tests.comment.github import GitHubServer
from tests.reports.plans import PLANS
from tests.reports.receipts import RECEIPTS
from tests.reports.test_escape import hostile_plan, hostile_receipt
from tests.support.cli import Idpool

FOLDER = Path(__file__).parent / "golden"
WORST = "|`@everyone<script>--> <!-- [x](http://evil.example) #1 </details>\n/close\n\u202e"
ROOM = 65_000
MARKER = Marker(key=comment_key("acme", ["prod"]), state="planned", commit="a" * 40, run="0" * 32)
RUN = "https://github.example/acme/identity/actions/runs/77"
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def heading(state: str, **fields: str) -> Heading:
    made: dict[str, str] = {"commit": "0123abcd" * 5, "link": RUN, **fields}
    return Heading(state, ("prod-eu", "prod-us"), **made)  # type: ignore[arg-type]


def bodies() -> dict[str, str]:
    """Every state, and the odd ones."""
    everything = PLANS["everything"]
    planned = planned_body(heading("planned", label="web"), everything, ROOM)
    superseded = superseded_body(heading("superseded"), MARKER.line + planned, ROOM)
    receipt, applied = RECEIPTS["mixed"]
    return {
        "planned": planned,
        "planned-short": planned_body(heading("planned"), everything, 2_500),
        "calm": planned_body(heading("planned", commit="", link=""), PLANS["calm"], ROOM),
        "superseded": superseded,
        "applied": outcome_body(heading("applied"), *RECEIPTS["all-done"], ROOM),
        "failed": outcome_body(heading("failed"), receipt, applied, ROOM),
        "unapplied": unapplied_body(heading("failed"), PLANS["settings"], ROOM),
        "planless": planless_body(heading("failed")),
        "hostile": planned_body(heading("planned", label=WORST), PLANS["hostile"], ROOM),
    }


@pytest.mark.parametrize("name", sorted(bodies()))
def test_the_body_is_as_it_was_looked_at(name: str) -> None:
    """``IDPOOL_UPDATE_GOLDEN=1`` writes it anew."""
    text = bodies()[name]
    path = FOLDER / f"{name}.md"
    if os.environ.get("IDPOOL_UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.found.append(tag)

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")


def elements(body: str) -> list[str]:
    """The HTML of a body as a browser meets it: what stands in code is text."""
    reader = _Elements()
    reader.feed(MARKDOWN.render(body))
    reader.close()
    return reader.found


def pieces(tokens: list[Token]) -> list[Token]:
    return [child for token in tokens for child in (token.children or [token])]


def check_that_names_are_text(body: str) -> None:
    """One marker, our own elements, one link, and no word outside of code that platforms obey."""
    tokens = pieces(MARKDOWN.parse(body))
    comments = [found for found in elements(body) if found.startswith("<!--")]
    assert comments == [body.splitlines()[0]]
    assert marker_of(body) is not None
    assert "script" not in elements(body)
    links = {str(t.attrs["href"]) for t in tokens if t.type == "link_open"}
    assert links <= {RUN}
    texts = [token.content for token in tokens if token.type == "text"]
    assert not [text for text in texts if re.search(r"@|://|www\.|#\d|<|`|\u202e", text)], texts
    in_code = [t.content for t in tokens if t.type in ("fence", "code_block")]
    outside = body
    for content in in_code:
        outside = outside.replace(content, "")
    # GitLab obeys a line that begins with a slash (its "quick actions").
    assert not re.search(r"^\s*/", outside, re.MULTILINE)


@pytest.mark.parametrize("worst", [WORST, "-->", "@everyone", "\n/close\n", "</details>", "```"])
def test_a_hostile_name_changes_nothing_but_text(
    github: GitHubServer, tmp_path: Path, worst: str
) -> None:
    """In a plan, in a receipt, in ``--id``, and folded away by the next push."""
    hub = Idpool(tmp_path, github_environment(github))
    plan: Plan = hostile_plan(worst)
    plan_file(tmp_path, plan)
    words = ["comment", "github", "plan.json", "--id", worst, "--link", RUN]
    assert hub.run(*words).code == 0
    check_that_names_are_text(github.bodies[0])
    github.pulls[5].head = "d" * 40
    moved = with_variables(hub, GITHUB_SHA="d" * 40)
    superseded = moved.run(*words, "--state", "superseded")
    assert superseded.code == 0, superseded.text
    assert "What stood here" in github.bodies[0]
    check_that_names_are_text(github.bodies[0])
    receipt_file(tmp_path, hostile_receipt(worst), plan)
    done = moved.run(*words, "--receipt", "receipt.json")
    assert done.code == 0, done.text
    check_that_names_are_text(github.bodies[0])
    assert len(github.bodies) == 1


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://x/>)<b>", "x\n/close", "@all"])
def test_a_hostile_link_is_no_link(github: GitHubServer, tmp_path: Path, link: str) -> None:
    """Variables of a pipeline hold what branches are called."""
    plan_file(tmp_path, PLANS["settings"])
    hub = Idpool(tmp_path, github_environment(github))
    assert hub.run("comment", "github", "plan.json", "--link", link).code == 0
    tokens = pieces(MARKDOWN.parse(github.bodies[0]))
    links = [str(t.attrs["href"]) for t in tokens if t.type == "link_open"]
    assert all(each.startswith("https://x/") for each in links)
    assert elements(github.bodies[0])[0].startswith("<!--")
    assert "b" not in elements(github.bodies[0])


def test_a_marker_is_read_back_and_nothing_else_is() -> None:
    """Only at the very beginning, whole, and on a line of its own."""
    assert marker_of(MARKER.line + "text") == MARKER
    assert marker_of(MARKER.model_copy(update={"commit": ""}).line).commit == ""  # type: ignore[union-attr]
    assert shown_part(MARKER.line + "one\r\ntwo\n") == "one\ntwo"
    assert shown_part("x" + MARKER.line) == "x" + MARKER.line.strip()
    for wrong in (
        " " + MARKER.line,
        MARKER.line.strip(),
        MARKER.line.replace("v1", "v2"),
        MARKER.line.replace("planned", "applied!"),
        MARKER.line.replace(" -->", "--> x -->"),
        MARKER.line.replace("run=0", "run=z"),
    ):
        assert marker_of(wrong) is None


def test_a_key_is_one_for_each_owner_set_of_targets_and_id() -> None:
    keys = {
        comment_key("a", ["x", "y"]),
        comment_key("a", ["x"]),
        comment_key("b", ["x", "y"]),
        comment_key("a", ["x", "y"], "id"),
        comment_key("a", ["x,y"]),
        comment_key("a", ["x", "y", "id"]),
    }
    assert len(keys) == 6
    assert comment_key("a", ["y", "x", "x"]) in keys
