"""Writing ``metadata.adopt`` into the text of a file, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from reconciler.model.errors import IdpoolError
from reconciler.model.project import Project
from reconciler.model.spec import Spec
from reconciler.specs.completion import OpenSpec
from reconciler.text.tree import Strange
from reconciler.writeback.edits import edited
from reconciler.writeback.files import (
    ChangedMeanwhile,
    FileText,
    WrittenSpec,
    meanings_of,
    require_as_loaded,
    said,
    why_not,
)


class NotAdopted(IdpoolError):
    """A spec that is not made to adopt a pool; ``is_refusal``: it could, and must not."""

    def __init__(
        self, name: str, pool_id: str, reason: str, hint: str, *, is_refusal: bool = False
    ) -> None:
        super().__init__(f"spec {name} does not adopt {pool_id}: {reason}")
        self.hint = hint
        self.is_refusal = is_refusal


Adopt: TypeAlias = str | Mapping[str, str]


def adopt_of(spec: Spec | OpenSpec) -> Adopt | None:
    """What a document says under ``metadata.adopt``: the same in all of its targets."""
    if isinstance(spec, Spec):
        return spec.document.metadata.adopt
    return spec.value["metadata"].get("adopt")


def adopting(before: Adopt | None, goes_to: Sequence[str], target: str, pool_id: str) -> Adopt:
    """``metadata.adopt`` with one pool more: one id, or one for each target."""
    if isinstance(before, Mapping):
        return {**before, target: pool_id}
    return pool_id if list(goes_to) == [target] else {target: pool_id}


def with_adopt_in(spec: Spec, adopt: Adopt) -> Spec:
    """The spec as it is with this under ``metadata.adopt``."""
    document = spec.document
    wanted = adopt if isinstance(adopt, str) else dict(adopt)
    metadata = document.metadata.model_copy(update={"adopt": wanted})
    return spec.model_copy(update={"document": document.model_copy(update={"metadata": metadata})})


def with_adopt(text: str, spec: WrittenSpec, adopt: Adopt, project: Project) -> str:
    """The text of a file in which the spec of this name has this under ``metadata.adopt``.

    Every other line stays as it is.  Raises ``NotAdopted`` where that cannot be done.
    """
    try:
        file = FileText(text)
        found = file.document(spec.name)
        require_as_loaded(found.text, spec, project)
        metadata: Any = found.value["metadata"]
        wanted = adopt if isinstance(adopt, str) else dict(adopt)
        value = {**found.value, "metadata": {**metadata, "adopt": wanted}}
        file.replace(spec.name, edited(found.text, value))
        _verify(text, file.text, spec, adopt, project)
    except Strange as strange:
        by_hand = _by_hand(adopt)
        way_out = strange.way_out if isinstance(strange, ChangedMeanwhile) else by_hand
        raise NotAdopted(spec.name, str(adopt), why_not(strange), way_out) from strange
    return file.text


def _verify(before: str, after: str, spec: WrittenSpec, adopt: Adopt, project: Project) -> None:
    """Read both texts: nothing differs but the one spec.  Raises Strange."""
    old, new = (meanings_of(spec.source.file, text, project) for text in (before, after))
    expected = (_with_adopt(each, adopt) if each.name == spec.name else each for each in old)
    if list(map(said, expected)) != list(map(said, new)):
        raise Strange("it would say something else")


def _with_adopt(spec: Spec | OpenSpec, adopt: Adopt) -> Spec | OpenSpec:
    if isinstance(spec, Spec):
        return with_adopt_in(spec, adopt)
    value: Any = {**spec.value, "metadata": {**spec.value["metadata"], "adopt": adopt}}
    return replace(spec, value=value)


def _by_hand(adopt: Adopt) -> str:
    if isinstance(adopt, str):
        return f'write it by hand, under metadata: adopt: "{adopt}"'
    members = ", ".join(f'{target}: "{pool_id}"' for target, pool_id in adopt.items())
    return f"write it by hand, under metadata: adopt: {{{members}}}"
