"""Writing ``metadata.adopt`` into the text of a file, and nothing else."""

from typing import Any

from reconciler.model.errors import IdpoolError
from reconciler.model.project import Project
from reconciler.model.spec import Spec
from reconciler.text.tree import Strange
from reconciler.writeback.edits import edited
from reconciler.writeback.files import FileText, specs_of, why_not


class NotAdopted(IdpoolError):
    """A spec that is not made to adopt a pool; ``is_refusal``: it could, and must not."""

    def __init__(
        self, name: str, pool_id: str, reason: str, hint: str, *, is_refusal: bool = False
    ) -> None:
        super().__init__(f"spec {name} does not adopt {pool_id}: {reason}")
        self.hint = hint
        self.is_refusal = is_refusal


def adopting(spec: Spec, target: str, pool_id: str, project: Project) -> Spec:
    """The spec with the pool under ``metadata.adopt``: one id, or one for each target."""
    document = spec.document
    adopt = document.metadata.adopt
    goes_to = [each.name for each in project.targets if spec.goes_to(each.name)]
    if isinstance(adopt, dict):
        wanted: str | dict[str, str] = {**adopt, target: pool_id}
    else:
        wanted = pool_id if goes_to == [target] else {target: pool_id}
    metadata = document.metadata.model_copy(update={"adopt": wanted})
    return spec.model_copy(update={"document": document.model_copy(update={"metadata": metadata})})


def with_adopt(text: str, spec: Spec, project: Project) -> str:
    """The text of a file in which the spec of this name says ``metadata.adopt`` as ``spec`` does.

    Every other line stays as it is.  Raises ``NotAdopted`` where that cannot be done.
    """
    adopt = spec.document.metadata.adopt
    try:
        file = FileText(text)
        found = file.document(spec.name)
        metadata: Any = found.value["metadata"]
        value = {**found.value, "metadata": {**metadata, "adopt": adopt}}
        file.replace(spec.name, edited(found.text, value))
        _verify(text, file.text, spec, project)
    except Strange as strange:
        raise NotAdopted(spec.name, str(adopt), why_not(strange), _by_hand(spec)) from strange
    return file.text


def _verify(before: str, after: str, spec: Spec, project: Project) -> None:
    """Read both texts: nothing differs but the one spec.  Raises Strange."""
    old, new = (
        {each.name: each.document for each in specs_of(spec.source.file, text, project)}
        for text in (before, after)
    )
    if new != {**old, spec.name: spec.document}:
        raise Strange("it would say something else")


def _by_hand(spec: Spec) -> str:
    adopt = spec.document.metadata.adopt
    if isinstance(adopt, dict):
        members = ", ".join(f'{target}: "{pool_id}"' for target, pool_id in adopt.items())
        return f"write it by hand, under metadata: adopt: {{{members}}}"
    return f'write it by hand, under metadata: adopt: "{adopt}"'
