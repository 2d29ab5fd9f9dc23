"""The operations of cognito-identity, on moto's base and by AWS's rules."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

from moto.core.base_backend import BaseBackend

from reconciler.sandbox import sign_in
from reconciler.sandbox.faults import limit_exceeded, not_found, pool_not_found
from reconciler.sandbox.pools import AccountRegion, Pools, StoredPool, page, present
from reconciler.sandbox.rules import (
    arn_not_found,
    check_count,
    check_keys,
    check_role_mappings,
    check_roles,
    check_rule_counts,
    check_settings,
    tagged_pool_id,
    updated_settings,
)
from reconciler.sandbox.settings import SandboxSettings
from reconciler.sandbox.shapes import JsonObject


class IdentityBackend(BaseBackend):
    """One account and region for the length of one request.

    Each operation takes the request as its input shape knows it and returns the answer's
    members; it changes `pools` last of all, so a refused request has changed nothing.
    """

    def __init__(self, place: AccountRegion, pools: Pools, settings: SandboxSettings) -> None:
        super().__init__(place.region, place.account)
        self._place = place
        self._pools = pools
        self._settings = settings

    # Pools

    def create(self, request: JsonObject) -> JsonObject:
        """CreateIdentityPool: always a new pool, for names are not unique."""
        check_settings(request, self._place)
        if len(self._pools.at(self._place)) >= self._settings.pool_quota:
            raise limit_exceeded(f"The limit is {self._settings.pool_quota} identity pools.")
        pool_id = f"{self.region_name}:{uuid.uuid4()}"
        settings = present({"IdentityPoolId": pool_id, **request})
        pool = StoredPool(self.account_id, self.region_name, settings, {}, {}, {})
        self._pools.put(pool)
        return pool.described(self._pools.next_turn())

    def update(self, request: JsonObject) -> JsonObject:
        """UpdateIdentityPool: the id stays, the name may change."""
        old = self._pool(request)
        settings = updated_settings(old, request, self._settings.update_semantics)
        pool = replace(old, settings=settings)
        self._pools.put(pool)
        return pool.described(self._pools.next_turn())

    def describe(self, request: JsonObject) -> JsonObject:
        """DescribeIdentityPool."""
        return self._pool(request).described(self._pools.next_turn())

    def list_pools(self, request: JsonObject) -> JsonObject:
        """ListIdentityPools: ids and names, and nothing else."""
        pools = self._pools.at(self._place)
        ids, token = page("pools", pools, request)
        short = [{"IdentityPoolId": key, "IdentityPoolName": pools[key].name} for key in ids]
        return {"IdentityPools": short, **token}

    def delete(self, request: JsonObject) -> JsonObject:
        """DeleteIdentityPool: with its roles, principal tags and identities."""
        self._pools.remove(self._pool(request))
        return {}

    # Roles and principal tags

    def get_roles(self, request: JsonObject) -> JsonObject:
        """GetIdentityPoolRoles."""
        return self._pool(request).described_roles(self._pools.next_turn())

    def set_roles(self, request: JsonObject) -> JsonObject:
        """SetIdentityPoolRoles: replaces Roles and RoleMappings together."""
        mappings = request.get("RoleMappings", {})
        check_rule_counts(mappings)
        pool = self._pool(request)
        check_role_mappings(pool, mappings)
        check_roles(pool, request["Roles"], mappings)
        roles = present({"Roles": request["Roles"], "RoleMappings": mappings})
        self._pools.put(replace(pool, roles=roles))
        return {}

    def get_principal_tags(self, request: JsonObject) -> JsonObject:
        """GetPrincipalTagAttributeMap: a provider never set is not found."""
        provider = request["IdentityProviderName"]
        pool = self._pool(request)
        if provider not in pool.principal_tags:
            raise not_found(f"No principal tag attribute map for '{provider}' in '{pool.id}'.")
        return pool.described_principal_tags(provider, self._pools.next_turn())

    def set_principal_tags(self, request: JsonObject) -> JsonObject:
        """SetPrincipalTagAttributeMap: replaces the map of one provider; there is no delete."""
        provider = request["IdentityProviderName"]
        pool = self._pool(request)
        tags = present(
            {
                "UseDefaults": request.get("UseDefaults", False),
                "PrincipalTags": request.get("PrincipalTags", {}),
            }
        )
        pool = replace(pool, principal_tags={**pool.principal_tags, provider: tags})
        self._pools.put(pool)
        return pool.described_principal_tags(provider, self._pools.next_turn())

    # Tags

    def list_tags(self, request: JsonObject) -> JsonObject:
        """ListTagsForResource."""
        return {"Tags": self._tagged("ListTagsForResource", request).tags}

    def tag(self, request: JsonObject) -> JsonObject:
        """TagResource: adds to the tags, and replaces values of the same key."""
        pool = self._tagged("TagResource", request)
        check_keys(request["Tags"])
        self._put_tags(pool, {**pool.tags, **request["Tags"]})
        return {}

    def untag(self, request: JsonObject) -> JsonObject:
        """UntagResource: a key that is not there is no error."""
        pool = self._tagged("UntagResource", request)
        check_keys(request["TagKeys"])
        gone = set(request["TagKeys"])
        self._put_tags(pool, {key: text for key, text in pool.tags.items() if key not in gone})
        return {}

    # Identities

    def get_id(self, request: JsonObject) -> JsonObject:
        """GetId."""
        return sign_in.get_id(self._pools, request)

    def get_credentials(self, request: JsonObject) -> JsonObject:
        """GetCredentialsForIdentity."""
        return sign_in.credentials(self._pools, request)

    def get_token(self, request: JsonObject) -> JsonObject:
        """GetOpenIdToken."""
        return sign_in.open_id_token(self._pools, request)

    def get_developer_token(self, request: JsonObject) -> JsonObject:
        """GetOpenIdTokenForDeveloperIdentity."""
        return sign_in.developer_token(self._pools, self._pool(request), request)

    def look_up_developer(self, request: JsonObject) -> JsonObject:
        """LookupDeveloperIdentity."""
        return sign_in.look_up_developer(self._pool(request), request)

    def list_pool_identities(self, request: JsonObject) -> JsonObject:
        """ListIdentities."""
        pool = self._pool(request)
        ids, token = page(f"identities {pool.id}", pool.identities, request)
        found = [{"IdentityId": key, **pool.identities[key]} for key in ids]
        return {"IdentityPoolId": pool.id, "Identities": found, **token}

    def describe_identity(self, request: JsonObject) -> JsonObject:
        """DescribeIdentity."""
        identity_id = request["IdentityId"]
        pool = self._pool_of_identity(identity_id)
        if pool is None:
            raise not_found(f"Identity '{identity_id}' not found.")
        return {"IdentityId": identity_id, **pool.identities[identity_id]}

    def delete_identities(self, request: JsonObject) -> JsonObject:
        """DeleteIdentities: those it does not know come back as unprocessed."""
        unknown = [key for key in request["IdentityIdsToDelete"] if not self._deleted(key)]
        failed = [{"IdentityId": key, "ErrorCode": "AccessDenied"} for key in unknown]
        return {"UnprocessedIdentityIds": failed}

    # What the operations share

    def _pool(self, request: JsonObject) -> StoredPool:
        pool_id = request["IdentityPoolId"]
        pool = self._pools.at(self._place).get(pool_id)
        if pool is None:
            raise pool_not_found(pool_id)
        return pool

    def _tagged(self, operation: str, request: JsonObject) -> StoredPool:
        arn = request["ResourceArn"]
        pool_id = tagged_pool_id(operation, arn, self.partition, self._place)
        pool = self._pools.at(self._place).get(pool_id)
        if pool is None:
            raise arn_not_found(arn)
        return pool

    def _put_tags(self, pool: StoredPool, tags: dict[str, str]) -> None:
        check_count(tags)
        settings = present({**pool.settings, "IdentityPoolTags": tags})
        self._pools.put(replace(pool, settings=settings))

    def _pool_of_identity(self, identity_id: str) -> StoredPool | None:
        pools = self._pools.at(self._place).values()
        return next((pool for pool in pools if identity_id in pool.identities), None)

    def _deleted(self, identity_id: str) -> bool:
        pool = self._pool_of_identity(identity_id)
        if pool is None:
            return False
        self._pools.put(pool.without_identity(identity_id))
        return True


OPERATIONS: Mapping[str, Callable[[IdentityBackend, JsonObject], JsonObject]] = {
    "CreateIdentityPool": IdentityBackend.create,
    "UpdateIdentityPool": IdentityBackend.update,
    "DescribeIdentityPool": IdentityBackend.describe,
    "ListIdentityPools": IdentityBackend.list_pools,
    "DeleteIdentityPool": IdentityBackend.delete,
    "GetIdentityPoolRoles": IdentityBackend.get_roles,
    "SetIdentityPoolRoles": IdentityBackend.set_roles,
    "GetPrincipalTagAttributeMap": IdentityBackend.get_principal_tags,
    "SetPrincipalTagAttributeMap": IdentityBackend.set_principal_tags,
    "ListTagsForResource": IdentityBackend.list_tags,
    "TagResource": IdentityBackend.tag,
    "UntagResource": IdentityBackend.untag,
    "GetId": IdentityBackend.get_id,
    "GetCredentialsForIdentity": IdentityBackend.get_credentials,
    "GetOpenIdToken": IdentityBackend.get_token,
    "GetOpenIdTokenForDeveloperIdentity": IdentityBackend.get_developer_token,
    "LookupDeveloperIdentity": IdentityBackend.look_up_developer,
    "ListIdentities": IdentityBackend.list_pool_identities,
    "DescribeIdentity": IdentityBackend.describe_identity,
    "DeleteIdentities": IdentityBackend.delete_identities,
}
