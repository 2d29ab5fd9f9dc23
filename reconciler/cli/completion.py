"""Values that a shell offers: targets, specs, fields and formats, as far as files tell them.

Nothing is said of what is wrong with a file: somebody is typing.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final, TypeAlias

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


Complete: TypeAlias = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _completing(names_of: Callable[[click.Context], Iterable[str]]) -> Complete:
    def complete(
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG001 - click's signature
        incomplete: str,
    ) -> list[CompletionItem]:
        with suppress(IdpoolError):
            names = map(str, names_of(ctx))
            return [CompletionItem(name) for name in names if name.startswith(incomplete)]
        return []

    return complete


@_completing
def complete_targets(ctx: click.Context) -> Iterable[str]:
    """The targets of the project."""
    from reconciler.flows.inputs import project_of

    return (target.name for target in project_of(_named(ctx), open_streams(quiet=True)).targets)


@_completing
def complete_specs(ctx: click.Context) -> Iterable[str]:
    """The specs of the project, or of the files named, by name; none while one is invalid."""
    from reconciler.flows.inputs import load_inputs

    return load_inputs(_named(ctx), open_streams(quiet=True)).loaded.names


@_completing
def complete_fields(_ctx: click.Context) -> Iterable[str]:
    """The fields of a pool."""
    from reconciler.model.pool import POOL_FIELDS

    return POOL_FIELDS


@_completing
def complete_formats(_ctx: click.Context) -> Iterable[str]:
    """The formats of reports."""
    return Format


@_completing
def complete_rules(_ctx: click.Context) -> Iterable[str]:
    """The checks, and all other rules."""
    from reconciler.flows.explain import rules

    return rules()


def _named(ctx: click.Context) -> Named:
    return Named(ctx.params.get("specs") or (), ctx.params.get("project"))
