"""From a Terraform state or plan to specs: one for each identity pool in it."""

import shlex
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from reconciler.converters.conversion import (
    Conversion,
    ConversionRule,
    ConvertedPool,
    Report,
    Supplied,
    json_nodes,
    refusal,
)
from reconciler.converters.drafts import Converter, Draft
from reconciler.converters.nodes import NOTHING, Node
from reconciler.converters.shapes import TERRAFORM, without
from reconciler.converters.tf_instances import (
    COMPUTED,
    POOL,
    POOL_ID,
    PRINCIPAL_TAGS,
    PROVIDER,
    ROLES,
    TAGS_ALL,
    Instance,
    is_foreign,
    known_attributes,
    of_plan,
    of_state,
    of_values,
    without_keys,
)
from reconciler.model.errors import InvalidSpecs
from reconciler.text.problems import clean

_VERSION: Final = "4"
_FORMATS: Final = ("0.", "1.")
_JSON_STARTS: Final = ("{", "[")


def from_terraform(file: str, text: str, given: Supplied, target: str | None) -> Conversion:
    """Convert a state (version 4) or what ``terraform show -json`` prints of a state or plan.

    Raises ``InvalidSpecs`` for anything else.
    """
    if not text.lstrip().startswith(_JSON_STARTS):
        raise _neither(file, Node(None), "this is no JSON")
    found = list(_found(json_nodes(file, text, is_foreign), file))
    return _Terraform(file, given, found).convert(target)


def _found(root: Node, file: str) -> Iterator[Instance | str]:
    version = root.get("version").text
    if version is not None and "format_version" not in root.members:
        if version == _VERSION:
            return of_state(root)
        what = f"this is a state of version {clean(version)}, and version {_VERSION} is read"
        fix = "run terraform apply with Terraform 0.12 or newer once, or convert terraform show"
        raise refusal(file, ConversionRule.NOT_CONVERTIBLE, root.get("version"), what, fix)
    if not (root.get("format_version").text or "").startswith(_FORMATS):
        raise _neither(file, root, "this is neither a Terraform state nor what it shows as JSON")
    if "resource_changes" in root.members:
        return of_plan(root)
    return of_values(root.get("planned_values" if "planned_values" in root.members else "values"))


def _neither(file: str, node: Node, what: str) -> InvalidSpecs:
    fix = "name what terraform state pull prints, or terraform show -json [PLAN]"
    return refusal(file, ConversionRule.NOT_CONVERTIBLE, node, what, fix)


def _only(there: Mapping[str, list[Instance]], key: str) -> Instance | None:
    """The one pool with a key, or the one that there is."""
    alike = there.get(key, [])
    if len(alike) != 1 and len(there) == 1:
        (alike,) = there.values()
    return alike[0] if len(alike) == 1 else None


class _Resource(NamedTuple):
    """An instance, its attributes as far as they are known, and what there is to say of them."""

    instance: Instance
    attributes: Node
    report: Report


class _Terraform(Converter[_Resource]):
    """A state or plan; drafts go by their addresses."""

    kinds = (POOL, ROLES, PRINCIPAL_TAGS)

    def __init__(self, file: str, given: Supplied, found: Sequence[Instance | str]) -> None:
        super().__init__(file, given)
        self._instances = [each for each in found if isinstance(each, Instance)]
        self._left_out = [line for line in found if isinstance(line, str)]
        # The pools of one resource in one instance of a module, by their keys.
        self._by_resource: dict[str, dict[str, list[Instance]]] = defaultdict(dict)

    def resources(self, kind: str) -> Iterator[_Resource]:
        for instance in self._instances:
            if instance.kind == kind and instance.is_address:
                report = self.report.below()
                known = known_attributes(instance, self.given, report, POOL_ID)
                yield _Resource(instance, known, report)
            elif instance.kind == kind:
                message = "this is no address that Terraform could have written"
                place = instance.attributes.holding(None, (instance.address,))
                self.report.error(ConversionRule.NOT_CONVERTIBLE, place, message, "check the file")

    def draft(self, pool: _Resource) -> Draft:
        address, key = pool.instance.address, pool.instance.key
        draft = Draft(address, pool.attributes.holding(None), pool.report, [address])
        draft.put_all(_settings(pool.attributes, pool.report))
        draft.adopt = _id_of(pool)
        if address in self.drafts:
            message = "this address is there twice"
            pool.report.error(ConversionRule.TWICE, draft.resource, message, "check the file")
        self._by_resource[address.removesuffix(key)].setdefault(key, []).append(pool.instance)
        return draft

    def pool_of(self, resource: _Resource) -> Draft | None:
        instance, attributes, report = resource
        pool_id = attributes.get(POOL_ID).text
        if pool_id:
            draft = self.by_id.get(pool_id) or self.drafts.get(pool_id)
        else:
            draft = self._by_reference(instance)
        if draft is None:
            place = attributes.get(POOL_ID).holding(None, (instance.address, POOL_ID))
            if place.line == NOTHING.line:
                place = attributes.holding(None, place.path)
            message = "the pool that this belongs to is not in this file"
            fix = "convert the state that has it, and write this into its spec by hand"
            self.report.warning(ConversionRule.NO_SUCH_POOL, place, message, fix)
            return None
        draft.report.findings += report.findings
        draft.sources.append(instance.address)
        return draft

    def _by_reference(self, instance: Instance) -> Draft | None:
        """The pool that the configuration names, in the same module and of the same key."""
        for reference in instance.references:
            named = reference.removesuffix(".id")
            base = without_keys(named)
            there = self._by_resource.get(f"{instance.module}{base}")
            if there is None:
                continue
            key = named.removeprefix(base)
            if chosen := _only(there, key if key in there else instance.key):
                return self.drafts[chosen.address]
        return None

    def roles(self, resource: _Resource, report: Report) -> Node:
        attributes = without(resource.attributes, *COMPUTED, POOL_ID)
        shaped = TERRAFORM.roles(attributes, report)
        nothing = attributes.holding({})
        return shaped.holding({"Roles": nothing, "RoleMappings": nothing, **shaped.members})

    def principal_tags(self, resource: _Resource, report: Report) -> tuple[str | None, Node]:
        attributes = without(resource.attributes, *COMPUTED, POOL_ID, PROVIDER)
        shaped = TERRAFORM.principal_tags(attributes, report)
        tags = shaped.holding({"UseDefaults": attributes.holding(True), **shaped.members})
        return resource.attributes.get(PROVIDER).text, tags

    def check(self) -> None:
        if not self.drafts and not self.report.has_errors and not self._left_out:
            fix = "name a file of the workspace that has one"
            message = f"there is no {POOL} in it"
            self.report.error(ConversionRule.NO_POOL, Node(None), message, fix)

    def notes(self) -> Iterator[str]:
        yield from self._left_out
        for instance in self._instances:
            if instance.is_tainted:
                yield f"{clean(instance.address)} is tainted: Terraform would replace it."
        for draft in self.drafts.values():
            if draft.adopt is None:
                yield f"{clean(draft.title)} does not exist yet: its spec adopts nothing."
        yield from self.given.notes()

    def steps(self, sources: Sequence[str], pools: Sequence[ConvertedPool]) -> Iterator[str]:
        converted = frozenset(sources)
        going = [instance for instance in self._instances if instance.address in converted]
        there = [instance for instance in going if instance.exists]
        yield "To hand over without a destroy:"
        yield "  1. Remove these resources from the configuration, with what refers to them:"
        yield from (f"       {name}" for name in dict.fromkeys(i.resource for i in going))
        if there:
            kept = {instance.address for instance in there}
            staying = {i.resource for i in self._instances if i.address not in kept}
            yield from _forgetting(there, staying)
        adopted = all(pool.document.metadata.adopt is not None for pool in pools)
        seen = "the two ownership tags, and nothing else" if adopted else "what is to be made"
        yield f"  2. idpool plan: it shows {seen}"
        yield "  3. idpool apply"


def _settings(attributes: Node, report: Report) -> Node:
    """A pool's fields.  ``tags_all`` are the tags with the provider's defaults among them."""
    tags = attributes.get(TAGS_ALL)
    if tags.value is None:
        tags = attributes.get("tags")
    settings = without(attributes, *COMPUTED, "tags", TAGS_ALL)
    return TERRAFORM.pool(settings.holding({**settings.members, "tags": tags}), report)


def _id_of(pool: _Resource) -> Node | None:
    old, attributes = pool.instance.before.get("id"), pool.attributes
    if old.text:
        message = "the plan replaces this pool, and every identity id would be lost"
        fix = "do not apply that plan; the spec takes over the pool that exists, and renames it"
        pool.report.warning(ConversionRule.REPLACED, attributes.holding(None), message, fix)
        return old.holding(old.text, (pool.instance.address, "id"))
    return attributes.get("id") if attributes.get("id").text else None


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
