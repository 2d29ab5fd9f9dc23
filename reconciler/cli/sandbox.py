"""``idpool sandbox``: the sandbox for other AWS clients, and a clean start."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.streams import open_streams

app = typer.Typer(
    name="sandbox",
    help="Identity pools without AWS: moto, taught the rules of the service.",
    no_args_is_help=True,
)

StateFile = Annotated[Path, typer.Argument(metavar="FILE", help="The sandbox's state.")]


@app.command()
def serve(
    file: StateFile = Path(options.DEFAULT_SANDBOX),
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: a free one.")] = 0,
    update_semantics: Annotated[
        Literal["aws", "reset", "keep"],
        typer.Option(
            "--update-semantics",
            help="What an update does with fields that a call leaves out: as measured in AWS; "
            "all get their defaults; all stay.",
        ),
    ] = "aws",
    rate_limits: Annotated[
        bool, typer.Option("--rate-limits", help="Throttle as AWS documents it.")
    ] = False,
    rate: Annotated[
        float | None,
        typer.Option("--rate", metavar="N", help="At most N requests a second in all."),
    ] = None,
) -> ExitCode:
    """Serve the sandbox on loopback for any AWS client, until interrupted.

    Example: idpool sandbox serve --port 5000
    """
    from reconciler.sandbox import SandboxServer, SandboxSettings

    streams = open_streams()
    settings = SandboxSettings(
        file=file,
        update_semantics=update_semantics,
        port=port,
        rate_limits=rate_limits,
        rate=rate,
    )
    with SandboxServer(settings) as server:
        streams.artefact(f"{server.url}\n")
        streams.note(
            f"Use it from another terminal:\n"
            f"  export AWS_ENDPOINT_URL={server.url}\n"
            f"  export AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1\n"
            f"  export AWS_ACCESS_KEY_ID=123456789012 AWS_SECRET_ACCESS_KEY=sandbox\n"
            f"Its state is in {file}. Ctrl-C stops it.\n"
        )
        server.serve_forever()
    return ExitCode.DONE


@app.command()
def reset(file: StateFile = Path(options.DEFAULT_SANDBOX)) -> ExitCode:
    """Forget every pool of the sandbox.

    Example: idpool sandbox reset
    """
    from reconciler.sandbox import reset as forget

    forget(file)
    open_streams().note(f"{file} is empty.\n")
    return ExitCode.DONE
