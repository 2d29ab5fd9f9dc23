"""Which partition of AWS a region is in."""

from botocore.exceptions import UnknownRegionError
from botocore.session import Session

from reconciler.model.errors import UsageProblem


def partition_of(region: str) -> str:
    """``aws``, ``aws-cn``, ``aws-us-gov``, ...  Raises ``UsageProblem`` for no region of AWS."""
    try:
        return str(Session().get_partition_for_region(region))
    except UnknownRegionError as error:
        raise UsageProblem(
            f"{region} is in no partition of AWS that is known here", hint="pass --partition NAME"
        ) from error
