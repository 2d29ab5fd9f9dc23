"""``idpool unlock``: remove the lock that a dead run has left behind."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.locking import opened_lock
from reconciler.cli.streams import Streams, open_streams
from reconciler.model.errors import IdpoolError, Problems, UsageProblem

if TYPE_CHECKING:
    from reconciler.cli.inputs import Inputs
    from reconciler.executor.lock_object import LockObject


def unlock(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TARGET]...", help="Whose locks. Default: every target.", show_default=False
        ),
    ] = None,
    project: options.ProjectFile = None,
    sandbox: options.Sandbox = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also a lock that somebody else holds.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; for pipelines.")] = False,
    verbose: options.Verbose = 0,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Show who holds the locks of the targets, ask, and remove them.

    Without --force: only what has expired, or was held by a process of the same user on the same
    host that has ended.

    Example: idpool unlock prod-eu
    """
    from reconciler.cli.workflow import Reach, open_targets

    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    if not yes and not sys.stdin.isatty():
        raise UsageProblem(
            "unlock asks before it removes a lock, and there is no terminal to ask on",
            hint="pass --yes to remove it",
        )
    inputs = _project_with_lock(project, streams)
    left = False
    with open_targets(inputs, Reach(targets or (), sandbox), streams, lists=False) as opened:
        problems: list[IdpoolError] = list(opened.failed.values())
        for connection in opened.connections.values():
            try:
                with opened_lock(opened.locking, connection) as lock:
                    left |= lock is not None and not _unlocked(lock, streams, force=force, yes=yes)
            except IdpoolError as problem:
                problems.append(problem)
    if problems:
        raise Problems(problems)
    return ExitCode.FAILED if left else ExitCode.DONE


def _project_with_lock(project_file: Path | None, streams: "Streams") -> "Inputs":
    """The project alone: specs are not read, for a wrong one is no reason to stay locked.

    Raises ``UsageProblem`` where the project has no locks.
    """
    from reconciler.cli.inputs import load_project_alone

    inputs = load_project_alone(project_file, streams)
    if inputs.project.lock is None:
        raise UsageProblem(
            "this project has no locks",
            hint="locks are taken where idpool.yaml says `lock: s3://BUCKET/KEY-PREFIX`",
        )
    return inputs


def _unlocked(lock: "LockObject", streams: Streams, *, force: bool, yes: bool) -> bool:
    """Remove one lock; whether none is left.  Raises ``NotYours``, ``LockForeign``."""
    from reconciler.executor.unlocking import look, removable, remove
    from reconciler.reports.escape import escape

    found = look(lock)
    if found is None:
        streams.note(f"Target {lock.channel.target} is not locked.\n")
        return True
    streams.note(escape(removable(lock, found, force=force)))
    if not (yes or _agrees(streams)):
        return False
    remove(lock, found)
    streams.note(f"Target {lock.channel.target} is unlocked.\n")
    return True


def _agrees(streams: Streams) -> bool:
    """Ask on the terminal; only ``yes`` is yes."""
    streams.err.console.print("\nRemove this lock? Only 'yes' is taken as an answer: ", end="")
    if sys.stdin.readline().strip() == "yes":
        return True
    streams.problem("The lock was left as it is.\n")
    return False
