"""From a CloudFormation template to specs: one for each identity pool in it."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from reconciler.converters.cfn_resolver import ABSENT, Resolver
from reconciler.converters.cfn_sources import KINDS, POOL, PROCESSED, template_of
from reconciler.converters.conversion import (
    Conversion,
    ConversionRule,
    ConvertedPool,
    Report,
    Supplied,
    refusal,
)
from reconciler.converters.drafts import Converter, Draft
from reconciler.converters.nodes import Node, walk
from reconciler.converters.pseudo_parameters import sign_in
from reconciler.converters.shapes import CLOUDFORMATION, Fields, not_carried, without
from reconciler.converters.template_nodes import template_nodes
from reconciler.text.problems import FieldPath, clean, path_text

_RETAIN: Final = "Retain"
_POLICIES: Final = ("DeletionPolicy", "UpdateReplacePolicy")
_SUB_NAME: Final = re.compile(r"\$\{([A-Za-z0-9]+)[.}]")
_MOST_REFERENCES: Final = 20
# Where a pool's own spec name is kept in a template that idpool has written.
METADATA: Final = "idpool"
_OWN: Final = "\0"  # no text of a template begins with it
_POOL_ID: Final = "IdentityPoolId"
_PROVIDER: Final = "IdentityProviderName"


def from_cloudformation(file: str, text: str, given: Supplied, target: str | None) -> Conversion:
    """Convert a template.  Raises ``InvalidSpecs`` for what is none, and ``UsageProblem``."""
    template = template_of(file, template_nodes(file, text))
    for path, node in walk(template) if given.kept.targets else ():
        if sign := sign_in("".join(map(str, path[-1:])) + (node.text or "")):
            message = f"the sign {sign} stands here, and no value of a pool has it"
            raise refusal(file, ConversionRule.NOT_CONVERTIBLE, node, message, "leave it out")
    return _CloudFormation(file, given, template).convert(target)


class _Resource(NamedTuple):
    """A resource of the template, and the path of its properties."""

    logical_id: str
    node: Node
    path: tuple[str, ...]

    @property
    def place(self) -> Node:
        """Where findings about its properties stand."""
        return self.node.holding(None, self.path)


class _CloudFormation(Converter[_Resource]):
    """A template; drafts go by logical ids."""

    kinds = KINDS

    def __init__(self, file: str, given: Supplied, template: Node) -> None:
        super().__init__(file, given)
        self._template = template
        self._resources = template.get("Resources").members
        self._resolver = Resolver(template, given, self.report)
        self._skipped: list[str] = []

    def resources(self, kind: str) -> Iterator[_Resource]:
        """A condition may say that the stack has not got one."""
        for logical_id, node in self._resources.items():
            if node.get("Type").text != kind:
                continue
            holds = self._is_in_stack(node, ("Resources", logical_id))
            if holds:
                yield _Resource(logical_id, node, ("Resources", logical_id, "Properties"))
            elif holds is False:
                self._skipped.append(logical_id)

    def _is_in_stack(self, resource: Node, path: FieldPath) -> bool | None:
        condition, place = resource.get("Condition"), (*path, "Condition")
        self._resolver.note(resource, path)
        self._resolver.note(condition, place)
        if condition.text is None:
            return True
        self._resolver.report = report = self.report.below()
        holds = self._resolver.conditions.hold(condition.text, condition.holding(None, place))
        self.report.findings += report.findings
        return holds

    def draft(self, pool: _Resource) -> Draft:
        logical_id, node, path = pool
        place = node.holding(None, path[:-1])
        draft = Draft(clean(logical_id), place, self.report.below(), [logical_id])
        draft.known_name = node.get("Metadata", METADATA, "name").text
        self._resolver.report = draft.report
        draft.put_all(self._shaped(pool, CLOUDFORMATION.pool, draft.report))
        known, name = self.given.value(logical_id), f"{logical_id}.Name"
        draft.adopt = None if known is None else place.holding(known)
        if "IdentityPoolName" in draft.fields or draft.report.has_errors:
            return draft
        if (known := self.given.value(name)) is not None:
            draft.fields["IdentityPoolName"] = place.holding(known)
        else:
            message = "it has no IdentityPoolName, so CloudFormation has made one up"
            fix = f"give it with --set {clean(name)}=NAME"
            draft.report.error(ConversionRule.UNRESOLVED, place, message, fix)
        return draft

    def _shaped(self, resource: _Resource, shape: Fields, report: Report, *apart: str) -> Node:
        """The properties of a resource, worked out and in the API's shape; without some of them.

        What is not carried is not worked out either.
        """
        properties = without(resource.node.get("Properties"), *apart)
        strange = [key for key in properties.members if not _is_carried(key, shape)]
        for key in strange:
            place = properties.get(key).holding(None, (*resource.path, key))
            not_carried(key, place, report)
        found = self._resolver.value(without(properties, *strange), resource.path)
        return ABSENT if found is ABSENT else shape(found, report)

    def pool_of(self, resource: _Resource) -> Draft | None:
        path, node = (*resource.path, _POOL_ID), resource.node.get("Properties", _POOL_ID)
        self._resolver.report = unknown = self.report.below()
        self._resolver.own = {name: f"{_OWN}{name}" for name in self.drafts}
        found = self._resolver.text(node, path) if node.value is not None else None
        self._resolver.own = {}
        draft = self.drafts.get((found or "").removeprefix(_OWN)) or self.by_id.get(found or "")
        if draft is None:
            place = (node if node.value is not None else resource.node).holding(None, path)
            why = unknown.findings[0].message if unknown.findings else "it is not in this template"
            message = f"the pool that this belongs to is not converted: {why}"
            fix = "write this into that pool's spec by hand, or give the pool's id with --set"
            self.report.warning(ConversionRule.NO_SUCH_POOL, place, message, fix)
            return None
        draft.sources.append(resource.logical_id)
        self._resolver.report = draft.report
        return draft

    def roles(self, resource: _Resource, report: Report) -> Node:
        """An attachment manages both, also where it names but one of them or none."""
        shaped = self._shaped(resource, CLOUDFORMATION.roles, report, _POOL_ID)
        return resource.place.holding({"Roles": resource.place.holding({}), **shaped.members})

    def principal_tags(self, resource: _Resource, report: Report) -> tuple[str | None, Node]:
        tags = CLOUDFORMATION.principal_tags
        shaped = self._shaped(resource, tags, report, _POOL_ID, _PROVIDER)
        name = resource.node.get("Properties", _PROVIDER)
        named = name if name.value else resource.place
        provider = self._resolver.text(named, (*resource.path, _PROVIDER))
        return provider, resource.place.holding(dict(shaped.members))

    def check(self) -> None:
        made = [name for name in self._resources if name.startswith("Fn::")]
        for name in made:
            message = f"{clean(name)} makes resources while the stack is deployed"
            place = self._resources[name].holding(None, ("Resources", name))
            self.report.warning(ConversionRule.NOT_CARRIED, place, message, PROCESSED)
        if not self.drafts and not self._skipped and not self.report.has_errors:
            message = f"there is no {POOL} in this template"
            fix = PROCESSED if made else "name another template"
            self.report.error(ConversionRule.NO_POOL, self._template, message, fix)

    def notes(self) -> Iterator[str]:
        if defaults := self._resolver.parameters.defaults_used:
            yield f"Parameters with their defaults: {', '.join(map(clean, defaults))}."
        if self._skipped:
            yield f"Left out by their conditions: {', '.join(map(clean, self._skipped))}."
        yield from self.given.notes()
        for draft in self.drafts.values():
            if not draft.adopt and not draft.report.has_errors:
                title = draft.title
                yield f"{title}: --set {title}=ID, with its pool id, fills metadata.adopt."

    def steps(self, sources: Sequence[str], pools: Sequence[ConvertedPool]) -> Iterator[str]:
        file, names = clean(self.report.file), ", ".join(map(clean, sources))
        open_ones = [name for name in sources if not _is_retained(self._resources[name])]
        number = 1
        yield "To hand over without a delete:"
        if open_ones:
            yield f"  {number}. Give these resources both policies in {file}, and deploy:"
            yield f"       {', '.join(map(clean, open_ones))}"
            yield from (f"         {policy}: {_RETAIN}" for policy in _POLICIES)
            number += 1
        yield f"  {number}. Remove them from the template, and deploy again; AWS keeps them:"
        yield f"       {names}"
        yield from _references(self._template, file, frozenset(sources))
        if any(pool.document.metadata.adopt is None for pool in pools):
            number += 1
            yield f"  {number}. Write the pools' ids into metadata.adopt of their specs:"
            yield "       aws cloudformation list-stack-resources shows them before step 1"
        yield f"  {number + 1}. idpool plan: it shows the two ownership tags, and nothing else; the"
        yield "       stack's own tags are on the pools, too, and belong into the specs"
        yield f"  {number + 2}. idpool apply"


def _is_carried(key: str, shape: Fields) -> bool:
    return key in shape.fields or key == "Ref" or key.startswith("Fn::")


def _is_retained(resource: Node) -> bool:
    return all(resource.get(policy).text == _RETAIN for policy in _POLICIES)


def _references(template: Node, file: str, gone: frozenset[str]) -> Iterator[str]:
    """Where something that stays names something that goes: CloudFormation would refuse that."""
    found = [
        f"       {file}:{node.line}:{node.column}: {path_text(path)} names {clean(name)}"
        for path, node, name in _named(template)
        if name in gone and not (path[0] == "Resources" and path[1] in gone)
    ]
    if found:
        yield "     Write the id in place of the reference here:"
        yield from found[:_MOST_REFERENCES]
        if len(found) > _MOST_REFERENCES:
            yield f"       and {len(found) - _MOST_REFERENCES} more"


def _named(template: Node) -> Iterator[tuple[FieldPath, Node, str]]:
    for path, node in walk(template):
        last = path[-1] if path else ""
        if last == "Ref" and node.text:
            yield path[:-1], node, node.text
        elif last == "Fn::GetAtt":
            dotted = node.items[0].text if node.items else node.text
            yield path[:-1], node, (dotted or "").partition(".")[0]
        elif last == "Fn::Sub":
            pattern = node.items[0].text if node.items else node.text
            yield from ((path[:-1], node, name) for name in _SUB_NAME.findall(pattern or ""))
        elif last == "DependsOn":
            names = [item.text for item in node.items] or [node.text]
            yield from ((path, node, name) for name in names if name)
