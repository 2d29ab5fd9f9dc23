"""How Terraform forgets resources without destroying them, step by step."""

import shlex
from collections.abc import Collection, Iterator, Sequence

from reconciler.converters.conversion import ConvertedPool
from reconciler.converters.tf_instances import Instance


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
