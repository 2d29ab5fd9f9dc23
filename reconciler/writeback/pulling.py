"""From a plan that is not empty to texts of specs whose plan is, or why not."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from reconciler.model.base import canonical_json
from reconciler.model.changes import Change, Refusal
from reconciler.model.drift import Difference, FieldDrift, PoolPull
from reconciler.model.plan import Plan, PoolPlan, TargetPlan
from reconciler.model.pool import field_value
from reconciler.model.pool_fields import LOGINS_FIELD, TAGS_FIELD
from reconciler.model.project import Project, Target
from reconciler.model.secrets import holds_secret, mask_login
from reconciler.model.spec import Spec
from reconciler.planner.desired import desired_pool
from reconciler.planner.diff import changes_between
from reconciler.planner.drift import drift_of
from reconciler.planner.refusals import refusals_of
from reconciler.text.tree import Strange
from reconciler.writeback.accepted import accepted, can_be_written
from reconciler.writeback.edits import edited
from reconciler.writeback.files import FileText, specs_of, why_not

# Refusals of a change that is gone once the spec says what live has.
_ENDED_BY_A_PULL: Final = frozenset({"developer-provider", "too-many-tags"})


BY_HAND: Final = "edit it by hand: write what live has, as it is told here"


class CannotPull(Exception):
    """A spec that is left as it is: why, and what to do instead."""

    def __init__(self, reason: str, way_out: str = BY_HAND) -> None:
        super().__init__(reason)
        self.way_out = way_out


def require_pullable(spec: Spec, plan: Plan, project: Project) -> None:
    """Raise CannotPull for what stands against pulling a spec whatever its fields."""
    for target in plan.targets:
        if spec.goes_to(target.target.name) and target.refusals:
            raise _refused(target.target.name, target.refusals[0])
    pools = pools_of(spec, plan)
    for name, pool in pools.items():
        _require_pullable_in(name, pool)
    unread = [t.name for t in project.targets if spec.goes_to(t.name) and t.name not in pools]
    if unread and any(pool.changes for pool in pools.values()):
        raise CannotPull(
            f"the spec goes to {', '.join(unread)}, too, which was not read: what one target has "
            "would be applied to the others",
            "run it without --target",
        )


def _refused(target: str, refusal: Refusal) -> CannotPull:
    return CannotPull(f"target {target}: {refusal.reason}", refusal.way_out)


def _require_pullable_in(target: str, pool: PoolPlan) -> None:
    for refusal in pool.refusals:
        if refusal.rule not in _ENDED_BY_A_PULL:
            raise _refused(target, refusal)
    if pool.desired is None and pool.pool_id is not None:
        raise CannotPull(
            f"the spec says that the pool must not exist, and target {target} has {pool.pool_id}",
            "apply it to delete the pool, or remove lifecycle.delete to keep it",
        )
    if pool.desired is not None and pool.live is None:
        raise CannotPull(
            f"target {target} has no pool of this spec: there is nothing to accept",
            "apply the spec to make the pool; if it was deleted on purpose, write "
            "lifecycle.delete: true, or remove the spec",
        )


def pools_of(spec: Spec, plan: Plan) -> Mapping[str, PoolPlan]:
    """The plan of a spec's pool in each target that was read."""
    return {
        target.target.name: pool
        for target in plan.targets
        for pool in target.pools
        if pool.name == spec.name
    }


def holding_secrets(names: Sequence[str]) -> CannotPull:
    """Live has a secret that the spec does not have: nobody gets it into Git unasked."""
    return CannotPull(
        f"it would get the secret of {', '.join(names)}, which does not belong in Git",
        "name the other fields with --field; or pull it with --with-secrets, and keep the file "
        "out of Git",
    )


def differing(field: str, pools: Mapping[str, PoolPlan]) -> CannotPull:
    """A field that live has in several ways: one spec cannot say all of them."""
    shown = {
        name: canonical_json(field_value(pool.live, field))
        for name, pool in pools.items()
        if pool.live is not None
    }
    values = "; ".join(f"{name} has {value}" for name, value in shown.items())
    alike = " in what idpool does not show" if len(set(shown.values())) == 1 else ""
    return CannotPull(
        f"{field} differs by target{alike}, and one spec goes to all of them: {values}",
        "write a spec for each target, or bring the targets to one value",
    )


def verify(
    text: str,
    spec: Spec,
    pools: Mapping[str, PoolPlan],
    project: Project,
    fields: Collection[str],
) -> None:
    """Whether a document's text leaves nothing to plan in these fields, and all else as it was.

    Raises CannotPull.
    """
    try:
        (new,) = specs_of(spec.source.file, text, project)
    except Strange as strange:
        raise CannotPull(f"what live has is no valid spec: {strange}") from strange
    if (new.document.metadata, new.lifecycle) != (spec.document.metadata, spec.lifecycle):
        raise CannotPull("more than the fields of the pool would change")
    for pool in pools.values():
        assert pool.live is not None  # noqa: S101 - there would be an obstacle
        desired = desired_pool(new, project, pool.live)
        left = _about_specs(changes_between(pool.live, desired))
        expected = [change for change in _about_specs(pool.changes) if change.field not in fields]
        if left != expected:
            raise CannotPull("the plan would not be empty after it")
        if not expected and any(refusals_of(pool.live, desired)):
            raise CannotPull("the plan would be refused after it")


def _about_specs(changes: Iterable[Change]) -> list[Change]:
    """The changes that a spec can take over: the tags that say whose a pool is are not for it."""
    tags_apart = (_without_ownership(c) if c.field == TAGS_FIELD else c for c in changes)
    return [change for change in tags_apart if change.field != TAGS_FIELD or change.edits]


def _without_ownership(change: Change) -> Change:
    edits = tuple(edit for edit in change.edits if can_be_written(str(edit.path[0])))
    return change.model_copy(update={"before": None, "after": None, "edits": edits})


class PulledFile(NamedTuple):
    """One file's text after a pull, and what was said of each of its pools that differs."""

    text: str
    pools: tuple[PoolPull, ...]


def pull(
    text: str,
    specs: Iterable[Spec],
    plan: Plan,
    project: Project,
    fields: Collection[str],
    *,
    with_secrets: bool,
) -> PulledFile:
    """The text of a file with its pools' live values of these fields.

    ``specs`` are those of the file that are to be pulled, and ``plan`` is theirs.  A spec that
    cannot be pulled without touching anything else is left as it is, with the reason; and so is
    one that would get a secret, unless ``with_secrets``.
    """
    file = _File(text, project, fields, with_secrets)
    pools = tuple(filter(None, (file.pull(spec, plan) for spec in specs)))
    return PulledFile(file.text, pools)


@dataclass(slots=True)
class _File:
    """A file whose specs are pulled one by one; ``now``: as soon as it is edited."""

    before: str
    project: Project
    fields: Collection[str]
    with_secrets: bool
    now: FileText | None = None

    @property
    def text(self) -> str:
        return self.now.text if self.now else self.before

    def pull(self, spec: Spec, plan: Plan) -> PoolPull | None:
        """What is said of one spec, ``None`` if there is nothing to pull."""
        pools = pools_of(spec, plan)
        pool_id = next((pool.pool_id for pool in pools.values()), None)
        differences = tuple(_differences(pools, self.fields))
        told = PoolPull(name=spec.name, source=spec.source, pool_id=pool_id, fields=differences)
        try:
            require_pullable(spec, plan, self.project)
            secrets = self._edit(spec, pools) if differences else ()
        except CannotPull as cannot:
            return told.model_copy(update={"reason": str(cannot), "way_out": cannot.way_out})
        except Strange as strange:
            return told.model_copy(update={"reason": why_not(strange), "way_out": BY_HAND})
        return told.model_copy(update={"secrets": secrets}) if differences else None

    def _edit(self, spec: Spec, pools: Mapping[str, PoolPlan]) -> tuple[str, ...]:
        self.now = self.now or FileText(self.before)
        document = self.now.document(spec.name)
        block = document.value["spec"]
        assert isinstance(block, dict)  # noqa: S101 - the loader has found it valid
        taken_over = _wanted(block, pools, self.fields)
        new_secrets = _secrets_in(taken_over) - _secrets_in(block)
        names = tuple(sorted(mask_login(*entry)[0] for entry in new_secrets))
        if names and not self.with_secrets:
            raise holding_secrets(names)
        new = edited(document.text, {**document.value, "spec": taken_over})
        verify(new, spec, pools, self.project, self.fields)
        self.now.replace(spec.name, new)
        return names


def _secrets_in(block: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The entries of a block's login providers that hold a secret."""
    logins: Mapping[str, str] = block.get(LOGINS_FIELD) or {}
    return {(name, value) for name, value in logins.items() if holds_secret(name, value)}


def _wanted(
    block: dict[str, Any], pools: Mapping[str, PoolPlan], fields: Collection[str]
) -> dict[str, Any]:
    """The block that accepts live in every target alike.  Raises CannotPull."""
    changed = {change.field for pool in pools.values() for change in pool.changes} & set(fields)
    blocks = [
        accepted(block, pool.live, pool.ignored, changed)
        for pool in pools.values()
        if pool.live is not None
    ]
    for field in sorted(changed):
        if any(each.get(field) != blocks[0].get(field) for each in blocks):
            raise differing(field, pools)
    return blocks[0]


def _differences(pools: Mapping[str, PoolPlan], fields: Collection[str]) -> Iterator[FieldDrift]:
    """How live differs in these fields, in the first target where it does."""
    targets = tuple(TargetPlan(target=Target(name=n), pools=(p,)) for n, p in pools.items())
    seen: set[str] = set()
    for pool in drift_of(Plan(owner="", targets=targets), (), date.max).pools:
        for field in pool.fields:
            differences = tuple(_of_specs(field))
            if field.field in fields and field.field not in seen and differences:
                seen.add(field.field)
                yield field.model_copy(update={"differences": differences})


def _of_specs(field: FieldDrift) -> Iterator[Difference]:
    """The differences that a spec can take over: our own tags are not for specs."""
    for difference in field.differences:
        if field.field != TAGS_FIELD or can_be_written(str(difference.path[0])):
            yield difference
