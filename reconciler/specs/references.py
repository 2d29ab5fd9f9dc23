"""The schemes of references: what each stands for, and the values of those that need no read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final

from reconciler.model.partitions import partition_of
from reconciler.model.project import Project, Reads, Target, TerraformState
from reconciler.text.problems import did_you_mean, listed, quoted
from reconciler.text.references import INNER_SCHEMES, Reference, parse, replaced


@dataclass(frozen=True, slots=True)
class Scheme:
    """One kind of reference.

    ``form``: what stands behind the dot, ``pattern`` as a regular expression; ``says``: its value,
    for people; ``key``: where the project file's ``reads:`` allows it, "" for what reads nothing;
    ``secret``: it may stand only where AWS keeps secrets; ``sensitive``: which of its values
    are secret though not all of them are; ``calls``: services and operations that read it;
    ``version``: what a saved plan tells two states of the source by.
    """

    form: str
    pattern: str
    says: str
    key: str = ""
    secret: bool = False
    sensitive: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    version: str = ""


_PROPERTIES: Final = ("name", "account", "region", "partition", "suffix")
_NAME: Final = r"[^/\s][^\s]*"
_USER_POOLS: Final = ("cognito-idp", "ListUserPools")
SCHEMES: Final[Mapping[str, Scheme]] = {
    "target": Scheme("|".join(_PROPERTIES), ".+", "What the project says of the target."),
    "var": Scheme("NAME", ".+", "A value of vars: in the project file."),
    "role": Scheme("[PATH/]NAME", _NAME, "The ARN of an IAM role in the target's account."),
    "oidcProvider": Scheme(
        "HOST[/PATH]", _NAME, "The ARN of an OpenID Connect provider in the target's account."
    ),
    "samlProvider": Scheme("NAME", _NAME, "The ARN of a SAML provider in the target's account."),
    "userPool": Scheme(
        "NAME", r"[^/]+", "The provider name of a user pool.", "userPool", calls=(_USER_POOLS,)
    ),
    "userPoolClient": Scheme(
        "POOL/CLIENT",
        r"[^/]+/[^/]+",
        "The id of a user pool's client.",
        "userPool",
        calls=(_USER_POOLS, ("cognito-idp", "ListUserPoolClients")),
    ),
    "ssm": Scheme(
        "/PATH",
        r"\S+",
        "The value of an SSM parameter.",
        "ssm",
        sensitive="a SecureString",
        calls=(("ssm", "GetParameters"),),
        version="Version",
    ),
    "secret": Scheme(
        "NAME#KEY",
        r"[^#]+(#.+)?",
        "A secret of Secrets Manager.",
        "secret",
        secret=True,
        calls=(("secretsmanager", "BatchGetSecretValue"),),
        version="VersionId",
    ),
    "stack": Scheme(
        "NAME.OUTPUT",
        r"[^.]+\.[^.]+",
        "An output of a CloudFormation stack.",
        "stack",
        calls=(("cloudformation", "DescribeStacks"),),
        version="LastUpdatedTime or CreationTime",
    ),
    "terraform": Scheme(
        "NAME.OUTPUT",
        r"[^.]+\.[^.]+",
        "An output of a Terraform state.",
        "terraform",
        sensitive="a sensitive output",
        calls=(("s3", "GetObject"),),
        version="ETag",
    ),
}
# The settings of a target in which references may stand.
TARGET_TEXTS: Final = ("roleArn", "externalId", "sessionName")
# By the kind that stands in an ARN.
ARN_SCHEMES: Final = {
    "role": "role",
    "oidc-provider": "oidcProvider",
    "saml-provider": "samlProvider",
}
_ARNS: Final = {scheme: kind for kind, scheme in ARN_SCHEMES.items()}


class Unresolved(Exception):
    """A reference that stands for nothing here; ``str()`` is a sentence, ``fix`` another."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


class Unread(Exception):
    """A reference whose value is not known before AWS is asked."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What references in one target can stand for without a read."""

    target: Target
    vars: Mapping[str, str]
    reads: Reads

    @classmethod
    def of(cls, target: Target, project: Project) -> "Surroundings":
        """Those of a target of the project."""
        return cls(target, project.vars_in(target.name), project.reads)


def resolved(reference: Reference, here: Surroundings) -> str:
    """The value of a reference without references in its name.

    Raises Unresolved for what stands for nothing, Unread for what takes a call to AWS.
    """
    name = "".join(map(str, reference.name))
    scheme = SCHEMES.get(reference.scheme)
    if scheme is None:
        raise Unresolved(
            f"there is no scheme {quoted(reference.scheme)}",
            did_you_mean(reference.scheme, SCHEMES) or f"the schemes are {listed([*SCHEMES])}",
        )
    if not re.fullmatch(scheme.pattern, name):
        raise Unresolved(*_strange_name(reference.scheme, scheme, name))
    match reference.scheme:
        case "target":
            return _of_target(name, here.target)
        case "var":
            return _of_vars(name, here)
        case "role" | "oidcProvider" | "samlProvider":
            return _arn(_ARNS[reference.scheme], name, here.target)
    _allow(reference, name, here.reads)
    raise Unread


def own_value(reference: Reference, target: Target, vars_: Mapping[str, str]) -> str:
    """The value of a reference in the settings of a target.  Raises Unresolved."""
    if reference.scheme not in INNER_SCHEMES:
        raise Unresolved(
            f"{reference} cannot stand in the settings of a target",
            f"references of {listed(INNER_SCHEMES)} can",
        )
    return resolved(reference, Surroundings(target, vars_, Reads()))


def state_in(name: str, target: Target, project: Project) -> TerraformState:
    """A Terraform state by its name, at its place for a target.  Raises what ``parse`` raises.

    Raises Unresolved for what stands for nothing there.
    """
    state = project.reads.terraform[name]
    vars_ = project.vars_in(target.name)
    place = replaced(parse(state.state), lambda each: own_value(each, target, vars_))
    return replace(state, state=place)


def is_secret(reference: Reference) -> bool:
    """Whether a reference stands for a secret, whatever its value is."""
    scheme = SCHEMES.get(reference.scheme)
    return scheme is not None and scheme.secret


def _allow(reference: Reference, name: str, reads: Reads) -> None:
    """Only what the project file allows is read."""
    key = SCHEMES[reference.scheme].key
    what = read_name(reference.scheme, name)
    if key == "terraform":
        _allow_output(name, reads)
        return
    globs = reads.globs(key)
    if globs is not None and not any(fnmatchcase(what, glob) for glob in globs):
        raise Unresolved(
            f"the project does not allow {reference} to be read",
            f"add it to idpool.yaml: reads: {{{key}: [{quoted(what)}]}}",
        )


def _allow_output(name: str, reads: Reads) -> None:
    state, _, output = name.partition(".")
    known = reads.terraform.get(state)
    if known is None:
        raise Unresolved(
            f"the project names no Terraform state {quoted(state)}",
            did_you_mean(state, reads.terraform)
            or f"add it to idpool.yaml: reads: {{terraform: {{{state}: {{state: s3://...}}}}}}",
        )
    if known.outputs is not None and not any(fnmatchcase(output, g) for g in known.outputs):
        raise Unresolved(
            f"the project does not allow the output {quoted(output)} of {state} to be read",
            f"add it to outputs: of reads.terraform.{state} in idpool.yaml",
        )


def read_name(scheme: str, name: str) -> str:
    """What is read for a reference, by the name that ``reads:`` allows."""
    match scheme:
        case "ssm":  # behind a colon is a version or a label, but an ARN has colons of its own
            return name if name.startswith("arn:") else name.partition(":")[0]
        case "secret":
            return name.partition("#")[0]
        case "stack" | "terraform":
            return name.partition(".")[0]
        case "userPoolClient":
            return name.partition("/")[0]
    return name


def _strange_name(name: str, scheme: Scheme, text: str) -> tuple[str, str]:
    fix = f"write ${{{name}.{scheme.form}}}"
    if text.startswith("/") and name in _ARNS:
        return (
            f"{quoted(text)} begins with a slash",
            f"write it without: {quoted(text.lstrip('/'))}",
        )
    return f"{quoted(text)} is no name for the scheme {name}", fix


def _of_target(name: str, target: Target) -> str:
    if name not in _PROPERTIES:
        raise Unresolved(
            f"a target has no {quoted(name)}",
            did_you_mean(name, _PROPERTIES) or f"it has {listed(_PROPERTIES)}",
        )
    if name == "name":
        return target.name
    if name == "account":
        return _known(target.account)
    region = _known(target.region)
    partition = partition_of(region)
    return {"region": region, "partition": partition.name, "suffix": partition.suffix}[name]


def _known(value: str | None) -> str:
    """Of the ambient target AWS tells account and region."""
    if value is None:
        raise Unread
    return value


def _of_vars(name: str, here: Surroundings) -> str:
    if name in here.vars:
        return here.vars[name]
    raise Unresolved(
        f"there is no var {quoted(name)}",
        did_you_mean(name, here.vars)
        or "add it to vars: in the project file, for all targets or for this one",
    )


def _arn(kind: str, name: str, target: Target) -> str:
    if "://" in name:
        raise Unresolved(
            "the ARN of an OpenID Connect provider holds its host and path, no https://",
            f"write {quoted(name.partition('://')[2])}",
        )
    account, region = _known(target.account), _known(target.region)
    return f"arn:{partition_of(region).name}:iam::{account}:{kind}/{name}"
