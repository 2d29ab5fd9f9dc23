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
    GUEST_ROLE_BY_RULE = "guest-role-by-rule"
    CLASSIC_FLOW = "classic-flow"
    CLASSIC_FLOW_WITH_GUESTS = "classic-flow-with-guests"
    PUBLIC_ISSUER = "public-issuer"
    RULE_UNREACHABLE = "rule-unreachable"
    CONTAINS_PART_OF_ANOTHER = "contains-part-of-another"
    CONTAINS_ON_LIST = "contains-on-list"
    LIST_AS_TEXT = "list-as-text"
    EMAIL_IN_PART = "email-in-part"
    WRITABLE_CLAIM = "writable-claim"
    WRITABLE_TAG = "writable-tag"
    FALLBACK_ROLE_MISSING = "fallback-role-missing"
    USERS_ROLE_MISSING = "users-role-missing"
    TOKEN_MAPPING_ELSEWHERE = "token-mapping-elsewhere"  # noqa: S105 - the name of a rule
    TOKEN_CHECK_OFF = "token-check-off"  # noqa: S105 - the name of a rule
    # Roles, as IAM has them
    ROLE_MISSING = "role-missing"
    ROLE_UNREAD = "role-unread"
    ROLE_OTHER_ACCOUNT = "role-other-account"
    ROLE_TRUST_PRINCIPAL = "role-trust-principal"
    ROLE_TRUST_ACTION = "role-trust-action"
    ROLE_TRUST_OTHER_POOL = "role-trust-other-pool"
    ROLE_TRUST_ANY_POOL = "role-trust-any-pool"
    ROLE_TRUST_AMR = "role-trust-amr"
    ROLE_TRUST_NEVER = "role-trust-never"
    ROLE_TRUST_GUESTS = "role-trust-guests"
    ROLE_TRUST_USERS = "role-trust-users"
    ROLE_TRUST_TAG_SESSION = "role-trust-tag-session"
    ROLE_TRUST_NOT_KNOWN = "role-trust-not-known"
    PRINCIPAL_TAG_UNUSED = "principal-tag-unused"
    PRINCIPAL_TAG_UNSET = "principal-tag-unset"
    GUEST_ROLE_BEYOND_SESSION = "guest-role-beyond-session"
    GUEST_ROLE_MANAGES_PERMISSIONS = "guest-role-manages-permissions"
    # Across documents
    DUPLICATE_NAME = "duplicate-name"
    UNKNOWN_TARGET = "unknown-target"
    ADOPT_NEEDS_TARGETS = "adopt-needs-targets"
    ADOPT_ELSEWHERE = "adopt-elsewhere"
    ADOPT_REGION = "adopt-region"
    DUPLICATE_ADOPT = "duplicate-adopt"
    FORMER_NAME = "former-name"
    # Tests
    DUPLICATE_TEST = "duplicate-test"
    TEST_POOL = "test-pool"
    TEST_USER = "test-user"
    TEST_PROVIDER = "test-provider"
    TEST_EXPECTS = "test-expects"
    TEST_TARGETS = "test-targets"
    TEST_FAILED = "test-failed"
    TEST_NOT_KNOWN = "test-not-known"
    TEST_NOT_RUN = "test-not-run"
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


# What is found of the roles that IAM has; each has a page, as checks of specs have.
ROLE_RULES: Final = (
    RuleId.ROLE_MISSING,
    RuleId.ROLE_UNREAD,
    RuleId.ROLE_OTHER_ACCOUNT,
    RuleId.ROLE_TRUST_PRINCIPAL,
    RuleId.ROLE_TRUST_ACTION,
    RuleId.ROLE_TRUST_OTHER_POOL,
    RuleId.ROLE_TRUST_ANY_POOL,
    RuleId.ROLE_TRUST_AMR,
    RuleId.ROLE_TRUST_NEVER,
    RuleId.ROLE_TRUST_GUESTS,
    RuleId.ROLE_TRUST_USERS,
    RuleId.ROLE_TRUST_TAG_SESSION,
    RuleId.ROLE_TRUST_NOT_KNOWN,
    RuleId.PRINCIPAL_TAG_UNUSED,
    RuleId.PRINCIPAL_TAG_UNSET,
    RuleId.GUEST_ROLE_BEYOND_SESSION,
    RuleId.GUEST_ROLE_MANAGES_PERMISSIONS,
)
# What checks find, and may be waived: files with other findings mean nothing.
CHECK_RULES: Final = frozenset(
    {
        RuleId.GUEST_ROLE_IS_USERS_ROLE,
        RuleId.GUEST_ROLE_BY_RULE,
        RuleId.CLASSIC_FLOW,
        RuleId.CLASSIC_FLOW_WITH_GUESTS,
        RuleId.PUBLIC_ISSUER,
        RuleId.RULE_UNREACHABLE,
        RuleId.CONTAINS_PART_OF_ANOTHER,
        RuleId.CONTAINS_ON_LIST,
        RuleId.LIST_AS_TEXT,
        RuleId.EMAIL_IN_PART,
        RuleId.WRITABLE_CLAIM,
        RuleId.WRITABLE_TAG,
        RuleId.FALLBACK_ROLE_MISSING,
        RuleId.USERS_ROLE_MISSING,
        RuleId.TOKEN_MAPPING_ELSEWHERE,
        RuleId.TOKEN_CHECK_OFF,
        *ROLE_RULES,
    }
)


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
