"""What a pull is asked for, and whether a text that it has made leaves only what it may leave."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from reconciler.model.changes import Change, ValueOrigin, origins_at
from reconciler.model.drift import Difference, KeptDifference
from reconciler.model.errors import InvalidSpecs
from reconciler.model.plan import Plan, PoolPlan
from reconciler.model.pool_fields import TAGS_FIELD
from reconciler.model.project import Project, Target
from reconciler.model.spec import Spec
from reconciler.planner.desired import desired_pool
from reconciler.planner.diff import changes_between
from reconciler.planner.drift import differences_of
from reconciler.planner.refusals import refusals_of
from reconciler.specs.completion import OpenSpec, Values, completed
from reconciler.specs.documents import read_documents
from reconciler.specs.project import project_of_text
from reconciler.text.documents import value_of
from reconciler.text.problems import FieldPath, path_text
from reconciler.text.references import escaped
from reconciler.text.tree import Strange
from reconciler.text.yaml import tree_of
from reconciler.writeback.accepted import can_be_written
from reconciler.writeback.edits import Wanted, edited
from reconciler.writeback.files import WrittenSpec, meanings_of
from reconciler.writeback.layered import Here, Into, with_changes

BY_HAND: Final = "edit it by hand: write what live has, as it is told here"


class CannotPull(Exception):
    """A spec that is left as it is: why, and what to do instead."""

    def __init__(self, reason: str, way_out: str = BY_HAND) -> None:
        super().__init__(reason)
        self.way_out = way_out


class Settings(NamedTuple):
    """A project and the text of its file, "" where there is none."""

    project: Project
    text: str = ""

    def changed(self, changes: Mapping[FieldPath, Wanted]) -> "Settings":
        """With other defaults.  Raises ``Strange`` and ``CannotPull``."""
        if not changes:
            return self
        value = value_of(tree_of(self.text))
        assert isinstance(value, dict)  # noqa: S101 - it was loaded
        text = edited(self.text, with_changes(value, changes))
        try:
            return Settings(project_of_text(Path(self.project.file or ""), text), text)
        except InvalidSpecs as invalid:
            message = invalid.findings[0].message
            raise CannotPull(f"what live has is no valid default: {message}") from invalid


@dataclass(frozen=True, slots=True)
class Pulling:
    """What is pulled, and how.

    ``plan`` is that of the specs, ``values`` by target what AWS has answered for references.
    ``into``: where values that come from a layer are written, ``None``: nowhere.
    ``documents_in``: what all specs mean in a project with other defaults; raises InvalidSpecs.
    """

    plan: Plan
    settings: Settings
    fields: Collection[str]
    with_secrets: bool
    values: Mapping[str, Values] = field(default_factory=dict)
    into: Into | None = None
    documents_in: Callable[[Project], Sequence[Spec | OpenSpec]] = lambda _: ()


@dataclass(frozen=True, slots=True)
class Verifying:
    """What a document's new text leaves to plan."""

    pulling: Pulling
    spec: WrittenSpec
    before: str

    def left(
        self, text: str, pools: Mapping[str, PoolPlan], heres: Iterable[Here]
    ) -> Iterator[KeptDifference]:
        """What of the fields is left, since it comes from elsewhere; nothing else may be.

        All else must be as it was.  Raises CannotPull.
        """
        try:
            meanings = meanings_of(self.spec.source.file, text, self.pulling.settings.project)
        except Strange as strange:
            raise CannotPull(f"what live has is no valid spec: {strange}") from strange
        for here in heres:
            name = here.target.name
            (meant,) = (each for each in meanings if each.goes_to(name))
            yield from self._left_in(here, self._completed(meant, here.target), pools[name])

    def _completed(self, meant: Spec | OpenSpec, target: Target) -> Spec:
        if isinstance(meant, Spec):
            return meant
        made = completed(
            meant, target, self.pulling.settings.project, self.pulling.values.get(target.name, {})
        )
        if made.refusals:
            raise CannotPull(f"what live has is no valid spec: {made.refusals[0].reason}")
        return made

    def _left_in(self, here: Here, new: Spec, pool: PoolPlan) -> Iterator[KeptDifference]:
        desired = desired_pool(new, self.pulling.settings.project, here.live)
        left = _about_specs(changes_between(here.live, desired))
        expected = [c for c in _about_specs(pool.changes) if c.field not in self.pulling.fields]
        if [change for change in left if change.field not in self.pulling.fields] != expected:
            raise CannotPull("the plan would be another one in other fields after it")
        if not left and any(refusals_of(here.live, desired)):
            raise CannotPull("the plan would be refused after it")
        origins = {change.field: change.origins for change in pool.changes}
        for change in left:
            if change.field in self.pulling.fields:
                for difference in differences_of(change):
                    own = origins.get(change.field, ())
                    yield self._kept(here, change.field, difference, own)

    def _kept(
        self, here: Here, name: str, difference: Difference, origins: Sequence[ValueOrigin]
    ) -> KeptDifference:
        found = origins_at(origins, (name, *difference.path)) or self._removed(
            here, name, difference
        )
        if not found:
            raise CannotPull("the plan would not be empty after it")
        return KeptDifference(
            target=here.target.name,
            field=name,
            difference=difference,
            origin=", ".join(dict.fromkeys(each.text for each in found)),
            way_out=_elsewhere(found),
        )

    def _removed(self, here: Here, name: str, difference: Difference) -> tuple[ValueOrigin, ...]:
        """The layer that says that there is no such member."""
        member = (name, *(escaped(str(step)) for step in difference.path[:1]))
        layer = here.layer_of(member)
        if layer.path == ("spec",):
            return ()
        project, place = self.pulling.settings.project, (*layer.path, *member)
        if layer.in_project:
            told = f"{project.file}:{project.place(place)[0]}"
        else:
            file = self.spec.source.file
            documents, _ = read_documents(file, self.before)
            own = next(each for each in documents if each.line == self.spec.source.line)
            told = f"{file}:{own.places(place).key[0]}"
        return (ValueOrigin(path=member, layer=path_text(layer.path), place=told),)


def _elsewhere(origins: Iterable[ValueOrigin]) -> str:
    """What to do about a value that comes from there."""
    origins = tuple(origins)
    if any(each.expression for each in origins):
        return (
            "change what it refers to, apply the spec, or write the value in place of the "
            "reference by hand"
        )
    if any(each.layer.startswith("perTarget") for each in origins):
        return "pull it with --into perTarget, or apply the spec"
    return (
        "pull it with --into spec for this spec, --into perTarget for these targets, or --into "
        "defaults for all specs; or apply the spec"
    )


def _about_specs(changes: Iterable[Change]) -> list[Change]:
    """The changes that a spec can take over: the tags that say whose a pool is are not for it."""
    tags_apart = (_without_ownership(c) if c.field == TAGS_FIELD else c for c in changes)
    return [
        change.model_copy(update={"origins": ()})
        for change in tags_apart
        if change.field != TAGS_FIELD or change.edits
    ]


def _without_ownership(change: Change) -> Change:
    edits = tuple(edit for edit in change.edits if can_be_written(str(edit.path[0])))
    return change.model_copy(update={"before": None, "after": None, "edits": edits})
