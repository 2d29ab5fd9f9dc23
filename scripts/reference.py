"""Writes docs/reference.md from the command's own help: ``make reference``.

``scripts/reference.py [FILE]``; the text depends on neither terminal, colours nor folder.
"""

import re
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer.main

from reconciler.cli.app import app

PAGE = Path(__file__).parents[1] / "docs" / "reference.md"
EXAMPLE = "Example: "
_HEAD = """\
# Commands

Written by `make reference` from `idpool COMMAND --help`; a test holds it in step. What a command's
exit code says: [exit-codes.md](exit-codes.md).
"""
# Markdown of its own in a help text would be a surprise.
_SPECIAL = re.compile(r"[\\*_<|\[\]]")


def commands() -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its whole name: ``idpool sandbox serve``."""
    yield from _leaves("idpool", typer.main.get_command(app))


def examples(command: Any) -> list[str]:
    """The example lines of a command's help."""
    return [text.removeprefix(EXAMPLE) for text in _paragraphs(command) if _is_example(text)]


def reference() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(_section(name, command) for name, command in commands())])


def _leaves(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
        return
    for word, each in inner.items():
        yield from _leaves(f"{name} {word}", each)


def _paragraphs(command: Any) -> list[str]:
    return [" ".join(text.split()) for text in (command.help or "").split("\n\n")]


def _is_example(text: str) -> bool:
    return text.startswith(EXAMPLE)


def _section(name: str, command: Any) -> str:
    said = [_plain(text) for text in _paragraphs(command) if not _is_example(text)]
    shown = "\n".join(f"$ {example}" for example in examples(command))
    usage = " ".join([name, *command.collect_usage_pieces(command.context_class(command))])
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    blocks = [
        f"## `{name}`",
        *said,
        f"```console\n{shown}\n```",
        f"```text\n{usage}\n```",
        *_table("argument", [_argument(each) for each in arguments]),
        *_table("option", [_option(each) for each in options]),
    ]
    return "\n\n".join(blocks) + "\n"


def _table(kind: str, rows: list[tuple[str, str, str]]) -> Iterator[str]:
    if rows:
        head = (f"| {kind} | default | meaning |", "|---|---|---|")
        yield "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows)])


def _argument(parameter: Any) -> tuple[str, str, str]:
    name = _code(parameter.metavar or parameter.name)
    return name, "required" if parameter.required else _default(parameter), _meaning(parameter)


def _option(parameter: Any) -> tuple[str, str, str]:
    value = "" if parameter.is_flag or parameter.count else f" {_value(parameter)}"
    names = ", ".join(_code(f"{name}{value}") for name in parameter.opts)
    return names, _default(parameter), _meaning(parameter)


def _value(parameter: Any) -> str:
    return parameter.metavar or "|".join(_choices(parameter)) or parameter.name.upper()


def _choices(parameter: Any) -> list[str]:
    """The words that are taken, where only some are."""
    annotation = parameter.type_descriptor.annotation
    if get_origin(annotation) is Literal:
        return [str(word) for word in get_args(annotation)]
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, Enum):
            return [str(member.value) for member in kind]
    return []


def _default(parameter: Any) -> str:
    default = parameter.default
    if not parameter.show_default or default is None or default is False:
        return ""
    shown = default.value if isinstance(default, Enum) else default
    return _code(_number(shown) if isinstance(shown, float) else str(shown))


def _meaning(parameter: Any) -> str:
    choices = _choices(parameter) if parameter.param_type_name == "argument" else []
    told = [
        _plain(parameter.help or ""),
        f"One of {', '.join(map(_code, choices))}." if choices else "",
        _bounds(parameter),
        f"Variable: {_code(parameter.envvar)}." if parameter.envvar else "",
    ]
    return " ".join(text for text in told if text)


def _bounds(parameter: Any) -> str:
    least, most = parameter.min, parameter.max
    if getattr(parameter, "count", False):
        return ""  # how often, and nobody counts below nothing
    if least is None and most is None:
        return ""
    if most is None:
        return f"At least {_number(least)}."
    if least is None:
        return f"At most {_number(most)}."
    return f"From {_number(least)} to {_number(most)}."


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _plain(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", text)


def _code(text: str) -> str:
    """A code span, in which nothing but the bar of a table has to be escaped."""
    return f"`{text.replace('|', chr(92) + '|')}`"


def main() -> None:
    """Write the page."""
    page = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    page.write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
