"""Commands that say who gets which role."""

from typing import Any

from reconciler.cli import options
from reconciler.cli.completion import complete_specs
from reconciler.cli.help import Group, Part
from reconciler.cli.options import flag, option, path_option
from reconciler.terminal.streams import Streams

commands = Group()
_LIVE = flag("--live", part=Part.INPUT, help="Ask the pool as AWS has it, not as its spec says.")


@commands.command()
@options.named()
@option(
    "--pool NAME",
    shell_complete=complete_specs,
    help="Which spec, by metadata.name, where there are several.",
)
@option("--provider NAME", help="Whom they have signed in with, as the pool names it.")
@path_option("--claims FILE", help="The claims of their token, JSON or YAML; - is stdin.")
@path_option("--jwt FILE", help="Their token: decoded, never verified, never printed; - is stdin.")
@flag("--guest", help="They have not signed in.")
@option("--custom-role ARN", help="The CustomRoleArn that their app asks for.")
@_LIVE
@options.reach()
@flag("--show-claims", part=Part.OUTPUT, help="Print the values of claims, too; else names only.")
@options.formats
@options.streams()
def simulate(streams: Streams, **asked: Any) -> int:
    """Say which role somebody gets of a pool, by which rule, with which principal tags, or why not.

    Example: idpool simulate specs/shop.yaml --claims claims.json

    Example: idpool simulate specs/shop.yaml --guest --live --target prod-eu
    """
    from reconciler.flows import simulate as flow

    return flow.simulate(flow.Request(**asked), streams)


@commands.command()
@options.named("Files or folders of specs and of their tests. Default: the project's specs.")
@_LIVE
@options.reach()
@options.formats
@options.streams(says="List what has passed; twice: log every call to AWS.")
def test(streams: Streams, **asked: Any) -> int:
    """Run the tests beside the specs: whether everybody gets the role that they say.

    Example: idpool test specs/ --format junit=tests.xml
    """
    from reconciler.flows import test as flow

    return flow.test(flow.Request(**asked), streams)
