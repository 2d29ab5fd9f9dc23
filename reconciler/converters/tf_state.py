"""Terraform state files, version 4 (``terraform state pull``)."""

from collections.abc import Iterator
from typing import Final

from reconciler.converters.nodes import Node
from reconciler.converters.tf_instances import KINDS, MANAGED, Found, Instance, address_of
from reconciler.loader.problems import clean

VERSION: Final = "4"


def of_state(root: Node) -> Found:
    """The instances of a state file."""
    notes: list[str] = []
    instances: list[Instance] = []
    for resource in root.get("resources").items:
        if resource.get("mode").text == MANAGED and resource.get("type").text in KINDS:
            instances += _instances(resource, notes)
    return Found(tuple(instances), tuple(notes))


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
