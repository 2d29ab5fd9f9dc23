"""The program's help, hints and completion."""

import subprocess
from pathlib import Path

import click
import pytest

from reconciler.cli.completion import SHELLS
from reconciler.cli.help import foreign_words
from reconciler.cli.program import program
from reconciler.reports import format_names, formats
from tests.support.cli import Idpool, clean_environment
from tests.support.specs import document, yaml_of

FOREIGN_COMMANDS, FOREIGN_OPTIONS = foreign_words("commands"), foreign_words("options")
PROJECT = """\
apiVersion: idpool/v1
kind: Project
owner: default
specs: [specs]
targets:
  prod-eu: {account: "111122223333", region: eu-west-1}
  prod-us: {account: "444455556666", region: us-east-1}
  dev: {account: "777788889999", region: eu-west-1}
"""


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    """A project with three targets and two specs."""
    made = Idpool(tmp_path, clean_environment())
    made.write("idpool.yaml", PROJECT)
    made.write("specs/all.yaml", yaml_of(document("shop"), document("game")))
    return made


def completed(idpool: Idpool, *words: str) -> list[str]:
    """What bash is offered for the last of the words."""
    asked = {"COMP_WORDS": " ".join(["idpool", *words]), "COMP_CWORD": str(len(words))}
    environment = {**idpool.environment, "_IDPOOL_COMPLETE": "bash_complete", **asked}
    result = Idpool(idpool.folder, environment).run()
    assert (result.code, result.err) == (0, "")
    return [line.partition(",")[2] for line in result.out.splitlines() if line]


@pytest.mark.parametrize("word", ["-h", "--help"])
@pytest.mark.parametrize("command", ["", "plan", "comment github", "sandbox"])
def test_help_by_both_words(idpool: Idpool, command: str, word: str) -> None:
    result = idpool.run(*command.split(), word)
    assert (result.code, result.err) == (0, "")
    assert f"docs/reference.md#{'-'.join(['idpool', *command.split()])}" in result.out


def test_flags_show_no_type_and_options_stand_in_parts(idpool: Idpool) -> None:
    text = idpool.run("apply", "--help").out
    assert "<bool>" not in text
    headings = ["Options:", "What is worked on:", "How AWS is called:", "What is shown:"]
    places = [text.index(each) for each in headings]
    assert places == sorted(places)
    assert text.rindex("$ idpool apply plan.json") > places[-1]


def test_every_command_is_under_a_heading_in_the_programs_help(idpool: Idpool) -> None:
    text = idpool.run("--help").out
    assert "\nCommands:" not in text
    assert all(f"\n  {name} " in text for name in program.commands)


@pytest.mark.parametrize("words", ["", "comment", "sandbox"])
def test_without_a_command_the_help_is_shown(idpool: Idpool, words: str) -> None:
    result = idpool.run(*words.split())
    assert (result.code, result.out) == (64, "")
    assert result.err.startswith("Usage: idpool")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("plann", "see idpool --help"),
        ("plan --paralellism 3", "see idpool plan --help"),
        ("plan --target dev --out plan.json --paralellism 3", "see idpool plan --help"),
        (
            "plan --target dev -target=prod",
            FOREIGN_OPTIONS["target"],
        ),
        ("plan -target=prod", FOREIGN_OPTIONS["target"]),
        ("apply -auto-approve", "--yes does not ask"),
        ("apply --auto-approve", "--yes does not ask"),
        ("apply --dry-run", "idpool plan shows what apply would do, and changes nothing"),
        ("apply -f specs/", "name spec files and folders as they are: idpool plan specs/"),
        ("destroy", FOREIGN_COMMANDS["destroy"]),
        ("delete shop", FOREIGN_COMMANDS["delete"]),
        ("plan --parallelism 0", "see idpool plan --help"),
        ("plan --time-budget nan", "see idpool plan --help"),
    ],
)
def test_what_is_no_word_of_ours_gets_a_hint(idpool: Idpool, words: str, hint: str) -> None:
    """Nothing is run, and other tools' words are known."""
    result = idpool.run(*words.split())
    assert (result.code, result.out) == (64, "")
    assert result.err.startswith("error: ")
    assert result.err.endswith(f"\n  fix: {hint}\n")


def test_no_foreign_command_is_ours() -> None:
    """Else its hint would never be seen."""
    assert not set(FOREIGN_COMMANDS) & set(program.commands)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["va"], ["validate"]),
        (["comment", ""], ["github", "gitlab"]),
        (["plan", "--target", "prod"], ["prod-eu", "prod-us"]),
        (["unlock", ""], ["prod-eu", "prod-us", "dev"]),
        (["pull", ""], ["shop", "game"]),
        (["pull", "g"], ["game"]),
        (["pull", "--field", "Saml"], ["SamlProviderARNs"]),
        (["plan", "--format", "ju"], ["junit"]),
        (["schema", "pro"], ["project"]),
        (["explain", "guest-role-by"], ["guest-role-by-rule"]),
        (["drift", "--par"], ["--parallelism"]),
    ],
)
def test_values_are_completed(idpool: Idpool, words: list[str], offered: list[str]) -> None:
    assert completed(idpool, *words) == offered


@pytest.mark.parametrize("words", [["pull", ""], ["plan", "--target", ""]])
def test_what_cannot_be_read_completes_nothing(idpool: Idpool, words: list[str]) -> None:
    """Somebody is typing: no error, and no traceback."""
    idpool.write("idpool.yaml", "kind: [")
    assert completed(idpool, *words) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_takes_what_completion_prints(idpool: Idpool, shell: str) -> None:
    text = idpool.run("completion", shell).out
    assert "_IDPOOL_COMPLETE" in text
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=text, text=True, check=True)


def test_the_program_runs_as_a_module(idpool: Idpool) -> None:
    assert idpool.run("version").out == idpool.run("--version").out


def test_every_command_says_what_it_does() -> None:
    def leaves(group: click.Group) -> list[click.Command]:
        inner = list(group.commands.values())
        return inner + [e for each in inner if isinstance(each, click.Group) for e in leaves(each)]

    assert all(command.help for command in leaves(program))


def test_the_names_of_the_formats_are_those_that_are_written() -> None:
    """In the order in which an error names them."""
    assert tuple(formats.REPORT_FORMATS) == format_names.OF_PLANS == format_names.OF_DRIFT
    assert set(formats.REPORT_FORMATS) - {"sarif"} == set(format_names.OF_RECEIPTS)
    assert tuple(formats.FINDINGS_FORMATS) == format_names.OF_FINDINGS
