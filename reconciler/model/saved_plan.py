"""The saved plan: a plan in a file, with all that must still be so when it is applied.

No secret is in it, and nothing that is made from one: a hash of a short secret can be guessed, and
a key that opens it would have to lie beside it.  What is secret is read again at apply.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from reconciler.model.base import digest
from reconciler.model.changes import Notice, ValueOrigin
from reconciler.model.findings import Source
from reconciler.model.lock import Moment
from reconciler.model.plan import Plan, PoolPlan, RememberedPool
from reconciler.model.project import Target
from reconciler.model.records import Record
from reconciler.model.spec import Spec

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
# SHA-1, or SHA-256 in repositories that have it (git-hash-object).
GitCommit = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]

MAX_SPEC_PATHS: Final = 10_000
_DIGEST: Final = "digest"


class Origin(Record):
    """Where a plan comes from.

    ``git_commit`` is what HEAD named when the plan was made, ``None`` outside of a repository.
    ``spec_paths`` are the files and folders that were named, relative to the folder of the project
    file (without one: to where the command ran); none: the project's own ``specs``.
    """

    tool_version: Annotated[str, Field(min_length=1, max_length=100)]
    created_at: Moment
    git_commit: GitCommit | None
    spec_paths: Annotated[tuple[str, ...], Field(max_length=MAX_SPEC_PATHS)]


class SeenOrigin(ValueOrigin):
    """Where a value of a spec came from, in which targets."""

    targets: tuple[str, ...]


class SeenSpec(Record):
    """A spec that was planned; the digest is over what it means in its targets, secrets masked.

    ``file`` and ``line`` are for people; ``file`` is relative like ``spec_paths``, and not opened.
    """

    name: str
    file: str
    line: int = 1
    digest: Digest
    origins: tuple[SeenOrigin, ...] = ()


class UnchangedPool(Record):
    """A pool of which nothing is to be done: which one, and a digest of what was live.

    Most pools of most plans are unchanged, so all else that is known of them is left out.
    """

    name: str
    pool_id: str | None
    notices: tuple[Notice, ...]
    digest: Digest


class SavedPlan(Record):
    """A plan, where it comes from, and digests of what it was made from.

    ``plan`` has the pools that something is to be done with, or is refused; ``unchanged`` the
    others, by target.  ``digest`` is over everything else.  It finds what was damaged or edited
    carelessly; it is no signature, so an apply believes nothing that it can look up itself.
    """

    schema_version: Literal[2] = 2
    kind: Literal["SavedPlan"] = "SavedPlan"
    origin: Origin
    targets: tuple[Target, ...]
    specs: tuple[SeenSpec, ...]
    specs_digest: Digest
    unchanged: dict[str, tuple[UnchangedPool, ...]]
    plan: Plan
    plan_digest: Digest
    digest: str

    @property
    def whole(self) -> Plan:
        """The plan with every pool, in the order of the specs; its digest is ``plan_digest``."""
        specs = {spec.name: (number, spec) for number, spec in enumerate(self.specs)}
        targets = []
        for target in self.plan.targets:
            kept = self.unchanged.get(target.target.name, ())
            pools: list[PoolPlan] = [*target.pools, *(_remembered(p, specs) for p in kept)]
            pools.sort(key=lambda pool: specs[pool.name][0] if pool.name in specs else len(specs))
            targets.append(target.model_copy(update={"pools": tuple(pools)}))
        return self.plan.model_copy(update={"targets": tuple(targets)})


def save(plan: Plan, specs: Iterable[SeenSpec], origin: Origin) -> SavedPlan:
    """A plan as it is saved; ``specs`` are those that it was made from."""
    seen = tuple(specs)
    saved = SavedPlan(
        origin=origin,
        targets=tuple(target.target for target in plan.targets),
        specs=seen,
        specs_digest=specs_digest(seen),
        unchanged={
            target.target.name: tuple(map(_unchanged, filter(_is_unchanged, target.pools)))
            for target in plan.targets
        },
        plan=_without_unchanged(plan),
        plan_digest=plan.digest,
        digest="",
    )
    return saved.model_copy(update={_DIGEST: body_digest(saved.model_dump(mode="json"))})


def body_digest(data: Mapping[str, Any]) -> str:
    """The digest that belongs into a saved plan, given as JSON."""
    return digest({key: value for key, value in data.items() if key != _DIGEST})


def seen_spec(file: str, by_target: Mapping[str, Spec]) -> SeenSpec:
    """A spec with what it means in each of its targets, wherever and however it is written."""
    first = next(iter(by_target.values()))
    digests = {
        target: digest(spec.document.model_dump(mode="json")) for target, spec in by_target.items()
    }
    is_one = len(set(digests.values())) == 1
    return SeenSpec(
        name=first.name,
        file=file,
        line=first.source.line,
        digest=next(iter(digests.values())) if is_one else digest(digests),
        origins=tuple(_seen_origins(by_target)),
    )


def _seen_origins(by_target: Mapping[str, Spec]) -> Iterable[SeenOrigin]:
    targets = defaultdict[ValueOrigin, list[str]](list)
    for target, spec in by_target.items():
        for origin in spec.origins:
            targets[origin].append(target)
    for origin, names in targets.items():
        yield SeenOrigin(targets=tuple(names), **origin.model_dump(by_alias=False))


def specs_digest(specs: Iterable[SeenSpec]) -> str:
    """One digest for all specs, in whatever order and files."""
    return digest(sorted([spec.name, spec.digest] for spec in specs))


def contradiction(saved: SavedPlan) -> str:
    """The part that does not fit to the plan beside it, by its name in the file; "" for none."""
    names = [target.target.name for target in saved.plan.targets]
    if sorted(names) != sorted(saved.unchanged):
        return "unchanged"
    derived = {
        "targets": (saved.targets, tuple(target.target for target in saved.plan.targets)),
        "specsDigest": (saved.specs_digest, specs_digest(saved.specs)),
        "plan": (saved.plan, _without_unchanged(saved.plan)),
        "planDigest": (saved.plan_digest, saved.whole.digest),
    }
    return next((name for name, (told, found) in derived.items() if told != found), "")


def _is_unchanged(pool: PoolPlan) -> bool:
    return pool.verb == "keep"


def _unchanged(pool: PoolPlan) -> UnchangedPool:
    return UnchangedPool(
        name=pool.name, pool_id=pool.pool_id, notices=pool.notices, digest=pool.seen
    )


def _remembered(pool: UnchangedPool, specs: Mapping[str, tuple[int, SeenSpec]]) -> RememberedPool:
    spec = specs[pool.name][1] if pool.name in specs else None
    return RememberedPool(
        name=pool.name,
        source=Source(spec.file, spec.line) if spec else Source("?"),
        pool_id=pool.pool_id,
        notices=pool.notices,
        remembered=pool.digest,
    )


def _without_unchanged(plan: Plan) -> Plan:
    targets = (
        target.model_copy(
            update={"pools": tuple(pool for pool in target.pools if not _is_unchanged(pool))}
        )
        for target in plan.targets
    )
    return plan.model_copy(update={"targets": tuple(targets)})
