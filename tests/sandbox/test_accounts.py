"""Which account a request is of, for cognito-identity and for plain moto."""

from typing import Any

import boto3
import pytest

from tests.sandbox.conftest import Connect
from tests.sandbox.support import ACCOUNT, REGION, REQUIRED

OTHER = "444455556666"


@pytest.mark.parametrize(
    ("key", "account"),
    [(OTHER, OTHER), ("000000000000", "000000000000"), ("AKIAIOSFODNN7EXAMPLE", "123456789012"),
     ("test", "123456789012"), ("1234567890123", "123456789012")],
)  # fmt: skip
def test_key_of_twelve_digits_is_the_account(
    sandbox: Any, connect: Connect, key: str, account: str
) -> None:
    """An access key id of twelve digits is the account; any other is moto's default one."""
    assert connect(sandbox, account=key, service="sts").get_caller_identity()["Account"] == account


def test_accounts_are_apart(sandbox: Any, client: Any, connect: Connect) -> None:
    """A pool of one account is not listed in another."""
    client.create_identity_pool(**REQUIRED)
    theirs = connect(sandbox, account=OTHER)
    assert theirs.list_identity_pools(MaxResults=60)["IdentityPools"] == []


def test_assumed_role_is_of_its_account(sandbox: Any, connect: Connect) -> None:
    """The credentials of an assumed role act in the account of the role."""
    role = f"arn:aws:iam::{OTHER}:role/idpool"
    sts = connect(sandbox, service="sts")
    given = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    assumed = boto3.session.Session(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], REGION
    )
    caller = assumed.client("sts", endpoint_url=sandbox.url)
    identity = caller.get_caller_identity()
    assert identity["Account"] == OTHER
    assert identity["Arn"] == f"arn:aws:sts::{OTHER}:assumed-role/idpool/test"
    client = assumed.client("cognito-identity", endpoint_url=sandbox.url)
    pool_id = client.create_identity_pool(
        IdentityPoolName="shop", AllowUnauthenticatedIdentities=False
    )["IdentityPoolId"]
    caller.close()
    client.close()
    theirs = connect(sandbox, account=OTHER).list_identity_pools(MaxResults=60)
    assert [pool["IdentityPoolId"] for pool in theirs["IdentityPools"]] == [pool_id]


def test_other_services_are_plain_moto(sandbox: Any, connect: Connect) -> None:
    """S3 answers as moto does, bodies and HEAD requests included."""
    s3 = connect(sandbox, service="s3")
    place = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=f"bucket-{ACCOUNT}", CreateBucketConfiguration=place)
    s3.put_object(Bucket=f"bucket-{ACCOUNT}", Key="a", Body=b"x" * 100_000)
    assert s3.head_object(Bucket=f"bucket-{ACCOUNT}", Key="a")["ContentLength"] == 100_000
    assert s3.get_object(Bucket=f"bucket-{ACCOUNT}", Key="a")["Body"].read() == b"x" * 100_000
    s3.delete_object(Bucket=f"bucket-{ACCOUNT}", Key="a")
    s3.delete_bucket(Bucket=f"bucket-{ACCOUNT}")
