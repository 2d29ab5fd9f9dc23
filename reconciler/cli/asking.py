"""Asking before something is written."""

import sys

from reconciler.cli.streams import Streams
from reconciler.model.errors import UsageProblem


def require_somebody_to_ask(*, yes: bool) -> None:
    """Refuse early where a question could not be answered.  Raises ``UsageProblem``."""
    if not yes and (sys.stdin is None or not sys.stdin.isatty()):
        raise UsageProblem(
            "apply asks before it writes, and there is no terminal to ask on",
            hint="pass --yes to apply what the plan shows",
        )


def agrees(streams: Streams) -> bool:
    """Ask on the terminal; only ``yes`` is yes."""
    streams.err.console.print("\nApply this plan? Only 'yes' is taken as an answer: ", end="")
    if sys.stdin.readline().strip() == "yes":
        return True
    streams.problem("Nothing was applied.\n")
    return False
