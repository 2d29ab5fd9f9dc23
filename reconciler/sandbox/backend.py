"""The operations of cognito-identity by AWS's rules."""

import uuid
from dataclasses import replace

from botocore import xform_name

from reconciler.sandbox import rules
from reconciler.sandbox.faults import ApiError, limit_exceeded, not_found
from reconciler.sandbox.pools import StoredPool, page, present
from reconciler.sandbox.shapes import JsonObject
from reconciler.sandbox.sign_in import Identities


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
        rules.check_settings(request, self.place)
        if len(self.pools.at(self.place)) >= self.settings.pool_quota:
            raise limit_exceeded(f"The limit is {self.settings.pool_quota} identity pools.")
        pool_id = f"{self.place.region}:{uuid.uuid4()}"
        settings = present({"IdentityPoolId": pool_id, **request})
        pool = StoredPool(self.place, settings)
        self.pools.put(pool)
        return pool.described(self.pools.next_turn())

    def update_identity_pool(self, request: JsonObject) -> JsonObject:
        """UpdateIdentityPool: the id stays, the name may change."""
        old = self.pool(request)
        settings = rules.updated_settings(old, request, self.settings.update_semantics)
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
        rules.check_rule_counts(mappings)
        pool = self.pool(request)
        rules.check_role_mappings(pool, mappings)
        rules.check_roles(pool, request["Roles"], mappings)
        roles = present({"Roles": request["Roles"], "RoleMappings": mappings})
        self.pools.put(replace(pool, roles=roles))
        return {}

    def get_principal_tag_attribute_map(self, request: JsonObject) -> JsonObject:
        """GetPrincipalTagAttributeMap: a provider never set is not found."""
        provider = request["IdentityProviderName"]
        pool = self.pool(request)
        if provider not in pool.principal_tags:
            raise not_found(f"No principal tag attribute map for '{provider}' in '{pool.id}'.")
        return pool.described_principal_tags(provider, self.pools.next_turn())

    def set_principal_tag_attribute_map(self, request: JsonObject) -> JsonObject:
        """SetPrincipalTagAttributeMap: replaces the map of one provider; there is no delete."""
        provider = request["IdentityProviderName"]
        pool = self.pool(request)
        tags = present(
            {
                "UseDefaults": request.get("UseDefaults", False),
                "PrincipalTags": request.get("PrincipalTags", {}),
            }
        )
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
        rules.check_keys(request["Tags"])
        self._put_tags(pool, {**pool.tags, **request["Tags"]})
        return {}

    def untag_resource(self, request: JsonObject) -> JsonObject:
        """UntagResource: a key that is not there is no error."""
        pool = self._tagged("UntagResource", request)
        rules.check_keys(request["TagKeys"])
        gone = set(request["TagKeys"])
        self._put_tags(pool, {key: text for key, text in pool.tags.items() if key not in gone})
        return {}

    # What the operations share

    def _tagged(self, operation: str, request: JsonObject) -> StoredPool:
        arn = request["ResourceArn"]
        pool_id = rules.tagged_pool_id(operation, arn, self.place)
        pool = self.pools.at(self.place).get(pool_id)
        if pool is None:
            raise rules.arn_not_found(arn)
        return pool

    def _put_tags(self, pool: StoredPool, tags: dict[str, str]) -> None:
        rules.check_count(tags)
        settings = present({**pool.settings, "IdentityPoolTags": tags})
        self.pools.put(replace(pool, settings=settings))
