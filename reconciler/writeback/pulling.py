"""From a plan that is not empty to texts of specs whose plan is, or why not."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, NamedTuple, cast

from reconciler.model.base import canonical_json
from reconciler.model.changes import Refusal
from reconciler.model.drift import Difference, FieldDrift, KeptDifference, PoolPull
from reconciler.model.plan import Plan, PoolPlan, TargetPlan
from reconciler.model.pool import field_value
from reconciler.model.pool_fields import LOGINS_FIELD, TAGS_FIELD
from reconciler.model.project import Project, Target
from reconciler.model.secrets import holds_secret, mask_login
from reconciler.model.spec import Spec
from reconciler.model.written import SpecData
from reconciler.planner.drift import drift_of
from reconciler.specs.completion import OpenSpec, effective_with
from reconciler.text.tree import Strange
from reconciler.writeback.accepted import can_be_written
from reconciler.writeback.bystanders import require_unmoved
from reconciler.writeback.edits import edited
from reconciler.writeback.files import (
    ChangedMeanwhile,
    FileText,
    WrittenSpec,
    require_as_loaded,
    why_not,
    written_specs,
)
from reconciler.writeback.layered import Differing, Here, changes_of, with_changes
from reconciler.writeback.verifying import BY_HAND, CannotPull, Pulling, Settings, Verifying

# Refusals of a change that is gone once the spec says what live has.
_ENDED_BY_A_PULL: Final = frozenset({"developer-provider", "too-many-tags"})


def require_pullable(spec: WrittenSpec, plan: Plan, project: Project) -> None:
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
        if refusal.rule not in _ENDED_BY_A_PULL and not _is_of_the_spec(refusal, pool):
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


def _is_of_the_spec(refusal: Refusal, pool: PoolPlan) -> bool:
    """Whether a check or a policy refuses what the spec says now: live may be what mends it."""
    return any(
        refusal.rule == finding.rule and refusal.reason.startswith(f"{finding.place}: ")
        for finding in pool.findings
        if finding.blocks
    )


def pools_of(spec: WrittenSpec, plan: Plan) -> Mapping[str, PoolPlan]:
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
        "pull it with --into perTarget, or bring the targets to one value",
    )


class PulledFile(NamedTuple):
    """One file's text after a pull, and what was said of each of its pools that differs.

    ``settings``: the project after it.
    """

    text: str
    pools: tuple[PoolPull, ...]
    settings: Settings


def pull(text: str, specs: Iterable[Spec | OpenSpec], pulling: Pulling) -> PulledFile:
    """The text of a file with its pools' live values of these fields.

    ``specs`` are those of the file that are to be pulled.  A spec that cannot be pulled without
    touching anything else is left as it is, with the reason; and so is one that would get a secret,
    unless ``with_secrets``.
    """
    file = _File(text, pulling)
    pools = tuple(filter(None, map(file.pull, written_specs(specs))))
    return PulledFile(file.text, pools, file.pulling.settings)


class _Pulled(NamedTuple):
    secrets: tuple[str, ...] = ()
    kept: tuple[KeptDifference, ...] = ()


@dataclass(slots=True)
class _File:
    """A file whose specs are pulled one by one; ``now``: as soon as it is edited."""

    before: str
    pulling: Pulling
    now: FileText | None = None

    @property
    def text(self) -> str:
        return self.now.text if self.now else self.before

    def pull(self, spec: WrittenSpec) -> PoolPull | None:
        """What is said of one spec, ``None`` if there is nothing to pull."""
        pools = pools_of(spec, self.pulling.plan)
        pool_id = next((pool.pool_id for pool in pools.values()), None)
        differences = tuple(_differences(pools, self.pulling.fields, ()))
        told = PoolPull(name=spec.name, source=spec.source, pool_id=pool_id, fields=differences)
        try:
            require_pullable(spec, self.pulling.plan, self.pulling.settings.project)
            pulled = self._edit(spec, pools) if differences else _Pulled()
        except CannotPull as cannot:
            return told.model_copy(update={"reason": str(cannot), "way_out": cannot.way_out})
        except Strange as strange:
            way_out = strange.way_out if isinstance(strange, ChangedMeanwhile) else BY_HAND
            return told.model_copy(update={"reason": why_not(strange), "way_out": way_out})
        if not differences:
            return None
        fields = tuple(_differences(pools, self.pulling.fields, pulled.kept))
        update = {"fields": fields, "secrets": pulled.secrets, "kept": pulled.kept}
        return told.model_copy(update=update)

    def _edit(self, spec: WrittenSpec, pools: Mapping[str, PoolPlan]) -> _Pulled:
        self.now = self.now or FileText(self.before)
        document = self.now.document(spec.name)
        require_as_loaded(document.text, spec, self.pulling.settings.project)
        heres = self._heres(document.value, pools)
        try:
            changes = changes_of(heres, self.pulling.into)
        except Differing as several:
            raise differing(several.field, pools) from several
        own = {path: each for path, each in changes.items() if path[0] in ("spec", "perTarget")}
        value = with_changes(document.value, own)
        settings = self.pulling.settings.changed(
            {path: each for path, each in changes.items() if path not in own}
        )
        new_secrets = _secrets_in(value) - _secrets_in(document.value)
        names = tuple(sorted(mask_login(*entry)[0] for entry in new_secrets))
        if names and not self.pulling.with_secrets:
            raise holding_secrets(names)
        new = edited(document.text, value)
        after = replace(self.pulling, settings=settings)
        kept = tuple(Verifying(after, spec, self.before).left(new, pools, heres))
        require_unmoved(self.pulling, after, spec.name)
        self.pulling = after
        self.now.replace(spec.name, new)
        return _Pulled(names, kept)

    def _heres(self, value: Mapping[str, Any], pools: Mapping[str, PoolPlan]) -> list[Here]:
        project, fields = self.pulling.settings.project, set(self.pulling.fields)
        targets = {each.target.name: each.target for each in self.pulling.plan.targets}
        document = cast("SpecData", value)
        return [
            Here(
                document,
                targets[name],
                effective_with(document, targets[name], project, self.pulling.values.get(name, {})),
                pool.live,
                pool.ignored,
                frozenset({change.field for change in pool.changes} & fields),
            )
            for name, pool in pools.items()
            if pool.live is not None
        ]


def _secrets_in(document: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The entries of a document's login providers that hold a secret, wherever it has them."""
    blocks = (document["spec"], *(document.get("perTarget") or {}).values())
    return {
        (name, value)
        for block in blocks
        for name, value in (block.get(LOGINS_FIELD) or {}).items()
        if value is not None and holds_secret(name, value)
    }


def _differences(
    pools: Mapping[str, PoolPlan], fields: Collection[str], kept: Collection[KeptDifference]
) -> Iterator[FieldDrift]:
    """How live differs in these fields, in the first target where it does; without what is kept."""
    targets = tuple(TargetPlan(target=Target(name=n), pools=(p,)) for n, p in pools.items())
    left = {(each.target, each.field, each.difference.path) for each in kept}
    seen: set[str] = set()
    for target in drift_of(Plan(owner="", targets=targets), (), date.max).targets:
        for field_drift in (each for pool in target.pools for each in pool.fields):
            name = field_drift.field
            differences = tuple(
                each
                for each in _of_specs(field_drift)
                if (target.target.name, name, each.path) not in left
            )
            if name in fields and name not in seen and differences:
                seen.add(name)
                yield field_drift.model_copy(update={"differences": differences})


def _of_specs(field: FieldDrift) -> Iterator[Difference]:
    """The differences that a spec can take over: our own tags are not for specs."""
    for difference in field.differences:
        if field.field != TAGS_FIELD or can_be_written(str(difference.path[0])):
            yield difference
