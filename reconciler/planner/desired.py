"""Desired: what a spec means in one target.

The one place between documents and desired: values that differ by target are resolved here.
"""

from reconciler.model.ignored import Ignored, in_live_terms
from reconciler.model.pool import TAGS_FIELD, Pool
from reconciler.model.project import NAME_TAG, OWNER_TAG, OwnerTags, Project
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
    return wanted if live is None else in_live_terms(wanted, live, ignored_of(spec, project))
