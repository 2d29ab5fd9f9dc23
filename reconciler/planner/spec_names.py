"""Names of specs for pools that have none yet: the same for the same account, whoever asks."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from reconciler.model.candidate import Candidate

_MOST: Final = 63
# Of the id's 32: enough to tell some pools of one name apart, and all of them.
_DIGITS: Final = (8, 32)


def spec_names(
    found: Sequence[Candidate], taken: Collection[str], slug: Callable[[str], str]
) -> dict[str, str]:
    """The name of the spec of each pool, by its id; ``slug`` makes a legal name of any text.

    A pool that carries our tag idpool:name keeps it.  Where two pools would get one name, or it is
    among those ``taken``, a part of the id follows: what is imported first decides nothing.
    """
    wanted = {each.pool_id: slug(each.tagged_name or each.pool_name) for each in found}
    count = Counter(wanted.values())
    tagged = {each.pool_id: each.tagged_name for each in found if each.tagged_name}
    tags = Counter(tagged.values())
    names: dict[str, str] = {}
    used = {*taken}
    for pool_id, name in wanted.items():
        own = tagged.get(pool_id, "")
        tags[own] -= 1  # its own tag is no other pool's
        is_free = count[name] == 1 and name not in used and not tags[name]
        names[pool_id] = name if is_free else _with_id(name, pool_id, used, tags)
        tags[own] += 1
        used.add(names[pool_id])
    return names


def _with_id(name: str, pool_id: str, used: Collection[str], tags: Mapping[str, int]) -> str:
    digits = "".join(sign for sign in pool_id.rpartition(":")[2] if sign.isalnum()).lower()
    each = [f"{name[: _MOST - 1 - n].rstrip('-')}-{digits[:n]}" for n in _DIGITS]
    return next((one for one in each if one not in used and not tags.get(one)), each[-1])
