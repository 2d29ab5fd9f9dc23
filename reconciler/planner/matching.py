"""Which live pool is a spec's: ownership is settled before anything is compared."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.model.changes import Refusal
from reconciler.model.live import LivePool, LiveTarget
from reconciler.model.plan import Orphan
from reconciler.model.project import NAME_TAG, OWNER_TAG
from reconciler.model.spec import Spec
from reconciler.planner.unread import not_adopted, not_created, not_deleted, unreadable


@dataclass(frozen=True, slots=True)
class Match:
    """The live pool of a spec (``None``: there is none yet), or why it cannot be told.

    ``pool_id``: that of the pool, read or not.
    """

    live: LivePool | None = None
    refusal: Refusal | None = None
    pool_id: str | None = None

    @property
    def is_unread(self) -> bool:
        """Whether there is a pool, and all that is known of it is that it cannot be read."""
        return self.pool_id is not None and (self.live is None or self.live.problem is not None)


class Ownership:
    """Whose the pools of one target are, seen from one owner.

    ``specs`` are those that go to this target; without ``all_specs`` there may be more, so that a
    pool of a spec that is not among them is not free for the taking.
    """

    def __init__(
        self, live: LiveTarget, owner: str, specs: Sequence[Spec], *, all_specs: bool = True
    ) -> None:
        self._target = live.target.name
        self._owner = owner
        self._all_specs = all_specs
        self._spec_names = frozenset(spec.name for spec in specs)
        self._adopters: dict[str, list[str]] = defaultdict(list)
        for spec in specs:
            self._adopters[spec.adopted_id(self._target) or ""].append(spec.name)
        self._by_id = {pool.pool_id: pool for pool in live.pools}
        self._unread = live.unread
        self._unread_by_id = {pool.pool_id: pool for pool in live.unread}
        self._by_spec: dict[str, list[LivePool]] = defaultdict(list)
        self._by_pool_name: dict[str, list[LivePool]] = defaultdict(list)
        for pool in live.pools:
            self._by_pool_name[pool.pool.IdentityPoolName].append(pool)
            if pool.owner == owner and pool.spec_name is not None:
                self._by_spec[pool.spec_name].append(pool)

    def match(self, spec: Spec) -> Match:
        """Find the pool of a spec: by ``metadata.adopt``, by our tags, else none.

        A pool that merely has the same IdentityPoolName is refused, never taken: names are not
        unique (CreateIdentityPool takes the same name twice).  Nor is a pool created, adopted or
        deleted while it is not known whose all the others are.
        """
        adopted_id = spec.adopted_id(self._target)
        if adopted_id is not None:
            return self._match_adopted(spec, adopted_id)
        tagged = self._by_spec.get(spec.name, [])
        if len(tagged) > 1:
            return Match(refusal=_two_pools(spec, tagged))
        if tagged:
            refusal = self._claimed_twice(spec, tagged[0]) or self._hasty(spec, tagged[0])
            return _matched(tagged[0], refusal)
        if self._unread:
            return Match(refusal=not_created(spec, self._unread))
        if spec.lifecycle.delete:
            return Match()
        return Match(refusal=self._name_taken(spec))

    def orphans(self, matched_ids: Iterable[str]) -> tuple[Orphan, ...]:
        """Pools of our owner that no spec describes, and that no spec adopts."""
        taken = frozenset(matched_ids)
        return tuple(
            Orphan(
                pool_id=pool.pool_id,
                pool_name=pool.pool.IdentityPoolName,
                spec_name=pool.spec_name,
            )
            for pool in self._by_id.values()
            if pool.owner == self._owner
            and pool.spec_name not in self._spec_names
            and pool.pool_id not in taken
        )

    def _match_adopted(self, spec: Spec, pool_id: str) -> Match:
        pool = self._by_id.get(pool_id)
        unread = self._unread_by_id.get(pool_id)
        if unread is not None:
            return Match(refusal=unreadable(pool_id, unread.problem), pool_id=pool_id)
        if pool is None:
            gone = spec.lifecycle.delete and spec.name not in self._by_spec
            if gone and self._unread:
                return Match(refusal=not_created(spec, self._unread))
            return Match(refusal=None if gone else _adopted_missing(pool_id, self._target))
        return _matched(pool, self._not_adoptable(spec, pool))

    def _not_adoptable(self, spec: Spec, pool: LivePool) -> Refusal | None:
        if pool.owner not in (None, self._owner):
            return _other_owner(pool)
        if self._is_of_another_spec(spec, pool):
            return _other_spec(pool)
        others = [p for p in self._by_spec.get(spec.name, []) if p.pool_id != pool.pool_id]
        if others:
            return _two_pools(spec, [pool, *others])
        return self._claimed_twice(spec, pool) or self._hasty(spec, pool)

    def _hasty(self, spec: Spec, pool: LivePool) -> Refusal | None:
        """A second pool of the spec may be among those that could not be read."""
        if not self._unread:
            return None
        if spec.lifecycle.delete:
            return not_deleted(spec, self._unread)
        is_ours = (pool.owner, pool.spec_name) == (self._owner, spec.name)
        return None if is_ours else not_adopted(spec, self._unread)

    def _is_of_another_spec(self, spec: Spec, pool: LivePool) -> bool:
        if pool.owner != self._owner or pool.spec_name in (None, spec.name):
            return False
        return pool.spec_name in self._spec_names or not self._all_specs

    def _claimed_twice(self, spec: Spec, pool: LivePool) -> Refusal | None:
        """Another spec adopts the pool, too: one would undo the other, or delete its identities."""
        keeps_its_own = pool.spec_name == spec.name and not spec.lifecycle.delete
        adopters = self._adopters.get(pool.pool_id, [])
        rivals = [name for name in adopters if name != spec.name]
        return _two_specs(pool, [spec.name, *rivals]) if rivals and not keeps_its_own else None

    def _name_taken(self, spec: Spec) -> Refusal | None:
        same_name = self._by_pool_name.get(spec.document.spec.IdentityPoolName, [])
        strangers = [pool for pool in same_name if self._is_nobodys(pool)]
        if strangers:
            return _taken_by_stranger(spec, strangers)
        renamed = [
            pool
            for pool in same_name
            if pool.owner == self._owner and pool.spec_name not in self._spec_names
        ]
        return _spec_renamed(renamed, self._all_specs) if renamed else None

    def _is_nobodys(self, pool: LivePool) -> bool:
        return pool.owner is None or (pool.owner == self._owner and pool.spec_name is None)


def _matched(pool: LivePool, refusal: Refusal | None) -> Match:
    """A pool of which a part could not be read has that error before any other."""
    problem = unreadable(pool.pool_id, pool.problem) if pool.problem else None
    return Match(live=pool, refusal=problem or refusal, pool_id=pool.pool_id)


def _ids(pools: Iterable[LivePool]) -> str:
    return ", ".join(pool.pool_id for pool in pools)


def _two_pools(spec: Spec, pools: list[LivePool]) -> Refusal:
    return Refusal(
        rule="two-pools",
        reason=f"{len(pools)} live pools are this spec's: {_ids(pools)}",
        way_out=(
            f"find out which one is in use, and take the tag {NAME_TAG}={spec.name} "
            "(or the line metadata.adopt) away from the other"
        ),
        is_error=True,
    )


def _two_specs(pool: LivePool, names: list[str]) -> Refusal:
    return Refusal(
        rule="two-specs",
        field="metadata.adopt",
        reason=f"{pool.pool_id} is claimed by the specs {', '.join(map(repr, names))}",
        way_out="let one spec name it, by metadata.adopt or by its tags",
    )


def _adopted_missing(pool_id: str, target: str) -> Refusal:
    return Refusal(
        rule="adopted-missing",
        field="metadata.adopt",
        reason=f"metadata.adopt names {pool_id}, and target {target} has no such pool",
        way_out=(
            "correct the id, or remove metadata.adopt: then the pool is found by its tags, or "
            "created"
        ),
    )


def _other_owner(pool: LivePool) -> Refusal:
    return Refusal(
        rule="other-owner",
        field="metadata.adopt",
        reason=f"{pool.pool_id} belongs to owner {pool.owner!r} (tag {OWNER_TAG})",
        way_out=f"let that owner give it up: remove its tags {OWNER_TAG} and {NAME_TAG}",
    )


def _other_spec(pool: LivePool) -> Refusal:
    return Refusal(
        rule="other-spec",
        field="metadata.adopt",
        reason=f"{pool.pool_id} is the pool of spec {pool.spec_name!r} (tag {NAME_TAG})",
        way_out=(
            "remove metadata.adopt here, or remove the other spec in the same change and run with "
            "all specs"
        ),
    )


def _taken_by_stranger(spec: Spec, pools: list[LivePool]) -> Refusal:
    name = spec.document.spec.IdentityPoolName
    return Refusal(
        rule="name-taken",
        field="IdentityPoolName",
        reason=f"a pool named {name!r} exists already and is not ours: {_ids(pools)}",
        way_out=(
            f'adopt it (metadata.adopt: "{pools[0].pool_id}") or choose another IdentityPoolName'
        ),
    )


def _spec_renamed(pools: list[LivePool], all_specs: bool) -> Refusal:
    old = ", ".join(dict.fromkeys(repr(pool.spec_name) for pool in pools))
    missing = "has no spec any more" if all_specs else "is not among the specs named here"
    return Refusal(
        rule="spec-renamed",
        field="metadata.name",
        reason=(
            f"{_ids(pools)} has the same IdentityPoolName and the tag {NAME_TAG}={old}, which "
            f"{missing}: creating another pool could leave its identities behind"
        ),
        way_out=(
            f'keep its pool with metadata.adopt: "{pools[0].pool_id}", or change metadata.name '
            f"back to {old}"
        ),
    )
