"""``terraform show -json`` of a state: values in modules within modules."""

from collections.abc import Iterator

from reconciler.converters.nodes import Node
from reconciler.converters.tf_instances import KINDS, MANAGED, Found, Instance
from reconciler.loader.problems import clean


def of_values(values: Node) -> Found:
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
    return Found(tuple(instances), tuple(notes))


def _resources(module: Node) -> Iterator[Node]:
    for resource in module.get("resources").items:
        if resource.get("mode").text == MANAGED and resource.get("type").text in KINDS:
            yield resource
    for child in module.get("child_modules").items:
        yield from _resources(child)
