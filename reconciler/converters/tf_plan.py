"""``terraform show -json`` of a saved plan: what there would be, and what nobody knows yet."""

from collections.abc import Iterator

from reconciler.converters.nodes import NOTHING, Node
from reconciler.converters.tf_instances import KINDS, MANAGED, Found, Instance, without_keys
from reconciler.loader.problems import clean

_POOL_ID = "identity_pool_id"


def of_plan(root: Node) -> Found:
    """The instances as the plan would leave them; what it would delete is only noted."""
    notes: list[str] = []
    instances: list[Instance] = []
    for change in root.get("resource_changes").items:
        if change.get("mode").text == MANAGED and change.get("type").text in KINDS:
            instances += _instance(root, change, notes)
    return Found(tuple(instances), tuple(notes))


def _instance(root: Node, change: Node, notes: list[str]) -> Iterator[Instance]:
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
        references=_references(root, address),
    )


def _references(root: Node, address: str) -> tuple[str, ...]:
    """Where the configuration takes the pool's id from, within the resource's own module."""
    *modules, kind, name = ("", *without_keys(address).split("."))
    module = root.get("configuration", "root_module")
    for call in modules[2::2]:  # module.a.module.b
        module = module.get("module_calls", call, "module")
    for resource in module.get("resources").items:
        if (resource.get("type").text, resource.get("name").text) == (kind, name):
            found = resource.get("expressions", _POOL_ID, "references").items
            return tuple(item.text for item in found if item.text is not None)
    return ()
