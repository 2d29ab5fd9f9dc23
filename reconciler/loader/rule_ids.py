"""The stable ids that findings carry; documentation and CI filters rely on them."""

from enum import StrEnum


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
    REFERENCE_UNSUPPORTED = "reference-unsupported"
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
    MANY_RULES = "many-rules"
    GUEST_ROLE_UNUSED = "guest-role-unused"
    GUEST_ROLE_MISSING = "guest-role-missing"
    TWITTER_SECRET = "twitter-secret"  # noqa: S105 - the name of a rule
    TWITTER_KEY = "twitter-key"
    TWITTER_SWAPPED = "twitter-swapped"
    DELETE_IDENTITIES = "delete-identities"
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
