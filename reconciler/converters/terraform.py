"""From a Terraform state or plan to specs: one for each identity pool in it."""

import shlex
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from reconciler.converters.conversion import (
    Conversion,
    ConversionRule,
    ConvertedPool,
    Report,
    Supplied,
    in_order,
    is_name,
    json_nodes,
    name_from,
    unused,
)
from reconciler.converters.drafts import Draft, by_pool_id, finished
from reconciler.converters.nodes import NOTHING, Node
from reconciler.converters.tf_instances import (
    POOL,
    PRINCIPAL_TAGS,
    ROLES,
    VERSION,
    Instance,
    Resources,
    is_foreign,
    of_plan,
    of_state,
    of_values,
    without_keys,
)
from reconciler.converters.tf_shapes import (
    POOL_ID,
    PROVIDER,
    known_attributes,
    pool_fields,
    principal_tags,
    roles_fields,
)
from reconciler.model.errors import InvalidSpecs
from reconciler.text.problems import clean

_FORMATS = ("0.", "1.")
_JSON_STARTS = ("{", "[")


def hand_over(
    instances: Sequence[Instance], addresses: Sequence[str], pools: Sequence[ConvertedPool]
) -> Iterator[str]:
    """The lines of the steps, for the instances (``addresses``) that have become specs."""
    converted = frozenset(addresses)
    going = [instance for instance in instances if instance.address in converted]
    there = [instance for instance in going if instance.exists]
    yield "To hand over without a destroy:"
    yield "  1. Remove these resources from the configuration, with what refers to them:"
    yield from (f"       {name}" for name in dict.fromkeys(i.resource for i in going))
    if there:
        kept = {instance.address for instance in there}
        yield from _forgetting(there, {i.resource for i in instances if i.address not in kept})
    adopted = all(pool.document.metadata.adopt is not None for pool in pools)
    seen = "the two ownership tags, and nothing else" if adopted else "what is to be made"
    yield f"  2. idpool plan: it shows {seen}"
    yield "  3. idpool apply"


def _forgetting(there: Sequence[Instance], staying: Collection[str]) -> Iterator[str]:
    """How the state loses them; a removed block would take the instances that stay, too."""
    whole = list(dict.fromkeys(i.resource for i in there if i.resource not in staying))
    if whole:
        yield "     Write in their place (Terraform 1.7 or newer), then terraform apply:"
        for resource in whole:
            yield from _removed(resource)
        yield "     Or run, in place of the blocks and with any Terraform, before the apply:"
    else:
        yield "     Run, before the next terraform apply:"
    yield from (f"       terraform state rm {shlex.quote(each.address)}" for each in there)


def _removed(resource: str) -> Iterator[str]:
    # Instance keys are not allowed there (Terraform language, "removed block").
    yield "       removed {"
    yield f"         from = {resource}"
    yield "         lifecycle {"
    yield "           destroy = false"
    yield "         }"
    yield "       }"


class _Instances(defaultdict[str, list[Instance]]):
    """The pools of one resource in one instance of a module, by their keys."""

    def __init__(self) -> None:
        super().__init__(list)

    def only(self, key: str) -> Instance | None:
        """The one pool with a key, or the one that there is."""
        alike = self.get(key, [])
        if len(alike) != 1 and len(self) == 1:
            (alike,) = self.values()
        return alike[0] if len(alike) == 1 else None


@dataclass(slots=True)
class _Work:
    """One file on its way: the pools by their addresses, their ids, and the resource's address."""

    found: Resources
    given: Supplied
    report: Report
    drafts: dict[str, Draft] = field(default_factory=dict)
    by_id: dict[str, Draft] = field(default_factory=dict)
    by_resource: dict[str, _Instances] = field(default_factory=lambda: defaultdict(_Instances))


def from_terraform(file: str, text: str, given: Supplied, target: str | None) -> Conversion:
    """Convert a state (version 4) or what ``terraform show -json`` prints of a state or plan.

    Raises ``InvalidSpecs`` for anything else.
    """
    report = Report(file)
    if not text.lstrip().startswith(_JSON_STARTS):
        _refuse(report, Node(None), "this is no JSON")
    work = _Work(_found(json_nodes(file, text, is_foreign), report), given, report)
    _gather(work)
    pools = tuple(_specs(work, target))
    of_pools = [finding for d in work.drafts.values() for finding in d.report.findings]
    return Conversion(
        pools=pools,
        findings=in_order([*report.findings, *of_pools]),
        notes=tuple(_notes(work)),
        steps=tuple(hand_over(work.found.instances, _sources(work), pools)) if pools else (),
    )


def _gather(work: _Work) -> None:
    for instance in _instances(work, POOL):
        _add_pool(work, instance)
    work.by_id = by_pool_id(work.drafts.values())
    for instance in _instances(work, ROLES):
        _attach_roles(work, instance)
    for instance in _instances(work, PRINCIPAL_TAGS):
        _attach_principal_tags(work, instance)
    if not work.drafts and not work.report.has_errors and not work.found.notes:
        fix = "name a file of the workspace that has one"
        work.report.error(ConversionRule.NO_POOL, Node(None), f"there is no {POOL} in it", fix)


def _found(root: Node, report: Report) -> Resources:
    version = root.get("version").text
    if version is not None and "format_version" not in root.members:
        if version == VERSION:
            return of_state(root)
        what = f"this is a state of version {clean(version)}, and version {VERSION} is read"
        fix = "run terraform apply with Terraform 0.12 or newer once, or convert terraform show"
        report.error(ConversionRule.NOT_CONVERTIBLE, root.get("version"), what, fix)
        raise InvalidSpecs(report.findings)
    if not (root.get("format_version").text or "").startswith(_FORMATS):
        _refuse(report, root, "this is neither a Terraform state nor what it shows as JSON")
    return _shown(root)


def _refuse(report: Report, node: Node, what: str) -> NoReturn:
    fix = "name what terraform state pull prints, or terraform show -json [PLAN]"
    report.error(ConversionRule.NOT_CONVERTIBLE, node, what, fix)
    raise InvalidSpecs(report.findings)


def _shown(root: Node) -> Resources:
    if "resource_changes" in root.members:
        return of_plan(root)
    key = "planned_values" if "planned_values" in root.members else "values"
    return of_values(root.get(key))


def _instances(work: _Work, kind: str) -> Iterator[Instance]:
    for instance in work.found.instances:
        if instance.kind != kind:
            continue
        if instance.is_address:
            yield instance
        else:
            message = "this is no address that Terraform could have written"
            place = instance.attributes.holding(None, (instance.address,))
            work.report.error(ConversionRule.NOT_CONVERTIBLE, place, message, "check the file")


def _add_pool(work: _Work, instance: Instance) -> None:
    report = work.report.below()
    attributes = known_attributes(instance, work.given, report)
    draft = Draft(
        title=instance.address,
        resource=attributes.holding(None),
        report=report,
        sources=[instance.address],
    )
    draft.put_all(pool_fields(attributes, report))
    draft.adopt = _id_of(instance, attributes, report)
    if instance.address in work.drafts:
        message = "this address is there twice"
        report.error(ConversionRule.TWICE, draft.resource, message, "check the file")
    work.drafts[instance.address] = draft
    resource = instance.address.removesuffix(instance.key)
    work.by_resource[resource][instance.key].append(instance)


def _id_of(instance: Instance, attributes: Node, report: Report) -> Node | None:
    old = instance.before.get("id")
    if old.text:
        message = "the plan replaces this pool, and every identity id would be lost"
        fix = "do not apply that plan; the spec takes over the pool that exists, and renames it"
        report.warning(ConversionRule.REPLACED, attributes.holding(None), message, fix)
        return old.holding(old.text, (instance.address, "id"))
    return attributes.get("id") if attributes.get("id").text else None


def _attach_roles(work: _Work, instance: Instance) -> None:
    if (found := _pool_of(work, instance)) is None:
        return
    draft, attributes = found
    if "Roles" in draft.fields:
        message = f"{clean(draft.title)} has its roles from another resource already"
        draft.report.error(ConversionRule.TWICE, attributes.holding(None), message, "keep one")
    draft.put_all(roles_fields(attributes, draft.report))


def _attach_principal_tags(work: _Work, instance: Instance) -> None:
    if (found := _pool_of(work, instance)) is None:
        return
    draft, attributes = found
    provider = attributes.get(PROVIDER).text
    if provider is not None:
        draft.put_principal_tags(provider, principal_tags(attributes, draft.report))


def _pool_of(work: _Work, instance: Instance) -> tuple[Draft, Node] | None:
    """The pool that a resource belongs to, and the attributes of the resource."""
    unknown = work.report.below()
    attributes = known_attributes(instance, work.given, unknown, POOL_ID)
    pool_id = attributes.get(POOL_ID).text
    draft = _by_id(work, pool_id) if pool_id else _by_reference(work, instance)
    if draft is None:
        place = attributes.get(POOL_ID).holding(None, (instance.address, POOL_ID))
        if place.line == NOTHING.line:
            place = attributes.holding(None, place.path)
        message = "the pool that this belongs to is not in this file"
        fix = "convert the state that has it, and write this into its spec by hand"
        work.report.warning(ConversionRule.NO_SUCH_POOL, place, message, fix)
        return None
    draft.report.findings += unknown.findings
    draft.sources.append(instance.address)
    return draft, attributes


def _by_id(work: _Work, pool_id: str) -> Draft | None:
    return work.by_id.get(pool_id) or work.drafts.get(pool_id)


def _by_reference(work: _Work, instance: Instance) -> Draft | None:
    """The pool that the configuration names, in the same module and of the same key."""
    for reference in instance.references:
        named = reference.removesuffix(".id")
        base = without_keys(named)
        there = work.by_resource.get(f"{instance.module}{base}")
        if there is None:
            continue
        key = named.removeprefix(base)
        if chosen := there.only(key if key in there else instance.key):
            return work.drafts[chosen.address]
    return None


def _specs(work: _Work, target: str | None) -> Iterator[ConvertedPool]:
    taken: dict[str, int] = {}
    for draft in work.drafts.values():
        tagged = draft.drop_reserved_tags()
        pool_name = draft.fields.get("IdentityPoolName", NOTHING).text
        name = tagged if is_name(tagged) else name_from(pool_name or draft.title)
        free = unused(name or "", taken)
        # What is unknown would be reported a second time, as missing.
        if not draft.report.has_errors and (
            pool := finished(draft, free, target, work.given.project)
        ):
            yield pool


def _sources(work: _Work) -> list[str]:
    done = [draft for draft in work.drafts.values() if not draft.report.has_errors]
    return [source for draft in done for source in draft.sources]


def _notes(work: _Work) -> Iterator[str]:
    yield from work.found.notes
    for instance in work.found.instances:
        if instance.is_tainted:
            yield f"{clean(instance.address)} is tainted: Terraform would replace it."
    for draft in work.drafts.values():
        if draft.adopt is None:
            yield f"{clean(draft.title)} does not exist yet: its spec adopts nothing."
    if work.given.unused:
        yield f"--set was of no use for: {', '.join(map(clean, work.given.unused))}."
