"""CloudTrail's userIdentity as somebody whom a person knows.

Source of the shapes: CloudTrail user guide, "userIdentity element".
"""

import re
from collections.abc import Mapping
from typing import Any

# Roles that IAM Identity Center makes: AWSReservedSSO_PERMISSION-SET_16-hex-digits; the session is
# named after the user (IAM Identity Center user guide, "Referencing permission sets").
_SSO_ROLE = re.compile(r"AWSReservedSSO_(?P<set>.+)_[0-9a-f]{16}")
_SESSION = re.compile(r"arn:[^:]*:sts::[0-9]*:assumed-role/(?P<role>.+)/(?P<session>[^/]+)")


def who_of(identity: Mapping[str, Any]) -> str:
    """A user's name, role and session, or the service; "" where the event names nobody."""
    kind = identity.get("type")
    if kind == "AssumedRole":
        return _session(identity)
    if kind == "Root":
        return "the account's root user"
    if identity.get("invokedBy"):
        return f"AWS service {identity['invokedBy']}"
    name = identity.get("userName") or _last(identity.get("arn"))
    return f"user {name}" if name else ""


def address_of(record: Mapping[str, Any]) -> str:
    """Where the call came from: an address, or the AWS service that made it for somebody."""
    return str(record.get("sourceIPAddress") or "")


def _session(identity: Mapping[str, Any]) -> str:
    found = _SESSION.fullmatch(str(identity.get("arn") or ""))
    role = _issuer(identity) or (found["role"] if found else "")
    session = found["session"] if found else _after_colon(identity.get("principalId"))
    sso = _SSO_ROLE.fullmatch(role)
    if sso:
        return f"{session} (Identity Center, {sso['set']})"
    behind = _context(identity).get("sourceIdentity")
    person = f", for {behind}" if behind else ""
    return f"role {role or 'unknown'}, session {session or 'unknown'}{person}"


def _issuer(identity: Mapping[str, Any]) -> str:
    issuer = _context(identity).get("sessionIssuer")
    return str(issuer.get("userName") or "") if isinstance(issuer, dict) else ""


def _context(identity: Mapping[str, Any]) -> Mapping[str, Any]:
    context = identity.get("sessionContext")
    return context if isinstance(context, dict) else {}


def _after_colon(principal: object) -> str:
    return str(principal or "").partition(":")[2]


def _last(arn: object) -> str:
    return str(arn or "").rpartition("/")[2]
