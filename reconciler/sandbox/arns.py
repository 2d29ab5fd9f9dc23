"""ARNs of IAM: whether one is of the right kind and account."""

import re

from moto.utilities.utils import get_partition

from reconciler.sandbox.pools import Place

_NAME = r"[\w+=,.@/-]+"


def is_iam_arn(arn: str, kind: str, place: Place) -> bool:
    """Whether it names a `role` or `saml-provider` of this account, in the region's partition."""
    scope = f"arn:{get_partition(place.region)}:iam::{place.account}:{kind}/"
    return arn.startswith(scope) and re.fullmatch(_NAME, arn[len(scope) :], re.ASCII) is not None
