"""Values that a shell offers: targets, specs, fields and formats, as far as files tell them.

Nothing is said of what is wrong with a file: somebody is typing.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import click
from click.shell_completion import CompletionItem, get_completion_class

from reconciler.model.errors import IdpoolError
from reconciler.reports.format_names import Format

SHELLS: Final = ("bash", "zsh", "fish")
_VARIABLE: Final = "_IDPOOL_COMPLETE"


def script(shell: str) -> str:
    """What a shell reads to complete words of ``idpool``."""
    completion = get_completion_class(shell)
    if completion is None:
        raise ValueError(shell)
    return completion(click.Command("idpool"), {}, "idpool", _VARIABLE).source()


def complete_targets(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - click's signature
    incomplete: str,
) -> list[CompletionItem]:
    """The targets of the project."""
    from reconciler.flows.inputs import project_here

    with suppress(IdpoolError):
        project = project_here(ctx.params.get("project"))
        return _items((target.name for target in project.targets), incomplete)
    return []


def complete_specs(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - click's signature
    incomplete: str,
) -> list[CompletionItem]:
    """The specs of the project, by name; of invalid ones those that can be read."""
    from reconciler.flows.inputs import project_here, spec_names

    with suppress(IdpoolError):
        project = project_here(ctx.params.get("project"))
        return _items(spec_names(ctx.params.get("specs") or (), project), incomplete)
    return []


def complete_fields(
    ctx: click.Context,  # noqa: ARG001 - click's signature
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """The fields of a pool."""
    from reconciler.model.pool import POOL_FIELDS

    return _items(POOL_FIELDS, incomplete)


def complete_formats(
    ctx: click.Context,  # noqa: ARG001 - click's signature
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """The formats of reports."""
    return _items(Format, incomplete)


def _items(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(str(name)) for name in names if str(name).startswith(incomplete)]
