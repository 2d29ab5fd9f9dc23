"""Desired: what a spec means in one target.

The one place between documents and desired: values that differ by target are resolved here.
"""

from reconciler.model.live import LivePool, Want
from reconciler.model.pool import Pool, in_live_terms
from reconciler.model.pool_fields import PRINCIPAL_TAGS_FIELD, ROLES_FIELDS, TAGS_FIELD
from reconciler.model.pool_values import PrincipalTagMap
from reconciler.model.project import NAME_TAG, OWNER_TAG, Ignored, OwnerTags, Project
from reconciler.model.providers import issuer_of
from reconciler.model.spec import Spec


def ignored_of(spec: Spec, project: Project) -> Ignored:
    """What is left alone in this spec's pool."""
    fields = tuple(dict.fromkeys(spec.lifecycle.ignore_changes))
    return Ignored(fields=fields, tags=project.ignore_tags)


def former_tags(spec: Spec, project: Project) -> tuple[OwnerTags, ...]:
    """The tags that the spec's pool may carry from before, none of them its own."""
    owners = (project.owner, *project.former_owners)
    names = (spec.name, *spec.document.metadata.former_names)
    return tuple(OwnerTags(owner, name) for owner in owners for name in names)[1:]


def desired_pool(spec: Spec, project: Project, live: Pool | None) -> Pool:
    """The complete pool to reach: with ownership tags, and live values of what is ignored.

    ``live`` is ``None`` for a pool that is to be created: then the spec alone decides.
    """
    pool = spec.pool
    tags = pool.IdentityPoolTags | {OWNER_TAG: project.owner, NAME_TAG: spec.name}
    wanted = pool.model_copy(update={TAGS_FIELD: dict(sorted(tags.items()))})
    if live is None:
        return wanted
    return in_live_terms(_with_second_names(wanted, live), live, ignored_of(spec, project))


def want_of(live: LivePool, managed: Pool, *others: Pool | None) -> Want:
    """What else must be read of a live pool: what ``managed`` manages, of the providers of all."""
    pools = (live.pool, managed, *(pool for pool in others if pool is not None))
    names = {name for pool in pools for name in pool.provider_names}
    return Want(
        pool_id=live.pool_id,
        roles=any(getattr(managed, field) is not None for field in ROLES_FIELDS),
        principal_tag_providers=tuple(sorted(names)) if managed.manages_principal_tags else None,
    )


def _with_second_names(wanted: Pool, live: Pool) -> Pool:
    """Principal tags that AWS shows alike under both names of a provider stay alike.

    Whether the two are one in AWS is not known.  If they are, to reset the name that the spec does
    not use would take the tags from the other; if they are not, what has been alike stays so.
    """
    old, new = live.PrincipalTagAttributeMaps, wanted.PrincipalTagAttributeMaps
    if not old or not new:
        return wanted
    second: dict[str, PrincipalTagMap] = {}
    for arn in live.OpenIdConnectProviderARNs:
        names = {arn, issuer_of(arn)}
        given = names & new.keys()
        if len(given) == 1 and names <= old.keys() and old[arn] == old[issuer_of(arn)]:
            second |= dict.fromkeys(names - given, new[given.pop()])
    maps = dict(sorted({**new, **second}.items()))
    return wanted.model_copy(update={PRINCIPAL_TAGS_FIELD: maps})
