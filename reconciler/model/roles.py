"""IAM roles and user pool clients as checks look at them: what was read, or why it was not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from reconciler.model.base import JsonValue


class RolePolicy(NamedTuple):
    """A policy of a role: its name, or the ARN of a managed one, and its document.

    The document of a boundary that could not be read is ``None``.
    """

    name: str
    document: JsonValue


class Missing(NamedTuple):
    """What AWS says is not there."""

    what: str


class Unread(NamedTuple):
    """What could not be read; ``why`` is a sentence without its end."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Role:
    """A role.

    ``trust`` is its trust policy, ``boundary`` its permissions boundary, ``tags`` the keys of its
    tags; ``unread``: sentences about what of ``policies`` could not be read.
    """

    arn: str
    trust: JsonValue
    policies: tuple[RolePolicy, ...] = ()
    boundary: RolePolicy | None = None
    tags: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UserPoolClients:
    """All clients of a user pool, by their ids: users sign in with each of them.

    ``writes``: the attributes that users may write by a client, ``None`` where none are named: that
    means all standard ones (API reference, CreateUserPoolClient).
    """

    writes: Mapping[str, frozenset[str] | None]


ReadRole: TypeAlias = Role | Missing | Unread
ReadClients: TypeAlias = UserPoolClients | Missing | Unread


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """What was read in one target: roles by ARN, and for keys of RoleMappings (PROVIDER:CLIENT) all
    clients of the user pool.

    ``account`` is the one that has answered, ``None`` where nobody knows.
    """

    account: str | None = None
    region: str | None = None
    roles: Mapping[str, ReadRole] = field(default_factory=dict)
    clients: Mapping[str, ReadClients] = field(default_factory=dict)
