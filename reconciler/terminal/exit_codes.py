"""Exit codes: the contract with the pipelines that run idpool."""

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # help and --version need the codes alone
    from reconciler.model.drift import Drift
    from reconciler.model.plan import Plan
    from reconciler.model.receipt import Receipt


class ExitCode(IntEnum):
    """What a finished command says to the shell."""

    DONE = 0
    FAILED = 1
    CHANGES = 2
    REFUSED = 3
    STALE = 4
    USAGE = 64
    INTERRUPTED = 130
    TERMINATED = 143


def exit_code_of_plan(plan: "Plan", *, detailed: bool) -> ExitCode:
    """Errors before refusals before changes; changes count only where they were asked for."""
    changes = ExitCode.CHANGES if detailed and plan.has_changes else ExitCode.DONE
    return _of_refusals(plan) or changes


def exit_code_of_receipt(plan: "Plan", receipt: "Receipt") -> ExitCode:
    """What failed comes before what was stale, and this before what was refused."""
    refused = _of_refusals(plan)
    failed = receipt.count("failed") or receipt.count("unknown")
    if refused is ExitCode.FAILED or failed or any(pool.failed for pool in receipt.pools):
        return ExitCode.FAILED
    return ExitCode.STALE if any(pool.stale for pool in receipt.pools) else refused


def exit_code_of_drift(drift: "Drift", *, all_told: bool) -> ExitCode:
    """Errors before refusals before drift, as for a plan.

    Somebody who could not be told is a failure only where there was nothing worse to say.
    """
    told = ExitCode.DONE if all_told else ExitCode.FAILED
    return _of_refusals(drift) or (ExitCode.CHANGES if drift.has_drift else told)


def _of_refusals(plan: "Plan | Drift") -> ExitCode:
    refusals = list(plan.refusals)
    if any(refusal.is_error for refusal in refusals):
        return ExitCode.FAILED
    return ExitCode.REFUSED if refusals else ExitCode.DONE
