"""Values that a shell offers: targets, specs, fields and formats, as far as files tell them.

Nothing is said of what is wrong with a file: somebody is typing.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import click
from click.shell_completion import CompletionItem, get_completion_class

from reconciler.model.errors import IdpoolError
from reconciler.model.request import Named
from reconciler.reports.format_names import Format
from reconciler.terminal.streams import open_streams

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
    from reconciler.flows.inputs import project_of

    with suppress(IdpoolError):
        project = project_of(_named(ctx), open_streams(quiet=True))
        return _items((target.name for target in project.targets), incomplete)
    return []


def complete_specs(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - click's signature
    incomplete: str,
) -> list[CompletionItem]:
    """The specs of the project, or of the files named, by name; none while one is invalid."""
    from reconciler.flows.inputs import load_inputs

    with suppress(IdpoolError):
        specs = load_inputs(_named(ctx), open_streams(quiet=True)).loaded.specs
        return _items((spec.name for spec in specs), incomplete)
    return []


def _named(ctx: click.Context) -> Named:
    return Named(ctx.params.get("specs") or (), ctx.params.get("project"))


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
