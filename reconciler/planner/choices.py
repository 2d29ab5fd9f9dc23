"""Which pools of an account a plan has to know.

ListIdentityPools answers ids and names; whose a pool is, only its tags say, and they cost a call a
pool.  A plan of all specs needs them all: it reports orphans.  A plan of some specs does not.
"""

from collections.abc import Collection, Sequence

from reconciler.model.live import ListedPool, LiveTarget
from reconciler.model.project import Project
from reconciler.model.spec import Spec
from reconciler.planner.matching import Match, Ownership


class NamesFirst:
    """The pools that some specs name, and all others only where a spec is in doubt.

    A spec is in no doubt when one of these pools carries its tags, and it keeps that pool: such a
    pool is updated even where others cannot be read at all (see ``planner/unread.py``).  To
    create, to adopt, to delete and to refuse takes all pools.
    """

    def __init__(self, specs: Sequence[Spec], target: str, project: Project) -> None:
        self._specs = [spec for spec in specs if spec.goes_to(target)]
        self._project = project
        self._ids = {spec.adopted_id(target) for spec in self._specs}
        self._names = {spec.pool.IdentityPoolName for spec in self._specs}

    def first(self, listed: Sequence[ListedPool]) -> list[ListedPool]:
        """Those that a spec adopts, and those of a spec's IdentityPoolName."""
        return [pool for pool in listed if pool.pool_id in self._ids or pool.name in self._names]

    def is_enough(self, live: LiveTarget) -> bool:
        """Whether every spec has found its pool."""
        ownership = Ownership(live, self._project, self._specs, all_specs=False)
        return all(self._is_settled(spec, ownership.match(spec)) for spec in self._specs)

    def _is_settled(self, spec: Spec, match: Match) -> bool:
        if match.live is None or match.refusal or spec.lifecycle.delete:
            return False
        return match.live.tags == (self._project.owner, spec.name)


class TheseOnly:
    """The pools of these ids, and no others."""

    def __init__(self, ids: Collection[str | None]) -> None:
        self._ids = ids

    def first(self, listed: Sequence[ListedPool]) -> list[ListedPool]:
        """Those that are still there."""
        return [pool for pool in listed if pool.pool_id in self._ids]

    def is_enough(self, _live: LiveTarget) -> bool:
        """Yes."""
        return True
