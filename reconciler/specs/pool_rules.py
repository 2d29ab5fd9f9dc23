"""Rules of one pool that a JSON Schema cannot say."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.model.findings import RuleId
from reconciler.model.project import AWS_TAG_PREFIX, RESERVED_TAG_PREFIX, Ignored, Project, Target
from reconciler.model.secrets import mask_login
from reconciler.model.written import (
    ClientData,
    LifecycleData,
    PoolData,
    RoleMappingData,
    RolesData,
    SpecData,
)
from reconciler.text.problems import FieldPath, Problem, listed, quoted

_TWITTER = "api.twitter.com"


@dataclass(frozen=True, slots=True)
class CheckedPool:
    """What a rule looks at.

    ``targets`` are those in which the spec is so.  ``open_fields`` are fields that do not say all:
    other owners write them, they hold errors, or values that only AWS has.
    """

    document: SpecData
    project: Project
    targets: tuple[Target, ...]
    open_fields: frozenset[str]

    @property
    def pool(self) -> PoolData:
        """The pool's fields."""
        return self.document["spec"]

    @property
    def lifecycle(self) -> LifecycleData:
        """What idpool may do with the pool."""
        return self.document.get("lifecycle", {})


Rule: TypeAlias = Callable[[CheckedPool], Iterator[Problem]]


def reserved_tags(subject: CheckedPool) -> Iterator[Problem]:
    """Tags that AWS or idpool write themselves."""
    for key in subject.pool.get("IdentityPoolTags", {}):
        for prefix, owner in ((AWS_TAG_PREFIX, "AWS"), (RESERVED_TAG_PREFIX, "idpool")):
            if key.casefold().startswith(prefix):
                yield Problem(
                    ("spec", "IdentityPoolTags", key),
                    RuleId.RESERVED_TAG,
                    f'tags that begin with "{prefix}" are reserved for {owner}',
                    "rename or remove the tag",
                    at_key=True,
                )


def ignored_tags(subject: CheckedPool) -> Iterator[Problem]:
    """Tags that the project leaves alone have no effect in a spec."""
    if not subject.project.ignore_tags:
        return
    ignored = Ignored(tags=subject.project.ignore_tags)
    for key in subject.pool.get("IdentityPoolTags", {}):
        if ignored.leaves_tag(key) and not key.startswith(AWS_TAG_PREFIX):
            yield Problem(
                ("spec", "IdentityPoolTags", key),
                RuleId.IGNORED_TAG,
                f"the tag {quoted(key)} has no effect: ignoreTags of the project leaves it alone",
                "remove it here, or its pattern there",
                severity="warning",
                at_key=True,
            )


def duplicate_arns(subject: CheckedPool) -> Iterator[Problem]:
    """The same provider twice in a set."""
    pool = subject.pool
    for field, arns in (
        ("OpenIdConnectProviderARNs", pool.get("OpenIdConnectProviderARNs", [])),
        ("SamlProviderARNs", pool.get("SamlProviderARNs", [])),
    ):
        seen: dict[str, int] = {}
        for index, arn in enumerate(arns):
            if (first := seen.setdefault(arn, index)) < index:
                yield Problem(
                    ("spec", field, index),
                    RuleId.DUPLICATE_MEMBER,
                    f"is the same ARN as {field}[{first}]",
                    "remove one of the two",
                )


def duplicate_clients(subject: CheckedPool) -> Iterator[Problem]:
    """The same client twice, alike or with two opinions about ServerSideTokenCheck."""
    first: dict[tuple[str, str], int] = {}
    clients = subject.pool.get("CognitoIdentityProviders", [])
    for index, client in enumerate(clients):
        earlier = first.setdefault((client["ProviderName"], client["ClientId"]), index)
        if earlier == index:
            continue
        place = f"CognitoIdentityProviders[{earlier}]"
        rule, message = RuleId.DUPLICATE_MEMBER, f"is the same client as {place}"
        if _checks_tokens(client) != _checks_tokens(clients[earlier]):
            rule = RuleId.CLIENT_CONFLICT
            message += ", with another ServerSideTokenCheck"
        path = ("spec", "CognitoIdentityProviders", index)
        yield Problem(path, rule, message, "remove one of the two")


def _checks_tokens(client: ClientData) -> bool:
    return client.get("ServerSideTokenCheck", False)


def role_mapping_types(subject: CheckedPool) -> Iterator[Problem]:
    """What a mapping needs by its Type (API reference, RoleMapping)."""
    for key, mapping in subject.pool.get("RoleMappings", {}).items():
        path = ("spec", "RoleMappings", key)
        if "AmbiguousRoleResolution" not in mapping:
            yield Problem(
                path,
                RuleId.AMBIGUOUS_ROLE_RESOLUTION,
                f"Type {mapping['Type']} needs AmbiguousRoleResolution",
                "add AmbiguousRoleResolution: Deny, or AuthenticatedRole",
            )
        yield from _rules_of(mapping, path)


def _rules_of(mapping: RoleMappingData, path: tuple[str, ...]) -> Iterator[Problem]:
    configuration = mapping.get("RulesConfiguration")
    place = (*path, "RulesConfiguration")
    if mapping["Type"] == "Rules" and configuration is None:
        message = "Type Rules needs RulesConfiguration with at least one rule"
        fix = "add RulesConfiguration: {Rules: [...]}, or write Type: Token"
        yield Problem(path, RuleId.RULES_MISSING, message, fix)
    elif mapping["Type"] == "Token" and configuration is not None:
        message = "Type Token takes no RulesConfiguration"
        fix = "remove it, or write Type: Rules"
        yield Problem(place, RuleId.RULES_FORBIDDEN, message, fix)


def guest_roles(subject: CheckedPool) -> Iterator[Problem]:
    """Guests and their role go together."""
    pool = subject.pool
    guests = pool.get("AllowUnauthenticatedIdentities", False)
    # One of the two manages both.
    roles = pool.get("Roles", RolesData() if "RoleMappings" in pool else None)
    if roles is None or {"AllowUnauthenticatedIdentities", "Roles"} & subject.open_fields:
        return
    if "unauthenticated" in roles and not guests:
        yield Problem(
            ("spec", "Roles", "unauthenticated"),
            RuleId.GUEST_ROLE_UNUSED,
            "no guest can get this role: AllowUnauthenticatedIdentities is not true",
            "write AllowUnauthenticatedIdentities: true, or remove the role",
            severity="warning",
            at_key=True,
        )
    elif guests and "unauthenticated" not in roles:
        yield Problem(
            ("spec", "Roles"),
            RuleId.GUEST_ROLE_MISSING,
            "guests get identities but no role: Roles has no unauthenticated",
            "add unauthenticated: ARN, or write AllowUnauthenticatedIdentities: false",
            severity="warning",
        )


def twitter_swapped(subject: CheckedPool) -> Iterator[Problem]:
    """The name of a provider is shown and stored in many places, a secret nowhere."""
    swapped = swapped_names(subject.pool)
    for field, names in _by_provider(subject.pool).items():
        for name in names:
            if name in swapped:
                yield Problem(
                    ("spec", field, name),
                    RuleId.TWITTER_SWAPPED,
                    "this looks like a key and its secret, in the place of the provider's name",
                    f'write {_TWITTER}: "KEY;SECRET"',
                    at_key=True,
                    hides_key=True,
                )


def swapped_names(pool: PoolData) -> frozenset[str]:
    """What stands in the place of providers' names and is a secret, or holds one."""
    logins = pool.get("SupportedLoginProviders", {})
    found = {name for names in _by_provider(pool).values() for name in names}
    return frozenset(name for name in found if mask_login(name, logins.get(name, ""))[0] != name)


def _by_provider(pool: PoolData) -> Mapping[str, Iterable[str]]:
    return {
        "SupportedLoginProviders": pool.get("SupportedLoginProviders", {}),
        "RoleMappings": pool.get("RoleMappings", {}),
        "PrincipalTagAttributeMaps": pool.get("PrincipalTagAttributeMaps", {}),
    }


def twitter_secret(subject: CheckedPool) -> Iterator[Problem]:
    """Twitter needs two things in one string (developer guide, "Setting up Twitter")."""
    value = subject.pool.get("SupportedLoginProviders", {}).get(_TWITTER)
    if value is not None and ";" not in value:
        yield Problem(
            ("spec", "SupportedLoginProviders", _TWITTER),
            RuleId.TWITTER_SECRET,
            "AWS takes the consumer key and the consumer secret here, and this holds no secret",
            "write it as KEY;SECRET",
            severity="warning",
        )


def delete_identities(subject: CheckedPool) -> Iterator[Problem]:
    """deleteIdentities belongs to a tombstone."""
    lifecycle = subject.lifecycle
    if lifecycle.get("deleteIdentities") and not lifecycle.get("delete"):
        yield Problem(
            ("lifecycle", "deleteIdentities"),
            RuleId.DELETE_IDENTITIES,
            "means nothing without delete: true",
            "remove it, or add delete: true if the pool is to be deleted",
            at_key=True,
        )


def duplicate_entries(subject: CheckedPool) -> Iterator[Problem]:
    """The same name twice in targets or ignoreChanges."""
    lists: tuple[tuple[FieldPath, Sequence[str]], ...] = (
        (("metadata", "targets"), subject.document["metadata"].get("targets", [])),
        (("lifecycle", "ignoreChanges"), subject.lifecycle.get("ignoreChanges", [])),
    )
    for path, names in lists:
        if len(set(names)) < len(names):
            twice = [name for name, count in Counter(names).items() if count > 1]
            message = f"names {listed(twice)} more than once"
            yield Problem(path, RuleId.DUPLICATE_MEMBER, message, "name each once")


POOL_RULES: Final[tuple[Rule, ...]] = (
    reserved_tags,
    ignored_tags,
    duplicate_arns,
    duplicate_clients,
    role_mapping_types,
    guest_roles,
    twitter_swapped,
    twitter_secret,
    delete_identities,
    duplicate_entries,
)
