"""The program: its commands in the order of its help, each module of them imported when needed."""

from collections import UserDict
from importlib import import_module
from typing import Final

import click

from reconciler import __version__
from reconciler.cli.completion import SHELLS, script
from reconciler.cli.help import Group
from reconciler.terminal.streams import open_streams

# Headings of the help, and the module of this room that has the commands below each.
_COMMANDS: Final = (
    ("Write specs", "specs", ("init", "validate", "check", "fmt", "schema", "iam-policy")),
    (
        "Make live what they say",
        "pools",
        ("render", "plan", "show", "apply", "rollback", "drift", "unlock"),
    ),
    ("Take over what is there", "pools", ("import", "adopt", "pull")),
    ("Beside others", "tools", ("comment", "convert", "export", "sandbox")),
    ("This program", "program", ("completion", "version")),
)
_MODULES: Final = {name: module for _, module, names in _COMMANDS for name in names}


class _Commands(UserDict[str, click.Command]):
    """The commands by name: all modules of commands together take 20 ms to import."""

    def __getitem__(self, name: str) -> click.Command:
        known: Group = import_module(f"reconciler.cli.{_MODULES[name]}").commands
        return known.commands[name]


@click.group("idpool", cls=Group)
@click.version_option(__version__, message="idpool %(version)s")
def program() -> None:
    """Keep Amazon Cognito identity pools as YAML specs in Git say.

    Example: idpool init github

    Example: idpool plan specs/ --sandbox
    """


program.headings = {name: heading for heading, _, names in _COMMANDS for name in names}
program.commands = _Commands({name: click.Command(name) for name in _MODULES})
commands = Group()


@commands.command()
@click.argument("shell", type=click.Choice(SHELLS), help="Whose syntax it is in.")
def completion(shell: str) -> None:
    """Print what a shell reads to complete commands, options, targets and specs.

    Example: idpool completion bash
    """
    open_streams().artefact(script(shell))


@commands.command()
def version() -> None:
    """Print the version.

    Example: idpool version
    """
    open_streams().artefact(f"idpool {__version__}\n")
