"""Which pools a plan of some specs has to know: it is the plan that all pools would give."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.live import ListedPool, LivePool
from reconciler.model.spec import Spec
from reconciler.planner.planning import NamesFirst, TheseOnly
from tests.planner.support import (
    EU,
    OTHER_ID,
    OWNER,
    POOL_ID,
    PROJECT,
    adopting,
    answer,
    live,
    our_tags,
    ours,
    plan_of,
    spec,
    tombstone,
)

NAMES = ("shop", "blog", "game")
IDS = [f"eu-west-1:{number:08d}-0000-0000-0000-000000000000" for number in range(6)]


@st.composite
def pools(draw: st.DrawFn) -> list[LivePool]:
    """One of each spec at most, often renamed, among those of others and of nobody."""
    named, known = st.sampled_from(NAMES), draw(st.sets(st.sampled_from(NAMES)))
    own = [(our_tags(name), draw(st.sampled_from((name, name, name, "renamed")))) for name in known]
    theirs = st.sampled_from(({}, our_tags("shop", "another"), our_tags("old")))
    others = draw(st.lists(st.tuples(theirs, named), max_size=3))
    found = draw(st.permutations([*own, *others]))
    return [
        live(pool_id, IdentityPoolName=name, IdentityPoolTags=tags)
        for pool_id, (tags, name) in zip(IDS, found, strict=False)
    ]


@st.composite
def specs(draw: st.DrawFn, found: list[LivePool]) -> list[Spec]:
    """Specs that just are, that adopt or that delete; most of them have a pool."""
    tagged = {pool.spec_name for pool in found if pool.owner == OWNER}
    known = [name for name in NAMES if name in tagged]
    names = st.sampled_from([*NAMES, *known * 3])
    chosen = draw(st.lists(names, unique=True, min_size=1, max_size=2))
    kinds = st.sampled_from(("plain",) * 6 + ("adopting", "tombstone"))
    return [_spec(name, draw(kinds), draw(st.sampled_from(IDS))) for name in chosen]


def _spec(name: str, kind: str, pool_id: str) -> Spec:
    if kind == "adopting":
        return adopting(pool_id, name, IdentityPoolName=name)
    return tombstone(name) if kind == "tombstone" else spec(name, IdentityPoolName=name)


def listed(found: list[LivePool]) -> list[ListedPool]:
    return [ListedPool(pool.pool_id, pool.pool.IdentityPoolName) for pool in found]


@given(st.data())
def test_where_the_first_pools_are_enough_the_others_would_change_nothing(
    data: st.DataObject,
) -> None:
    """But for a second pool with a spec's tags, under another name: a plan of all specs finds it.

    Where they are not enough all are read, which is the plan of all pools anyway.
    """
    found = data.draw(pools())
    wanted = data.draw(specs(found))
    choice = NamesFirst(wanted, EU.name, PROJECT)
    first = {pool.pool_id for pool in choice.first(listed(found))}
    some = [pool for pool in found if pool.pool_id in first]
    read = some if choice.is_enough(answer(*some)) else found
    assert plan_of(wanted, *read, all_specs=False) == plan_of(wanted, *found, all_specs=False)


def test_the_first_are_those_that_specs_name() -> None:
    """By id and by IdentityPoolName, in the order of the list."""
    wanted = [spec("shop", IdentityPoolName="shop-prod"), adopting(OTHER_ID, "blog")]
    choice = NamesFirst(wanted, EU.name, PROJECT)
    pools = [
        ListedPool(IDS[0], "shop"),
        ListedPool(OTHER_ID, "any"),
        ListedPool(IDS[1], "shop-prod"),
    ]
    assert choice.first(pools) == pools[1:]


def test_a_pool_with_our_tags_is_enough() -> None:
    choice = NamesFirst([spec()], EU.name, PROJECT)
    assert choice.is_enough(answer(ours()))


def test_no_pool_at_all_is_not_enough() -> None:
    assert not NamesFirst([spec()], EU.name, PROJECT).is_enough(answer())


def test_a_pool_that_is_only_named_alike_is_not_enough() -> None:
    assert not NamesFirst([spec()], EU.name, PROJECT).is_enough(answer(live()))


def test_a_tombstone_is_never_sure() -> None:
    assert not NamesFirst([tombstone()], EU.name, PROJECT).is_enough(answer(ours()))


def test_a_refusal_takes_all_pools_to_be_told_in_full() -> None:
    two = (ours(), ours(pool_id=OTHER_ID))
    assert not NamesFirst([spec()], EU.name, PROJECT).is_enough(answer(*two))


def test_where_no_spec_goes_nothing_is_read() -> None:
    elsewhere = spec(metadata={"targets": ["prod-us"]})
    choice = NamesFirst([elsewhere], EU.name, PROJECT)
    assert choice.first([ListedPool(POOL_ID, "storefront")]) == []
    assert choice.is_enough(answer())


def test_only_these_are_those_that_are_still_there() -> None:
    choice = TheseOnly({POOL_ID, None})
    assert choice.first([ListedPool(OTHER_ID, ""), ListedPool(POOL_ID, "")]) == [(POOL_ID, "")]
    assert choice.is_enough(answer())
