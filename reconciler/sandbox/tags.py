"""The rules of tags: which may be set, by whom, and what they hang on."""

from collections.abc import Iterable

from reconciler.sandbox.faults import ApiError, access_denied, invalid, not_found
from reconciler.sandbox.pool import AWS_TAG_PREFIX, Pool
from reconciler.sandbox.pools import Place

MAX_TAGS = 50
_ARN_PARTS = 6


def reserved(tags: dict[str, str]) -> dict[str, str]:
    """The tags that AWS itself has set: no call changes or removes them."""
    return {key: value for key, value in tags.items() if key.startswith(AWS_TAG_PREFIX)}


def check_keys(keys: Iterable[str]) -> None:
    """Raises InvalidParameterException for a key that is AWS's own."""
    for key in keys:
        if key.startswith(AWS_TAG_PREFIX):
            raise invalid(f"Tag key {key} is invalid: aws: is a reserved prefix.")


def check_count(tags: dict[str, str]) -> None:
    """Raises InvalidParameterException beyond 50 tags of the user's (API reference)."""
    if len(tags) - len(reserved(tags)) > MAX_TAGS:
        raise invalid(f"An identity pool can have at most {MAX_TAGS} tags.")


def tagged_pool_id(operation: str, arn: str, partition: str, place: Place) -> str:
    """The pool id in an ARN: arn:PARTITION:cognito-identity:REGION:ACCOUNT:identitypool/ID.

    Raises AccessDeniedException if it is not the ARN of a pool, and ResourceNotFoundException if
    it is one of another account, region or partition. Permissions come before the call is looked
    at, and nobody has any on such a resource (aws/aws-sdk-ruby#2173, where it was a pool's id).
    """
    parts = arn.split(":", _ARN_PARTS - 1)
    kind, _, pool_id = parts[-1].partition("/")
    of_service = len(parts) == _ARN_PARTS and (parts[0], parts[2]) == ("arn", "cognito-identity")
    if not of_service or kind != "identitypool" or not pool_id:
        raise access_denied(
            f"User: arn:{partition}:iam::{place.account}:root is not authorized to perform: "
            f"cognito-identity:{operation} on resource: {arn}"
        )
    if (parts[1], parts[3], parts[4]) != (partition, place.region, place.account):
        raise arn_not_found(arn)
    return pool_id


def pool_arn(pool: Pool, partition: str) -> str:
    """The ARN that tags of the pool hang on."""
    return f"arn:{partition}:cognito-identity:{pool.region}:{pool.account}:identitypool/{pool.id}"


def arn_not_found(arn: str) -> ApiError:
    """No such pool in this account and region."""
    return not_found(f"Resource '{arn}' not found.")
