"""A command imports no heavy package that it does not need, for each costs milliseconds."""

import shutil
from pathlib import Path

import pytest

from tests.start.imports import Run, run

SPECS = Path(__file__).parents[2] / "specs"
STARTING = {"click"}
CHECKING = STARTING | {"ruamel", "jsonschema_rs"}
LOADING = CHECKING | {"pydantic"}
READING = LOADING | {"botocore", "urllib3", "tenacity"}
SANDBOX = {"asyncio", "boto3", "moto", "flask", "werkzeug", "requests"}
COSTS = {
    "--version": STARTING,
    "--help": STARTING,
    "plann": STARTING,
    "plan --help": STARTING,
    "plan --no-such-option": STARTING,
    "completion bash": STARTING,
    "schema": STARTING | {"pydantic", "jsonschema_rs"},
    f"init github --from git+https://h.example/x@{'c' * 40}": STARTING | {"pydantic"},
    "validate specs/game.yaml": CHECKING,
    "validate --strict specs/game.yaml": CHECKING,
    "validate wrong.yaml": CHECKING,
    "check specs": CHECKING,
    "graph specs/game.yaml": LOADING,
    "check project/specs": CHECKING,
    "check policies/specs": LOADING | {"cel", "asyncio", "rich"},
    "fmt --check specs": LOADING,
    "export terraform specs": LOADING,
    "simulate specs/game.yaml --guest": READING,
    "test specs/game.yaml": READING,
    "simulate specs/game.yaml --guest --live --sandbox": READING | SANDBOX,
    "plan wrong.yaml": READING,
    "plan specs --sandbox": READING | SANDBOX | {"deepdiff"},
    "apply specs/game.yaml --sandbox --yes": READING | SANDBOX,
}

_PROJECT = "apiVersion: idpool/v1\nkind: Project\nowner: acme\nspecs: [specs]\n"
_POLICIES = "policies: [{id: mine, severity: error, assert: 'true', message: x}]\n"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Each command once, in a folder with specs, a wrong one among them."""
    folder = tmp_path_factory.mktemp("start")
    shutil.copytree(SPECS, folder / "specs")
    (folder / "wrong.yaml").write_text("apiVersion: idpool/v1\nkind: IdentityPool\n")
    for name, policies in (("project", ""), ("policies", _POLICIES)):
        (folder / name / "specs").mkdir(parents=True)
        shutil.copy(SPECS / "game.yaml", folder / name / "specs")
        (folder / name / "idpool.yaml").write_text(f"{_PROJECT}{policies}")
    return {words: run(folder, *words.split()) for words in COSTS}


@pytest.mark.parametrize("words", COSTS)
def test_a_command_imports_no_heavy_package_that_it_does_not_need(
    runs: dict[str, Run], words: str
) -> None:
    """Nor fewer than are listed here: then the list says too much, and would notice too little."""
    assert runs[words].heavy == COSTS[words], runs[words].result.text


def test_the_commands_did_what_they_were_run_for(runs: dict[str, Run]) -> None:
    """A command that fails early imports little, and would prove nothing."""
    codes = {words: each.result.code for words, each in runs.items()}
    usage = {"plann", "plan --no-such-option", "test specs/game.yaml"}
    live = "simulate specs/game.yaml --guest --live --sandbox"
    failed = {"validate wrong.yaml", "plan wrong.yaml", "export terraform specs", live}
    assert codes == {words: 64 if words in usage else int(words in failed) for words in COSTS}
    assert runs["validate specs/game.yaml"].result.out == "1 spec valid.\n"
    assert "create" in runs["plan specs --sandbox"].result.out


def test_a_command_imports_no_module_of_other_commands(runs: dict[str, Run]) -> None:
    """Only help shows all of them."""
    modules = {
        words: {name for name in each.own if name in ("cli.specs", "cli.pools", "cli.tools")}
        for words, each in runs.items()
    }
    assert modules["validate specs/game.yaml"] == {"cli.specs"}
    assert modules["plan --help"] == modules["plan specs --sandbox"] == {"cli.pools"}
    assert modules["export terraform specs"] == {"cli.tools"}
    assert modules["completion bash"] == modules["plann"] == set()
    assert modules["--help"] == {"cli.specs", "cli.pools", "cli.tools"}
