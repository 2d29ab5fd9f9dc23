"""Findings: what is wrong (or doubtful) in a file, where, what to do, and the ids of rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from reconciler.model.base import RECORD_CONFIG

if TYPE_CHECKING:
    from pydantic import ConfigDict

Severity = Literal["error", "warning", "note"]


class RuleId(StrEnum):
    """One id for each thing that can be wrong with a file."""

    # Files
    NOT_FOUND = "not-found"
    UNREADABLE = "unreadable"
    NO_SPECS = "no-specs"
    FILE_SIZE = "file-size"
    NOT_TEXT = "not-text"
    EMPTY_FILE = "empty-file"
    # YAML
    YAML_SYNTAX = "yaml-syntax"
    MERGE_CONFLICT = "merge-conflict"
    YAML_VERSION = "yaml-version"
    DUPLICATE_KEY = "duplicate-key"
    UNKNOWN_TAG = "unknown-tag"
    KEY_NOT_STRING = "key-not-string"
    MERGE_KEY = "merge-key"
    NESTED_TOO_DEEPLY = "nested-too-deeply"
    ALIAS_EXPANSION = "alias-expansion"
    RECURSIVE_ANCHOR = "recursive-anchor"
    # Layers and references
    BAD_REFERENCE = "bad-reference"
    UNRESOLVED = "unresolved-reference"
    NULL_REMOVES_NOTHING = "null-removes-nothing"
    OVERLAY_CONFLICT = "overlay-conflict"
    HALF_ENDED = "half-ended"
    SAID_ELSEWHERE = "said-elsewhere"
    # Documents
    NOT_A_MAPPING = "not-a-mapping"
    API_VERSION = "api-version"
    KIND = "kind"
    ONE_PROJECT = "one-project"
    OTHER_PROJECT = "other-project"
    # Schema
    UNKNOWN_FIELD = "unknown-field"
    MISSING_FIELD = "missing-field"
    WRONG_TYPE = "wrong-type"
    NO_VALUE = "no-value"
    WRONG_FORMAT = "wrong-format"
    WRONG_VALUE = "wrong-value"
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    TOO_FEW = "too-few"
    TOO_MANY = "too-many"
    # Pools
    RESERVED_TAG = "reserved-tag"
    IGNORED_TAG = "ignored-tag"
    URL_NOT_NAME = "url-not-name"
    DUPLICATE_MEMBER = "duplicate-member"
    CLIENT_CONFLICT = "client-conflict"
    UNKNOWN_PROVIDER = "unknown-provider"
    AMBIGUOUS_ROLE_RESOLUTION = "ambiguous-role-resolution"
    RULES_MISSING = "rules-missing"
    RULES_FORBIDDEN = "rules-forbidden"
    GUEST_ROLE_UNUSED = "guest-role-unused"
    GUEST_ROLE_MISSING = "guest-role-missing"
    TWITTER_SECRET = "twitter-secret"  # noqa: S105 - the name of a rule
    UNKNOWN_LOGIN = "unknown-login"
    UNKNOWN_REGION = "unknown-region"
    OTHER_ACCOUNT = "other-account"
    TWITTER_SWAPPED = "twitter-swapped"
    DELETE_IDENTITIES = "delete-identities"
    # What works and should not be so
    GUEST_ROLE_IS_USERS_ROLE = "guest-role-is-users-role"
    CLASSIC_FLOW_WITH_GUESTS = "classic-flow-with-guests"
    # Across documents
    DUPLICATE_NAME = "duplicate-name"
    UNKNOWN_TARGET = "unknown-target"
    ADOPT_NEEDS_TARGETS = "adopt-needs-targets"
    ADOPT_ELSEWHERE = "adopt-elsewhere"
    ADOPT_REGION = "adopt-region"
    DUPLICATE_ADOPT = "duplicate-adopt"
    FORMER_NAME = "former-name"
    # Project
    FORMER_OWNER = "former-owner"
    DUPLICATE_TARGET = "duplicate-target"
    IGNORES_OWN_TAGS = "ignores-own-tags"
    NO_SUCH_DATE = "no-such-date"
    # Policies and waivers
    POLICY = "policy"
    POLICY_ID = "policy-id"
    POLICY_BLOCKS = "policy-blocks"
    POLICY_EXPRESSION = "policy-expression"
    POLICY_TEST = "policy-test"
    UNKNOWN_RULE = "unknown-rule"
    EXPIRED_WAIVER = "expired-waiver"
    UNUSED_WAIVER = "unused-waiver"


# What checks find, and may be waived: files with other findings mean nothing.
CHECK_RULES: Final = frozenset({RuleId.GUEST_ROLE_IS_USERS_ROLE, RuleId.CLASSIC_FLOW_WITH_GUESTS})


@dataclass(frozen=True, slots=True)
class Source:
    """Where a spec stands: file as the user named it, 1-based line of the document."""

    __pydantic_config__: ClassVar["ConfigDict"] = RECORD_CONFIG

    file: str
    line: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem in one place.

    ``line`` and ``column`` are 1-based; ``path`` is the field path (``spec.Roles.authenticated``),
    "" for the whole file; ``rule`` is a stable id; ``fix`` is what to do, "" where nobody can say.
    ``waived``: the reason of a waiver, "" for none.
    """

    __pydantic_config__: ClassVar["ConfigDict"] = RECORD_CONFIG

    file: str
    line: int
    column: int
    path: str
    rule: str
    message: str
    fix: str = ""
    severity: Severity = "error"
    waived: str = ""

    @property
    def place(self) -> str:
        """``file:line:column``, the form that editors and terminals make a link of."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def sentence(self) -> str:
        """What is wrong, with the field path in front where there is one."""
        return f"{self.path}: {self.message}" if self.path else self.message


def standing(findings: Iterable[Finding]) -> list[Finding]:
    """Those that nobody has waived."""
    return [finding for finding in findings if not finding.waived]
