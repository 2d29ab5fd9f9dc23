"""Commands and options that explain themselves: help in parts, examples last, and hints.

A command's docstring is its help; paragraphs that begin with ``Example:`` are shown as such.
"""

import inspect
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import click

_EXAMPLE: Final = "Example: "
_WIDTH: Final = 100
SETTINGS: Final[dict[str, Any]] = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": _WIDTH,
}
# What fingers know from Terraform and kubectl, and what it is here.
FOREIGN_OPTIONS: Final = {
    "auto-approve": "--yes does not ask",
    "dry-run": "idpool plan shows what apply would do, and changes nothing",
    "detailed-exit-code": "it is --detailed-exitcode",
    "filename": "name spec files and folders as they are: idpool plan specs/",
    "f": "name spec files and folders as they are: idpool plan specs/",
    "lock-timeout": "it is --lock-wait SECONDS",
    "out": "idpool plan --out FILE saves a plan",
    "output": "it is --format NAME",
    "o": "it is --format NAME",
    "profile": "set AWS_PROFILE; a target's role stands in idpool.yaml",
    "region": "set AWS_REGION; a target's region stands in idpool.yaml",
    "refresh-only": "idpool drift says how AWS has moved away from the specs",
    "target": "it is --target NAME, and names a target of idpool.yaml",
    "var": "values per target stand in idpool.yaml",
}
FOREIGN_COMMANDS: Final = {
    "create": "idpool apply makes what specs say",
    "delete": "a pool is deleted by its spec: lifecycle.delete: true, then idpool apply",
    "destroy": "a pool is deleted by its spec: lifecycle.delete: true, then idpool apply",
    "diff": "idpool plan shows what apply would do",
    "format": "it is idpool fmt",
    "get": "idpool import lists the pools that there are",
    "graph": "pools do not depend on each other: idpool plan shows all of them",
    "help": "it is idpool --help, or idpool COMMAND --help",
    "list": "idpool import lists the pools that there are",
    "ls": "idpool import lists the pools that there are",
    "lint": "it is idpool validate",
    "preview": "idpool plan shows what apply would do",
    "refresh": "idpool drift says how AWS has moved away from the specs",
    "state": "there is no state: tags say which pool is whose; see idpool adopt",
    "sync": "idpool apply makes live what specs say",
    "taint": "a pool is never replaced, for it holds people's identities",
    "test": "idpool validate checks specs, and idpool plan --sandbox tries them",
}


class Part(StrEnum):
    """The headings under which a command's help lists its options, in this order."""

    OWN = "Options"
    INPUT = "What is worked on"
    AWS = "How AWS is called"
    OUTPUT = "What is shown"


class Option(click.Option):
    """An option that stands under a heading of the help."""

    def __init__(self, *args: Any, part: Part = Part.OWN, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.part = part

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Default and bounds; that a time is not below zero goes without saying."""
        extra = super().get_help_extra(ctx)
        if isinstance(self.type, click.FloatRange):
            extra.pop("range", None)
        return extra


class _Explained(click.Command):
    """A command whose help ends with examples, and says where more is written."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **{"context_settings": SETTINGS, **settings})

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What it does."""
        del ctx
        for each in said_by(self):
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(each)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The end."""
        if examples := examples_of(self):
            with formatter.section("Examples" if len(examples) > 1 else "Example"):
                for example in examples:  # as they are typed: nothing is wrapped
                    formatter.write(f"{'':{formatter.current_indent}}$ {example}\n")
        formatter.write(f"\nMore: docs/reference.md#{'-'.join(ctx.command_path.split())}\n")


class Command(_Explained):
    """A command whose help has its options in parts."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Options by part."""
        for part in Part:
            options = [
                each
                for each in self.get_params(ctx)
                if isinstance(each, click.Option) and getattr(each, "part", Part.OWN) is part
            ]
            records = [record for each in options if (record := each.get_help_record(ctx))]
            if records:
                with formatter.section(part):
                    formatter.write_dl(records)


class Group(_Explained, click.Group):
    """Commands under headings."""

    command_class = Command
    group_class = type

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.headings: dict[str, str] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which they were written."""
        del ctx
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, under their headings."""
        del ctx
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            text = command.get_short_help_str(_WIDTH)
            heading = self.headings.get(name, "Commands")
            sections.setdefault(heading, []).append((name, text))
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


def examples_of(command: click.Command) -> list[str]:
    """The command lines of a command's examples."""
    return [e.removeprefix(_EXAMPLE) for e in _paragraphs(command) if e.startswith(_EXAMPLE)]


def said_by(command: click.Command) -> list[str]:
    """The paragraphs of a command's help, without its examples."""
    return [each for each in _paragraphs(command) if not each.startswith(_EXAMPLE)]


def hint_of(misuse: click.ClickException, words: Sequence[str]) -> str:
    """What the unknown word of another tool's is called here; "" where nobody knows it.

    ``words``: the command line.  Of ``-target`` click only says that there is no ``-t``.
    """
    if isinstance(misuse, click.exceptions.NoSuchCommand):
        return FOREIGN_COMMANDS.get(misuse.command_name, "")
    if not isinstance(misuse, click.exceptions.NoSuchOption):
        return ""
    unknown = misuse.option_name
    if not unknown.startswith("--"):
        meant = (w for w in words if w.startswith(unknown) and not w.startswith("--"))
        unknown = next(meant, unknown)
    return FOREIGN_OPTIONS.get(unknown.lstrip("-").partition("=")[0], "")


def _paragraphs(command: click.Command) -> list[str]:
    text = inspect.cleandoc(command.help or "")
    return [" ".join(each.split()) for each in text.split("\n\n") if each.strip()]
