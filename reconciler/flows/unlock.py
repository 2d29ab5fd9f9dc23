"""``idpool unlock``: remove the locks that dead runs have left behind."""

from pathlib import Path

from reconciler.executor.lock_object import LockObject, read_lock, removable, remove
from reconciler.flows.inputs import load_project_alone
from reconciler.flows.locking import opened_lock
from reconciler.flows.targets import open_targets
from reconciler.model.errors import IdpoolError, Problems, UsageProblem
from reconciler.model.request import Reach
from reconciler.reports.escape import escape
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.streams import Streams, agrees, require_somebody_to_ask


def unlock(
    project: Path | None, reach: Reach, streams: Streams, *, force: bool, yes: bool
) -> ExitCode:
    """Show who holds the locks, ask unless ``yes``, and remove them.

    The project alone is read: a wrong spec is no reason to stay locked.  ``force``: also locks that
    somebody holds.  Raises ``UsageProblem``, also where the project has no locks, and ``Problems``
    with everything that went wrong, after all other locks were looked at.
    """
    require_somebody_to_ask(
        yes=yes, command="unlock", before="it removes a lock", hint="pass --yes to remove it"
    )
    inputs = load_project_alone(project, streams)
    locks = inputs.project.lock
    if locks is None:
        raise UsageProblem(
            "this project has no locks",
            hint="locks are taken where idpool.yaml says `lock: s3://BUCKET/KEY-PREFIX`",
        )
    left = False
    with open_targets(inputs, reach, streams, lists=False) as opened:
        problems: list[IdpoolError] = list(opened.failed.values())
        for name in opened.connections:
            try:
                with opened_lock(opened, locks, name) as lock:
                    left |= not _unlocked(lock, streams, force=force, yes=yes)
            except IdpoolError as problem:
                problems.append(problem)
    if problems:
        raise Problems(problems)
    return ExitCode.FAILED if left else ExitCode.DONE


def _unlocked(lock: LockObject, streams: Streams, *, force: bool, yes: bool) -> bool:
    """Remove one lock; whether none is left.  Raises ``LockHeld``, ``LockForeign``."""
    found = read_lock(lock)
    if found is None:
        streams.note(f"Target {lock.channel.target} is not locked.\n")
        return True
    streams.note(escape(removable(lock, found, force=force)))
    if not (yes or agrees(streams, "Remove this lock?", "The lock was left as it is.")):
        return False
    remove(lock, found)
    streams.note(f"Target {lock.channel.target} is unlocked.\n")
    return True
