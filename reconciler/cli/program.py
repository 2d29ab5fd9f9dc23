"""The program: its commands in the order of its help."""

import click

from reconciler import __version__
from reconciler.cli import pools, specs, tools
from reconciler.cli.completion import SHELLS, script
from reconciler.cli.help import Command, Group
from reconciler.terminal.streams import open_streams


@click.group("idpool", cls=Group, no_args_is_help=True)
@click.version_option(__version__, message="idpool %(version)s")
def program() -> None:
    """Keep Amazon Cognito identity pools as YAML specs in Git say.

    Example: idpool init github

    Example: idpool plan specs/ --sandbox
    """


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(SHELLS), help="Whose syntax it is in.")
def completion(shell: str) -> None:
    """Print what a shell reads to complete commands, options, targets and specs.

    Example: idpool completion bash
    """
    open_streams().artefact(script(shell))


@click.command(cls=Command)
def version() -> None:
    """Print the version.

    Example: idpool version
    """
    open_streams().artefact(f"idpool {__version__}\n")


for _heading, _commands in (
    ("Write specs", (specs.init, specs.validate, specs.fmt, specs.schema, specs.iam_policy)),
    (
        "Make live what they say",
        (pools.plan, pools.show, pools.apply, pools.rollback, pools.drift, pools.unlock),
    ),
    ("Take over what is there", (pools.import_, pools.adopt, pools.pull)),
    ("Beside others", (tools.comment, tools.convert, tools.export, tools.sandbox)),
    ("This program", (completion, version)),
):
    for _command in _commands:
        program.add_command(_command)
        program.headings[str(_command.name)] = _heading
