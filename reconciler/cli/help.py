"""Commands and options that explain themselves: help in parts, examples last, and hints.

A command's docstring is its help; paragraphs that begin with ``Example:`` are shown as such.
"""

import inspect
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from importlib.resources import files
from typing import Any, Final, Literal

import click

_EXAMPLE: Final = "Example: "
_WIDTH: Final = 100
SETTINGS: Final[dict[str, Any]] = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": _WIDTH,
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


def foreign_words(kind: Literal["commands", "options"]) -> Mapping[str, str]:
    """What fingers know from Terraform and kubectl, and what it is here."""
    text = files("reconciler.cli").joinpath("foreign_words.json").read_text(encoding="utf-8")
    known: Mapping[str, Mapping[str, str]] = json.loads(text)
    return known[kind]


def hint_of(misuse: click.ClickException, words: Sequence[str]) -> str:
    """What the unknown word of another tool's is called here; "" where nobody knows it.

    ``words``: the command line.  Of ``-target`` click only says that there is no ``-t``.
    """
    if isinstance(misuse, click.exceptions.NoSuchCommand):
        return foreign_words("commands").get(misuse.command_name, "")
    if not isinstance(misuse, click.exceptions.NoSuchOption):
        return ""
    unknown = misuse.option_name
    if not unknown.startswith("--"):
        meant = (w for w in words if w.startswith(unknown) and not w.startswith("--"))
        unknown = next(meant, unknown)
    return foreign_words("options").get(unknown.lstrip("-").partition("=")[0], "")


def _paragraphs(command: click.Command) -> list[str]:
    text = inspect.cleandoc(command.help or "")
    return [" ".join(each.split()) for each in text.split("\n\n") if each.strip()]
