"""The saved plan: a plan in a file, with all that must still be so when it is applied.

No secret is in it, and nothing that is made from one: a hash of a short secret can be guessed, and
a key that opens it would have to lie beside it.  What is secret is read again at apply.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from reconciler.model.base import Record, digest
from reconciler.model.lock import Moment
from reconciler.model.plan import Plan
from reconciler.model.project import Target
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


class SeenSpec(Record):
    """A spec that was planned; the digest is over its document, with secrets masked.

    ``file`` is for people and relative like ``spec_paths``; it is not opened.
    """

    name: str
    file: str
    digest: Digest


class SeenPool(Record):
    """What was live for one spec in one target, secrets masked; no digest: there was no pool."""

    target: str
    name: str
    pool_id: str | None
    digest: Digest | None


class SavedPlan(Record):
    """A plan, where it comes from, and digests of what it was made from.

    ``digest`` is over everything else.  It finds what was damaged or edited carelessly; it is no
    signature, so an apply believes nothing that it can look up itself.
    """

    schema_version: Literal[1] = 1
    kind: Literal["SavedPlan"] = "SavedPlan"
    origin: Origin
    targets: tuple[Target, ...]
    specs: tuple[SeenSpec, ...]
    specs_digest: Digest
    live: tuple[SeenPool, ...]
    plan: Plan
    plan_digest: Digest
    digest: str


class Consumption(Record):
    """The marker beside a saved plan that was applied: which one, and since when."""

    schema_version: Literal[1] = 1
    saved_plan: Digest
    consumed_at: Moment


def save(plan: Plan, specs: Iterable[SeenSpec], origin: Origin) -> SavedPlan:
    """A plan as it is saved; ``specs`` are those that it was made from."""
    seen = tuple(specs)
    saved = SavedPlan(
        origin=origin,
        targets=tuple(target.target for target in plan.targets),
        specs=seen,
        specs_digest=specs_digest(seen),
        live=seen_pools(plan),
        plan=plan,
        plan_digest=plan.digest,
        digest="",
    )
    return saved.model_copy(update={_DIGEST: body_digest(saved.model_dump(mode="json"))})


def body_digest(data: Mapping[str, Any]) -> str:
    """The digest that belongs into a saved plan, given as JSON."""
    return digest({key: value for key, value in data.items() if key != _DIGEST})


def spec_digest(spec: Spec) -> str:
    """What a document says, wherever it stands and however it is written; secrets are masked."""
    return digest(spec.document.model_dump(mode="json"))


def specs_digest(specs: Iterable[SeenSpec]) -> str:
    """One digest for all specs, in whatever order and files."""
    return digest(sorted([spec.name, spec.digest] for spec in specs))


def seen_pools(plan: Plan) -> tuple[SeenPool, ...]:
    """What the plan has seen live, pool by pool."""
    return tuple(
        SeenPool(
            target=target.target.name,
            name=pool.name,
            pool_id=pool.pool_id,
            digest=None if pool.live is None else digest(pool.live.model_dump(mode="json")),
        )
        for target in plan.targets
        for pool in target.pools
    )


def contradiction(saved: SavedPlan) -> str:
    """The part that does not fit to the plan beside it, by its name in the file; "" for none."""
    derived = {
        "targets": (saved.targets, tuple(target.target for target in saved.plan.targets)),
        "specsDigest": (saved.specs_digest, specs_digest(saved.specs)),
        "live": (saved.live, seen_pools(saved.plan)),
        "planDigest": (saved.plan_digest, saved.plan.digest),
    }
    return next((name for name, (told, found) in derived.items() if told != found), "")
