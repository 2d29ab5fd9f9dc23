"""The options that commands share, once: each a decorator, several of them one object.

What belongs together reaches a command as one object: ``named`` (specs and project file),
``reach`` (how AWS is called), ``streams`` and ``records``.
"""

import re
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any, TypeAlias

import click

from reconciler.cli.completion import complete_formats, complete_targets
from reconciler.cli.help import Option, Part
from reconciler.model import request
from reconciler.model.errors import UsageProblem
from reconciler.reports.format_names import Format
from reconciler.terminal.streams import open_streams

Command: TypeAlias = Callable[..., Any]
Decorator: TypeAlias = Callable[[Command], Command]


class Seconds(click.FloatRange):
    """A time that somebody can wait for: no NaN, which is neither more nor less than anything."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number of a word."""
        number: float = super().convert(value, param, ctx)
        if number != number:  # noqa: PLR0124 - what NaN is
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        return number


# Whoever opens a file says what is wrong with it.
PATH = click.Path(path_type=Path, readable=False)
# A name may hold an instance key in quotes, with any sign in it.
_PAIR = re.compile(r'((?:"(?:[^"\\]|\\.)*"|[^="])+)=(.*)', re.DOTALL)


def argument(name: str, shown: str, says: str, **settings: Any) -> Decorator:
    """An argument of one command, as its help shows it: ``[SPEC]...`` may be none or several."""
    is_needed, number = not shown.startswith("["), -1 if shown.endswith("...") else 1
    settings = {"metavar": shown, "help": says, "required": is_needed, "nargs": number, **settings}
    return click.argument(name, **settings)


def option(declared: str, *names: str, part: Part = Part.OWN, **settings: Any) -> Decorator:
    """An option of one command; ``declared`` as its help shows it: ``--target NAME``."""
    name, _, metavar = declared.partition(" ")
    settings = {"cls": Option, "part": part, "metavar": metavar or None, **settings}
    return click.option(name, *names, **settings)


def path_option(declared: str, *names: str, **settings: Any) -> Decorator:
    """An option that names a file or a folder."""
    return option(declared, *names, type=PATH, **settings)


def flag(*names: str, **settings: Any) -> Decorator:
    """An option that is there or not."""
    return option(*names, is_flag=True, **settings)


def seconds(
    name: str, default: float, says: str, *, least: float = 0, part: Part = Part.AWS
) -> Decorator:
    """An option that is a time."""
    settings = {"type": Seconds(min=least), "default": default, "show_default": True}
    return option(f"{name} SECONDS", part=part, help=says, **settings)


def gathered(name: str, make: Callable[..., object], *options: Decorator) -> Decorator:
    """The options as one parameter of the command, made from their values."""

    def decorate(command: Command) -> Command:
        known = set(_names(command))

        @wraps(command)
        def gathering(**values: Any) -> Any:
            own = {key: values.pop(key) for key in own_names}
            return command(**{name: make(**own)}, **values)

        decorated = together(*options)(gathering)
        own_names = [each for each in _names(decorated) if each not in known]
        return decorated

    return decorate


def together(*options: Decorator) -> Decorator:
    """Several options as one decorator."""

    def decorate(command: Command) -> Command:
        for each in reversed(options):
            command = each(command)
        return command

    return decorate


def _names(command: Command) -> list[str]:
    return [parameter.name for parameter in getattr(command, "__click_params__", [])]


targets = option(
    "--target NAME",
    "targets",
    part=Part.INPUT,
    multiple=True,
    shell_complete=complete_targets,
    help="Only this target; repeatable.",
)
project = path_option(
    "--project FILE",
    part=Part.INPUT,
    help="The project file. Default: idpool.yaml by or above the specs, else here or above.",
)
sandbox = path_option(
    "--sandbox [FILE]",
    part=Part.AWS,
    help=f"No AWS: use the sandbox, its state in FILE (default {request.DEFAULT_SANDBOX}).",
)
_CALLS = (
    sandbox,
    option(
        "--parallelism N",
        part=Part.AWS,
        type=click.IntRange(1, 256),
        default=request.PARALLELISM,
        show_default=True,
        help="Calls at once.",
    ),
    seconds(
        "--time-budget",
        request.TIME_BUDGET_SECONDS,
        "How long failed calls may be repeated, over the whole run.",
    ),
)
_WRITES = (
    seconds(
        "--settle",
        request.SETTLE_SECONDS,
        "How long to wait for a pool to appear whose creation was not answered.",
    ),
    seconds(
        "--lock-life",
        request.LOCK_LIFE_SECONDS,
        "How long a lock outlives a run that was killed.",
        least=1,
    ),
    seconds("--lock-wait", request.LOCK_WAIT_SECONDS, "How long to wait for another run's lock."),
)
_QUIET = flag("--quiet", "-q", part=Part.OUTPUT, help="Only the artefact and errors.")
_NO_COLOR = flag("--no-color", part=Part.OUTPUT, help="No colours.")
_SPECS = "Spec files or folders. Default: the project's specs."

formats = option(
    "--format NAME[=FILE]",
    "formats",
    part=Part.OUTPUT,
    multiple=True,
    shell_complete=complete_formats,
    help=f"How the artefact is written: {', '.join(Format)}; with FILE, there. Repeatable; "
    "stdout is text unless another format takes it.",
)
yes = flag("--yes", "-y", help="Do not ask; for pipelines.")
show_diff = flag("--diff", help="Show the changes, and write none.")
force = flag("--force", help="Overwrite files that are there.")


def named(says: str = _SPECS, shown: str = "[SPEC]...") -> Decorator:
    """``named``: spec files and folders as arguments, and the project file."""
    specs = argument("specs", shown, says, type=PATH)
    return gathered("named", request.Named, specs, project)


def named_by_option() -> Decorator:
    """``named``, for a command whose arguments are something else."""
    specs = path_option(
        "--spec PATH", "specs", part=Part.INPUT, multiple=True, help=f"{_SPECS} Repeatable."
    )
    return gathered("named", request.Named, specs, project)


def reach(*, writes: bool = False) -> Decorator:
    """``reach``: the targets, and how AWS is called; ``writes``: with what only writing needs."""
    return gathered("reach", request.Reach, targets, *_CALLS, *(_WRITES if writes else ()))


def records() -> Decorator:
    """``records``: where the journal and the receipt go."""
    return gathered(
        "records",
        request.RecordFiles,
        path_option("--receipt FILE", help="Write the receipt here, as JSON."),
        path_option(
            "--journal FILE",
            help="Where each write is noted before it is sent. Default: a new file in .idpool/, "
            "removed when nothing is left open.",
        ),
    )


def streams(
    *, verbose: bool = True, says: str = "Say more; twice: log every call to AWS."
) -> Decorator:
    """``streams``: what is said, and how much; ``verbose``: the command has more to say."""
    more = option("--verbose", "-v", part=Part.OUTPUT, count=True, help=says)
    return gathered("streams", open_streams, *([more] if verbose else []), _QUIET, _NO_COLOR)


def pairs(name: str, *names: str, form: str = "NAME=VALUE", **settings: Any) -> Decorator:
    """A repeatable option of pairs, which become a dict."""
    read = partial(_pairs, form)
    return option(f"{name} {form}", *names, multiple=True, callback=read, **settings)


def _pairs(
    form: str,
    ctx: click.Context,  # noqa: ARG001 - click's signature
    param: click.Parameter,
    words: tuple[str, ...],
) -> dict[str, str]:
    """The pairs by their names.  Raises ``UsageProblem``; its text shows no value."""
    found: dict[str, str] = {}
    for word in words:
        match = _PAIR.fullmatch(word)
        if not match:
            raise UsageProblem(
                f"{param.opts[0]} takes {form}", hint=f"write {param.opts[0]} {form}"
            )
        if match[1] in found:
            raise UsageProblem(f"{param.opts[0]} names {match[1]} twice", hint="name it once")
        found[match[1]] = match[2]
    return found


def spelled_out(arguments: list[str]) -> list[str]:
    """``--sandbox [FILE]`` as ``--sandbox=FILE``.

    The next word is the file unless it is an option, an existing folder, or a YAML file: those are
    what ``idpool plan --sandbox specs/`` means as specs.
    """
    words = list(arguments)
    for place, word in enumerate(words):
        if word == "--":
            break
        if word == "--sandbox":
            follows = words[place + 1] if place + 1 < len(words) else "-"
            if _is_spec_or_option(follows):
                words[place] = f"--sandbox={request.DEFAULT_SANDBOX}"
            else:
                words[place : place + 2] = [f"--sandbox={follows}"]
            return words
    return words


def _is_spec_or_option(word: str) -> bool:
    return word.startswith("-") or Path(word).is_dir() or word.endswith((".yaml", ".yml"))
