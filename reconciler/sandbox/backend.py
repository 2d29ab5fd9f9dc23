"""The operations of cognito-identity, by the rules of AWS that the service model does not say."""

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from botocore import xform_name
from moto.utilities.utils import get_partition

from reconciler.sandbox import faults
from reconciler.sandbox.faults import ApiError
from reconciler.sandbox.pools import AWS_TAG_PREFIX, AccountRegion, StoredPool, page, present
from reconciler.sandbox.settings import UpdateSemantics
from reconciler.sandbox.shapes import JsonObject
from reconciler.sandbox.sign_in import Identities

_NAME = r"[\w+=,.@/-]+"
MAX_TAGS = 50
_SERVICE = re.compile(r"arn:[^:]*:cognito-identity:[^:]*:[^:]*\Z")
# The service model says 400, the developer guide 25; 26 were refused (cdk-preflight, rule
# pf-cognito-role-mapping-rules-max).
MAX_RULES = 25
# "Amazon Cognito user pool providers per identity pool" (developer guide, quotas).
MAX_CLIENTS = 50
# The fields that stay when an update leaves them out; the others lose their value. `aws` is as
# measured: go-to-k/cdk-real-drift#402 (AllowClassicFlow), hashicorp/terraform-provider-aws#49985
# (DeveloperProviderName), #9422 and #9639 (tags); #9394, #22218, #26969 and #27564 (what is
# wiped). The API reference says that every field gets its default; none unsets a developer
# provider, which can never be changed.
_KEPT: Mapping[UpdateSemantics, frozenset[str]] = {
    "aws": frozenset({"AllowClassicFlow", "DeveloperProviderName", "IdentityPoolTags"}),
    "reset": frozenset({"DeveloperProviderName"}),
}
# What a user pool is called among the providers; it need not exist.
_USER_POOL = re.compile(
    r"cognito-idp\.[a-z0-9-]+\.amazonaws\.(?:com|com\.cn|eu)/[\w-]+_[0-9A-Za-z]+", re.ASCII
)


class IdentityBackend(Identities):
    """All operations, those on pools, roles and tags among them; named as boto3 names them."""

    def run(self, operation: str, request: JsonObject) -> JsonObject:
        """Carries out an operation of the service.  Raises ApiError."""
        method = getattr(self, xform_name(operation), None)
        if method is None:
            raise ApiError("NotImplementedException", f"The sandbox has no {operation}.", 501)
        answer: JsonObject = method(request)
        return answer

    # Pools

    def create_identity_pool(self, request: JsonObject) -> JsonObject:
        """CreateIdentityPool: always a new pool, for names are not unique."""
        _check_settings(request, self.place)
        if len(self.pools.at(self.place)) >= self.settings.pool_quota:
            raise faults.limit_exceeded(f"The limit is {self.settings.pool_quota} identity pools.")
        pool_id = f"{self.place.region}:{uuid.uuid4()}"
        settings = present({"IdentityPoolId": pool_id, **request})
        pool = StoredPool(self.place, settings)
        self.pools.put(pool)
        return pool.described(self.pools.next_turn())

    def update_identity_pool(self, request: JsonObject) -> JsonObject:
        """UpdateIdentityPool: the id stays, the name may change."""
        old = self.pool(request)
        settings = _updated_settings(old, request, self.settings.update_semantics)
        pool = replace(old, settings=settings)
        self.pools.put(pool)
        return pool.described(self.pools.next_turn())

    def describe_identity_pool(self, request: JsonObject) -> JsonObject:
        """DescribeIdentityPool."""
        return self.pool(request).described(self.pools.next_turn())

    def list_identity_pools(self, request: JsonObject) -> JsonObject:
        """ListIdentityPools: ids and names, and nothing else."""
        pools = self.pools.at(self.place)
        ids, token = page("pools", pools, request)
        short = [{"IdentityPoolId": key, "IdentityPoolName": pools[key].name} for key in ids]
        return {"IdentityPools": short, **token}

    def delete_identity_pool(self, request: JsonObject) -> JsonObject:
        """DeleteIdentityPool: with its roles, principal tags and identities."""
        self.pools.remove(self.pool(request))
        return {}

    # Roles and principal tags

    def get_identity_pool_roles(self, request: JsonObject) -> JsonObject:
        """GetIdentityPoolRoles."""
        return self.pool(request).described_roles(self.pools.next_turn())

    def set_identity_pool_roles(self, request: JsonObject) -> JsonObject:
        """SetIdentityPoolRoles: replaces Roles and RoleMappings together."""
        mappings = request.get("RoleMappings", {})
        # Before anything else is looked at.
        if any(len(_rules(mapping)) > MAX_RULES for mapping in mappings.values()):
            raise faults.invalid(f"The number of rules in the request exceeded {MAX_RULES}.")
        pool = self.pool(request)
        _check_role_mappings(pool, mappings)
        _check_roles(pool, request["Roles"], mappings)
        roles = present({"Roles": request["Roles"], "RoleMappings": mappings})
        self.pools.put(replace(pool, roles=roles))
        return {}

    def get_principal_tag_attribute_map(self, request: JsonObject) -> JsonObject:
        """GetPrincipalTagAttributeMap: a provider never set is not found."""
        provider = request["IdentityProviderName"]
        pool = self.pool(request)
        if provider not in pool.principal_tags:
            message = f"No principal tag attribute map for '{provider}' in '{pool.id}'."
            raise faults.not_found(message)
        return pool.described_principal_tags(provider, self.pools.next_turn())

    def set_principal_tag_attribute_map(self, request: JsonObject) -> JsonObject:
        """SetPrincipalTagAttributeMap: replaces the map of one provider; there is no delete."""
        provider = request["IdentityProviderName"]
        pool = self.pool(request)
        use_defaults, claims = request.get("UseDefaults", False), request.get("PrincipalTags", {})
        tags = present({"UseDefaults": use_defaults, "PrincipalTags": claims})
        pool = replace(pool, principal_tags={**pool.principal_tags, provider: tags})
        self.pools.put(pool)
        return pool.described_principal_tags(provider, self.pools.next_turn())

    # Tags

    def list_tags_for_resource(self, request: JsonObject) -> JsonObject:
        """ListTagsForResource."""
        return {"Tags": self._tagged("ListTagsForResource", request).tags}

    def tag_resource(self, request: JsonObject) -> JsonObject:
        """TagResource: adds to the tags, and replaces values of the same key."""
        pool = self._tagged("TagResource", request)
        _check_keys(request["Tags"])
        self._put_tags(pool, {**pool.tags, **request["Tags"]})
        return {}

    def untag_resource(self, request: JsonObject) -> JsonObject:
        """UntagResource: a key that is not there is no error."""
        pool = self._tagged("UntagResource", request)
        _check_keys(request["TagKeys"])
        gone = set(request["TagKeys"])
        self._put_tags(pool, {key: text for key, text in pool.tags.items() if key not in gone})
        return {}

    # What the operations share

    def _tagged(self, operation: str, request: JsonObject) -> StoredPool:
        """The pool of an ARN: arn:PARTITION:cognito-identity:REGION:ACCOUNT:identitypool/ID.

        Raises AccessDeniedException if it is not the ARN of a pool, and ResourceNotFoundException
        if there is no such pool in this account and region. Permissions come before the call is
        looked at, and nobody has any on another resource (aws/aws-sdk-ruby#2173, where it was a
        pool's id).
        """
        arn: str = request["ResourceArn"]
        service, _, pool_id = arn.partition(":identitypool/")
        if not pool_id or not _SERVICE.match(service):
            raise ApiError(
                "AccessDeniedException",
                f"User: arn:{get_partition(self.place.region)}:iam::{self.place.account}:root is "
                f"not authorized to perform: cognito-identity:{operation} on resource: {arn}",
            )
        pool = self.pools.at(self.place).get(pool_id)
        if pool is None or pool_arn(pool) != arn:
            raise faults.not_found(f"Resource '{arn}' not found.")
        return pool

    def _put_tags(self, pool: StoredPool, tags: dict[str, str]) -> None:
        _check_count(tags)
        settings = present({**pool.settings, "IdentityPoolTags": tags})
        self.pools.put(replace(pool, settings=settings))


def _is_iam_arn(arn: str, kind: str, place: AccountRegion) -> bool:
    """Whether it names a `role` or `saml-provider` of this account, in the region's partition."""
    scope = f"arn:{get_partition(place.region)}:iam::{place.account}:{kind}/"
    return arn.startswith(scope) and re.fullmatch(_NAME, arn[len(scope) :], re.ASCII) is not None


def _reserved(tags: dict[str, str]) -> dict[str, str]:
    """The tags that AWS itself has set: no call changes or removes them."""
    return {key: value for key, value in tags.items() if key.startswith(AWS_TAG_PREFIX)}


def _check_keys(keys: Iterable[str]) -> None:
    """Raises InvalidParameterException for a key that is AWS's own."""
    for key in keys:
        if key.startswith(AWS_TAG_PREFIX):
            raise faults.invalid(f"Tag key {key} is invalid: aws: is a reserved prefix.")


def _check_count(tags: dict[str, str]) -> None:
    """Raises InvalidParameterException beyond 50 tags of the user's (API reference)."""
    if len(tags) - len(_reserved(tags)) > MAX_TAGS:
        raise faults.invalid(f"An identity pool can have at most {MAX_TAGS} tags.")


def pool_arn(pool: StoredPool) -> str:
    """The ARN that tags of the pool hang on."""
    account, region = pool.place
    partition = get_partition(region)
    return f"arn:{partition}:cognito-identity:{region}:{account}:identitypool/{pool.id}"


def _check_roles(pool: StoredPool, roles: dict[str, str], mappings: dict[str, JsonObject]) -> None:
    """Raises NotAuthorizedException for the first role that AWS would refuse.

    One that is no role's ARN was measured; that one of another account is refused alike is
    assumed, as iam:PassRole works within one account. Roles are not looked up.
    """
    named = [*roles.values()]
    named += [rule["RoleARN"] for mapping in mappings.values() for rule in _rules(mapping)]
    for arn in named:
        if not _is_iam_arn(arn, "role", pool.place):
            raise faults.not_authorized(f"Access to Role '{arn}' is forbidden.")


def _check_role_mappings(pool: StoredPool, mappings: dict[str, JsonObject]) -> None:
    """Raises InvalidParameterException for the first mapping that AWS would refuse."""
    configured = set(_mapping_keys(pool))
    for key in mappings:
        if key not in configured:
            # Wording from aws/aws-cdk#22951, where the key began with https://.
            raise faults.invalid(
                f"({key}) is not a valid RoleMapping ProviderName or is not a configured provider."
            )
    for key, mapping in mappings.items():
        _check_mapping(key, mapping)


def _mapping_keys(pool: StoredPool) -> Iterator[str]:
    """What a role mapping of this pool may be keyed by."""
    settings = pool.settings
    yield from settings.get("SupportedLoginProviders", {})
    yield from settings.get("OpenIdConnectProviderARNs", ())
    yield from settings.get("SamlProviderARNs", ())
    for client in settings.get("CognitoIdentityProviders", ()):
        yield f"{client.get('ProviderName')}:{client.get('ClientId')}"


def _rules(mapping: JsonObject) -> list[JsonObject]:
    rules: list[JsonObject] = mapping.get("RulesConfiguration", {}).get("Rules", [])
    return rules


def _check_mapping(key: str, mapping: JsonObject) -> None:
    # Both types need it (API reference, RoleMapping).
    if "AmbiguousRoleResolution" not in mapping:
        raise faults.invalid(f"AmbiguousRoleResolution is required for the role mapping of {key}.")
    has_rules = "RulesConfiguration" in mapping
    if mapping["Type"] == "Rules" and not has_rules:
        raise faults.invalid(f"RulesConfiguration is required for the role mapping of {key}.")
    if mapping["Type"] == "Token" and has_rules:
        raise faults.invalid(f"RulesConfiguration is not allowed for the role mapping of {key}.")


def _updated_settings(
    pool: StoredPool, request: JsonObject, semantics: UpdateSemantics
) -> JsonObject:
    """The pool's settings after the update; raises what AWS would."""
    name = pool.settings.get("DeveloperProviderName")
    if name is not None and request.get("DeveloperProviderName", name) != name:
        raise faults.invalid("DeveloperProviderName cannot be changed once it has been set.")
    _check_settings(request, pool.place)
    kept = _KEPT.get(semantics, frozenset(pool.settings))
    settings = {key: value for key, value in pool.settings.items() if key in kept} | request
    tags = settings.get("IdentityPoolTags", {})
    settings["IdentityPoolTags"] = {**tags, **_reserved(pool.tags)}
    return present(settings)


def _check_settings(request: JsonObject, place: AccountRegion) -> None:
    """The rules that a create and an update share, beyond the service model."""
    tags = request.get("IdentityPoolTags", {})
    _check_keys(tags)
    _check_count(tags)
    clients = request.get("CognitoIdentityProviders", ())
    if len(clients) > MAX_CLIENTS:
        message = f"A pool can have at most {MAX_CLIENTS} Cognito identity providers."
        raise faults.limit_exceeded(message)
    # aws/aws-cdk#11054: an id or an ARN of a user pool, or no name at all.
    if not all(_USER_POOL.fullmatch(client.get("ProviderName", "")) for client in clients):
        raise faults.invalid("Invalid Cognito Identity Provider")
    for arn in request.get("SamlProviderARNs", ()):
        # aws-amplify/amplify-backend#766 and #855, where the ARN had a region for a partition.
        if not _is_iam_arn(arn, "saml-provider", place):
            raise faults.not_authorized(
                f"Identity provider {arn} is not valid for account {place.account}"
            )
