"""What Ref and GetAtt of other resources give, as far as a template lets one know."""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from reconciler.converters.given import Given
from reconciler.converters.nodes import Node
from reconciler.model.partitions import partition_of

# Looks a property of the resource up: its text, or None.
Look: TypeAlias = Callable[[str], str | None]

REF: Final = ""  # Ref, as if it were an attribute
_SCHEME: Final = re.compile(r"https?://")
_USER_POOL: Final = re.compile(r"([a-z]{2,}(?:-[a-z]+)+-[0-9]+)_[A-Za-z0-9]+")
# Attributes that are the same as what Ref gives.
_SAME_AS_REF: Final = frozenset(
    [
        ("AWS::Cognito::UserPool", "UserPoolId"),
        ("AWS::Cognito::UserPoolClient", "ClientId"),
        ("AWS::IAM::OIDCProvider", "Arn"),
        ("AWS::IAM::SAMLProvider", "Arn"),
        ("AWS::Cognito::IdentityPool", "Id"),
    ]
)


def attribute(logical_id: str, resource: Node, name: str, given: Given, look: Look) -> str | None:
    """An attribute of a resource (``REF``: what Ref gives); ``None`` where nobody can know."""
    kind = resource.get("Type").text or ""
    if (kind, name) in _SAME_AS_REF:
        name = REF if given.value(f"{logical_id}.{name}") is None else name
    known = given.value(f"{logical_id}.{name}" if name else logical_id)
    if known is not None:
        return known
    if name == REF and (same := _by_its_other_name(kind, logical_id, given)) is not None:
        return same
    derive = _DERIVED.get((kind, name))
    return derive(logical_id, given, look) if derive else None


def _by_its_other_name(kind: str, logical_id: str, given: Given) -> str | None:
    names = [name for of, name in _SAME_AS_REF if of == kind]
    values = (given.value(f"{logical_id}.{name}") for name in names)
    return next((value for value in values if value is not None), None)


def _role_arn(_logical_id: str, given: Given, look: Look) -> str | None:
    name, path = look("RoleName"), look("Path") or "/"
    return _iam(given, f"role{path}{name}") if name else None


def _role_name(_logical_id: str, _given: Given, look: Look) -> str | None:
    return look("RoleName")


def _oidc_arn(_logical_id: str, given: Given, look: Look) -> str | None:
    url = look("Url")
    return _iam(given, f"oidc-provider/{_SCHEME.sub('', url, count=1)}") if url else None


def _saml_arn(_logical_id: str, given: Given, look: Look) -> str | None:
    name = look("Name")
    return _iam(given, f"saml-provider/{name}") if name else None


def _iam(given: Given, what: str) -> str | None:
    if not given.account:
        return None
    return f"arn:{partition_of(given.region).name}:iam::{given.account}:{what}"


def _provider_name(logical_id: str, given: Given, _look: Look) -> str | None:
    user_pool = given.value(logical_id) or given.value(f"{logical_id}.UserPoolId") or ""
    match = _USER_POOL.fullmatch(user_pool)
    if not match:
        return None
    return f"cognito-idp.{match[1]}.{partition_of(match[1]).suffix}/{user_pool}"


def _provider_url(logical_id: str, given: Given, look: Look) -> str | None:
    name = _provider_name(logical_id, given, look)
    return f"https://{name}" if name else None


_DERIVED: Final[dict[tuple[str, str], Callable[[str, Given, Look], str | None]]] = {
    ("AWS::IAM::Role", "Arn"): _role_arn,
    ("AWS::IAM::Role", REF): _role_name,
    ("AWS::IAM::OIDCProvider", REF): _oidc_arn,
    ("AWS::IAM::SAMLProvider", REF): _saml_arn,
    ("AWS::Cognito::UserPool", "ProviderName"): _provider_name,
    ("AWS::Cognito::UserPool", "ProviderURL"): _provider_url,
}
