"""Resources of a Terraform state or plan, one at a time, whichever of three formats holds them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.converters.conversion import ConversionRule, Report, Supplied
from reconciler.converters.nodes import NOTHING, Node, rooted, walk
from reconciler.converters.shapes import TERRAFORM, not_carried
from reconciler.text.problems import FieldPath, clean
from reconciler.text.tree import Leaf
from reconciler.text.tree import Node as Tree

POOL: Final = "aws_cognito_identity_pool"
ROLES: Final = "aws_cognito_identity_pool_roles_attachment"
PRINCIPAL_TAGS: Final = "aws_cognito_identity_pool_provider_principal_tag"
POOL_ID: Final = "identity_pool_id"
PROVIDER: Final = "identity_provider_name"
TAGS_ALL: Final = "tags_all"
# What is no setting: computed by the provider, or about the provider itself.
COMPUTED: Final = ("id", "arn", "region", "timeouts")
# The attributes that go into a spec, or lead to its pool.
_CARRIED: Final = {
    POOL: {*TERRAFORM.pool.fields, TAGS_ALL},
    ROLES: {*TERRAFORM.roles.fields, POOL_ID},
    PRINCIPAL_TAGS: {*TERRAFORM.principal_tags.fields, POOL_ID, PROVIDER},
}
_IDENTIFIER: Final = r"[^\W\d][\w-]*"
_KEY: Final = r'\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]'
_MODULES: Final = rf"(?:module\.{_IDENTIFIER}(?:{_KEY})?\.)*"
_ADDRESS: Final = re.compile(
    rf"({_MODULES})((?:{'|'.join(sorted(_CARRIED))})\.{_IDENTIFIER})({_KEY})?"
)


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of one resource.

    ``attributes``: Terraform's names and values; ``unknown``: a tree with ``true`` where a value is
    known only after apply; ``before``: the attributes of what a plan replaces, if it does;
    ``references``: what the configuration says the pool's id comes from.
    """

    address: str
    kind: str
    attributes: Node
    unknown: Node = NOTHING
    before: Node = NOTHING
    is_tainted: bool = False
    references: tuple[str, ...] = ()

    @property
    def exists(self) -> bool:
        """Whether there is something in AWS that Terraform keeps under this address."""
        return bool(self.attributes.get("id").text or self.before.get("id").text)

    @property
    def is_address(self) -> bool:
        """Whether Terraform could have written this address."""
        return bool(self._part(2))

    @property
    def module(self) -> str:
        """The module instance it is in, with a dot at the end; "" for the root."""
        return self._part(1)

    @property
    def key(self) -> str:
        """``[0]`` or ``["eu"]``, "" without count and for_each."""
        return self._part(3)

    @property
    def resource(self) -> str:
        """The address as a configuration knows it: without the keys of instances."""
        return without_keys(self.address)

    def _part(self, number: int) -> str:
        match = _ADDRESS.fullmatch(self.address)
        return (match[number] or "") if match else ""


def is_foreign(members: Mapping[str, Tree]) -> bool:
    """Whether an object that begins so is a resource of no interest: most are, in most states."""
    kind = members.get("type") if "mode" in members else None
    return kind is not None and not (isinstance(kind, Leaf) and kind.text in _CARRIED)


def without_keys(address: str) -> str:
    """An address without ``[0]`` and ``["eu"]``, of modules and of the resource."""
    return re.sub(_KEY, "", address)


def of_plan(root: Node) -> Iterator[Instance | str]:
    """The instances as the plan would leave them; what it would delete is only a line."""
    references = _references(root)
    for change in _ours(root.get("resource_changes").items):
        address = change.get("address").text or ""
        actions = {action.text for action in change.get("change", "actions").items}
        before, after = change.get("change", "before"), change.get("change", "after")
        if change.get("deposed").text:
            yield _deposed(address)
        elif after.value is None:
            verb = "forgets" if "forget" in actions else "deletes"
            yield f"{clean(address)} is not converted: the plan {verb} it."
        else:
            yield Instance(
                address,
                change.get("type").text or "",
                after,
                unknown=change.get("change", "after_unknown"),
                before=before if {"create", "delete"} <= actions else NOTHING,
                references=references.get(without_keys(address), ()),
            )


def _references(root: Node) -> dict[str, tuple[str, ...]]:
    """Where the configuration takes pool ids from, by the addresses of resources without keys."""
    found: dict[str, tuple[str, ...]] = {}
    waiting = [("", root.get("configuration", "root_module"))]
    while waiting:
        prefix, module = waiting.pop()
        for name, call in module.get("module_calls").members.items():
            waiting.append((f"{prefix}module.{name}.", call.get("module")))
        for resource in module.get("resources").items:
            address = f"{prefix}{resource.get('type').text}.{resource.get('name').text}"
            items = resource.get("expressions", POOL_ID, "references").items
            found.setdefault(address, tuple(item.text for item in items if item.text is not None))
    return found


def of_values(values: Node) -> Iterator[Instance | str]:
    """The instances of ``values`` (a state) or ``planned_values`` (a plan)."""
    for resource in _ours(_resources(values.get("root_module"))):
        address = resource.get("address").text or ""
        kind, attributes = resource.get("type").text or "", resource.get("values")
        is_tainted = resource.get("tainted").value is True
        if resource.get("deposed_key").text:
            yield _deposed(address)
        else:
            yield Instance(address, kind, attributes, is_tainted=is_tainted)


def _resources(module: Node) -> Iterator[Node]:
    yield from module.get("resources").items
    for child in module.get("child_modules").items:
        yield from _resources(child)


def of_state(root: Node) -> Iterator[Instance | str]:
    """The instances of a state file."""
    for resource in _ours(root.get("resources").items):
        module, kind = resource.get("module").text, resource.get("type").text or ""
        head = f"{module}." if module else ""
        for node in resource.get("instances").items:
            key = _key_text(node.get("index_key"))
            address = f"{head}{kind}.{resource.get('name').text or ''}{key}"
            is_tainted = node.get("status").text == "tainted"
            if node.get("deposed").text:
                yield _deposed(address)
            else:
                yield Instance(address, kind, node.get("attributes"), is_tainted=is_tainted)


def _key_text(key: Node) -> str:
    """An instance's key as addresses show it."""
    if key.text is None:
        return ""
    if key.is_number:
        return f"[{key.text}]"
    quoted = json.dumps(key.text, ensure_ascii=False)
    return f"[{quoted.replace('${', '$${').replace('%{', '%%{')}]"


def _ours(resources: Iterable[Node]) -> Iterator[Node]:
    for resource in resources:
        if resource.get("mode").text == "managed" and resource.get("type").text in _CARRIED:
            yield resource


def _deposed(address: str) -> str:
    return f"{clean(address)} has a deposed object, which is not converted."


def known_attributes(instance: Instance, given: Supplied, report: Report, *apart: str) -> Node:
    """The attributes with their paths; values that are given stand where they belong.

    What stays unknown goes into the report, except the attributes in ``apart``.
    """
    attributes = rooted(instance.attributes, (instance.address,))
    for path in _unknown(instance):
        name = str(path[0])
        if name not in _CARRIED[instance.kind]:
            not_carried(name, attributes.holding(None, (instance.address, path[0])), report)
            continue
        place = attributes.holding(None, (instance.address, *path))
        value = given.value(place.where)
        if value is not None:
            attributes = _with(attributes, path, place.holding(value))
        elif name not in apart:
            message = "it is known only after terraform apply"
            fix = f"convert the state after the apply, or give it with --set '{place.where}=VALUE'"
            report.error(ConversionRule.UNRESOLVED, place, message, fix)
    return attributes


def _unknown(instance: Instance) -> list[FieldPath]:
    # Without the provider's default tags there are still the resource's own.
    has_tags = instance.attributes.get("tags").value is not None
    left_out = {*COMPUTED, TAGS_ALL} if has_tags else COMPUTED
    true = [path for path, node in walk(instance.unknown) if path and node.value is True]
    return [path for path in true if path[0] not in left_out]


def _with(node: Node, path: FieldPath, value: Node) -> Node:
    """The tree with a value at a path; lists grow as far as they have to."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        return node.holding({**node.members, step: _with(node.get(step), rest, value)})
    items = [*node.items, *([NOTHING] * (step + 1 - len(node.items)))]
    items[step] = _with(items[step], rest, value)
    return node.holding(tuple(items))
