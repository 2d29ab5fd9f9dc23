"""From a plan that is not empty to texts of specs whose plan is."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from reconciler.model.changes import Change
from reconciler.model.drift import Difference, FieldDrift, PoolPull
from reconciler.model.errors import InvalidSpecs
from reconciler.model.plan import Plan, PoolPlan, TargetPlan
from reconciler.model.pool_fields import LOGINS_FIELD, TAGS_FIELD
from reconciler.model.project import Project, Target
from reconciler.model.secrets import holds_secret, mask_login
from reconciler.model.spec import Spec
from reconciler.planner.desired import desired_pool
from reconciler.planner.diff import changes_between
from reconciler.planner.drift import drift_of
from reconciler.planner.refusals import refusals_of
from reconciler.specs.loading import load_spec_text
from reconciler.text.tree import Strange
from reconciler.writeback.accepted import accepted, can_be_written
from reconciler.writeback.edits import edited
from reconciler.writeback.files import FileText
from reconciler.writeback.obstacles import (
    CannotPull,
    Obstacle,
    differing,
    holding_secrets,
    obstacle_of,
    pools_of,
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
    new = _loaded(text, spec, project)
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


def _loaded(text: str, spec: Spec, project: Project) -> Spec:
    try:
        (new,) = load_spec_text(spec.source.file, text, project).specs
    except InvalidSpecs as invalid:
        first = next(finding for finding in invalid.findings if finding.severity == "error")
        reason = f"what live has is no valid spec: {first.path}: {first.message}"
        raise CannotPull(reason) from invalid
    return new


def _about_specs(changes: Iterable[Change]) -> list[Change]:
    """The changes that a spec can take over: the tags that say whose a pool is are not for it."""
    tags_apart = (_without_ownership(c) if c.field == TAGS_FIELD else c for c in changes)
    return [change for change in tags_apart if change.field != TAGS_FIELD or change.edits]


def _without_ownership(change: Change) -> Change:
    edits = tuple(edit for edit in change.edits if can_be_written(str(edit.path[0])))
    return change.model_copy(update={"before": None, "after": None, "edits": edits})


@dataclass(frozen=True, slots=True)
class PulledFile:
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
    file = _File(text, project, fields, with_secrets=with_secrets)
    pools = tuple(filter(None, (file.pull(spec, plan) for spec in specs)))
    return PulledFile(file.text, pools)


class _File:
    """A file whose specs are pulled one by one."""

    def __init__(
        self, text: str, project: Project, fields: Collection[str], *, with_secrets: bool
    ) -> None:
        self._before = text
        self._now: FileText | None = None
        self._project = project
        self._fields = fields
        self._with_secrets = with_secrets

    @property
    def text(self) -> str:
        return self._now.text if self._now else self._before

    def pull(self, spec: Spec, plan: Plan) -> PoolPull | None:
        """What is said of one spec, ``None`` if there is nothing to pull."""
        pools = pools_of(spec, plan)
        pool_id = next((pool.pool_id for pool in pools.values()), None)
        differences = tuple(_differences(pools, self._fields))
        told = PoolPull(name=spec.name, source=spec.source, pool_id=pool_id, fields=differences)
        obstacle = obstacle_of(spec, plan, self._project)
        if obstacle is None and not told.fields:
            return None
        obstacle, secrets = (obstacle, ()) if obstacle else self._try(spec, pools)
        if obstacle is None:
            return told.model_copy(update={"secrets": secrets})
        why = {"reason": obstacle.reason, "way_out": obstacle.way_out}
        return told.model_copy(update=why)

    def _try(
        self, spec: Spec, pools: Mapping[str, PoolPlan]
    ) -> tuple[Obstacle | None, tuple[str, ...]]:
        """Change the text, unless something is in the way; and whose secrets are new in it."""
        try:
            return None, self._edit(spec, pools)
        except CannotPull as problem:
            return problem.obstacle, ()
        except Strange as strange:
            reason = f"its text cannot be edited without touching more: {strange}"
            return CannotPull(reason).obstacle, ()

    def _edit(self, spec: Spec, pools: Mapping[str, PoolPlan]) -> tuple[str, ...]:
        self._now = self._now or FileText(self._before)
        document = self._now.document(spec.name)
        block = document.value["spec"]
        assert isinstance(block, dict)  # noqa: S101 - the loader has found it valid
        taken_over = _wanted(block, pools, self._fields)
        new_secrets = _secrets_in(taken_over) - _secrets_in(block)
        names = tuple(sorted(mask_login(*entry)[0] for entry in new_secrets))
        if names and not self._with_secrets:
            raise holding_secrets(names)
        new = edited(document.text, {**document.value, "spec": taken_over}).text
        verify(new, spec, pools, self._project, self._fields)
        self._now.replace(spec.name, new)
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
