"""A command imports what it uses: each import that nobody needs is milliseconds of every start."""

import shutil
from pathlib import Path

import pytest

from reconciler.sandbox import SandboxServer, SandboxSettings
from tests.faults.scenario import FULL
from tests.start.imports import Run, run
from tests.support.cli import aws_environment
from tests.support.specs import document, yaml_of

SPECS = Path(__file__).parents[2] / "specs"
# Every command's: typer checks the values of options with pydantic.
OPTIONS = {"typer", "pydantic"}
CHECKING = {"ruamel", "jsonschema_rs", "pydantic"}
LOADING = OPTIONS | CHECKING
READING = LOADING | {"boto3", "botocore", "urllib3", "tenacity", "asyncio"}
SANDBOX = {"moto", "flask", "werkzeug", "requests"}
# Heavy packages, and the most modules of our own, and of all.  All is what Python 3.11 to 3.13 and
# the locked packages need, and some room: it notices packages that the list does not know.
COSTS = {
    "--version": (set(), 2, 80),
    "--help": ({"typer", "rich"}, 13, 360),
    "plann": (OPTIONS, 13, 290),
    "plan --help": (OPTIONS | {"rich"}, 13, 460),
    "plan --no-such-option": (OPTIONS, 13, 290),
    "schema": (OPTIONS | {"jsonschema_rs"}, 43, 330),
    f"init github --from git+https://h.example/x@{'c' * 40}": (OPTIONS, 36, 320),
    "sandbox reset": (OPTIONS, 28, 310),
    "validate specs/game.yaml": (CHECKING, 63, 340),
    "validate --strict specs/game.yaml": (LOADING, 68, 400),
    "validate wrong.yaml": (CHECKING, 68, 350),
    "fmt --check specs": (LOADING, 80, 410),
    "plan wrong.yaml": (LOADING, 93, 430),
    "apply wrong.yaml --yes": (LOADING, 98, 440),
    "pull no-such-spec --spec specs --sandbox": (LOADING, 93, 420),
    "export terraform specs": (LOADING, 113, 430),
    "plan specs --sandbox": (READING | SANDBOX | {"deepdiff"}, 168, 1250),
    "apply specs/game.yaml --sandbox --yes": (READING | SANDBOX, 171, 1250),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Each command once, in a folder with specs, a wrong one among them."""
    folder = tmp_path_factory.mktemp("start")
    shutil.copytree(SPECS, folder / "specs")
    (folder / "wrong.yaml").write_text("apiVersion: idpool/v1\nkind: IdentityPool\n")
    return {words: run(folder, *words.split()) for words in COSTS}


@pytest.mark.parametrize("words", COSTS)
def test_a_command_imports_no_heavy_package_that_it_does_not_need(
    runs: dict[str, Run], words: str
) -> None:
    """Nor fewer than are listed here: then the list says too much, and would notice too little."""
    assert runs[words].heavy == COSTS[words][0], runs[words].result.text


@pytest.mark.parametrize("words", COSTS)
def test_a_command_imports_few_modules(runs: dict[str, Run], words: str) -> None:
    _, most_own, most = COSTS[words]
    assert len(runs[words].own) <= most_own, sorted(runs[words].own)
    assert len(runs[words].modules) <= most, sorted(runs[words].modules)


def test_the_commands_did_what_they_were_run_for(runs: dict[str, Run]) -> None:
    """A command that fails early imports little, and would prove nothing."""
    codes = {words: each.result.code for words, each in runs.items()}
    usage = {"plann", "plan --no-such-option", "pull no-such-spec --spec specs --sandbox"}
    failed = {
        "validate wrong.yaml",
        "plan wrong.yaml",
        "apply wrong.yaml --yes",
        "export terraform specs",
    }
    expected = {words: 64 if words in usage else int(words in failed) for words in COSTS}
    assert codes == expected
    assert runs["validate specs/game.yaml"].result.out == "1 spec valid.\n"
    assert "create" in runs["plan specs --sandbox"].result.out


def test_only_the_module_of_the_command_that_runs_is_imported(runs: dict[str, Run]) -> None:
    commands = {"cli.fmt", "cli.plan", "cli.schema", "cli.sandbox", "cli.validate", "cli.apply"}
    for words, mine in (
        ("--help", set()),
        ("plann", set()),
        ("schema", {"cli.schema"}),
        ("plan wrong.yaml", {"cli.plan"}),
        ("fmt --check specs", {"cli.fmt"}),
    ):
        assert runs[words].own & commands == mine, words


def test_an_apply_of_specs_needs_nothing_of_what_it_does_not_do(runs: dict[str, Run]) -> None:
    """Saved plans, drift, receipts read back, locks, and the reports of other formats."""
    own = runs["apply specs/game.yaml --sandbox --yes"].own
    assert {"executor.newcomers", "model.receipt", "reports.receipt_text"} <= own
    modules = {"cli.applying_saved", "cli.consuming", "cli.saving", "cli.resuming", "executor.lock"}
    rooms = {"loader.records", "loader.saved_plans", "planner.resumption", "reports.json_reports"}
    models = {"model.drift", "model.drift_state", "model.lock", "model.saved_plan"}
    assert not own & (modules | rooms | models)


def test_a_plan_that_is_not_saved_needs_no_records(runs: dict[str, Run]) -> None:
    own = runs["plan specs --sandbox"].own
    assert "reports.plan_text" in own
    assert not own & {"cli.saving", "loader.records", "model.journal", "model.saved_plan"}


def test_an_apply_of_invalid_specs_imports_nothing_that_applies(runs: dict[str, Run]) -> None:
    own = runs["apply wrong.yaml --yes"].own
    assert "cli.applying_specs" in own
    assert not {name for name in own if name.startswith(("executor.", "live.", "planner."))}


def test_completion_imports_no_command_but_the_one_that_is_completed(tmp_path: Path) -> None:
    def completed(words: str) -> Run:
        settings = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
        return run(tmp_path, _IDPOOL_COMPLETE="complete_bash", **settings)

    names, options = completed("idpool va"), completed("idpool schema --o")
    assert names.result.out == "validate\n"
    assert options.result.out == "--out\n"
    assert names.heavy == options.heavy == OPTIONS
    assert "cli.validate" not in names.own
    assert options.own - names.own == {"cli.schema"}


@pytest.mark.parametrize("words", COSTS)
def test_hardly_any_garbage_is_looked_for(runs: dict[str, Run], words: str) -> None:
    """Hardly anything of a start is garbage; and when it exits the system takes everything back."""
    at_least = runs["--version"]  # Python itself, before the first line of idpool
    assert runs[words].collections <= at_least.collections + 5
    assert runs[words].frozen > 100 * len(runs[words].modules)


def test_nor_is_it_when_many_pools_are_made(tmp_path: Path) -> None:
    """All threads would wait for it."""

    def collections(sandbox: SandboxServer, count: int) -> int:
        documents = [document(f"pool-{count}-{number}", FULL) for number in range(count)]
        (tmp_path / "pools.yaml").write_text(yaml_of(*documents), encoding="utf-8")
        made = run(tmp_path, "apply", "pools.yaml", "--yes", **aws_environment(sandbox.url))
        assert made.result.code == 0, made.result.text
        return made.collections

    with SandboxServer(SandboxSettings(file=None)) as sandbox:
        assert collections(sandbox, 400) == collections(sandbox, 1)
