"""The project file as a document.

The JSON Schema that editors use is generated from these classes, so their texts are read by
people.  What a command works with is ``project.Project``.
"""

from typing import Annotated, Literal

from pydantic import Field

from reconciler.model.findings import Severity
from reconciler.model.partitions import REGION_FORM
from reconciler.model.records import Record
from reconciler.model.spec import FieldName, PoolDefaults, PoolOverlay, TargetName, TargetPattern
from reconciler.model.spec_values import NO_SPACE, RoleArn, TagKey, TagValue

# A tag value: letters, digits, spaces and these signs (AWS tagging guide).
_OWNER = r"^[A-Za-z0-9 _.:/=+@-]+$"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
# s3://bucket/key-prefix.  Steps of the key start with a letter or digit, so none is "." or "..",
# which HTTP clients take for folders; the length leaves room for the target's name in S3's 1,024.
_LOCK = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9][A-Za-z0-9_.=@+-]*)+/?$"


class IgnoreEntry(Record):
    """One piece of drift that is known and not counted, until a day."""

    path: Annotated[
        str,
        Field(
            max_length=512,
            pattern=rf"^[a-z0-9*?-]+\.[A-Za-z]+(\.{NO_SPACE}.*)?$",
            description="SPEC.FIELD or SPEC.FIELD.MEMBER; * and ? in SPEC and MEMBER stand for any "
            "characters, for example storefront.IdentityPoolTags.team or *.AllowClassicFlow.",
        ),
    ]
    reason: Annotated[
        str, Field(min_length=1, max_length=500, description="Why it may differ, for reports.")
    ]
    until: Annotated[
        str,
        Field(
            pattern=_DAY,
            description='The last day (UTC) on which it is ignored: "2026-12-31".',
        ),
    ]


VarName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
Vars = Annotated[dict[VarName, str], Field(max_length=1000)]
Globs = list[Annotated[str, Field(min_length=1, max_length=2048)]]


class TargetSettings(Record):
    """One (account, region, role) that specs are applied to."""

    account: Annotated[
        str, Field(pattern=r"^[0-9]{12}$", description="The account that must answer, quoted.")
    ]
    region: Annotated[str, Field(pattern=rf"^(?:{REGION_FORM})$", description="The AWS region.")]
    role_arn: Annotated[
        RoleArn | None, Field(description="Role to assume. Left out: the ambient credentials.")
    ] = None
    # Limits: AssumeRole in the API reference of AWS STS.
    external_id: Annotated[
        str | None,
        Field(
            min_length=2,
            max_length=1224,
            pattern=r"^[A-Za-z0-9_+=,.@:/-]+$",
            description="The external id that the role's trust policy asks for.",
        ),
    ] = None
    session_name: Annotated[
        str | None,
        Field(
            min_length=2,
            max_length=64,
            pattern=r"^[A-Za-z0-9_+=,.@-]+$",
            description="The session's name, as CloudTrail shows it. Left out: idpool.",
        ),
    ] = None
    session_tags: Annotated[
        dict[TagKey, TagValue], Field(max_length=50, description="Tags of the session.")
    ] = {}
    vars: Annotated[Vars, Field(description="Values of ${var.NAME} in this target.")] = {}
    defaults: Annotated[
        PoolDefaults, Field(description="Fields that every spec has in this target.")
    ] = PoolDefaults()


class TerraformState(Record):
    """A state in S3 whose outputs specs may refer to."""

    state: Annotated[
        str,
        Field(
            max_length=1100,
            pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+$",
            description="s3://BUCKET/KEY; ${target.NAME} and ${var.NAME} may stand in the key.",
        ),
    ]
    region: Annotated[str, Field(pattern=rf"^(?:{REGION_FORM})$", description="The bucket's.")]
    credentials: Annotated[
        Literal["ambient", "target"],
        Field(description="Whose credentials read it: those of the run, or of the target."),
    ]
    outputs: Annotated[
        Globs | None, Field(description="Outputs that may be used. Left out: all.")
    ] = None


class Reads(Record):
    """What references may read; nothing else is read. * and ? in names cross slashes."""

    ssm: Annotated[Globs, Field(description="Names of SSM parameters.")] = []
    secret: Annotated[Globs, Field(description="Names of secrets.")] = []
    stack: Annotated[Globs, Field(description="Names of CloudFormation stacks.")] = []
    user_pool: Annotated[Globs | None, Field(description="Names of user pools. Left out: all.")] = (
        None
    )
    terraform: Annotated[
        dict[VarName, TerraformState], Field(description="States by the name for references.")
    ] = {}


RuleName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        description="Lower-case letters and digits, words joined by hyphens: no-guests-in-prod.",
    ),
]
Expression = Annotated[str, Field(min_length=1, max_length=4000)]


class PolicyTestTarget(Record):
    """A target as a policy sees it; what is left out is empty."""

    name: Annotated[TargetName | None, Field(description="The target's name.")] = None
    account: Annotated[
        str | None, Field(pattern=r"^[0-9]{12}$", description="The account, quoted.")
    ] = None
    region: Annotated[
        str | None, Field(pattern=rf"^(?:{REGION_FORM})$", description="The AWS region.")
    ] = None
    vars: Annotated[Vars, Field(description="Its vars.")] = {}


class PolicyTestEntry(Record):
    """A pool, and whether the policy lets it pass."""

    pool: Annotated[
        PoolOverlay, Field(description="The pool, as spec: has it; what is left out is empty.")
    ]
    target: Annotated[
        PolicyTestTarget, Field(description="The target. Left out: one without a name.")
    ] = PolicyTestTarget()
    live: Annotated[
        PoolOverlay | None, Field(description="The live pool. Left out: there is none.")
    ] = None
    changes: Annotated[list[FieldName], Field(description="Fields that the plan changes.")] = []
    expect: Annotated[Literal["pass", "fail"], Field(description="What the policy says of it.")]


class PolicyEntry(Record):
    """What has to hold of every pool: an expression in CEL, and what to say where it does not."""

    id: Annotated[RuleName, Field(description="The rule's id, in findings and for waivers.")]
    severity: Annotated[
        Severity, Field(description="error refuses the pool (exit 3); warning and note only tell.")
    ]
    when: Annotated[
        Expression | None,
        Field(description="An expression in CEL: which pools it is about. Left out: all."),
    ] = None
    assert_: Annotated[
        Expression,
        Field(
            alias="assert",
            description="An expression in CEL over pool, live, changes, target and spec that must "
            "be true.",
        ),
    ]
    message: Annotated[
        str, Field(min_length=1, max_length=500, description="What is wrong where it is not true.")
    ]
    blocks: Annotated[
        Literal["always"] | None,
        Field(description="always: refuse even what live has already. For severity error."),
    ] = None
    tests: Annotated[
        list[PolicyTestEntry],
        Field(max_length=100, description="Pools that it must let pass, or not."),
    ] = []


class WaiverEntry(Record):
    """A rule that is not held against some pools, until a day."""

    rule: Annotated[RuleName, Field(description="A policy's id, or that of a built-in check.")]
    spec: Annotated[
        str,
        Field(
            min_length=1,
            max_length=63,
            pattern=r"^[a-z0-9*?-]+$",
            description="The spec's name; * and ? stand for any characters.",
        ),
    ]
    target: Annotated[
        TargetPattern, Field(description="The target's name, or a glob. Left out: every target.")
    ] = "*"
    reason: Annotated[
        str, Field(min_length=1, max_length=500, description="Why it may be so, for reports.")
    ]
    until: Annotated[
        str,
        Field(pattern=_DAY, description='The last day (UTC) on which it holds: "2026-12-31".'),
    ]


class ProjectDocument(Record):
    """The project file, idpool.yaml at the repository root."""

    api_version: Annotated[Literal["idpool/v1"], Field(description="The format's version.")]
    kind: Annotated[Literal["Project"], Field(description="The kind of document.")]
    owner: Annotated[
        str,
        Field(
            min_length=1,
            max_length=256,
            pattern=_OWNER,
            description="Written as tag idpool:owner on every pool of this repository.",
        ),
    ]
    former_owners: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=256, pattern=_OWNER)]],
        Field(
            max_length=20,
            description="Earlier owners: their pools are taken over by the specs of the same name.",
        ),
    ] = []
    specs: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field(min_length=1, description="Spec files and folders, relative to this file."),
    ] = ["specs/"]
    vars: Annotated[Vars, Field(description="Values of ${var.NAME}; those of a target win.")] = {}
    defaults: Annotated[
        PoolDefaults, Field(description="Fields that every spec has where it does not say them.")
    ] = PoolDefaults()
    reads: Annotated[Reads, Field(description="What references may read.")] = Reads()
    targets: Annotated[
        dict[TargetName, TargetSettings],
        Field(description="Where specs go. Left out: the ambient AWS environment."),
    ] = {}
    ignore_tags: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field(description="Tag keys (with * and ?) that others write: never compared or changed."),
    ] = []
    ignore: Annotated[
        list[IgnoreEntry],
        Field(max_length=1000, description="Known drift: reported as ignored until its date."),
    ] = []
    lock: Annotated[
        str | None,
        Field(
            max_length=960,
            pattern=_LOCK,
            description="s3://bucket/key-prefix: where apply locks its targets, one object each. "
            "Left out: no lock.",
        ),
    ] = None
    policies: Annotated[
        list[PolicyEntry],
        Field(max_length=200, description="What has to hold of every pool, in CEL."),
    ] = []
    waivers: Annotated[
        list[WaiverEntry],
        Field(max_length=1000, description="Findings that are known and allowed until a day."),
    ] = []
