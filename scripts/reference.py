"""Writes what documents say of the code from the code: ``make reference``.

docs/reference.md is the help of every command, docs/values.md has the table of schemes, and
docs/checks.md that of checks.
``scripts/reference.py [FOLDER]``; the texts depend on neither terminal, colours nor folder.
"""

import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import click

from reconciler.checks.pages import Page, all_pages
from reconciler.checks.pool_checks import CHECKS
from reconciler.cli.help import Part, examples_of, said_by
from reconciler.cli.program import program
from reconciler.model.findings import ROLE_RULES
from reconciler.model.permissions import Use, call_of
from reconciler.specs.references import SCHEMES, Scheme

DOCS = Path(__file__).parents[1] / "docs"
_HEAD = """\
# Commands

Written by `make reference` from `idpool COMMAND --help`; a test holds it in step. What a command's
exit code says: [exit-codes.md](exit-codes.md).
"""
# What stands between the two is written here, the rest of the page by hand.
_TABLE = re.compile(r"(?<=<!-- schemes -->\n).*?(?=<!-- /schemes -->)", re.DOTALL)
_CHECKS = re.compile(r"(?<=<!-- checks -->\n).*?(?=<!-- /checks -->)", re.DOTALL)
_ALSO_LOCKS = Use.LOCK  # for which GetObject is called, too
# Markdown of its own in a help text would be a surprise.
_SPECIAL = re.compile(r"[\\*_<|\[\]]")


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its whole name: ``idpool sandbox serve``."""
    yield from _leaves("idpool", program)


def reference() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(_section(name, command) for name, command in commands())])


def values_page() -> str:
    """The page of references, its table anew."""
    page = (DOCS / "values.md").read_text(encoding="utf-8")
    return _TABLE.sub(lambda _: f"\n{_schemes()}\n\n", page)


def checks_page() -> str:
    """The page of checks, its table anew."""
    page = (DOCS / "checks.md").read_text(encoding="utf-8")
    return _CHECKS.sub(lambda _: f"\n{_checks()}\n\n", page)


def _checks() -> str:
    rows = ("| severity | check | what it finds | fields |", "|---|---|---|---|")
    return "\n".join([*rows, *map(_check, all_pages())])


def _check(page: Page) -> str:
    of_roles: dict[str, Collection[str]] = dict.fromkeys(ROLE_RULES, ())
    fields = ({str(check.rule): check.fields for check in CHECKS} | of_roles)[page.rule]
    link = f"[{_code(page.rule)}](../reconciler/checks/pages/{page.rule}.md)"
    shown = ", ".join(map(_code, sorted(fields))) or "with `--roles`"
    return f"| {page.severity} | {link} | {_plain(page.summary)} | {shown} |"


def _schemes() -> str:
    rows = (
        "| reference | stands for | allowed by | permissions | version | secret |",
        "|---|---|---|---|---|---|",
    )
    return "\n".join([*rows, *(_scheme(name, each) for name, each in SCHEMES.items())])


def _scheme(name: str, scheme: Scheme) -> str:
    needs = [need for each in scheme.calls for need in call_of(*each).permissions]
    actions = dict.fromkeys(need.action for need in needs if need.use is not _ALSO_LOCKS)
    allowed = f"reads.{scheme.key}" if scheme.key else ""
    cells = (
        _code(f"${{{name}.{scheme.form}}}"),
        _plain(scheme.says.removesuffix(".")),
        _code(allowed) if allowed else "",
        ", ".join(map(_code, actions)),
        scheme.version,
        "always" if scheme.secret else scheme.sensitive,
    )
    return f"| {' | '.join(cell or '-' for cell in cells)} |"


def _leaves(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    for word, each in command.commands.items():
        yield from _leaves(f"{name} {word}", each)


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command)
    shown = "\n".join(f"$ {example}" for example in examples_of(command))
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    options = [each for each in command.params if isinstance(each, click.Option)]
    blocks = [
        f"## `{name}`",
        *map(_plain, said_by(command)),
        f"```console\n{shown}\n```",
        f"```text\n{usage}\n```",
        *_table("argument", [_argument(each, context) for each in arguments]),
    ]
    for part in Part:
        rows = [_option(each) for each in options if getattr(each, "part", Part.OWN) is part]
        blocks += _table("option" if part is Part.OWN else part.lower(), rows)
    return "\n\n".join(blocks) + "\n"


def _table(kind: str, rows: list[tuple[str, str, str]]) -> Iterator[str]:
    if rows:
        head = (f"| {kind} | default | meaning |", "|---|---|---|")
        yield "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows)])


def _argument(parameter: click.Argument, context: click.Context) -> tuple[str, str, str]:
    name = _code(parameter.make_metavar(context))
    choices = _choices(parameter)
    told = [
        _plain(parameter.help or ""),
        f"One of {', '.join(map(_code, choices))}." if choices else "",
    ]
    return name, "required" if parameter.required else "", " ".join(filter(None, told))


def _option(parameter: click.Option) -> tuple[str, str, str]:
    value = "" if parameter.is_flag or parameter.count else f" {_value(parameter)}"
    names = ", ".join(_code(f"{name}{value}") for name in parameter.opts)
    default = _code(str(parameter.default)) if parameter.show_default else ""
    told = [
        _plain(parameter.help or ""),
        "" if parameter.count else _bounds(parameter.type),
        f"Variable: {_code(str(parameter.envvar))}." if parameter.envvar else "",
    ]
    return names, default, " ".join(filter(None, told))


def _value(parameter: click.Option) -> str:
    return parameter.metavar or "|".join(_choices(parameter)) or str(parameter.name).upper()


def _choices(parameter: click.Parameter) -> list[str]:
    """The words that are taken, where only some are."""
    return [*parameter.type.choices] if isinstance(parameter.type, click.Choice) else []


def _bounds(kind: object) -> str:
    if not isinstance(kind, click.IntRange | click.FloatRange):
        return ""
    if kind.max is None:
        return "" if kind.min is None else f"At least {kind.min:g}."
    return f"From {kind.min:g} to {kind.max:g}."


def _plain(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", text)


def _code(text: str) -> str:
    """A code span, in which nothing but the bar of a table has to be escaped."""
    return f"`{text.replace('|', chr(92) + '|')}`"


def main() -> None:
    """Write the pages."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    pages = {"reference.md": reference(), "values.md": values_page(), "checks.md": checks_page()}
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
