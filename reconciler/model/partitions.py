"""AWS's partitions: how their regions are called, and where identity pools are.

A region that nobody here knows may be a new one, so it is at most doubtful; one that has the form
of no partition's regions cannot be.  From botocore's partitions.json and the endpoints that it has
for cognito-identity (a test compares them).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Partition:
    """A part of AWS with accounts of its own.

    ``form`` is a regular expression of its regions' names, ``suffix`` ends the names of its hosts;
    ``regions`` are those that have identity pools.
    """

    name: str
    form: str
    suffix: str
    regions: tuple[str, ...] = ()


PARTITIONS: Final = (
    Partition(
        "aws",
        "(?:us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-[0-9]+",
        "amazonaws.com",
        (
            *("af-south-1", "ap-east-1", "ap-east-2"),
            *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2"),
            *("ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4"),
            *("ap-southeast-5", "ap-southeast-6", "ap-southeast-7"),
            *("ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1"),
            *("eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
            *("il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1"),
            *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
        ),
    ),
    Partition("aws-cn", "cn-[a-z]+-[0-9]+", "amazonaws.com.cn", ("cn-north-1",)),
    Partition(
        "aws-us-gov", "us-gov-[a-z]+-[0-9]+", "amazonaws.com", ("us-gov-east-1", "us-gov-west-1")
    ),
    Partition("aws-eusc", "eusc-de-[a-z]+-[0-9]+", "amazonaws.eu", ("eusc-de-east-1",)),
    Partition("aws-iso", "us-iso-[a-z]+-[0-9]+", "c2s.ic.gov"),
    Partition("aws-iso-b", "us-isob-[a-z]+-[0-9]+", "sc2s.sgov.gov"),
    Partition("aws-iso-e", "eu-isoe-[a-z]+-[0-9]+", "cloud.adc-e.uk"),
    Partition("aws-iso-f", "us-isof-[a-z]+-[0-9]+", "csp.hci.ic.gov"),
)
REGIONS: Final = tuple(region for partition in PARTITIONS for region in partition.regions)
REGION_FORM: Final = "|".join(partition.form for partition in PARTITIONS)


def partition_of(region: str | None) -> Partition:
    """The partition of a region; the one that most are in where that is not known."""
    return find_partition(region or "") or PARTITIONS[0]


@lru_cache(maxsize=1_000)  # one for each reference to a role
def find_partition(region: str) -> Partition | None:
    """The partition whose regions are called so, known or not."""
    return next((each for each in PARTITIONS if re.fullmatch(each.form, region)), None)


def web_identity_names(region: str | None) -> tuple[str, ...]:
    """What trust policies may call identity pools of a region, the name that AWS documents first.

    It is the Federated principal, and begins the condition keys.  The name of most regions is of
    the developer guide, "Role trust and permissions"; those of GovCloud are of the AWS GovCloud
    (US) user guide, "Amazon Cognito", and that of China is the issuer of its tokens.  Empty:
    nobody here knows.
    """
    partition = partition_of(region)
    regional = f"cognito-identity.{region}.{partition.suffix}"
    if region == "us-gov-west-1":
        return ("cognito-identity-us-gov.amazonaws.com", regional)
    if partition.name in ("aws-us-gov", "aws-cn"):
        return (regional,)
    if partition.name == "aws":
        return ("cognito-identity.amazonaws.com", *([regional] if region else []))
    return ()
