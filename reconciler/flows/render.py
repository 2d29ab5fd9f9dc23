"""``idpool render``: what specs mean in each target, and where every value comes from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.flows.inputs import Inputs, chosen_targets, inputs_of, project_of, tell_warnings
from reconciler.flows.reporting import tell_refusals
from reconciler.flows.targets import open_targets, raise_wrong, specs_in
from reconciler.live.reader import nothing_read
from reconciler.model.changes import Refusal, origin_text
from reconciler.model.errors import Problems
from reconciler.model.pool_fields import LOGINS_FIELD
from reconciler.model.request import Named, Reach
from reconciler.model.secrets import mask_login_providers
from reconciler.model.spec import Spec
from reconciler.specs.completion import OpenSpec
from reconciler.specs.documents import read_documents
from reconciler.specs.files import read_text
from reconciler.specs.origins import changed_path
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.streams import Streams
from reconciler.text.documents import Document, paths_of
from reconciler.text.emission import Path as Steps
from reconciler.writeback.spec_text import rendered_text, tidy_value


@dataclass(frozen=True, slots=True)
class Request:
    """Which specs, and in which targets."""

    named: Named
    reach: Reach


def render(request: Request, streams: Streams) -> ExitCode:
    """Print the effective specs, target by target.  AWS is asked for what references read alone.

    Raises what ``load_inputs``, ``open_targets`` and ``raise_wrong`` raise.
    """
    inputs = inputs_of(request.named.specs, project_of(request.named, streams))
    tell_warnings(inputs, streams)
    made = _specs(inputs, request.reach, streams)
    refusals: list[Refusal] = []
    texts = []
    for target, specs in made.items():
        for spec in specs:
            refusals += spec.refusals
            if not spec.refusals:
                texts.append(_text(spec, target))
    if texts:
        streams.artefact("---\n".join(texts))
    return tell_refusals(refusals, streams)


def _specs(inputs: Inputs, reach: Reach, streams: Streams) -> Mapping[str, Sequence[Spec]]:
    """What the specs mean, by the names of the targets that are asked for."""
    targets = [target.name for target in chosen_targets(inputs.project, reach.targets)]
    documents = inputs.loaded.documents
    if not any(isinstance(e, OpenSpec) and any(map(e.goes_to, targets)) for e in documents):
        specs = inputs.loaded.specs
        return {name: [each for each in specs if each.goes_to(name)] for name in targets}
    with open_targets(inputs, reach, streams, lists=False) as opened:
        if opened.failed:
            raise Problems(list(opened.failed.values()))
        raise_wrong(map(nothing_read, opened.connections.values()))
        return {
            name: specs_in(connection, opened).specs
            for name, connection in opened.connections.items()
        }


def _text(spec: Spec, target: str) -> str:
    value = tidy_value(spec.document)
    pool: Any = value["spec"]
    if logins := pool.get(LOGINS_FIELD):
        pool[LOGINS_FIELD] = mask_login_providers(logins)
    head = f"{spec.name} in {target}"
    return rendered_text(value, head, dict(_comments(spec, value)))


def _comments(spec: Spec, value: Mapping[str, Any]) -> Iterator[tuple[Steps, str]]:
    """Behind each value of the pool, where it comes from."""
    document = _document(spec)
    for path in paths_of(value, "spec"):
        if len(path) == 1:
            continue
        found = origin_text(spec.origins, changed_path(path, value["spec"]))
        line = document.places(path).key[0] if document else spec.source.line
        yield path, f"<- {found}" if found else f"{spec.source.file}:{line}"


def _document(spec: Spec) -> Document | None:
    text = read_text(Path(spec.source.file))
    documents, _ = read_documents(spec.source.file, text) if isinstance(text, str) else ([], [])
    return next((each for each in documents if each.line == spec.source.line), None)
