"""``terraform show -json`` of a saved plan: what there would be, and what nobody knows yet."""

from collections.abc import Iterator, Mapping

from reconciler.converters.nodes import NOTHING, Node
from reconciler.converters.tf_instances import KINDS, MANAGED, Found, Instance, without_keys
from reconciler.loader.problems import clean

_POOL_ID = "identity_pool_id"


def of_plan(root: Node) -> Found:
    """The instances as the plan would leave them; what it would delete is only noted."""
    notes: list[str] = []
    instances: list[Instance] = []
    references = _references(root)
    for change in root.get("resource_changes").items:
        if change.get("mode").text == MANAGED and change.get("type").text in KINDS:
            instances += _instance(change, references, notes)
    return Found(tuple(instances), tuple(notes))


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
