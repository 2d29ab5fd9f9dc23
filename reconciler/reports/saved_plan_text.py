"""A saved plan for people: as the plan was shown, below where it comes from."""

from reconciler.model.saved_plan import Origin, SavedPlan
from reconciler.reports.escape import escape
from reconciler.reports.lines import STRONG, dim, joined, line
from reconciler.reports.plan_text import plan_text
from reconciler.reports.staleness_text import moment
from reconciler.reports.styled_text import Text


def saved_plan_text(saved: SavedPlan, *, verbose: bool = False) -> Text:
    """When it was made, of which commit, by which idpool; then the plan as ``plan`` shows it."""
    more = [dim(f"saved plan {saved.digest}")] if verbose else []
    head = [_origin_line(saved.origin), *more, Text()]
    return joined([*head, plan_text(saved.whole, verbose=verbose)])


def other_version_text(origin: Origin, version: str) -> Text:
    """Another idpool has made the plan; versions may plan differently."""
    return line(
        f"warning: the plan was saved by idpool {escape(origin.tool_version)}, and this is "
        f"{escape(version)}: what they plan may differ"
    )


def _origin_line(origin: Origin) -> Text:
    commit = f"commit {origin.git_commit}" if origin.git_commit else "no Git commit"
    when = moment(origin.created_at)
    return line(
        ("Saved plan", STRONG), f" of {when}, {commit}, idpool {escape(origin.tool_version)}"
    )
