"""Rules of one pool that a JSON Schema cannot say."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.model.findings import RuleId
from reconciler.model.project import AWS_TAG_PREFIX, RESERVED_TAG_PREFIX, Ignored, Project, Target
from reconciler.model.secrets import mask_login
from reconciler.model.written import LifecycleData, PoolData, RolesData, SpecData
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
                path = ("spec", "IdentityPoolTags", key)
                yield Problem.of(path, RuleId.RESERVED_TAG, prefix=prefix, owner=owner)


def ignored_tags(subject: CheckedPool) -> Iterator[Problem]:
    """Tags that the project leaves alone have no effect in a spec."""
    ignored = Ignored(tags=subject.project.ignore_tags)
    for key in subject.pool.get("IdentityPoolTags", {}):
        if ignored.leaves_tag(key) and not key.startswith(AWS_TAG_PREFIX):
            path = ("spec", "IdentityPoolTags", key)
            yield Problem.of(path, RuleId.IGNORED_TAG, key=quoted(key))


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
                path, place = ("spec", field, index), f"{field}[{first}]"
                yield Problem.of(path, RuleId.DUPLICATE_MEMBER, what="ARN", first=place)


def duplicate_clients(subject: CheckedPool) -> Iterator[Problem]:
    """The same client twice, alike or with two opinions about ServerSideTokenCheck."""
    first: dict[tuple[str, str], int] = {}
    clients = subject.pool.get("CognitoIdentityProviders", [])
    for index, client in enumerate(clients):
        earlier = first.setdefault((client["ProviderName"], client["ClientId"]), index)
        if earlier == index:
            continue
        place = f"CognitoIdentityProviders[{earlier}]"
        checks = {each.get("ServerSideTokenCheck", False) for each in (client, clients[earlier])}
        rule = RuleId.DUPLICATE_MEMBER if len(checks) == 1 else RuleId.CLIENT_CONFLICT
        path = ("spec", "CognitoIdentityProviders", index)
        yield Problem.of(path, rule, what="client", first=place)


def role_mapping_types(subject: CheckedPool) -> Iterator[Problem]:
    """What a mapping needs by its Type (API reference, RoleMapping)."""
    for key, mapping in subject.pool.get("RoleMappings", {}).items():
        path = ("spec", "RoleMappings", key)
        if "AmbiguousRoleResolution" not in mapping:
            yield Problem.of(path, RuleId.AMBIGUOUS_ROLE_RESOLUTION, type=mapping["Type"])
        has_rules = mapping.get("RulesConfiguration") is not None
        if mapping["Type"] == "Rules" and not has_rules:
            yield Problem.of(path, RuleId.RULES_MISSING)
        elif mapping["Type"] == "Token" and has_rules:
            yield Problem.of((*path, "RulesConfiguration"), RuleId.RULES_FORBIDDEN)


def guest_roles(subject: CheckedPool) -> Iterator[Problem]:
    """Guests and their role go together."""
    pool = subject.pool
    guests = pool.get("AllowUnauthenticatedIdentities", False)
    # One of the two manages both.
    roles = pool.get("Roles", RolesData() if "RoleMappings" in pool else None)
    if roles is None or {"AllowUnauthenticatedIdentities", "Roles"} & subject.open_fields:
        return
    if "unauthenticated" in roles and not guests:
        yield Problem.of(("spec", "Roles", "unauthenticated"), RuleId.GUEST_ROLE_UNUSED)
    elif guests and "unauthenticated" not in roles:
        yield Problem.of(("spec", "Roles"), RuleId.GUEST_ROLE_MISSING)


def twitter_swapped(subject: CheckedPool) -> Iterator[Problem]:
    """The name of a provider is shown and stored in many places, a secret nowhere."""
    swapped = swapped_names(subject.pool)
    for field, names in _by_provider(subject.pool).items():
        for name in names:
            if name in swapped:
                yield Problem.of(("spec", field, name), RuleId.TWITTER_SWAPPED)


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
        yield Problem.of(("spec", "SupportedLoginProviders", _TWITTER), RuleId.TWITTER_SECRET)


def delete_identities(subject: CheckedPool) -> Iterator[Problem]:
    """deleteIdentities belongs to a tombstone."""
    lifecycle = subject.lifecycle
    if lifecycle.get("deleteIdentities") and not lifecycle.get("delete"):
        yield Problem.of(("lifecycle", "deleteIdentities"), RuleId.DELETE_IDENTITIES)


def duplicate_entries(subject: CheckedPool) -> Iterator[Problem]:
    """The same name twice in targets or ignoreChanges."""
    lists: tuple[tuple[FieldPath, Sequence[str]], ...] = (
        (("metadata", "targets"), subject.document["metadata"].get("targets", [])),
        (("lifecycle", "ignoreChanges"), subject.lifecycle.get("ignoreChanges", [])),
    )
    for path, names in lists:
        if len(set(names)) < len(names):
            twice = [name for name, count in Counter(names).items() if count > 1]
            yield Problem.of(path, RuleId.DUPLICATE_MEMBER, "name", names=listed(twice))


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
