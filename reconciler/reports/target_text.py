"""What a report says of a target as a whole."""

from reconciler.model.plan import TargetPlan
from reconciler.model.project import Target
from reconciler.reports.escape import name
from reconciler.reports.lines import SIGN_STYLES, STRONG, indented, line, signed
from reconciler.reports.pool_text import refusal_lines
from reconciler.reports.styled_text import Text


def target_headline(target: Target) -> Text:
    """``Target prod-eu: account 111122223333, region eu-west-1``."""
    account = f"account {name(target.account)}" if target.account else "account unknown"
    region = f"region {name(target.region)}" if target.region else "region unknown"
    return line((f"Target {name(target.name)}", STRONG), f": {account}, {region}")


def target_refusal_lines(target: TargetPlan) -> list[Text]:
    """Why nothing at all is done in the target; empty where all is well."""
    if not target.refusals:
        return []
    head = signed("!", ("refused ", SIGN_STYLES["!"]), ("the whole target", STRONG))
    return [head, *indented(refusal_lines(target.refusals))]
