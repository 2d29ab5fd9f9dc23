"""planned -> superseded -> applied or failed: what the one comment says, run after run."""

from pathlib import Path

import pytest

from tests.comment.conftest import plan_file, receipt_file, says_nothing_on_stdout, with_variables
from tests.comment.github import GitHubServer
from tests.comment.gitlab import GitLabServer
from tests.drift.conftest import project
from tests.reports.plans import PLANS
from tests.reports.receipts import RECEIPTS
from tests.support.cli import Idpool

NEXT, MERGE = "d" * 40, "e" * 40
PROJECT = project(
    owner="acme/identity",
    targets={"prod-eu": {"account": "111122223333", "region": "eu-west-1"}},
)


@pytest.fixture
def planned(github: GitHubServer, on_hub: Idpool) -> Idpool:
    """The command beside a project file, with a comment that says what is planned."""
    on_hub.write("idpool.yaml", PROJECT)
    result = on_hub.run("comment", "github", "plan.json")
    assert result.code == 0, result.text
    assert len(github.bodies) == 1
    return on_hub


def first_line(body: str) -> str:
    """The first that a reader sees."""
    return body.splitlines()[1]


def moved(github: GitHubServer, idpool: Idpool) -> Idpool:
    """After the next push."""
    github.pulls[5].head = NEXT
    return with_variables(idpool, GITHUB_SHA=NEXT, GITHUB_RUN_ID="78")


def test_from_plan_to_apply(github: GitHubServer, planned: Idpool) -> None:
    """One comment tells all of it; the old plan stays, folded, until the new one is there."""
    run = "[the run](<https://github.example/acme/identity/actions/runs/"
    assert first_line(github.bodies[0]) == (
        f"**Planned** at commit `aaaaaaa` for target `prod-eu`: {run}77>)"
    )
    old = github.bodies[0].partition("\n\n")[2].strip()
    idpool = moved(github, planned)
    superseded = idpool.run("comment", "github", "--state", "superseded")
    assert superseded.code == 0, superseded.text
    assert first_line(github.bodies[0]) == (
        f"**Superseded** by commit `ddddddd` for target `prod-eu`: {run}78>)"
    )
    assert github.bodies[0].endswith(f"<code>aaaaaaa</code></summary>\n\n{old}\n\n</details>\n")
    assert idpool.run("comment", "github", "plan.json").code == 0
    assert first_line(github.bodies[0]).startswith("**Planned** at commit `ddddddd`")
    assert "What stood here" not in github.bodies[0]
    github.pulls[5].merged, github.pulls[5].state = True, "closed"
    receipt, plan = RECEIPTS["all-done"]
    plan_file(idpool.folder, plan)
    receipt_file(idpool.folder, receipt, plan)
    main = with_variables(idpool, GITHUB_SHA=MERGE, GITHUB_RUN_ID="79")
    applied = main.run("comment", "github", "plan.json", "--receipt", "receipt.json")
    assert applied.code == 0, applied.text
    (body,) = github.bodies
    assert first_line(body) == f"**Applied** at commit `eeeeeee` for target `prod-eu`: {run}79>)"
    assert "**idpool:** Applied: 2 done." in body


def test_a_plan_that_is_superseded_twice_is_folded_once(
    github: GitHubServer, planned: Idpool
) -> None:
    for commit in (NEXT, "f" * 40):
        github.pulls[5].head = commit
        run = with_variables(planned, GITHUB_SHA=commit)
        assert run.run("comment", "github", "--state", "superseded").code == 0
    assert "by commit `fffffff`" in first_line(github.bodies[0])
    assert github.bodies[0].count("What stood here") == 1


def test_an_old_plan_without_room_is_left_out(github: GitHubServer, planned: Idpool) -> None:
    """The state counts, and what is superseded can be read in the edits."""
    room = str(len(github.bodies[0]) + 50)
    idpool = moved(github, planned)
    assert idpool.run("comment", "github", "--state", "superseded", "--max-bytes", room).code == 0
    assert github.bodies[0].count("\n") == 2
    assert "**Superseded** by commit `ddddddd`" in github.bodies[0]


def test_where_there_is_no_comment_there_is_nothing_to_supersede(
    github: GitHubServer, on_hub: Idpool
) -> None:
    on_hub.write("idpool.yaml", PROJECT)
    result = on_hub.run("comment", "github", "--state", "superseded")
    says_nothing_on_stdout(result, 0)
    assert "there is no comment yet that this could supersede" in result.err
    assert github.bodies == []


def test_what_supersedes_comes_too_late_once_its_plan_is_there(
    github: GitHubServer, planned: Idpool
) -> None:
    """Jobs of one pipeline end in any order."""
    before = github.bodies
    result = planned.run("comment", "github", "--state", "superseded")
    assert result.code == 0
    assert "its plan is there already" in result.err
    assert github.bodies == before


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("all-done", "Applied"),
        ("nothing", "Applied"),
        ("only-refused", "Applied"),
        ("mixed", "Failed"),
        ("interrupted", "Failed"),
        ("hostile", "Failed"),
    ],
)
def test_the_receipt_says_what_came_of_it(
    github: GitHubServer, on_hub: Idpool, name: str, word: str
) -> None:
    """Applied: all that could be done; a refusal is no failure, and it says who must act."""
    receipt, plan = RECEIPTS[name]
    plan_file(on_hub.folder, plan)
    receipt_file(on_hub.folder, receipt, plan)
    result = on_hub.run("comment", "github", "plan.json", "--receipt", "receipt.json")
    assert result.code == 0, result.text
    assert first_line(github.bodies[0]).startswith(f"**{word}** at commit `aaaaaaa`")
    if name == "only-refused":
        assert "- **Who:** the author of `specs/game.yaml`" in "".join(
            line.strip() + "\n" for line in github.bodies[0].splitlines()
        )


def test_a_receipt_of_another_plan_is_refused(github: GitHubServer, on_hub: Idpool) -> None:
    receipt, plan = RECEIPTS["all-done"]
    receipt_file(on_hub.folder, receipt, plan)
    result = on_hub.run("comment", "github", "plan.json", "--receipt", "receipt.json")
    says_nothing_on_stdout(result, 1)
    assert "receipt.json is the receipt of another plan than plan.json" in result.err
    assert github.requests == []


def test_a_plan_that_could_not_be_made_is_told(github: GitHubServer, planned: Idpool) -> None:
    """The old plan would be a lie by now."""
    idpool = moved(github, planned)
    result = idpool.run("comment", "github", "--state", "failed")
    assert result.code == 0, result.text
    (body,) = github.bodies
    assert first_line(body).startswith("**Failed** at commit `ddddddd` for target `prod-eu`: ")
    assert "There is no plan for this commit" in body
    assert "idpool:** Plan" not in body


def test_without_a_comment_a_failure_makes_one(gitlab: GitLabServer, on_lab: Idpool) -> None:
    on_lab.write("idpool.yaml", PROJECT)
    assert on_lab.run("comment", "gitlab", "--state", "failed", "--target", "prod-eu").code == 0
    assert "**Failed** at commit `bbbbbbb`" in gitlab.bodies[0]


def test_an_apply_that_did_not_begin_is_told(github: GitHubServer, planned: Idpool) -> None:
    """A stale plan has no receipt; the plan is shown, and that it was not applied."""
    result = planned.run("comment", "github", "plan.json", "--state", "failed")
    assert result.code == 0, result.text
    (body,) = github.bodies
    assert first_line(body).startswith("**Failed** at commit `aaaaaaa`")
    assert "The plan below was not applied" in body
    assert "**idpool:** Plan: 1 to update" in body


def test_a_plan_for_what_is_merged_comes_too_late(github: GitHubServer, planned: Idpool) -> None:
    """A slow job of the pull request must not hide what the apply said."""
    github.pulls[5].merged, github.pulls[5].state = True, "closed"
    before = github.bodies
    for words in (["plan.json"], ["--state", "superseded"]):
        result = planned.run("comment", "github", *words)
        says_nothing_on_stdout(result, 0)
        assert "pull request #5 is merged, and a plan for it comes too late" in result.err
    assert github.bodies == before


def test_gitlab_finds_the_merge_request_of_what_was_merged(
    gitlab: GitLabServer, on_lab: Idpool
) -> None:
    """By the commit of the merge, of the squash, or of the branch that was fast-forwarded."""
    receipt, plan = RECEIPTS["all-done"]
    plan_file(on_lab.folder, plan)
    receipt_file(on_lab.folder, receipt, plan)
    request = gitlab.merge_requests[7]
    request.state, request.merge_commit, request.squash_commit = "merged", MERGE, NEXT
    variables = {"CI_MERGE_REQUEST_IID": "", "CI_MERGE_REQUEST_PROJECT_ID": ""}
    for commit in (MERGE, NEXT, request.sha):
        idpool = with_variables(on_lab, CI_COMMIT_SHA=commit, **variables)
        result = idpool.run("comment", "gitlab", "plan.json", "--receipt", "receipt.json")
        assert result.code == 0, result.text
        assert f"**Applied** at commit `{commit[:7]}`" in gitlab.bodies[0]
    assert len(gitlab.bodies) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "there is no plan to comment on"),
        (["--state", "planned"], "there is no plan to comment on"),
        (["--receipt", "receipt.json"], "there is no plan to comment on"),
        (["plan.json", "--target", "prod-eu"], "plan.json says itself whose it is"),
        (["plan.json", "--project", "idpool.yaml"], "plan.json says itself whose it is"),
        (["plan.json", "--receipt", "receipt.json", "--state", "failed"], "the receipt says what"),
        (["plan.json", "--state", "applied"], "--state"),
        (["--state", "failed", "--target", "nowhere"], "there is no target nowhere"),
        (["plan.json", "--commit", "abc"], "--commit is not a full commit hash"),
        (["plan.json", "--id", "x" * 201], "--id is too long"),
        (["plan.json", "--max-bytes", "10"], "--max-bytes"),
        (["plan.json", "--repository", "../x"], "this is no repository's name"),
        (["plan.json", "--repository", "acme/.."], "this is no repository's name"),
        (["plan.json", "--api-url", "http://api.example"], "only https:// is taken"),
        (["plan.json", "--api-url", "https://me:pw@h.example"], "with a user in it is not taken"),
        (["plan.json", "--api-url", "ftp://127.0.0.1/"], "only https:// is taken"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_sent(
    github: GitHubServer, on_hub: Idpool, words: list[str], told: str
) -> None:
    on_hub.write("idpool.yaml", PROJECT)
    receipt_file(on_hub.folder, RECEIPTS["all-done"][0], PLANS["settings"])
    result = on_hub.run("comment", "github", *words)
    says_nothing_on_stdout(result, 64)
    assert told in result.err
    assert github.requests == []


def test_a_plan_that_was_changed_by_hand_is_refused(github: GitHubServer, on_hub: Idpool) -> None:
    """Read as what anybody may have written."""
    path: Path = on_hub.folder / "plan.json"
    path.write_text(path.read_text().replace("storefront", "storefr0nt", 1))
    result = on_hub.run("comment", "github", "plan.json")
    says_nothing_on_stdout(result, 1)
    assert "plan.json:" in result.err
    assert github.requests == []
