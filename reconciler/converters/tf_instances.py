"""Resources of a Terraform state or plan, one at a time, whichever of three formats holds them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.converters.nodes import NOTHING, Node
from reconciler.text.problems import clean
from reconciler.text.tree import Leaf
from reconciler.text.tree import Node as Tree

POOL: Final = "aws_cognito_identity_pool"
ROLES: Final = "aws_cognito_identity_pool_roles_attachment"
PRINCIPAL_TAGS: Final = "aws_cognito_identity_pool_provider_principal_tag"
KINDS: Final = frozenset({POOL, ROLES, PRINCIPAL_TAGS})
MANAGED: Final = "managed"
_IDENTIFIER: Final = r"[^\W\d][\w-]*"
_KEY: Final = r'\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]'
_MODULES: Final = rf"(?:module\.{_IDENTIFIER}(?:{_KEY})?\.)*"
_ADDRESS: Final = re.compile(rf"({_MODULES})({'|'.join(sorted(KINDS))})\.({_IDENTIFIER})({_KEY})?")
_POOL_ID = "identity_pool_id"
VERSION: Final = "4"


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
        return _ADDRESS.fullmatch(self.address) is not None

    @property
    def module(self) -> str:
        """The module instance it is in, with a dot at the end; "" for the root."""
        match = _ADDRESS.fullmatch(self.address)
        return match[1] if match else ""

    @property
    def key(self) -> str:
        """``[0]`` or ``["eu"]``, "" without count and for_each."""
        match = _ADDRESS.fullmatch(self.address)
        return (match[4] or "") if match else ""

    @property
    def resource(self) -> str:
        """The address as a configuration knows it: without the keys of instances."""
        return without_keys(self.address)


@dataclass(frozen=True, slots=True)
class Resources:
    """The instances of a file that count, and lines about those that do not."""

    instances: tuple[Instance, ...]
    notes: tuple[str, ...] = ()


def is_foreign(members: Mapping[str, Tree]) -> bool:
    """Whether an object that begins so is a resource of no interest: most are, in most states."""
    kind = members.get("type") if "mode" in members else None
    return kind is not None and not (isinstance(kind, Leaf) and kind.text in KINDS)


def without_keys(address: str) -> str:
    """An address without ``[0]`` and ``["eu"]``, of modules and of the resource."""
    return re.sub(_KEY, "", address)


def address_of(module: str, kind: str, name: str, key: Node) -> str:
    """The address of an instance, put together from its parts."""
    head = f"{module}." if module else ""
    return f"{head}{kind}.{name}{key_text(key)}"


def key_text(key: Node) -> str:
    """An instance's key as addresses show it."""
    if key.text is None:
        return ""
    if key.is_number:
        return f"[{key.text}]"
    quoted = json.dumps(key.text, ensure_ascii=False)
    return f"[{quoted.replace('${', '$${').replace('%{', '%%{')}]"


def of_plan(root: Node) -> Resources:
    """The instances as the plan would leave them; what it would delete is only noted."""
    notes: list[str] = []
    instances: list[Instance] = []
    references = _references(root)
    for change in root.get("resource_changes").items:
        if change.get("mode").text == MANAGED and change.get("type").text in KINDS:
            instances += _instance(change, references, notes)
    return Resources(tuple(instances), tuple(notes))


def _instance(
    change: Node, references: Mapping[str, tuple[str, ...]], notes: list[str]
) -> Iterator[Instance]:
    address = change.get("address").text or ""
    shown = clean(address)
    actions = {action.text for action in change.get("change", "actions").items}
    if change.get("deposed").text:
        notes.append(f"{shown} has a deposed object, which is not converted.")
        return
    after = change.get("change", "after")
    if after.value is None:
        verb = "forgets" if "forget" in actions else "deletes"
        notes.append(f"{shown} is not converted: the plan {verb} it.")
        return
    yield Instance(
        address=address,
        kind=change.get("type").text or "",
        attributes=after,
        unknown=change.get("change", "after_unknown"),
        before=change.get("change", "before") if {"create", "delete"} <= actions else NOTHING,
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
            if resource.get("type").text in KINDS:
                address = f"{prefix}{resource.get('type').text}.{resource.get('name').text}"
                items = resource.get("expressions", _POOL_ID, "references").items
                texts = (item.text for item in items)
                found.setdefault(address, tuple(text for text in texts if text is not None))
    return found


def of_values(values: Node) -> Resources:
    """The instances of ``values`` (a state) or ``planned_values`` (a plan)."""
    notes: list[str] = []
    instances: list[Instance] = []
    for resource in _resources(values.get("root_module")):
        address = resource.get("address").text or ""
        if resource.get("deposed_key").text:
            notes.append(f"{clean(address)} has a deposed object, which is not converted.")
            continue
        instances.append(
            Instance(
                address=address,
                kind=resource.get("type").text or "",
                attributes=resource.get("values"),
                is_tainted=resource.get("tainted").value is True,
            )
        )
    return Resources(tuple(instances), tuple(notes))


def _resources(module: Node) -> Iterator[Node]:
    for resource in module.get("resources").items:
        if resource.get("mode").text == MANAGED and resource.get("type").text in KINDS:
            yield resource
    for child in module.get("child_modules").items:
        yield from _resources(child)


def of_state(root: Node) -> Resources:
    """The instances of a state file."""
    notes: list[str] = []
    instances: list[Instance] = []
    for resource in root.get("resources").items:
        if resource.get("mode").text == MANAGED and resource.get("type").text in KINDS:
            instances += _instances(resource, notes)
    return Resources(tuple(instances), tuple(notes))


def _instances(resource: Node, notes: list[str]) -> Iterator[Instance]:
    kind = resource.get("type").text or ""
    for node in resource.get("instances").items:
        address = address_of(
            resource.get("module").text or "",
            kind,
            resource.get("name").text or "",
            node.get("index_key"),
        )
        if node.get("deposed").text:
            notes.append(f"{clean(address)} has a deposed object, which is not converted.")
            continue
        yield Instance(
            address=address,
            kind=kind,
            attributes=node.get("attributes"),
            is_tainted=node.get("status").text == "tainted",
        )
