"""Which live pool is a spec's: ownership is settled before anything is compared.

Where several pools carry one spec's tags, two runs have made one each, and one of them died before
it could look for a twin.  The rule is that of ``executor/twins.py``: only an empty pool that a run
of ours has made goes.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from reconciler.model.changes import DeleteTwin, Refusal
from reconciler.model.live import LeftCreate, LivePool, LiveTarget, identities_in_words
from reconciler.model.plan import Orphan
from reconciler.model.pool import POOL_FIELDS
from reconciler.model.project import OwnerTags, Project
from reconciler.model.spec import Spec
from reconciler.planner.desired import desired_pool, former_tags
from reconciler.planner.refusals import owner_unknown, refused, unreadable


@dataclass(frozen=True, slots=True)
class Match:
    """The live pool of a spec (``None``: there is none yet), or why it cannot be told.

    ``pool_id``: that of the pool, read or not.  ``rivals`` are the pools that claim to be the
    spec's where there are several; ``twins`` those beside ``live`` that can be removed; ``former``
    the owner and name that a pool was found by, where these are not the spec's own.
    """

    live: LivePool | None = None
    refusal: Refusal | None = None
    pool_id: str | None = None
    rivals: tuple[LivePool, ...] = ()
    twins: tuple[DeleteTwin, ...] = ()
    former: OwnerTags | None = None

    @property
    def is_unread(self) -> bool:
        """Whether there is a pool, and all that is known of it is that it cannot be read."""
        return self.pool_id is not None and (self.live is None or self.live.problem is not None)


class Ownership:
    """Whose the pools of one target are, seen from one project.

    ``specs`` are those that go to this target; without ``all_specs`` there may be more, so that a
    pool of a spec that is not among them is not free for the taking.
    """

    def __init__(
        self, live: LiveTarget, project: Project, specs: Sequence[Spec], *, all_specs: bool = True
    ) -> None:
        self.target = live.target
        self._project = project
        self._owner = project.owner
        self._all_specs = all_specs
        self._spec_names = frozenset(spec.name for spec in specs)
        self._adopters: dict[str, list[str]] = defaultdict(list)
        self._by_given_name: dict[str, list[Spec]] = defaultdict(list)
        for spec in specs:
            self._adopters[spec.adopted_id(self.target.name) or ""].append(spec.name)
            if not spec.lifecycle.delete and not spec.is_nameless:
                self._by_given_name[spec.pool.IdentityPoolName].append(spec)
        self._by_id = {pool.pool_id: pool for pool in live.pools}
        self._left = live.left
        self._unread = live.unread
        self._unread_by_id = {pool.pool_id: pool for pool in live.unread}
        self._by_tags: dict[OwnerTags, list[LivePool]] = defaultdict(list)
        self._by_pool_name: dict[str, list[LivePool]] = defaultdict(list)
        for pool in live.pools:
            self._by_pool_name[pool.pool.IdentityPoolName].append(pool)
            if pool.tags is not None:
                self._by_tags[pool.tags].append(pool)

    def match(self, spec: Spec) -> Match:
        """Find the pool of a spec: by ``metadata.adopt``, by our tags, by those of before, or none.

        A pool that merely has the same IdentityPoolName is refused, never taken: names are not
        unique (CreateIdentityPool takes the same name twice).  Nor is a pool created, adopted or
        deleted while it is not known whose all the others are.
        """
        adopted_id = spec.adopted_id(self.target.name)
        if adopted_id is not None:
            return self._match_adopted(spec, adopted_id)
        tagged, former = self._tagged(spec)
        if len(tagged) > 1:
            return self._one_of(spec, tagged)
        if tagged:
            match = _matched(tagged[0], self._not_matched(spec, tagged[0]), former)
            return match if former else self._unless_left_over(spec, match)
        if self._unread:
            return Match(refusal=self._has_to_wait(spec))
        if spec.lifecycle.delete:
            return Match()
        return Match(refusal=self._name_given_twice(spec) or self._name_taken(spec))

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

    def claimants(self, spec: Spec) -> tuple[LivePool, ...]:
        """The pools that are the spec's by their tags, present or of before."""
        return tuple(self._tagged(spec)[0])

    def namesakes(self, pool: LivePool, name: str) -> tuple[str, ...]:
        """The ids of the other pools that have this IdentityPoolName."""
        found = self._by_pool_name.get(name, ())
        return tuple(each.pool_id for each in found if each.pool_id != pool.pool_id)

    def _tagged(self, spec: Spec) -> tuple[list[LivePool], OwnerTags | None]:
        """The pools of a spec by its tags; where there are none, by those that it had before."""
        own = OwnerTags(self._owner, spec.name)
        if own in self._by_tags:
            return self._by_tags[own], None
        former = [tags for tags in former_tags(spec, self._project) if tags in self._by_tags]
        pools = [pool for tags in former for pool in self._by_tags[tags]]
        return pools, former[0] if former else None

    def _unless_left_over(self, spec: Spec, match: Match) -> Match:
        """The match by the present tags; but where a run that died has made that pool, and did not
        come to see the one with tags of before, it goes, and that one stays.
        """
        tags = former_tags(spec, self._project)
        before = [pool for each in tags for pool in self._by_tags.get(each, ())]
        if match.live is None or not before or not _journals_of(spec, self._left, self._project):
            return match
        settled = self._one_of(spec, [match.live, *before])
        return settled if settled.twins else replace(match, rivals=settled.rivals)

    def _one_of(self, spec: Spec, pools: Sequence[LivePool]) -> Match:
        settled = _settle(spec, pools, self._left, self._project)
        if settled is None or spec.lifecycle.delete or self._unread:
            return _several(spec, pools)
        stays = settled.stays
        former = stays.tags if stays.tags in former_tags(spec, self._project) else None
        match = _matched(stays, self._not_matched(spec, stays), former)
        return replace(match, twins=settled.twins)

    def _not_matched(self, spec: Spec, pool: LivePool) -> Refusal | None:
        return (
            self._name_of_others(spec, pool)
            or self._claimed_twice(spec, pool)
            or self._not_ours_yet(spec, pool)
            or self._hasty(spec, pool)
            or self._name_given_twice(spec)
        )

    def _match_adopted(self, spec: Spec, pool_id: str) -> Match:
        region = self.target.region
        if region is not None and pool_id.partition(":")[0] != region:
            there, target = pool_id.partition(":")[0], self.target
            elsewhere = refused("adopted-elsewhere", pool_id=pool_id, there=there, target=target)
            return Match(refusal=elsewhere)
        pool = self._by_id.get(pool_id)
        unread = self._unread_by_id.get(pool_id)
        if unread is not None:
            return Match(refusal=unreadable(pool_id, unread.problem), pool_id=pool_id)
        own = self._by_tags.get(OwnerTags(self._owner, spec.name), [])
        if pool is None:
            gone = spec.lifecycle.delete and not own
            if gone and self._unread:
                return Match(refusal=self._has_to_wait(spec))
            missing = refused("adopted-missing", pool_id=pool_id, target=self.target)
            return Match(refusal=None if gone else missing)
        others = [each for each in own if each.pool_id != pool_id]
        refusal = self._not_adoptable(spec, pool)
        if others and refusal is None:
            return _several(spec, [pool, *others])
        former = pool.tags if pool.tags in former_tags(spec, self._project) else None
        return _matched(pool, refusal or self._not_matched(spec, pool), former)

    def _not_adoptable(self, spec: Spec, pool: LivePool) -> Refusal | None:
        if pool.owner not in (None, self._owner, *self._project.former_owners):
            return refused("other-owner", pool=pool, by_former_owner=_by_former_owner(pool))
        return refused("other-spec", pool=pool) if self._is_of_another_spec(spec, pool) else None

    def _name_of_others(self, spec: Spec, pool: LivePool) -> Refusal | None:
        """A name of before may be that of a spec which is not among these."""
        by_name = pool.tags is not None and pool.tags.name in spec.document.metadata.former_names
        return refused("other-spec", pool=pool) if by_name and not self._all_specs else None

    def _not_ours_yet(self, spec: Spec, pool: LivePool) -> Refusal | None:
        """Whoever deletes a pool has had it first: a wrong id is found out before, not after."""
        if not spec.lifecycle.delete or pool.tags == OwnerTags(self._owner, spec.name):
            return None
        name = pool.pool.IdentityPoolName
        return refused("never-ours", pool_id=pool.pool_id, name=name, whose=_whose(pool))

    def _hasty(self, spec: Spec, pool: LivePool) -> Refusal | None:
        """A second pool of the spec may be among those that could not be read."""
        if not self._unread:
            return None
        if spec.lifecycle.delete:
            # Of two pools with our tags only a person knows which one is in use.
            why = "may be a second pool of this spec: deleting has to wait"
            return owner_unknown(spec, self._unread, why)
        if pool.tags == OwnerTags(self._owner, spec.name):
            return None
        # Adopting writes our tags, which another pool may have.
        why = "may be this spec's pool already: adopting has to wait"
        return owner_unknown(spec, self._unread, why)

    def _has_to_wait(self, spec: Spec) -> Refusal:
        """No pool is known to be the spec's, which says nothing yet."""
        verb = "deleting it" if spec.lifecycle.delete else "creating one"
        return owner_unknown(spec, self._unread, f"may be this spec's pool: {verb} has to wait")

    def _is_of_another_spec(self, spec: Spec, pool: LivePool) -> bool:
        if pool.owner != self._owner or pool.spec_name in (None, spec.name):
            return False
        return pool.spec_name in self._spec_names or not self._all_specs

    def _claimed_twice(self, spec: Spec, pool: LivePool) -> Refusal | None:
        """Another spec adopts the pool, too: one would undo the other, or delete its identities."""
        keeps_its_own = pool.spec_name == spec.name and not spec.lifecycle.delete
        adopters = self._adopters.get(pool.pool_id, [])
        rivals = [name for name in adopters if name != spec.name]
        if not rivals or keeps_its_own:
            return None
        names = ", ".join(map(repr, [spec.name, *rivals]))
        return refused("two-specs", pool_id=pool.pool_id, names=names)

    def _name_given_twice(self, spec: Spec) -> Refusal | None:
        """Two specs of one name, of which one has no pool: which is refused must not depend on
        which was made first.
        """
        if spec.lifecycle.delete:
            return None
        given = spec.pool.IdentityPoolName
        same = self._by_given_name[given]
        if all(each.lifecycle.allow_same_name for each in same):
            return None
        if len(same) > 1 and any(not self._has_pool(each) for each in same):
            names = ", ".join(each.name for each in same)
            return refused("name-given-twice", names=names, given=given, target=self.target.name)
        return None

    def _has_pool(self, spec: Spec) -> bool:
        return spec.adopted_id(self.target.name) is not None or bool(self._tagged(spec)[0])

    def _name_taken(self, spec: Spec) -> Refusal | None:
        name = spec.pool.IdentityPoolName
        same_name = self._by_pool_name.get(name, [])
        if not same_name or spec.lifecycle.allow_same_name:
            return None
        pools = ", ".join(f"{pool.pool_id} ({_whose(pool)})" for pool in same_name)
        return refused("name-taken", name=name, pools=pools, way=self._way_to(same_name[0]))

    def _way_to(self, pool: LivePool) -> str:
        """How a pool with a spec's IdentityPoolName becomes that spec's, if it is meant."""
        if pool.owner is None or (pool.owner == self._owner and pool.spec_name is None):
            return f'adopt it (metadata.adopt: "{pool.pool_id}")'
        if pool.owner != self._owner:
            return _by_former_owner(pool)
        if pool.spec_name in self._spec_names or not self._all_specs:
            return "it stays with that spec"
        return (
            "if that was the spec's name before, write under metadata: "
            f"formerNames: [{pool.spec_name}]"
        )


def _matched(pool: LivePool, refusal: Refusal | None, former: OwnerTags | None) -> Match:
    """A pool of which a part could not be read has that error before any other."""
    problem = unreadable(pool.pool_id, pool.problem) if pool.problem else None
    return Match(live=pool, refusal=problem or refusal, pool_id=pool.pool_id, former=former)


def _several(spec: Spec, pools: Sequence[LivePool]) -> Match:
    return Match(refusal=_two_pools(spec, pools), rivals=tuple(pools))


def _by_former_owner(pool: LivePool) -> str:
    line = f"formerOwners: [{json.dumps(pool.owner, ensure_ascii=False)}]"
    return f"if that was the owner of these specs before, write into idpool.yaml: {line}"


def _whose(pool: LivePool) -> str:
    if pool.owner is None:
        return "nobody's"
    named = f", spec {pool.spec_name!r}" if pool.spec_name is not None else ""
    return f"owner {pool.owner!r}{named}"


@dataclass(frozen=True, slots=True)
class _Settled:
    """The pool that stays, and those that go."""

    stays: LivePool
    twins: tuple[DeleteTwin, ...]


def _settle(
    spec: Spec, pools: Sequence[LivePool], left: Sequence[LeftCreate], project: Project
) -> _Settled | None:
    """Which one stays; ``None`` where only a person knows.

    Where each of them may go, the one that is most like the spec stays, and else the one with the
    lowest id.
    """
    journals = _leftovers(pools, _journals_of(spec, left, project))
    to_stay = [pool for pool in pools if pool.pool_id not in journals]
    if len(to_stay) > 1:
        return None
    stays = to_stay[0] if to_stay else min(pools, key=lambda pool: _rank(spec, pool, project))
    twins = (
        DeleteTwin(pool_id=pool.pool_id, tags=pool.tags, journal=journals[pool.pool_id])
        for pool in pools
        if pool is not stays and pool.tags is not None
    )
    return _Settled(stays, tuple(twins))


def _journals_of(spec: Spec, left: Sequence[LeftCreate], project: Project) -> list[LeftCreate]:
    """What journals tell of the spec, also under the owners and names that it had before."""
    tags = (OwnerTags(project.owner, spec.name), *former_tags(spec, project))
    return [each for each in left if (each.owner, each.name) in tags]


def _two_pools(spec: Spec, pools: Sequence[LivePool]) -> Refusal:
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
