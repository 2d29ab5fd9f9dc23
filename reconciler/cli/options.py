"""The options that commands share, once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_SANDBOX = ".idpool/sandbox.json"


class Format(StrEnum):
    """How the artefact is written."""

    TEXT = "text"
    JSON = "json"


Specs = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="SPEC",
        help="Spec files or folders. Default: the project's specs.",
        show_default=False,
    ),
]
SpecPaths = Annotated[
    list[Path] | None,
    typer.Option(
        "--spec",
        metavar="PATH",
        help="Spec file or folder; repeatable. Default: the project's specs.",
        show_default=False,
    ),
]
ShowDiff = Annotated[bool, typer.Option("--diff", help="Show the changes, and write none.")]
SpecsOrPlan = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="SPEC|PLAN",
        help="Spec files or folders, or one saved plan. Default: the project's specs.",
        show_default=False,
    ),
]
ProjectFile = Annotated[
    Path | None,
    typer.Option(
        "--project",
        metavar="FILE",
        help="The project file. Default: idpool.yaml by or above the specs, else here or above.",
        show_default=False,
    ),
]
Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target", metavar="NAME", help="Only this target; repeatable.", show_default=False
    ),
]
Sandbox = Annotated[
    Path | None,
    typer.Option(
        "--sandbox",
        metavar="[FILE]",
        help=f"No AWS: use the sandbox, its state in FILE (default {DEFAULT_SANDBOX}).",
        show_default=False,
    ),
]
OutputFormat = Annotated[Format, typer.Option("--format", help="How the artefact is written.")]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="NAME[=FILE]",
        help="How the artefact is written: text, json, markdown, html, junit, sarif, github; with "
        "FILE, there. Repeatable; stdout is text unless another format takes it.",
        show_default=False,
    ),
]
Parallelism = Annotated[
    int,
    typer.Option(
        "--parallelism",
        min=1,
        max=256,
        metavar="N",
        help="Calls at once; one more may list a target's pools.",
    ),
]
TIME_BUDGET = 3600.0
TimeBudget = Annotated[
    float,
    typer.Option(
        "--time-budget",
        min=0,
        metavar="SECONDS",
        help="How long failed calls may be repeated, over the whole run.",
    ),
]
Settle = Annotated[
    float,
    typer.Option(
        "--settle",
        min=0,
        metavar="SECONDS",
        help="How long to wait for a pool to appear whose creation was not answered.",
    ),
]
LockLife = Annotated[
    float,
    typer.Option(
        "--lock-life",
        min=1,
        metavar="SECONDS",
        help="How long a lock outlives a run that was killed.",
    ),
]
LockWait = Annotated[
    float,
    typer.Option(
        "--lock-wait", min=0, metavar="SECONDS", help="How long to wait for another run's lock."
    ),
]
JournalFile = Annotated[
    Path | None,
    typer.Option(
        "--journal",
        metavar="FILE",
        help="Where each write is noted before it is sent. Default: a new file in .idpool/, "
        "removed when nothing is left open.",
        show_default=False,
    ),
]
ResumedJournal = Annotated[
    Path | None,
    typer.Option(
        "--resume",
        metavar="JOURNAL",
        help="Go on with a run that was killed: only the pools of its journal, planned afresh.",
        show_default=False,
    ),
]
ReceiptFile = Annotated[
    Path | None,
    typer.Option(
        "--receipt", metavar="FILE", help="Write the receipt here, as JSON.", show_default=False
    ),
]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        help="Say more; twice: log every call to AWS.",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only the artefact and errors.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours.")]


def spell_out_sandbox(arguments: list[str]) -> list[str]:
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
                words[place] = f"--sandbox={DEFAULT_SANDBOX}"
            else:
                words[place : place + 2] = [f"--sandbox={follows}"]
            return words
    return words


def _is_spec_or_option(word: str) -> bool:
    return word.startswith("-") or Path(word).is_dir() or word.endswith((".yaml", ".yml"))
