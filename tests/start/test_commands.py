"""What is listed of the commands is what they say of themselves when they are imported."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from inspect import isfunction
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

import reconciler.cli
from reconciler.cli.app import app
from reconciler.cli.commands import LISTED
from reconciler.reports import format_names, formats

PROGRAM: Any = typer.main.get_command(app)


def eager() -> TyperGroup:
    """The program as a plain group of commands that are all there already."""
    return TyperGroup(
        name=PROGRAM.name,
        commands=dict(PROGRAM.commands),
        params=PROGRAM.params,
        help=PROGRAM.help,
        no_args_is_help=True,
    )


def shown(program: Any, capsys: pytest.CaptureFixture[str]) -> str:
    """The help as it is printed."""
    text = program.get_help(program.make_context("idpool", ["x"], resilient_parsing=True))
    return capsys.readouterr().out + str(text)


def modules() -> Iterator[str]:
    """The modules of cli that bring a command of their own name, or several."""
    for found in pkgutil.iter_modules(reconciler.cli.__path__):
        module = import_module(f"reconciler.cli.{found.name}")
        several = getattr(module, "app", None)
        is_command = hasattr(module, "typer") and isfunction(getattr(module, found.name, None))
        if is_command or (several is not None and several.info.name == found.name):
            yield found.name


@pytest.mark.parametrize("name", LISTED)
def test_a_command_is_listed_with_what_it_says_first(name: str) -> None:
    command = PROGRAM.commands[name]
    assert command.name == name
    assert command.help.partition("\n\n")[0] == LISTED[name]
    assert not any((command.hidden, command.deprecated, command.short_help))


def test_every_command_is_listed() -> None:
    """``import`` lives in ``import_pools``: Python keeps its name for itself."""
    found = {"import" if word == "import_pools" else word.replace("_", "-") for word in modules()}
    assert found == set(LISTED) == set(PROGRAM.commands)


@pytest.mark.parametrize("columns", ["40", "80", "200"])
@pytest.mark.parametrize("colour", [{}, {"FORCE_COLOR": "1", "TERM": "xterm"}])
def test_the_help_is_that_of_commands_that_are_all_imported(
    columns: str,
    colour: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for key, value in {"COLUMNS": columns, **colour}.items():
        monkeypatch.setenv(key, value)
    text = shown(PROGRAM, capsys)
    assert "iam-policy" in text
    assert text == shown(eager(), capsys)


@pytest.mark.parametrize("start", ["", "v", "s", "im", "xyz", "--"])
def test_completion_offers_what_commands_that_are_all_imported_would(start: str) -> None:
    offered = [
        [(item.value, item.help) for item in program.shell_complete(context, start)]
        for program in (PROGRAM, eager())
        for context in [program.make_context("idpool", [], resilient_parsing=True)]
    ]
    assert offered[0] == offered[1]
    assert bool(offered[0]) == (start != "xyz")


@pytest.mark.parametrize("words", [["plann"], ["iam_policy"], ["import_pools"], ["app"], [""]])
def test_a_misspelt_command_is_told_as_by_commands_that_are_all_imported(words: list[str]) -> None:
    told = []
    for program in (PROGRAM, eager()):
        context = program.make_context("idpool", [], resilient_parsing=True)
        context.resilient_parsing = False
        with pytest.raises(typer.TyperException) as raised:
            program.resolve_command(context, words)
        told.append(raised.value.format_message())
    assert told[0] == told[1]
    assert told[0].startswith(f"No such command {words[0]!r}.")


def test_a_listed_command_comes_back_as_itself() -> None:
    """Who runs a command gets the imported one, and the same one each time."""
    context = PROGRAM.make_context("idpool", [], resilient_parsing=True)
    name, command, rest = PROGRAM.resolve_command(context, ["schema", "plan"])
    assert (name, rest) == ("schema", ["plan"])
    assert command is PROGRAM.commands["schema"]
    assert command.callback is not None


def test_the_names_of_the_formats_are_those_that_are_written() -> None:
    """In the order in which an error names them."""
    assert tuple(formats.PLAN_FORMATS) == format_names.OF_PLANS
    assert tuple(formats.RECEIPT_FORMATS) == format_names.OF_RECEIPTS
    assert tuple(formats.FINDINGS_FORMATS) == format_names.OF_FINDINGS
