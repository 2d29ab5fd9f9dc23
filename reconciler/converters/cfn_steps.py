"""How CloudFormation lets go of resources without deleting them, step by step."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.converters.conversion import ConvertedPool
from reconciler.converters.nodes import Node, walk
from reconciler.loader.problems import FieldPath, clean, path_text

_RETAIN: Final = "Retain"
_POLICIES: Final = ("DeletionPolicy", "UpdateReplacePolicy")
_SUB_NAME: Final = re.compile(r"\$\{([A-Za-z0-9]+)[.}]")
_MOST_REFERENCES: Final = 20


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
