"""The table of partitions says what botocore says."""

import re

from botocore.loaders import Loader
from botocore.session import Session

from reconciler.model.partitions import PARTITIONS, REGIONS, find_partition


def test_partitions_and_their_hosts_are_those_of_botocore() -> None:
    """By name and suffix; each region that botocore knows has its partition's form."""
    told = Loader().load_data("partitions")["partitions"]
    known = {each["id"]: each["outputs"]["dnsSuffix"] for each in told}
    assert {each.name: each.suffix for each in PARTITIONS} == known
    for partition in told:
        for region in partition["regions"]:
            found = find_partition(region)
            if re.fullmatch(partition["regionRegex"], region):
                assert found is not None
                assert found.name == partition["id"]


def test_regions_with_identity_pools_are_those_of_botocore() -> None:
    """The endpoints that it has for cognito-identity, without those for FIPS."""
    for each in PARTITIONS:
        endpoints = Session().get_available_regions("cognito-identity", each.name)
        assert set(each.regions) == set(endpoints)
        assert all(find_partition(region) is each for region in each.regions)


def test_no_region_is_in_two_partitions() -> None:
    """So that its name says which."""
    for region in REGIONS:
        assert sum(bool(re.fullmatch(each.form, region)) for each in PARTITIONS) == 1
