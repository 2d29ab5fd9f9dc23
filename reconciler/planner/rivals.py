"""Several pools that carry one spec's tags: which of them stays, where journals can tell.

Two runs have made one each, and one of them died before it could look for a twin.  The rule is that
of ``executor/twins.py``: only an empty pool that a run of ours has made goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reconciler.model.changes import Refusal
from reconciler.model.live import LeftCreate, LivePool, identities_in_words
from reconciler.model.pool import POOL_FIELDS
from reconciler.model.project import OwnerTags, Project
from reconciler.model.spec import Spec
from reconciler.planner.desired import desired_pool, former_tags
from reconciler.planner.refusals import refused


class Twin(NamedTuple):
    """A pool that goes, its tags, and the journal of the run that has made it."""

    pool_id: str
    tags: OwnerTags
    journal: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The pool that stays, and those that go."""

    stays: LivePool
    twins: tuple[Twin, ...]


def settle(
    spec: Spec, pools: Sequence[LivePool], left: Sequence[LeftCreate], project: Project
) -> Settled | None:
    """Which one stays; ``None`` where only a person knows.

    Where each of them may go, the one that is most like the spec stays, and else the one with the
    lowest id.
    """
    journals = _leftovers(pools, journals_of(spec, left, project))
    to_stay = [pool for pool in pools if pool.pool_id not in journals]
    if len(to_stay) > 1:
        return None
    stays = to_stay[0] if to_stay else min(pools, key=lambda pool: _rank(spec, pool, project))
    twins = (
        Twin(pool.pool_id, pool.tags, journals[pool.pool_id])
        for pool in pools
        if pool is not stays and pool.tags is not None
    )
    return Settled(stays, tuple(twins))


def journals_of(spec: Spec, left: Sequence[LeftCreate], project: Project) -> list[LeftCreate]:
    """What journals tell of the spec, also under the owners and names that it had before."""
    tags = (OwnerTags(project.owner, spec.name), *former_tags(spec, project))
    return [each for each in left if (each.owner, each.name) in tags]


def two_pools(spec: Spec, pools: Sequence[LivePool]) -> Refusal:
    """The refusal that lists them, with what a person needs to know to tell which is in use."""
    dates = [pool.created_at for pool in pools]
    youngest = max(dates) if all(dates) else ""
    told = ", ".join(_facts(pool, youngest) for pool in pools)
    return refused("two-pools", count=len(pools), pools=told, name=spec.name)


def _leftovers(pools: Sequence[LivePool], told: Sequence[LeftCreate]) -> dict[str, str]:
    """The pools that nobody can miss: no identities, and made by runs that did not end well.

    By id, with the journal that says so.  An unanswered create may have made any pool that no
    journal names: where there are as many of those as of these, it was them.
    """
    made = {left.pool_id: left.journal for left in told if left.pool_id is not None}
    unanswered = [left.journal for left in told for _ in range(left.unanswered)]
    unnamed = [pool.pool_id for pool in pools if pool.pool_id not in made]
    if len(unnamed) <= len(unanswered):
        made |= dict(zip(unnamed, unanswered, strict=False))
    empty = [pool.pool_id for pool in pools if pool.identities == 0]
    return {pool_id: made[pool_id] for pool_id in empty if pool_id in made}


def _rank(spec: Spec, pool: LivePool, project: Project) -> tuple[int, str]:
    desired = desired_pool(spec, project, pool.pool)
    differing = [f for f in POOL_FIELDS if getattr(desired, f) != getattr(pool.pool, f)]
    return len(differing), pool.pool_id


def _facts(pool: LivePool, youngest: str) -> str:
    facts = [identities_in_words(pool.identities)]
    if pool.created_at:
        facts.append(f"made {pool.created_at}")
    if youngest and pool.created_at == youngest:
        facts.append("the youngest")
    return f"{pool.pool_id} ({', '.join(facts)})"
