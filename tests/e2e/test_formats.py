"""``--format NAME[=FILE]``: one on stdout, as many files as one likes."""

import json
import stat
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.cli import Idpool, clean_environment

SPEC = """\
apiVersion: idpool/v1
kind: IdentityPool
metadata:
  name: storefront
spec:
  IdentityPoolName: storefront
"""


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    made = Idpool(tmp_path)
    made.write("specs/storefront.yaml", SPEC)
    return made


def plan(idpool: Idpool, *formats: str) -> tuple[int, str, str]:
    options = [word for each in formats for word in ("--format", each)]
    result = idpool.run("plan", "specs", "--sandbox", *options)
    return result.code, result.out, result.err


def test_text_stays_on_stdout_and_files_are_written_beside_it(idpool: Idpool) -> None:
    forms = ("markdown=out/plan.md", "html=plan.html", "junit=j.xml", "sarif=s.json", "json=p.json")
    code, out, err = plan(idpool, *forms)
    assert (code, out.splitlines()[-1]) == (0, "Plan: 1 to create."), err
    folder = idpool.folder
    assert (folder / "out/plan.md").read_text().startswith("**idpool:** Plan: 1 to create.")
    assert (folder / "plan.html").read_text().startswith("<!doctype html>")
    assert ET.parse(folder / "j.xml").getroot().tag == "testsuites"
    assert json.loads((folder / "s.json").read_text())["version"] == "2.1.0"
    assert json.loads((folder / "p.json").read_text())["schemaVersion"] == 1
    assert not list(folder.rglob(".*plan*"))


@pytest.mark.parametrize("form", ["json", "json=-"])
def test_another_format_takes_stdout(idpool: Idpool, form: str) -> None:
    code, out, _ = plan(idpool, form, "text=plan.txt")
    assert code == 0
    assert json.loads(out)["schemaVersion"] == 1
    assert (idpool.folder / "plan.txt").read_text().endswith("Plan: 1 to create.\n")


@pytest.mark.parametrize(
    ("formats", "said"),
    [
        (("json", "markdown=-"), "json and markdown cannot both go to stdout"),
        (("text", "json"), "text and json cannot both go to stdout"),
        (("pdf",), "there is no format 'pdf' here"),
        (("json=",), "--format json= names no file"),
        (("json=a", "html=./a"), "two outputs would go to a"),
    ],
)
def test_what_cannot_be_is_a_usage_error(
    idpool: Idpool, formats: tuple[str, ...], said: str
) -> None:
    code, out, err = plan(idpool, *formats)
    assert (code, out) == (64, "")
    assert said in err
    assert not list(idpool.folder.glob("a"))


def test_a_receipt_has_no_sarif(idpool: Idpool) -> None:
    result = idpool.run("apply", "specs", "--sandbox", "--yes", "--format", "sarif=x")
    assert result.code == 64
    assert "the formats are: text, json, markdown, html, junit, github" in result.err


def test_apply_writes_the_receipt_in_every_format(idpool: Idpool) -> None:
    words = ("--format", "markdown=r.md", "--format", "junit=r.xml", "--format", "json")
    result = idpool.run("apply", "specs", "--sandbox", "--yes", *words)
    assert result.code == 0, result.err
    assert json.loads(result.out)["pools"][0]["name"] == "storefront"
    assert "| `+` | `storefront` | created |" in (idpool.folder / "r.md").read_text()
    assert 'failures="0"' in (idpool.folder / "r.xml").read_text()


def test_validate_annotates_what_is_wrong(idpool: Idpool) -> None:
    idpool.write("specs/bad.yaml", SPEC.replace("spec:", "spek:").replace("storefront", "bad"))
    result = idpool.run("validate", "specs", "--format", "github", "--format", "sarif=s.json")
    assert result.code == 1
    assert all(line.startswith("::error file=specs/bad.yaml,") for line in result.out.splitlines())
    results = json.loads((idpool.folder / "s.json").read_text())["runs"][0]["results"]
    assert len(results) == len(result.out.splitlines()) > 0


def test_the_steps_summary_gets_the_markdown_after_what_is_there(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    idpool = Idpool(tmp_path, clean_environment(GITHUB_STEP_SUMMARY=str(summary)))
    idpool.write("specs/storefront.yaml", SPEC)
    assert idpool.run("plan", "specs", "--sandbox").code == 0
    assert summary.read_text() == "before\n"
    code, out, _ = plan(idpool, "github")
    assert (code, out) == (0, "")
    assert summary.read_text().startswith("before\n**idpool:** Plan: 1 to create.")


def test_a_summary_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    idpool = Idpool(tmp_path, clean_environment(GITHUB_STEP_SUMMARY=str(tmp_path)))
    idpool.write("specs/storefront.yaml", SPEC)
    code, _, err = plan(idpool, "github")
    assert code == 0
    assert "The step's summary was not written" in err


def test_a_file_that_cannot_be_written_is_told_after_the_others(idpool: Idpool) -> None:
    (idpool.folder / "taken").mkdir()
    code, out, err = plan(idpool, "markdown=taken", "html=plan.html")
    assert code == 1
    assert "Plan: 1 to create." in out
    assert "taken cannot be written" in err
    mode = stat.S_IMODE((idpool.folder / "plan.html").stat().st_mode)
    assert mode == 0o644


def test_paths_of_a_project_are_the_same_in_every_checkout(idpool: Idpool) -> None:
    """A reviewer reads specs/storefront.yaml, and not where a runner keeps its work."""
    idpool.write(
        "idpool.yaml", "apiVersion: idpool/v1\nkind: Project\nowner: me\nspecs: [specs/]\n"
    )
    result = idpool.run("plan", "--sandbox", "--format", "sarif=s.json")
    assert "+ create storefront  specs/storefront.yaml:1\n" in result.out
    assert str(idpool.folder) not in result.text + (idpool.folder / "s.json").read_text()
    (idpool.folder / "below").mkdir()
    below = Idpool(idpool.folder / "below").run("plan", "--sandbox=../.idpool/sandbox.json")
    assert "+ create storefront  ../specs/storefront.yaml:1\n" in below.out


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "specs", "--sandbox", "--out", "x", "--format", "json=./x"),
        ("show", "x", "--format", "json=x"),
        ("apply", "specs", "--sandbox", "--yes", "--receipt", "x", "--format", "json=x"),
        ("apply", "specs", "--sandbox", "--yes", "--receipt", "x", "--journal", "x"),
    ],
)
def test_no_output_overwrites_another(idpool: Idpool, words: tuple[str, ...]) -> None:
    """Nor the file that is shown."""
    result = idpool.run(*words)
    assert (result.code, result.out) == (64, "")
    assert "two outputs would go to" in result.err
    assert not (idpool.folder / "x").exists()


def test_paths_beside_a_diff_start_at_the_repository(idpool: Idpool) -> None:
    """SARIF and annotations name files as the pull request does, wherever the job's folder is."""
    (idpool.folder / ".git").mkdir()
    below = Idpool(idpool.folder / "identity", idpool.environment)
    below.write("specs/storefront.yaml", SPEC.replace("Name: storefront", "Name: 7"))
    formats = ("--format", "github", "--format", "sarif=s.json", "--format", "markdown=f.md")
    for command in ("validate", "plan"):
        invalid = below.run(command, "specs", *formats)
        assert invalid.code == 1
        assert "::error file=identity/specs/storefront.yaml,line=6," in invalid.out
        assert "specs/storefront.yaml:6:" in (below.folder / "f.md").read_text()
        (run,) = json.loads((below.folder / "s.json").read_text())["runs"]
        (place,) = run["results"][0]["locations"]
        uri = place["physicalLocation"]["artifactLocation"]["uri"]
        assert uri == "identity/specs/storefront.yaml"


def test_what_is_wrong_takes_no_plan_s_place_where_programs_read(idpool: Idpool) -> None:
    """A plan's JSON is a plan or is not there; the diff and the summary say what is wrong."""
    idpool.write("specs/storefront.yaml", SPEC.replace("Name: storefront", "Name: 7"))
    code, out, err = plan(idpool, "json", "junit=j.xml", "sarif=s.json")
    assert (code, out) == (1, "")
    assert "specs/storefront.yaml:6:" in err
    assert {path.name for path in idpool.folder.iterdir()} == {"specs", "s.json"}
