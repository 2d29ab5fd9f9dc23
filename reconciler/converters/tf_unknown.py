"""What a Terraform plan does not know yet: put in where it was given, else listed."""

from collections.abc import Iterator

from reconciler.converters.findings import ConversionRule, Report
from reconciler.converters.given import Given
from reconciler.converters.nodes import NOTHING, Node, rooted
from reconciler.converters.shapes import not_carried
from reconciler.converters.tf_instances import Instance
from reconciler.converters.tf_shapes import COMPUTED, is_carried
from reconciler.loader.problems import FieldPath


def known_attributes(instance: Instance, given: Given, report: Report, *apart: str) -> Node:
    """The attributes with their paths; values that are given stand where they belong.

    What stays unknown goes into the report, except the attributes in ``apart``.
    """
    attributes = rooted(instance.attributes, (instance.address,))
    for path in _unknown(instance):
        if not is_carried(instance.kind, str(path[0])):
            not_carried(str(path[0]), attributes.holding(None, (instance.address, path[0])), report)
            continue
        place = attributes.holding(None, (instance.address, *path))
        value = given.value(place.where)
        if value is not None:
            attributes = _with(attributes, path, place.holding(value))
        elif path[0] not in apart:
            message = "it is known only after terraform apply"
            fix = f"convert the state after the apply, or give it with --set '{place.where}=VALUE'"
            report.error(ConversionRule.UNRESOLVED, place, message, fix)
    return attributes


def _unknown(instance: Instance) -> list[FieldPath]:
    paths = [path for path in _true(instance.unknown, ()) if path and path[0] not in COMPUTED]
    # Without the provider's default tags there are still the resource's own.
    has_tags = instance.attributes.get("tags").value is not None
    return [path for path in paths if not (path[0] == "tags_all" and has_tags)]


def _true(node: Node, path: FieldPath) -> Iterator[FieldPath]:
    if node.value is True:
        yield path
    for key, member in node.members.items():
        yield from _true(member, (*path, key))
    for index, item in enumerate(node.items):
        yield from _true(item, (*path, index))


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
