"""Drafts: a pool that is put together from several resources, until it is a spec or cannot be."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reconciler.converters.conversion import ConversionRule, ConvertedPool, Report
from reconciler.converters.nodes import Node, plain, walk
from reconciler.model.base import API_VERSION, POOL_KIND, JsonValue
from reconciler.model.findings import Finding, RuleId
from reconciler.model.pool import FIELDS
from reconciler.model.pool_fields import FieldKind
from reconciler.model.project import AWS_TAG_PREFIX, RESERVED_TAG_PREFIX, Project
from reconciler.model.spec import PoolDocument
from reconciler.specs.across import across, header_of
from reconciler.specs.documents import read_documents
from reconciler.specs.loading import checked_pool
from reconciler.text.documents import Document
from reconciler.text.emission import Path, block_lines
from reconciler.text.problems import FieldPath, Problem, listed
from reconciler.writeback.imported import FLOW_NEVER_SET
from reconciler.writeback.spec_text import spec_text

_TAGS = "IdentityPoolTags"
_RESERVED = (AWS_TAG_PREFIX, RESERVED_TAG_PREFIX)
NAME_TAG = f"{RESERVED_TAG_PREFIX}name"


@dataclass(slots=True)
class Draft:
    """One pool: the resource it comes from, and its fields in the API's shape.

    ``title`` names it for people; ``resource`` is where findings about the whole stand; ``adopt``
    is the id of the live pool; ``sources`` are the resources that are handed over with it.
    """

    title: str
    resource: Node
    report: Report
    fields: dict[str, Node] = field(default_factory=dict)
    adopt: Node | None = None
    sources: list[str] = field(default_factory=list)
    _principal_tags: dict[str, Node] = field(default_factory=dict)

    def put_all(self, fields: Node) -> None:
        """Take over every member of a shaped mapping."""
        for name, value in fields.members.items():
            if value.value is not None:
                self.fields[name] = value

    def put_principal_tags(self, provider: str, tags: Node) -> None:
        """Add one provider's principal tags."""
        if provider in self._principal_tags:
            message = f"the principal tags of {listed([provider])} are set twice"
            self.report.error(ConversionRule.TWICE, tags, message, "remove one of the two")
        self._principal_tags[provider] = tags
        self.fields.setdefault("PrincipalTagAttributeMaps", tags.holding(self._principal_tags))

    def drop_reserved_tags(self) -> str | None:
        """Leave out tags that are not the user's to write; gives what idpool:name says, if any."""
        tags = self.fields.get(_TAGS)
        if tags is None or not tags.members:
            return None
        kept = {k: v for k, v in tags.members.items() if not k.casefold().startswith(_RESERVED)}
        self.fields[_TAGS] = tags.holding(dict(kept))
        return tags.get(NAME_TAG).text


def by_pool_id(drafts: Iterable[Draft]) -> dict[str, Draft]:
    """The drafts of pools whose id is known; an id that two have is an error of the second."""
    found: dict[str, Draft] = {}
    for draft in drafts:
        if draft.adopt is None or not draft.adopt.text:
            continue
        earlier = found.setdefault(draft.adopt.text, draft)
        if earlier is not draft:
            message = f"{earlier.title} has this pool id already, and a pool has one spec"
            draft.report.error(ConversionRule.TWICE, draft.adopt, message, "correct one of the two")
    return found


def finished(draft: Draft, name: str, target: str | None, project: Project) -> ConvertedPool | None:
    """The spec, checked as one of the project's; ``None`` where it has errors.

    Findings go to the draft's report, at the places that the values come from.
    """
    comments = dict(_left_unset(draft))
    value, places = _document(draft, name, target)
    text = "\n".join(block_lines(value, 0)) + "\n"
    documents, findings = read_documents(draft.report.file, text)
    record: PoolDocument | None = None
    for document in documents:
        record, problems = checked_pool(document, project)
        findings += [_moved(problem, document, draft, places) for problem in problems]
        # Without a project file nobody knows where the specs go.
        headers = [header_of(document)] if project.file else []
        findings += [_of_header(found, draft) for found in across(headers, project)]
    draft.report.findings += findings
    if record is None or draft.report.has_errors:
        return None
    return ConvertedPool(record, spec_text(record, comments))


def _left_unset(draft: Draft) -> Iterator[tuple[Path, str]]:
    """Say what AWS does where nobody has told it, for a spec that leaves it out says otherwise."""
    for name, row in FIELDS.items():
        if row.kind is FieldKind.CLASSIC_FLOW and name not in draft.fields:
            draft.fields[name] = draft.resource.holding(True)
            yield ("spec", name), FLOW_NEVER_SET


def _of_header(found: Finding, draft: Draft) -> Finding:
    """What is wrong with the targets and the pool id, at the place that the id comes from."""
    node = draft.adopt or draft.resource
    fix = found.fix
    if found.rule == RuleId.ADOPT_NEEDS_TARGETS:
        fix = "give the target that the pool is in with --target NAME"
    return replace(
        found,
        file=draft.report.file,
        line=node.line,
        column=node.column,
        path=node.where or draft.title,
        fix=fix,
    )


def _document(
    draft: Draft, name: str, target: str | None
) -> tuple[dict[str, JsonValue], dict[FieldPath, Node]]:
    places: dict[FieldPath, Node] = {(): draft.resource}
    for key, node in draft.fields.items():
        places |= dict(walk(node, ("spec", key)))
    metadata: dict[str, JsonValue] = {"name": name}
    if target:
        metadata["targets"] = [target]
    if draft.adopt:
        places["metadata", "adopt"] = draft.adopt
        metadata["adopt"] = {target: draft.adopt.text} if target else draft.adopt.text
    value: dict[str, JsonValue] = {
        "apiVersion": API_VERSION,
        "kind": POOL_KIND,
        "metadata": metadata,
        "spec": {key: plain(node) for key, node in draft.fields.items()},
    }
    return value, places


def _moved(
    problem: Problem, document: Document, draft: Draft, places: Mapping[FieldPath, Node]
) -> Finding:
    """The problem at the place that the value comes from, or at the nearest that there is."""
    found = document.finding(problem)
    path = problem.path
    while path not in places:
        path = path[:-1]
    node = places[path]
    named = places[path[:-1]] if problem.hides_key else node
    return replace(
        found,
        file=draft.report.file,
        line=node.line,
        column=node.column,
        path=named.where or draft.title,
    )
