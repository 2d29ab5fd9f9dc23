"""Who else owns a pool, as far as its tags tell."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.model.project import OWNER_TAG

_CLOUDFORMATION: Final = "aws:cloudformation:"
# Tags that a tool sets by itself: the beginning of the key, and the tool.  The nearest comes first:
# most of these tools work through CloudFormation.
#   Amplify: amplify-backend#985 and the tags.json of the Amplify CLI; SST and Pulumi: their own
#   default tags; ACK: "Managing Tags on your AWS Resources"; CloudFormation: "Resource tags".
_PREFIXES: Final = (
    ("sst:", "SST"),
    ("amplify:", "Amplify"),
    ("aws-cdk:", "AWS CDK"),
    ("pulumi:", "Pulumi"),
    ("services.k8s.aws/", "AWS Controllers for Kubernetes"),
    ("crossplane-", "Crossplane"),
    ("aws:servicecatalog:", "AWS Service Catalog"),
)
_AMPLIFY_CLI: Final = ("user:Application", "user:Stack")
# Tags that people agree on; only a value that names a tool is a claim.
_BY_HABIT: Final = frozenset(
    {"managedby", "createdby", "provisioner", "provisionedby", "deployedby", "iac", "iactool"}
)
_TOOLS: Final = tuple(
    (re.compile(pattern), tool)
    for pattern, tool in (
        ("terraform|terragrunt|cdktf", "Terraform"),
        ("tofu", "OpenTofu"),
        ("pulumi", "Pulumi"),
        ("cloudformation", "CloudFormation"),
        ("amplify", "Amplify"),
        ("cdk", "AWS CDK"),
        (r"\bsst\b", "SST"),
        ("serverless", "Serverless Framework"),
        ("crossplane", "Crossplane"),
    )
)
_NO: Final = frozenset({"", "false", "no", "none", "0"})
_TERRAFORM: Final = "terraform"


def claim_of(tags: Mapping[str, str], owner: str) -> str:
    """Who owns a pool with these tags, in words with the tag that says so; "" for nobody.

    ``owner`` is our own.  Terraform sets no tag by itself: without one nobody can tell.
    """
    return next(_claims(tags, owner), "")


def _claims(tags: Mapping[str, str], owner: str) -> Iterator[str]:
    theirs = tags.get(OWNER_TAG)
    if theirs not in (None, owner):
        yield _said(f"owner {theirs!r} of idpool", OWNER_TAG, tags)
    for prefix, tool in _PREFIXES:
        yield from (_said(tool, key, tags) for key in sorted(tags) if key.startswith(prefix))
    if all(key in tags for key in _AMPLIFY_CLI):
        yield _said("Amplify", _AMPLIFY_CLI[0], tags)
    for key in (f"{_CLOUDFORMATION}stack-name", *sorted(tags)):
        if key in tags and key.startswith(_CLOUDFORMATION):
            yield _said("CloudFormation", key, tags)
    yield from _by_habit(tags)


def _by_habit(tags: Mapping[str, str]) -> Iterator[str]:
    """``ManagedBy: terraform`` in all the ways that people write it."""
    for key, value in sorted(tags.items()):
        words = re.sub(r"[^a-z]", "", key.rpartition(":")[2].rpartition("/")[2].casefold())
        if words == _TERRAFORM and value.casefold() not in _NO:
            yield _said("Terraform", key, tags)
        if words in _BY_HABIT:
            found = (tool for sign, tool in _TOOLS if sign.search(value.casefold()))
            yield from (_said(tool, key, tags) for tool in found)


def _said(who: str, key: str, tags: Mapping[str, str]) -> str:
    return f"{who} owns it: tag {key}={tags[key]}"
