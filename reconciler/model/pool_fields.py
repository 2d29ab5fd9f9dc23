"""What a row of the pool's table says of a field.

The table itself is the class ``Pool``.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

TAGS_FIELD: Final = "IdentityPoolTags"
LOGINS_FIELD: Final = "SupportedLoginProviders"
PRINCIPAL_TAGS_FIELD: Final = "PrincipalTagAttributeMaps"
# SetIdentityPoolRoles replaces these two together.
ROLES_FIELDS: Final = ("Roles", "RoleMappings")
# What UseDefaults stands for (Amazon Cognito developer guide, "Attributes for access control").
DEFAULT_PRINCIPAL_TAGS: Final = {"username": "sub", "client": "aud"}


class FieldKind(Enum):
    """What a field holds: decides its canonical form, how it differs, is shown and is written."""

    TEXT = auto()
    FLAG = auto()
    CLASSIC_FLOW = auto()  # a flag that may be unset, which is not the same as false
    LOGINS = auto()  # a map whose values may be secrets
    SET = auto()  # texts, in any order
    CLIENTS = auto()
    TAGS = auto()
    ROLES = auto()
    ROLE_MAPPINGS = auto()
    PRINCIPAL_TAGS = auto()


class Call(Enum):
    """The call that writes a field."""

    POOL = "UpdateIdentityPool"  # and CreateIdentityPool
    ROLES = "SetIdentityPoolRoles"
    PRINCIPAL_TAGS = "SetPrincipalTagAttributeMap"


@dataclass(frozen=True, slots=True)
class Field:
    """One row: all that is said of a field in one place.

    ``spec``: its type in a spec, with AWS's limits; ``says``: its description for people who write
    specs; ``terraform``: its name in Terraform's resource (in CloudFormation's it is the API's);
    ``irreversible``: why its first value can never be taken back, "" where it can;
    ``has_providers``: whether its members are providers, which principal tags can be set for;
    ``has_default``: whether a project may say it for all specs.
    """

    kind: FieldKind
    spec: Any
    says: str
    terraform: str
    call: Call = Call.POOL
    irreversible: str = ""
    has_providers: bool = False
    has_default: bool = True
