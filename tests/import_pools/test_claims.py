"""Whose a pool is, as far as its tags tell."""

import pytest

from reconciler.planner.candidates import claim_of


@pytest.mark.parametrize(
    ("tags", "who"),
    [
        ({"aws:cloudformation:stack-name": "s", "aws:cloudformation:x": "y"}, "CloudFormation"),
        ({"aws:cloudformation:stack-id": "arn:x"}, "CloudFormation"),
        ({"aws:cloudformation:stack-name": "s", "sst:app": "shop", "sst:stage": "prod"}, "SST"),
        ({"aws:cloudformation:stack-name": "s", "aws-cdk:enableDiffNoFail": "true"}, "AWS CDK"),
        ({"aws:cloudformation:stack-name": "s", "amplify:app-id": "d1"}, "Amplify"),
        ({"user:Application": "shop", "user:Stack": "dev"}, "Amplify"),
        ({"created-by": "amplify"}, "Amplify"),
        ({"pulumi:project": "shop"}, "Pulumi"),
        ({"services.k8s.aws/controller-version": "x-1"}, "AWS Controllers for Kubernetes"),
        ({"crossplane-name": "shop"}, "Crossplane"),
        ({"terraform": "true"}, "Terraform"),
        ({"Terraform": "yes"}, "Terraform"),
        ({"acme:terraform": "modules/pool"}, "Terraform"),
        ({"ManagedBy": "Terraform"}, "Terraform"),
        ({"managed-by": "terraform"}, "Terraform"),
        ({"managed_by": "HashiCorp Terraform 1.9"}, "Terraform"),
        ({"acme:managed-by": "terragrunt"}, "Terraform"),
        ({"ManagedBy": "OpenTofu"}, "OpenTofu"),
        ({"ManagedBy": "aws-cdk"}, "AWS CDK"),
        ({"Provisioner": "sst"}, "SST"),
        ({"idpool:owner": "acme", "idpool:name": "shop"}, "owner 'acme' of idpool"),
    ],
)  # fmt: skip
def test_tags_of_other_tools_are_a_claim(tags: dict[str, str], who: str) -> None:
    """It is named with the tag that says so."""
    claim = claim_of({"team": "shop", **tags}, "ours")
    assert claim.startswith(f"{who} owns it: tag ")
    key, _, value = claim.partition(": tag ")[2].partition("=")
    assert tags[key] == value


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"team": "terraform"},
        {"terraform": "false"},
        {"ManagedBy": "jane@example.com"},
        {"ManagedBy": "the assistant"},
        {"user:Application": "shop"},
        {"idpool:owner": "ours"},
        {"idpool:name": "shop"},
        {"terraforming": "mars"},
    ],
)
def test_other_tags_are_none(tags: dict[str, str]) -> None:
    """Without a sure sign nobody is named."""
    assert claim_of(tags, "ours") == ""
