"""What a text of a certain format looks like, and how a wrong one is put right."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from reconciler.model.findings import RuleId
from reconciler.model.partitions import REGIONS, find_partition
from reconciler.text.problems import FieldPath, Problem, did_you_mean, quoted, shown
from reconciler.text.references import has_reference

_ARN: Final = re.compile(
    r"arn:[^:]*:(?P<service>[^:]*):[^:]*:(?P<account>[^:]*):(?P<rest>.*)", re.S
)
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_RESOURCES: Final = frozenset({"oidc-provider", "saml-provider", "role", "userpool"})
_ARNS: Final = {
    "OpenIdConnectProviderARNs": "oidc-provider",
    "SamlProviderARNs": "saml-provider",
    "authenticated": "role",
    "unauthenticated": "role",
    "RoleARN": "role",
    "roleArn": "role",
}
# Below these the names are those of targets and providers.
_WHOLE: Final = ("adopt", "SupportedLoginProviders")


def format_problem(path: FieldPath, text: str) -> Problem:
    """Say why the text at a path has not the format that its schema asks for."""
    last = next((step for step in reversed(path) if isinstance(step, str)), "")
    field = next((each for each in _WHOLE if each in path), last)
    if path[:1] == ("metadata",) and has_reference(text):
        return Problem.of(path, RuleId.WRONG_FORMAT, "metadata-reference", text=shown(path, text))
    if field in _ARNS:
        return _arn(path, text, _ARNS[field])
    guess = _GUESSES.get(field)
    fix = guess(text) if guess else ""
    return Problem.of(path, RuleId.WRONG_FORMAT, field, fix, text=shown(path, text))


def unknown_region(path: FieldPath, region: str) -> Problem:
    """A warning: the region may be newer than this idpool."""
    guess = did_you_mean(region, REGIONS)
    return Problem.of(path, RuleId.UNKNOWN_REGION, fix=guess, region=quoted(region))


def _arn(path: FieldPath, text: str, kind: str) -> Problem:
    match = _ARN.fullmatch(text)
    resource = match["rest"].partition("/")[0] if match else ""
    if not match:
        case = "arn"
    elif resource != kind and resource in _RESOURCES:
        case = f"{resource}-arn"
    elif not re.fullmatch(r"[0-9]{12}", match["account"]):
        case = "arn-account"
    else:
        case = "arn-kind"
    wanted, shown_text = f"arn:aws:iam::123456789012:{kind}/NAME", shown(path, text)
    return Problem.of(path, RuleId.WRONG_FORMAT, case, text=shown_text, kind=kind, wanted=wanted)


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


_GUESSES: Final[Mapping[str, Callable[[str], str]]] = {
    "name": _name_guess,
    "formerNames": _name_guess,
    "region": _region_guess,
    "account": _account_guess,
    "lock": _lock_guess,
}
