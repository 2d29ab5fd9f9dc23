"""``idpool drift --format NAME[=FILE]``: the same drift in every format, told to everybody."""

import json
from xml.etree import ElementTree as ET

import pytest

from reconciler.planner.drift import drift_of
from reconciler.reports.drift_report import drift_report
from reconciler.reports.format_names import OF_DRIFT, Format
from reconciler.reports.formats import REPORT_FORMATS
from tests.drift.conftest import change
from tests.drift.receiver import Receiver
from tests.drift.test_golden import FOLDER, KNOWN, OVER, TODAY, check, written
from tests.e2e.conftest import Account
from tests.reports.plans import PLANS
from tests.support.cli import Idpool

ENDINGS = {
    Format.MARKDOWN: "md",
    Format.HTML: "html",
    Format.JUNIT: "junit.xml",
    Format.SARIF: "sarif.json",
    Format.GITHUB: "github.txt",
}


@pytest.mark.parametrize("form", ENDINGS)
@pytest.mark.parametrize("name", ["everything", "hostile"])
def test_every_format_is_as_it_was_looked_at(name: str, form: Format) -> None:
    drift = written(drift_of(PLANS[name], (KNOWN, OVER), TODAY))
    check(f"drift-{name}.{ENDINGS[form]}", REPORT_FORMATS[form](drift_report(drift)))


def test_every_format_is_written_and_the_text_stays_on_stdout(
    idpool: Idpool, account: Account, shop: str
) -> None:
    change(account.client, shop, AllowClassicFlow=True)
    files = [word for form in OF_DRIFT for word in ("--format", f"{form}=out/drift.{form}")]
    result = idpool.run("drift", "specs", *files)
    assert result.code == 2, result.text
    first, _, second, *_, last = result.out.splitlines()
    assert first.startswith("live is wider than the spec: shop: the classic flow is on")
    assert second == last == "Drift: 1 drifted."
    texts = {form: (idpool.folder / f"out/drift.{form}").read_text() for form in OF_DRIFT}
    assert texts[Format.TEXT] == result.out
    assert json.loads(texts[Format.JSON])["targets"][0]["pools"][0]["kind"] == "changed"
    first, _, second, *_ = texts[Format.MARKDOWN].splitlines()
    assert first.startswith("- **live is wider than the spec:** `shop`: the classic flow is on")
    assert second == "**idpool:** Drift: 1 drifted."
    assert texts[Format.HTML].startswith("<!doctype html>")
    assert ET.fromstring(texts[Format.JUNIT]).attrib["failures"] == "1"
    (run,) = json.loads(texts[Format.SARIF])["runs"]
    assert [each["ruleId"] for each in run["results"]] == ["drift/changed"]
    assert texts[Format.GITHUB].startswith("::warning file=specs/shop.yaml,line=1,title=")


def test_no_drift_passes_in_every_format(idpool: Idpool, shop: str) -> None:
    assert shop
    result = idpool.run("drift", "specs", "--format", "junit", "--format", "github=out.txt")
    assert result.code == 0, result.text
    suite = ET.fromstring(result.out)
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("1", "0")
    assert (idpool.folder / "out.txt").read_text() == ""


def test_a_file_that_cannot_be_written_keeps_nobody_from_being_told(
    idpool: Idpool, account: Account, shop: str, receiver: Receiver
) -> None:
    change(account.client, shop, AllowClassicFlow=True)
    idpool.write("out", "a file where a folder is wanted")
    result = idpool.run(
        "drift", "specs", "--format", "html=out/d.html", "--notify", f"webhook={receiver.url()}"
    )
    assert result.code == 1, result.text
    assert "out/d.html" in result.err
    assert len(receiver.posts) == 1


@pytest.mark.parametrize("option", ["--state", "--metrics"])
def test_two_outputs_into_one_file_are_a_usage_error(
    idpool: Idpool, shop: str, option: str
) -> None:
    assert shop
    result = idpool.run("drift", "specs", option, "x", "--format", "html=./x")
    assert (result.code, result.out) == (64, "")
    assert "two outputs would go to" in result.err


def test_no_golden_file_is_left_over() -> None:
    wanted = {f"drift-{n}.{e}" for n in ("everything", "hostile") for e in ENDINGS.values()}
    wanted |= {f"drift-{name}.txt" for name in ("everything", "hostile", "calm")}
    assert {path.name for path in FOLDER.iterdir()} == wanted
