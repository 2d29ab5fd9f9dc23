"""The test of a pool: one YAML document that says who gets which role.

The JSON Schema that editors use is generated from these classes, so their texts are read by people.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from reconciler.model.records import Record
from reconciler.model.spec import SpecName, TargetPattern

# A role's ARN, a provider's name, or a reference that stands for one.
Text = Annotated[str, Field(min_length=1, max_length=2048)]


class PoolTestMetadata(Record):
    """How the test is called, and where it is run."""

    name: Annotated[SpecName, Field(description="The test's name; no other test has it.")]
    targets: Annotated[
        list[TargetPattern] | None,
        Field(
            min_length=1,
            description="Targets to run it in, by names or globs. Left out: all of the pool's.",
        ),
    ] = None


class ExpectedRole(Record):
    """What somebody gets: a role, or none."""

    role: Annotated[
        Text | None,
        Field(description="The role's ARN, a reference like ${role.admin}, or its name alone."),
    ] = None
    denied: Annotated[bool, Field(description="true: they get no role.")] = False
    tags: Annotated[
        dict[str, str] | None,
        Field(description="The session's principal tags, all of them. Left out: any."),
    ] = None


class PoolTestSpec(Record):
    """Who asks a pool for credentials, and what they are to get."""

    pool: Annotated[SpecName, Field(description="metadata.name of the pool's spec.")]
    provider: Annotated[
        Text | None,
        Field(
            description="Whom they have signed in with, as the pool names it. May be left out "
            "where the pool has one provider."
        ),
    ] = None
    claims: Annotated[
        dict[str, Any] | None,
        Field(description="The claims of their token. No real ones: they are personal data."),
    ] = None
    guest: Annotated[bool, Field(description="true: they have not signed in.")] = False
    custom_role_arn: Annotated[
        Text | None, Field(description="The CustomRoleArn that their app asks for.")
    ] = None
    expect: ExpectedRole


class PoolTestDocument(Record):
    """A test of a pool: somebody, and the role that they are to get."""

    api_version: Annotated[Literal["idpool/v1"], Field(description="The format's version.")]
    kind: Annotated[Literal["IdentityPoolTest"], Field(description="The kind of document.")]
    metadata: PoolTestMetadata
    spec: PoolTestSpec
