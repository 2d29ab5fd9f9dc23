"""``idpool sandbox``: identity pools without AWS, for any client, and for ``--sandbox``."""

from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding
from reconciler.reports.lines import plural
from reconciler.sandbox.errors import SandboxMissing
from reconciler.sandbox.settings import SandboxSettings
from reconciler.sandbox.store import FileStore, reset
from reconciler.specs.files import read_text
from reconciler.terminal.streams import Streams

if TYPE_CHECKING:
    from reconciler.sandbox.server import SandboxServer


def sandbox_server(settings: SandboxSettings | Path) -> "SandboxServer":
    """A sandbox that is not started yet; of a path, with the usual settings.

    Raises ``SandboxMissing`` without the packages of the extra.
    """
    try:
        from reconciler.sandbox.server import SandboxServer  # with it comes moto
    except ModuleNotFoundError as error:
        raise SandboxMissing((error.name or "moto").partition(".")[0]) from error
    known = settings if isinstance(settings, SandboxSettings) else SandboxSettings(file=settings)
    return SandboxServer(known)


def serve(settings: SandboxSettings, streams: Streams) -> None:
    """Serve on loopback until interrupted; the address goes to stdout."""
    with sandbox_server(settings) as server:
        streams.artefact(f"{server.url}\n")
        streams.note(
            f"Use it from another terminal:\n"
            f"  export AWS_ENDPOINT_URL={server.url}\n"
            f"  export AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1\n"
            f"  export AWS_ACCESS_KEY_ID=123456789012 AWS_SECRET_ACCESS_KEY=sandbox\n"
            f"Its state is in {settings.file}. Ctrl-C stops it.\n"
        )
        server.serve_forever()


def seed(file: Path, state: Path, streams: Streams) -> None:
    """Put what a file says into a sandbox, for references to stand for.

    Raises ``BadSeed``, ``InvalidSpecs`` and ``SandboxStateError``.
    """
    from reconciler.sandbox.seeds import planted, seeds_of

    text = read_text(file)
    if isinstance(text, Finding):
        raise InvalidSpecs([text])
    seeds = seeds_of(file, text)
    with FileStore(state).open() as pools:
        for each in seeds:
            pools.seeds[each.place] = planted(pools.seeds.get(each.place, {}), each)
        pools.changed = True
    count = sum(1 for each in seeds for _ in each.things())
    streams.note(f"{state} has {plural(count, 'thing')} of {file}.\n")


def forget(file: Path, streams: Streams) -> None:
    """Forget every pool of a sandbox."""
    reset(file)
    streams.note(f"{file} is empty.\n")
