"""Which live pools may become specs, and which of them are asked for."""

from collections import Counter
from collections.abc import Sequence

from reconciler.model.candidate import Candidate
from reconciler.model.errors import UsageProblem
from reconciler.model.live import LivePool, LiveTarget, Want
from reconciler.model.project import NAME_TAG, Project
from reconciler.model.spec import Spec
from reconciler.planner.claims import claim_of


def candidates(live: LiveTarget, specs: Sequence[Spec], project: Project) -> tuple[Candidate, ...]:
    """Every pool of a target, by name and id, and whose it is."""
    seen = _Seen(live, specs, project)
    unread = (
        Candidate(
            target=live.target.name,
            pool_id=pool.pool_id,
            pool_name=pool.pool_name,
            standing="unread",
            reason=f"it cannot be read: {pool.problem.message}",
            problem=pool.problem,
        )
        for pool in live.unread
    )
    found = (*map(seen.candidate, live.pools), *unread)
    return tuple(sorted(found, key=lambda each: (each.pool_name, each.pool_id)))


def chosen(found: Sequence[Candidate], names: Sequence[str]) -> tuple[Candidate, ...]:
    """The pools of these names or ids, in their own order; none for all that are nobody's.

    Raises ``UsageProblem`` for a name that no pool or that several pools have.
    """
    if not names:
        return tuple(each for each in found if each.standing in ("free", "unread"))
    fits = {name: _fitting(found, name) for name in names}
    wrong = [_not_one(name, pools) for name, pools in fits.items() if len(pools) != 1]
    if wrong:
        raise UsageProblem(
            "; ".join(wrong), hint="idpool import without names lists every pool with its id"
        )
    wanted = {pools[0].pool_id for pools in fits.values()}
    return tuple(each for each in found if each.pool_id in wanted)


def whole_pool(live: LivePool) -> Want:
    """What else has to be read before a pool can become a spec: everything."""
    return Want(pool_id=live.pool_id, roles=True, principal_tag_providers=live.pool.provider_names)


class _Seen:
    """One target, seen from the specs of this project."""

    def __init__(self, live: LiveTarget, specs: Sequence[Spec], project: Project) -> None:
        self._target = live.target.name
        self._owner = project.owner
        self._owners = (project.owner, *project.former_owners)
        ours = [spec for spec in specs if spec.goes_to(self._target)]
        self._by_name = {
            name: spec
            for spec in ours
            for name in (*spec.document.metadata.former_names, spec.name)
        }
        self._by_id = {spec.adopted_id(self._target): spec for spec in ours}
        self._tagged = Counter(pool.spec_name for pool in live.pools if self._is_ours(pool))
        self._waiting = {
            spec.pool.IdentityPoolName: spec
            for spec in ours
            if spec.adopted_id(self._target) is None
            and spec.name not in self._tagged
            and not spec.lifecycle.delete
        }

    def candidate(self, pool: LivePool) -> Candidate:
        """The pool with what stands against importing it."""
        tagged_name = pool.spec_name if self._is_ours(pool) else None
        bare = Candidate(
            target=self._target,
            pool_id=pool.pool_id,
            pool_name=pool.pool.IdentityPoolName,
            tagged_name=tagged_name,
        )
        spec = self._by_id.get(pool.pool_id) or self._by_name.get(tagged_name or "")
        if spec is not None:
            place = f"{spec.source.file}:{spec.source.line}"
            described = f"spec {spec.name} has it already: {place}"
            return bare.model_copy(update={"standing": "described", "reason": described})
        reason = claim_of(pool.pool.IdentityPoolTags, self._owner) or self._claim_of_ours(pool)
        return bare.model_copy(update={"standing": "claimed", "reason": reason}) if reason else bare

    def _claim_of_ours(self, pool: LivePool) -> str:
        if self._is_ours(pool) and self._tagged[pool.spec_name] > 1:
            return (
                f"another pool has the same tag {NAME_TAG}={pool.spec_name}: find out which is used"
            )
        waiting = self._waiting.get(pool.pool.IdentityPoolName)
        if waiting is None or pool.owner is not None:
            return ""
        return (
            f"spec {waiting.name} has the same IdentityPoolName and no pool yet: if this is its "
            f"pool, run idpool adopt {waiting.name}={pool.pool_id}"
        )

    def _is_ours(self, pool: LivePool) -> bool:
        return pool.owner in self._owners and pool.spec_name is not None


def _fitting(found: Sequence[Candidate], name: str) -> list[Candidate]:
    by_id = [each for each in found if each.pool_id == name]
    return by_id or [each for each in found if each.pool_name == name]


def _not_one(name: str, pools: Sequence[Candidate]) -> str:
    if not pools:
        return f"there is no pool with the name or id {name!r}"
    ids = ", ".join(f"{each.pool_id} (target {each.target})" for each in pools)
    return f"{len(pools)} pools have the name {name!r}: {ids}"
