"""The commands by name.  What one of them imports is no other one's business."""

from collections.abc import Iterator, Mapping, MutableMapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

import typer.main
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer._click import Command, Context

# With the first paragraph of what a command says of itself, so that a list of all needs none of
# their modules.
LISTED: Final[Mapping[str, str]] = {
    "init": "Write a project file, a first spec and pipelines. What is there already is left "
    "alone.",
    "validate": "Check specs and the project file, without AWS.",
    "plan": "Show what apply would do, and change nothing.",
    "show": "Print a saved plan as plan did, with when it was made, and from which commit; "
    "without AWS.",
    "apply": "Show the plan, ask, and make live what the specs say; or apply a saved plan, "
    "unasked.",
    "drift": "Show how AWS has moved away from the specs, and change nothing. Exit 2 when it has.",
    "import": "Write one spec for each pool that exists already, so that idpool can take it over.",
    "adopt": "Write metadata.adopt into specs, so that apply takes over pools that exist already.",
    "pull": "Accept what was changed in AWS: write it into the specs, and touch no other line of "
    "them.",
    "fmt": "Put fields into their documented order and one style; comments and meaning stay.",
    "rollback": "Show what takes an apply back, pool by pool, and say what cannot be undone.",
    "schema": "Print the JSON Schema of specs and projects, or of a file that idpool writes.",
    "iam-policy": "Print the least IAM policy for a job, as JSON: narrowed to the project's "
    "targets and roles.",
    "unlock": "Show who holds the locks of the targets, ask, and remove them.",
    "comment": "Keep one comment on a pull request that says what the plan is, and what became of "
    "it.",
    "convert": "Make specs from a CloudFormation template, or a Terraform state or plan.",
    "export": "Write specs as a CloudFormation template or a Terraform configuration.",
    "sandbox": "Identity pools without AWS: moto, taught the rules of the service.",
}
_MODULES: Final[Mapping[str, str]] = {"import": "import_pools"}  # a module cannot be named so


class Commands(TyperGroup):
    """Lists every command, and imports the one that is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = cast("MutableMapping[str, Command]", _Commands())  # none is ever added

    def list_commands(self, ctx: "Context") -> list[str]:  # noqa: ARG002 - typer's signature
        """The names, in the order of the list."""
        return list(LISTED)

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":  # noqa: ARG002
        """A command as help and completion list it: with a name and a text, and nothing to run."""
        text = LISTED.get(cmd_name)
        return None if text is None else TyperCommand(cmd_name, help=text)

    def resolve_command(
        self, ctx: "Context", args: list[str]
    ) -> "tuple[str | None, Command | None, list[str]]":
        """The command that the words call, imported."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else self.commands[name], rest


class _Commands(Mapping[str, "Command"]):
    """All commands, each of them imported when it is asked for."""

    def __getitem__(self, name: str) -> "Command":
        if name not in LISTED:
            raise KeyError(name)
        return _command(name)

    def __iter__(self) -> Iterator[str]:
        return iter(LISTED)

    def __len__(self) -> int:
        return len(LISTED)


@cache
def _command(name: str) -> "Command":
    """The command of a module that is called as it is.

    So is the function there; a command that has several of its own is the module's ``app``.
    """
    word = _MODULES.get(name, name.replace("-", "_"))
    module = import_module(f"reconciler.cli.{word}")
    if hasattr(module, "app"):
        return typer.main.get_group(module.app)
    alone = typer.Typer(add_completion=False)
    alone.command(name)(getattr(module, word))
    return typer.main.get_command(alone)
