"""From a CloudFormation template to specs: one for each identity pool in it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from reconciler.converters.cfn_resolver import ABSENT, Resolver
from reconciler.converters.cfn_shapes import (
    POOL,
    POOL_PROPERTIES,
    PRINCIPAL_TAGS,
    PRINCIPAL_TAGS_PROPERTIES,
    ROLES,
    ROLES_PROPERTIES,
)
from reconciler.converters.cfn_sources import PROCESSED, template_of
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
from reconciler.converters.drafts import Draft, by_pool_id, finished
from reconciler.converters.nodes import Node, walk
from reconciler.converters.shapes import Fields, not_carried, without
from reconciler.converters.template_nodes import template_nodes
from reconciler.text.problems import FieldPath, clean, path_text

_RETAIN: Final = "Retain"
_POLICIES: Final = ("DeletionPolicy", "UpdateReplacePolicy")
_SUB_NAME: Final = re.compile(r"\$\{([A-Za-z0-9]+)[.}]")
_MOST_REFERENCES: Final = 20
# Where a pool's own spec name is kept in a template that idpool has written.
METADATA: Final = "idpool"
_OWN: Final = "\0"  # no text of a template begins with it


def hand_over(
    template: Node, file: str, logical_ids: Sequence[str], pools: Sequence[ConvertedPool]
) -> Iterator[str]:
    """The lines of the steps, for the resources that have become specs."""
    resources = template.get("Resources")
    open_ones = [name for name in logical_ids if not _is_retained(resources.get(name))]
    yield "To hand over without a delete:"
    number = 1
    if open_ones:
        yield f"  {number}. Give these resources both policies in {clean(file)}, and deploy:"
        yield f"       {', '.join(map(clean, open_ones))}"
        yield from (f"         {policy}: {_RETAIN}" for policy in _POLICIES)
        number += 1
    yield f"  {number}. Remove them from the template, and deploy again; AWS keeps them:"
    yield f"       {', '.join(map(clean, logical_ids))}"
    yield from _references(template, file, frozenset(logical_ids))
    if any(pool.document.metadata.adopt is None for pool in pools):
        number += 1
        yield f"  {number}. Write the pools' ids into metadata.adopt of their specs:"
        yield "       aws cloudformation list-stack-resources shows them before step 1"
    yield f"  {number + 1}. idpool plan: it shows the two ownership tags, and nothing else; the"
    yield "       stack's own tags are on the pools, too, and belong into the specs"
    yield f"  {number + 2}. idpool apply"


def _is_retained(resource: Node) -> bool:
    return all(resource.get(policy).text == _RETAIN for policy in _POLICIES)


def _references(template: Node, file: str, gone: frozenset[str]) -> Iterator[str]:
    """Where something that stays names something that goes: CloudFormation would refuse that."""
    found = [
        f"       {clean(file)}:{node.line}:{node.column}: {path_text(path)} names {clean(name)}"
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


@dataclass(slots=True)
class _Work:
    """One template on its way."""

    template: Node
    resolver: Resolver
    report: Report
    drafts: dict[str, Draft] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)
    by_id: dict[str, Draft] = field(default_factory=dict)


def from_cloudformation(file: str, text: str, given: Supplied, target: str | None) -> Conversion:
    """Convert a template.  Raises ``InvalidSpecs`` for what is none, and ``UsageProblem``."""
    template = template_of(file, template_nodes(file, text))
    report = Report(file)
    work = _Work(template, Resolver(template, given, report), report)
    _gather(work)
    pools = tuple(_specs(work, target))
    return Conversion(
        pools=pools,
        findings=in_order(
            [
                *report.findings,
                *work.resolver.readings.findings,
                *(f for d in work.drafts.values() for f in d.report.findings),
            ]
        ),
        notes=tuple(_notes(work, given)),
        steps=tuple(hand_over(template, file, _sources(work), pools)) if pools else (),
    )


def _gather(work: _Work) -> None:
    for logical_id, resource in _resources(work, POOL):
        work.drafts[logical_id] = _draft(work, logical_id, resource)
    work.own = {name: f"{_OWN}{name}" for name in work.drafts}
    work.by_id = by_pool_id(work.drafts.values())
    for logical_id, resource in _resources(work, ROLES):
        _attach_roles(work, logical_id, resource)
    for logical_id, resource in _resources(work, PRINCIPAL_TAGS):
        _attach_principal_tags(work, logical_id, resource)
    _say_what_is_not_seen(work)


def _resources(work: _Work, kind: str) -> Iterator[tuple[str, Node]]:
    """The resources of a kind that the stack has; a condition may say that it has not."""
    for logical_id, resource in work.template.get("Resources").members.items():
        if resource.get("Type").text != kind:
            continue
        condition = resource.get("Condition").text
        work.resolver.report = report = work.report.below()
        path = ("Resources", logical_id, "Condition")
        work.resolver.note(resource, path[:-1])
        work.resolver.note(resource.get("Condition"), path)
        place = resource.get("Condition").holding(None, path)
        holds = condition is None or work.resolver.conditions.hold(condition, place)
        work.report.findings += report.findings
        if holds:
            yield logical_id, resource
        elif holds is False:
            work.skipped.append(logical_id)


def _draft(work: _Work, logical_id: str, resource: Node) -> Draft:
    path = ("Resources", logical_id, "Properties")
    place = resource.holding(None, path[:-1])
    draft = Draft(clean(logical_id), place, work.report.below(), sources=[logical_id])
    work.resolver.report = draft.report
    draft.put_all(_shaped(work, resource, path, POOL_PROPERTIES, draft.report))
    known = work.resolver.given.value(logical_id)
    if known is not None:
        draft.adopt = place.holding(known)
    if "IdentityPoolName" not in draft.fields and not draft.report.has_errors:
        _name_by_cloudformation(work, draft, place)
    return draft


def _name_by_cloudformation(work: _Work, draft: Draft, place: Node) -> None:
    name = f"{draft.sources[0]}.Name"
    known = work.resolver.given.value(name)
    if known is not None:
        draft.fields["IdentityPoolName"] = place.holding(known)
        return
    message = "it has no IdentityPoolName, so CloudFormation has made one up"
    fix = f"give it with --set {clean(name)}=NAME"
    draft.report.error(ConversionRule.UNRESOLVED, place, message, fix)


def _shaped(
    work: _Work, resource: Node, path: tuple[str, ...], shape: Fields, report: Report, *apart: str
) -> Node:
    """The properties of a resource, worked out and in the API's shape; without some of them.

    What is not carried is not worked out either.
    """
    properties = without(resource.get("Properties"), *apart)
    strange = [key for key in properties.members if not _is_carried(key, shape)]
    for key in strange:
        not_carried(key, properties.get(key).holding(None, (*path, key)), report)
    found = work.resolver.value(without(properties, *strange), path)
    return ABSENT if found is ABSENT else shape(found, report)


def _is_carried(key: str, shape: Fields) -> bool:
    return key in shape.fields or key == "Ref" or key.startswith("Fn::")


def _attach_roles(work: _Work, logical_id: str, resource: Node) -> None:
    draft = _pool_of(work, logical_id, resource)
    if draft is None:
        return
    path = ("Resources", logical_id, "Properties")
    shaped = _shaped(work, resource, path, ROLES_PROPERTIES, draft.report, "IdentityPoolId")
    if {"Roles", "RoleMappings"} & set(draft.fields):
        message = f"{draft.title} has its roles from another resource already"
        draft.report.error(ConversionRule.TWICE, _place(resource, path), message, "keep one")
    # An attachment manages both, also where it names but one of them or none.
    draft.put_all(shaped.holding({"Roles": _place(resource, path).holding({}), **shaped.members}))


def _attach_principal_tags(work: _Work, logical_id: str, resource: Node) -> None:
    draft = _pool_of(work, logical_id, resource)
    if draft is None:
        return
    path = ("Resources", logical_id, "Properties")
    apart = ("IdentityPoolId", "IdentityProviderName")
    shaped = _shaped(work, resource, path, PRINCIPAL_TAGS_PROPERTIES, draft.report, *apart)
    name = resource.get("Properties", "IdentityProviderName")
    provider = work.resolver.text(name if name.value else _place(resource, path), (*path, apart[1]))
    if provider is not None:
        draft.put_principal_tags(provider, _place(resource, path).holding(dict(shaped.members)))


def _pool_of(work: _Work, logical_id: str, resource: Node) -> Draft | None:
    """The pool that a resource belongs to, which gets its findings from now on."""
    path = ("Resources", logical_id, "Properties", "IdentityPoolId")
    node = resource.get("Properties", "IdentityPoolId")
    work.resolver.report = unknown = work.report.below()
    work.resolver.own = work.own
    found = work.resolver.text(node, path) if node.value is not None else None
    work.resolver.own = {}
    draft = work.drafts.get((found or "").removeprefix(_OWN)) or work.by_id.get(found or "")
    if draft is None:
        place = (node if node.value is not None else resource).holding(None, path)
        why = unknown.findings[0].message if unknown.findings else "it is not in this template"
        message = f"the pool that this belongs to is not converted: {why}"
        fix = "write this into that pool's spec by hand, or give the pool's id with --set"
        work.report.warning(ConversionRule.NO_SUCH_POOL, place, message, fix)
        return None
    draft.sources.append(logical_id)
    work.resolver.report = draft.report
    return draft


def _place(resource: Node, path: tuple[str, ...]) -> Node:
    return resource.holding(None, path)


def _specs(work: _Work, target: str | None) -> Iterator[ConvertedPool]:
    taken: dict[str, int] = {}
    for logical_id, draft in work.drafts.items():
        tagged = draft.drop_reserved_tags()
        name = unused(_name(work, logical_id, draft, tagged), taken)
        # What is unknown would be reported a second time, as missing.
        if not draft.report.has_errors and (
            pool := finished(draft, name, target, work.resolver.given.project)
        ):
            yield pool


def _name(work: _Work, logical_id: str, draft: Draft, tagged: str | None) -> str:
    resource = work.template.get("Resources", logical_id)
    for name in (resource.get("Metadata", METADATA, "name").text, tagged):
        if name is not None and is_name(name):
            return name
    pool_name = draft.fields.get("IdentityPoolName", ABSENT).text
    return name_from(pool_name or logical_id)


def _sources(work: _Work) -> list[str]:
    done = [draft for draft in work.drafts.values() if not draft.report.has_errors]
    return [source for draft in done for source in draft.sources]


def _say_what_is_not_seen(work: _Work) -> None:
    resources = work.template.get("Resources").members
    made = [name for name in resources if name.startswith("Fn::")]
    for name in made:
        message = f"{clean(name)} makes resources while the stack is deployed"
        place = resources[name].holding(None, ("Resources", name))
        work.report.warning(ConversionRule.NOT_CARRIED, place, message, PROCESSED)
    if not work.drafts and not work.skipped and not work.report.has_errors:
        message = f"there is no {POOL} in this template"
        fix = PROCESSED if made else "name another template"
        work.report.error(ConversionRule.NO_POOL, work.template, message, fix)


def _notes(work: _Work, given: Supplied) -> Iterator[str]:
    defaults = work.resolver.parameters.defaults_used
    if defaults:
        yield f"Parameters with their defaults: {', '.join(map(clean, defaults))}."
    if work.skipped:
        yield f"Left out by their conditions: {', '.join(map(clean, work.skipped))}."
    if given.unused:
        yield f"--set was of no use for: {', '.join(map(clean, given.unused))}."
    for draft in work.drafts.values():
        if not draft.adopt and not draft.report.has_errors:
            yield f"{draft.title}: --set {draft.title}=ID, with its pool id, fills metadata.adopt."
