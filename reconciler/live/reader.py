"""Reading pools: what DescribeIdentityPool and its companions answer, in canonical form."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor

from reconciler.live.connections import Connection
from reconciler.model.errors import AwsProblem
from reconciler.model.live import LivePool, LiveTarget, Want
from reconciler.model.pool import (
    NO_PRINCIPAL_TAGS,
    Pool,
    PrincipalTagMap,
    canonical_pool,
    canonical_principal_tags,
)

_NOT_FOUND = "ResourceNotFoundException"

Progress = Callable[[int, int], None]


def _silent(_done: int, _total: int) -> None:
    """No progress is shown."""


def read_target(
    connection: Connection, workers: Executor, progress: Progress = _silent
) -> LiveTarget:
    """Every pool of the target, described; roles and principal tags are not read yet.

    ``progress`` is told how many of how many pools are read.  Raises ``AwsProblem``.
    """
    pool_ids = [pool.pool_id for pool in connection.listing()]
    pools = []
    described = workers.map(lambda pool_id: describe(connection, pool_id), pool_ids)
    for done, pool in enumerate(described, start=1):
        progress(done, len(pool_ids))
        pools.append(pool)
    return LiveTarget(
        target=connection.target,
        expected_account=connection.named_account,
        pools=tuple(pool for pool in pools if pool is not None),
    )


def read_wanted(
    connection: Connection, live: LiveTarget, wants: Iterable[Want], workers: Executor
) -> LiveTarget:
    """``live`` with the roles, principal tags and identities that ``wants`` asks for."""
    wanted = {want.pool_id: want for want in wants}
    pools = list(
        workers.map(lambda pool: _complete(connection, pool, wanted.get(pool.pool_id)), live.pools)
    )
    return live.model_copy(update={"pools": tuple(pools)})


def describe(connection: Connection, pool_id: str) -> LivePool | None:
    """One pool's settings and tags, or ``None`` when there is no such pool (any more)."""
    try:
        answer = connection.cognito.read(
            "DescribeIdentityPool",
            IdentityPoolId=pool_id,
        )
    except AwsProblem as problem:
        if problem.code == _NOT_FOUND:
            return None
        raise
    return LivePool(pool_id=pool_id, pool=canonical_pool(answer))


def read_roles(connection: Connection, pool_id: str, pool: Pool) -> Pool:
    """``pool`` with Roles and RoleMappings as GetIdentityPoolRoles answers."""
    answer = connection.cognito.read(
        "GetIdentityPoolRoles",
        IdentityPoolId=pool_id,
    )
    roles = canonical_pool(
        {"Roles": answer.get("Roles") or {}, "RoleMappings": answer.get("RoleMappings") or {}}
    )
    return pool.model_copy(update={"Roles": roles.Roles, "RoleMappings": roles.RoleMappings})


def read_principal_tags(connection: Connection, pool_id: str, provider: str) -> PrincipalTagMap:
    """One provider's principal tags.

    A provider that was never set answers ResourceNotFoundException, which reads as none.
    """
    try:
        answer = connection.cognito.read(
            "GetPrincipalTagAttributeMap",
            IdentityPoolId=pool_id,
            IdentityProviderName=provider,
        )
    except AwsProblem as problem:
        if problem.code == _NOT_FOUND:
            return NO_PRINCIPAL_TAGS
        raise
    return canonical_principal_tags(answer)


def with_principal_tags(
    connection: Connection, pool_id: str, pool: Pool, providers: Iterable[str]
) -> Pool:
    """``pool`` with the principal tags of these providers; those without any are left out."""
    maps = {name: read_principal_tags(connection, pool_id, name) for name in providers}
    kept = {name: tags for name, tags in sorted(maps.items()) if tags != NO_PRINCIPAL_TAGS}
    return pool.model_copy(update={"PrincipalTagAttributeMaps": kept})


def holds_identities(connection: Connection, pool_id: str) -> bool:
    """Whether the pool has at least one identity, disabled ones included."""
    answer = connection.cognito.read(
        "ListIdentities",
        IdentityPoolId=pool_id,
        MaxResults=1,
        HideDisabled=False,
    )
    return bool(answer.get("Identities"))


def _complete(connection: Connection, live: LivePool, want: Want | None) -> LivePool:
    if want is None:
        return live
    pool = live.pool
    if want.roles:
        pool = read_roles(connection, live.pool_id, pool)
    if want.principal_tag_providers is not None:
        providers = want.principal_tag_providers
        pool = with_principal_tags(connection, live.pool_id, pool, providers)
    identities = holds_identities(connection, live.pool_id) if want.identities else None
    return live.model_copy(update={"pool": pool, "holds_identities": identities})
