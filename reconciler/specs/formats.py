"""What a text of a certain format looks like, and how a wrong one is put right."""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from reconciler.model.findings import RuleId
from reconciler.model.partitions import REGIONS, find_partition
from reconciler.text.problems import FieldPath, Problem, did_you_mean, quoted, shown

_ARN: Final = re.compile(
    r"arn:[^:]*:(?P<service>[^:]*):[^:]*:(?P<account>[^:]*):(?P<rest>.*)", re.S
)
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ARN_FIELDS: Final = {
    "oidc-provider": ("an OpenID Connect provider's ARN", "OpenIdConnectProviderARNs"),
    "saml-provider": ("a SAML provider's ARN", "SamlProviderARNs"),
    "role": ("a role's ARN", "Roles and the RoleARN of rules"),
    "userpool": ("a user pool's ARN", "CognitoIdentityProviders, as ProviderName and ClientId"),
}
_ARNS: Final = {
    "OpenIdConnectProviderARNs": "oidc-provider",
    "SamlProviderARNs": "saml-provider",
    "authenticated": "role",
    "unauthenticated": "role",
    "RoleARN": "role",
    "roleArn": "role",
}


class Correction(NamedTuple):
    """What is wrong with a text, and what to do."""

    message: str
    fix: str


def format_problem(path: FieldPath, text: str) -> Correction:
    """Say why the text at a path has not the format that its schema asks for."""
    field = next((step for step in reversed(path) if isinstance(step, str)), "")
    parents = path[:-1]
    if "adopt" in parents or field == "adopt":
        return _plain(path, text, "adopt")
    if "SupportedLoginProviders" in parents:
        return _plain(path, text, "SupportedLoginProviders")
    if field in _ARNS:
        return _arn(path, text, _ARNS[field])
    return _plain(path, text, field)


def key_problem(key: str) -> Correction:
    """Say why a key has not the format that its schema asks for: only target names have one."""
    message, fix = _FORMATS["targets"]
    return Correction(f"{quoted(key)} {message}", fix)


def unknown_region(path: FieldPath, region: str) -> Problem:
    """A warning: the region may be newer than this idpool."""
    message = f"no region {quoted(region)} with Cognito identity pools is known here"
    fix = did_you_mean(region, REGIONS) or "check the name"
    return Problem(path, RuleId.UNKNOWN_REGION, message, fix, severity="warning")


def _plain(path: FieldPath, text: str, field: str) -> Correction:
    said = _FORMATS.get(field, Correction("has not the format of this field", ""))
    fix = said.fix
    if guess := _GUESSES.get(field, _no_guess)(text):
        fix = guess
    return Correction(f"{shown(path, text)} {said.message}", fix)


def _arn(path: FieldPath, text: str, kind: str) -> Correction:
    wanted = f"arn:aws:iam::123456789012:{kind}/NAME"
    match = _ARN.fullmatch(text)
    if not match:
        return Correction(f"{shown(path, text)} is no ARN", f"write {wanted}")
    resource = match["rest"].partition("/")[0]
    if resource != kind and resource in _ARN_FIELDS:
        what, where = _ARN_FIELDS[resource]
        return Correction(
            f"{shown(path, text)} is {what}", f"it belongs in {where}; here: {wanted}"
        )
    if not re.fullmatch(r"[0-9]{12}", match["account"]):
        return Correction(
            f"the account in {shown(path, text)} has not 12 digits", f"write {wanted}"
        )
    return Correction(f"{shown(path, text)} is not the ARN of an IAM {kind}", f"write {wanted}")


def _no_guess(_: str) -> str:
    return ""


def _name_guess(text: str) -> str:
    guess = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].strip("-")
    return f'write it like "{guess}": lower-case letters, digits and inner hyphens' if guess else ""


def _region_guess(text: str) -> str:
    if find_partition(text[:-1]) and text[-1:].isalpha():
        return f'that is an availability zone; write "{text[:-1]}"'
    return did_you_mean(text, REGIONS)


def _account_guess(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return f'write "{digits}"' if len(digits) == 12 else ""  # noqa: PLR2004 - digits of an account


def _lock_guess(text: str) -> str:
    scheme, _, rest = text.rpartition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme not in ("", "s3"):
        return "write s3://BUCKET/KEY-PREFIX: a lock is an object in S3"
    if not prefix.strip("/"):
        return f"add a key prefix: s3://{bucket}/idpool" if _BUCKET.fullmatch(bucket) else ""
    return "write a bucket's name in lower case" if bucket != bucket.lower() else ""


_FORMATS: Final = {
    "name": Correction(
        "is no spec name", "write lower-case letters, digits and inner hyphens, at most 63"
    ),
    "targets": Correction(
        "is no target name",
        "write letters, digits, dots, underscores and hyphens, at most 64; a letter or digit first",
    ),
    "adopt": Correction(
        "is no identity pool id",
        'write the id as AWS shows it: "eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"',
    ),
    "IdentityPoolName": Correction(
        "is no name for an identity pool",
        "write letters, digits, white space and the signs _ + = , . @ -",
    ),
    "SupportedLoginProviders": Correction(
        "is no app id", "write letters, digits and the signs _ . ; / - without spaces"
    ),
    "DeveloperProviderName": Correction(
        "is no developer provider name", "write letters, digits, dots, underscores and hyphens"
    ),
    "ProviderName": Correction(
        "is no user pool's provider name", "write cognito-idp.REGION.amazonaws.com/USER_POOL_ID"
    ),
    "ClientId": Correction(
        "is no app client id", "write the id of the app client, letters and digits, not its name"
    ),
    "Claim": Correction("is no claim name", "write the claim's name without spaces"),
    "account": Correction("is no AWS account id", 'write its 12 digits in quotes: "123456789012"'),
    "region": Correction("has the form of no AWS region", "write it like eu-west-1"),
    "owner": Correction(
        "cannot be the value of a tag",
        "write letters, digits, spaces and the signs _ . : / = + @ -",
    ),
    "lock": Correction(
        "is no place for a lock",
        "write s3://BUCKET/KEY-PREFIX: the bucket in lower case, the prefix in letters, digits and "
        "the signs _ . = @ + - and /",
    ),
    "path": Correction(
        "names no field of a spec",
        "write SPEC.FIELD or SPEC.FIELD.MEMBER, for example storefront.IdentityPoolTags.team or "
        "*.AllowClassicFlow",
    ),
    "until": Correction("is no date", 'write year, month and day in quotes: "2026-12-31"'),
}
_GUESSES: Final[Mapping[str, Callable[[str], str]]] = {
    "name": _name_guess,
    "region": _region_guess,
    "account": _account_guess,
    "lock": _lock_guess,
}
