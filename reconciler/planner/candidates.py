"""Which live pools may become specs, who else owns them, and how their specs are called."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from reconciler.model.errors import UsageProblem
from reconciler.model.live import Candidate, LivePool, LiveTarget, Want
from reconciler.model.project import NAME_TAG, OWNER_TAG, Project
from reconciler.model.spec import Spec

_MOST: Final = 63
# Of the id's 32: enough to tell some pools of one name apart, and all of them.
_DIGITS: Final = (8, 32)
_CLOUDFORMATION: Final = "aws:cloudformation:"
_AMPLIFY_CLI: Final = ("user:Application", "user:Stack")
_TERRAFORM: Final = "terraform"


@cache
def _owners() -> dict[str, dict[str, Any]]:
    text = (files("reconciler.planner") / "owners.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


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


def claim_of(tags: Mapping[str, str], owner: str) -> str:
    """Who owns a pool with these tags, in words with the tag that says so; "" for nobody.

    ``owner`` is our own.  Terraform sets no tag by itself: without one nobody can tell.
    """
    return next(_claims(tags, owner), "")


def _claims(tags: Mapping[str, str], owner: str) -> Iterator[str]:
    theirs = tags.get(OWNER_TAG)
    if theirs not in (None, owner):
        yield _said(f"owner {theirs!r} of idpool", OWNER_TAG, tags)
    for prefix, tool in _owners()["prefixes"].items():
        yield from (_said(tool, key, tags) for key in sorted(tags) if key.startswith(prefix))
    if all(key in tags for key in _AMPLIFY_CLI):
        yield _said("Amplify", _AMPLIFY_CLI[0], tags)
    for key in (f"{_CLOUDFORMATION}stack-name", *sorted(tags)):
        if key in tags and key.startswith(_CLOUDFORMATION):
            yield _said("CloudFormation", key, tags)
    yield from _by_habit(tags)


def _by_habit(tags: Mapping[str, str]) -> Iterator[str]:
    """``ManagedBy: terraform`` in all the ways that people write it."""
    habits, tools = _owners()["habits"], _owners()["tools"]
    for key, value in sorted(tags.items()):
        words = re.sub(r"[^a-z]", "", key.rpartition(":")[2].rpartition("/")[2].casefold())
        if words == _TERRAFORM and value.casefold() not in habits["no"]:
            yield _said("Terraform", key, tags)
        if words in habits["keys"]:
            found = (tools[sign] for sign in tools if re.search(sign, value.casefold()))
            yield from (_said(tool, key, tags) for tool in found)


def _said(who: str, key: str, tags: Mapping[str, str]) -> str:
    return f"{who} owns it: tag {key}={tags[key]}"


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
            and not spec.is_nameless
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
