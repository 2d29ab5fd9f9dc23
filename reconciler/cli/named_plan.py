"""Whether ``apply`` was called with a saved plan."""

from collections.abc import Sequence
from pathlib import Path

from reconciler.model.errors import UsageProblem


def saved_plan_in(specs: Sequence[Path] | None, *, alone: bool) -> Path | None:
    """The saved plan that ``apply`` was called with, if it was one.

    ``alone``: no option chooses a part.  Raises ``UsageProblem`` for a plan with other arguments.
    """
    named = list(specs or ())
    if not any(path.suffix == ".json" for path in named):
        return None
    # With all that can be in records: to ask costs an apply of specs as much as to read 100 specs.
    from reconciler.loader import is_saved_plan

    plans = [path for path in named if is_saved_plan(path)]
    if plans and (len(named) > 1 or not alone):
        raise UsageProblem(
            f"{plans[0]} is a saved plan, and is applied as it was shown",
            hint="leave out specs, --target and --resume",
        )
    return plans[0] if plans else None
