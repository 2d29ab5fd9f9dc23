"""Drafts: a pool that is put together from several resources, until it is a spec or cannot be."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Generic, TypeVar

from reconciler.converters.conversion import (
    Conversion,
    ConversionRule,
    ConvertedPool,
    Report,
    Supplied,
    in_order,
    is_name,
    name_from,
    unused,
)
from reconciler.converters.nodes import NOTHING, Node, plain, walk
from reconciler.converters.pseudo_parameters import Kept, as_references
from reconciler.model.base import API_VERSION, POOL_KIND, JsonValue
from reconciler.model.findings import Finding, RuleId
from reconciler.model.pool import FIELDS
from reconciler.model.pool_fields import PRINCIPAL_TAGS_FIELD, ROLES_FIELDS, TAGS_FIELD, FieldKind
from reconciler.model.project import AWS_TAG_PREFIX, NAME_TAG, RESERVED_TAG_PREFIX
from reconciler.specs.across import across, header_of
from reconciler.specs.documents import read_documents
from reconciler.specs.loading import CheckedPool, checked_pool
from reconciler.text.documents import Document
from reconciler.text.emission import Path, block_lines
from reconciler.text.problems import FieldPath, Problem, clean, listed
from reconciler.writeback.imported import FLOW_NEVER_SET
from reconciler.writeback.spec_text import made_text

R = TypeVar("R")

_RESERVED: Final = (AWS_TAG_PREFIX, RESERVED_TAG_PREFIX)


@dataclass(slots=True)
class Draft:
    """One pool: the resource it comes from, and its fields in the API's shape.

    ``title`` names it for people; ``resource`` is where findings about the whole stand; ``sources``
    are the resources that are handed over with it, its own first; ``adopt`` is the id of the live
    pool; ``known_name`` is the name of the spec that the file was made from.
    """

    title: str
    resource: Node
    report: Report
    sources: list[str]
    fields: dict[str, Node] = field(default_factory=dict)
    adopt: Node | None = None
    known_name: str | None = None
    _principal_tags: dict[str, Node] = field(default_factory=dict)

    def put_all(self, fields: Node) -> None:
        """Take over every member of a shaped mapping."""
        for name, value in fields.members.items():
            if value.value is not None:
                self.fields[name] = value

    def put_principal_tags(self, provider: str | None, tags: Node) -> None:
        """Add one provider's principal tags; of an unknown one, its error tells."""
        if provider is None:
            return
        if provider in self._principal_tags:
            message = f"the principal tags of {listed([as_references(provider)])} are set twice"
            self.report.error(ConversionRule.TWICE, tags, message, "remove one of the two")
        self._principal_tags[provider] = tags
        self.fields.setdefault(PRINCIPAL_TAGS_FIELD, tags.holding(self._principal_tags))

    def put_roles(self, roles: Node) -> None:
        """Take over roles and role mappings, which a pool has from one resource."""
        if self.fields.keys() & set(ROLES_FIELDS):
            message = f"{clean(self.title)} has its roles from another resource already"
            self.report.error(ConversionRule.TWICE, roles, message, "keep one")
        self.put_all(roles)

    def take_name(self) -> str:
        """The name: a spec's before, as the file or the tags say; else the nearest to the pool's.

        Tags that are not the user's to write are left out from now on.
        """
        names = [self.known_name]
        if (tags := self.fields.get(TAGS_FIELD)) and tags.members:
            kept = {k: v for k, v in tags.members.items() if not k.casefold().startswith(_RESERVED)}
            self.fields[TAGS_FIELD] = tags.holding(kept)
            names.append(tags.get(NAME_TAG).text)
        pool_name = self.fields.get("IdentityPoolName", NOTHING).text
        known = (name for name in names if name is not None and is_name(name))
        return next(known, name_from(pool_name or self.sources[0]))


class Converter(ABC, Generic[R]):
    """One file on its way to specs; how it tells of resources (``R``) is its tool's matter.

    ``kinds``: what the tool calls a pool, its roles, and one provider's principal tags.
    """

    kinds: tuple[str, str, str]

    def __init__(self, file: str, given: Supplied) -> None:
        self.report = Report(file)
        self.given = given
        self.drafts: dict[str, Draft] = {}
        self.by_id: dict[str, Draft] = {}

    @abstractmethod
    def resources(self, kind: str) -> Iterator[R]:
        """The resources of a kind."""

    @abstractmethod
    def draft(self, pool: R) -> Draft:
        """A pool with what its own resource says of it."""

    @abstractmethod
    def pool_of(self, resource: R) -> Draft | None:
        """The pool that a resource belongs to, which gets its findings from now on."""

    @abstractmethod
    def roles(self, resource: R, report: Report) -> Node:
        """Roles and role mappings, as fields of a spec."""

    @abstractmethod
    def principal_tags(self, resource: R, report: Report) -> tuple[str | None, Node]:
        """A provider, ``None`` where it is unknown, and its principal tags."""

    @abstractmethod
    def check(self) -> None:
        """Report what the file lacks as a whole, once all resources are known."""

    @abstractmethod
    def notes(self) -> Iterator[str]:
        """Lines about what one should know."""

    @abstractmethod
    def steps(self, sources: Sequence[str], pools: Sequence[ConvertedPool]) -> Iterator[str]:
        """The lines of the steps that hand over the resources that have become specs."""

    def convert(self, target: str | None) -> Conversion:
        """The specs of all pools in the file."""
        self._gather()
        self.check()
        pools = tuple(self._specs(target))
        drafts = self.drafts.values()
        of_pools = [finding for draft in drafts for finding in draft.report.findings]
        sources = [s for draft in drafts if not draft.report.has_errors for s in draft.sources]
        return Conversion(
            pools=pools,
            findings=in_order([*self.report.findings, *of_pools]),
            notes=tuple(self.notes()),
            steps=tuple(self.steps(sources, pools)) if pools else (),
        )

    def _gather(self) -> None:
        pool, roles, principal_tags = self.kinds
        for resource in self.resources(pool):
            draft = self.draft(resource)
            self.drafts[draft.sources[0]] = draft
        self._find_ids()
        for resource in self.resources(roles):
            if found := self.pool_of(resource):
                found.put_roles(self.roles(resource, found.report))
        for resource in self.resources(principal_tags):
            if found := self.pool_of(resource):
                found.put_principal_tags(*self.principal_tags(resource, found.report))

    def _find_ids(self) -> None:
        """The drafts of pools whose id is known; an id that two have is an error of the second."""
        for draft in self.drafts.values():
            if draft.adopt is not None and draft.adopt.text:
                earlier = self.by_id.setdefault(draft.adopt.text, draft)
                if earlier is not draft:
                    message = f"{earlier.title} has this pool id already, and a pool has one spec"
                    fix = "correct one of the two"
                    draft.report.error(ConversionRule.TWICE, draft.adopt, message, fix)

    def _specs(self, target: str | None) -> Iterator[ConvertedPool]:
        taken: dict[str, int] = {}
        for draft in self.drafts.values():
            name = unused(draft.take_name(), taken)
            # What is unknown would be reported a second time, as missing.
            if not draft.report.has_errors and (pool := finished(draft, name, target, self.given)):
                yield pool


def finished(draft: Draft, name: str, target: str | None, given: Supplied) -> ConvertedPool | None:
    """The spec, checked as one of the project's; ``None`` where it has errors.

    Findings go to the draft's report, at the places that the values come from.
    """
    comments = dict(_left_unset(draft))
    project = given.project
    value, places = _document(draft, name, target, given.kept)
    text = "\n".join(block_lines(value, 0)) + "\n"
    documents, findings = read_documents(draft.report.file, text)
    checked = CheckedPool(None, None, [])
    for document in documents:
        checked = checked_pool(document, project)
        findings += [_moved(each, document, draft, places) for each in checked.problems]
        # Without a project file nobody knows where the specs go.
        headers = [header_of(document)] if project.file else []
        findings += [_of_header(found, draft) for found in across(headers, project)]
    draft.report.findings += findings
    record, made, _ = checked
    if record is None or made is None or draft.report.has_errors:
        return None
    return ConvertedPool(record, made_text(record, made, comments))


def _left_unset(draft: Draft) -> Iterator[tuple[Path, str]]:
    """Say what AWS does where nobody has told it, for a spec that leaves it out says otherwise."""
    for name, row in FIELDS.items():
        if row.kind is FieldKind.CLASSIC_FLOW and name not in draft.fields:
            draft.fields[name] = draft.resource.holding(True)
            yield ("spec", name), FLOW_NEVER_SET


def _of_header(found: Finding, draft: Draft) -> Finding:
    """What is wrong with the targets and the pool id, at the place that the id comes from."""
    if found.rule == RuleId.ADOPT_NEEDS_TARGETS:
        found = replace(found, fix="give the target that the pool is in with --target NAME")
    return _placed(found, draft, draft.adopt or draft.resource)


def _document(
    draft: Draft, name: str, target: str | None, kept: Kept
) -> tuple[dict[str, JsonValue], dict[FieldPath, Node]]:
    places: dict[FieldPath, Node] = {(): draft.resource}
    fields = {key: kept.written(node) for key, node in draft.fields.items()}
    for key, node in fields.items():
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
        "spec": {key: plain(node) for key, node in fields.items()},
    }
    return value, places


def _moved(
    problem: Problem, document: Document, draft: Draft, places: Mapping[FieldPath, Node]
) -> Finding:
    """The problem at the place that the value comes from, or at the nearest that there is."""
    path = problem.path
    while path not in places:
        path = path[:-1]
    named = places[path[:-1]] if problem.hides_key else None
    return _placed(document.finding(problem), draft, places[path], named)


def _placed(found: Finding, draft: Draft, node: Node, named: Node | None = None) -> Finding:
    """The finding at a node's place, with the path of another one that may be named."""
    path = (named or node).where or draft.title
    return replace(found, line=node.line, column=node.column, path=path)
