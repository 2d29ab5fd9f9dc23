"""Commands that read pools, and those that change them."""

from typing import Any

import click

from reconciler.cli import options
from reconciler.cli.completion import complete_fields, complete_specs, complete_targets
from reconciler.cli.help import Group
from reconciler.cli.options import PATH, argument, flag, option, path_option
from reconciler.model.request import Reach
from reconciler.terminal.streams import Streams

commands = Group()


@commands.command()
@options.named()
@options.reach()
@options.streams()
def render(streams: Streams, **asked: Any) -> int:
    """Print what specs mean in each target, with where every value comes from.

    Example: idpool render specs/shop.yaml --target prod-eu
    """
    from reconciler.flows import render as flow

    return flow.render(flow.Request(**asked), streams)


@commands.command()
@options.named()
@path_option("--out FILE", help="Save the plan here, for show and apply.")
@flag("--detailed-exitcode", "detailed", help="Exit 2 when there is something to do.")
@options.reach()
@options.formats
@options.streams()
def plan(streams: Streams, **asked: Any) -> int:
    """Show what apply would do, and change nothing.

    Example: idpool plan specs/ --sandbox --format markdown=plan.md
    """
    from reconciler.flows import plan as flow

    return flow.plan(flow.Request(**asked), streams)


@commands.command()
@options.named()
@options.reach()
@options.formats
@options.streams()
def trust(streams: Streams, **asked: Any) -> int:
    """Print the trust policy that each role of the pools needs, with the ids that pools have.

    Example: idpool trust specs/shop.yaml --format json
    """
    from reconciler.flows import trust as flow

    return flow.trust(flow.Request(**asked), streams)


@commands.command()
@argument("file", "PLAN", "What plan --out has written.", type=PATH)
@options.formats
@options.streams()
def show(streams: Streams, **asked: Any) -> None:
    """Print a saved plan as plan did, with when it was made, and from which commit; without AWS.

    Example: idpool show plan.json
    """
    from reconciler.flows import show as flow

    flow.show(streams=streams, **asked)


@commands.command()
@options.named(
    "Spec files or folders, or one saved plan. Default: the project's specs.", "[SPEC|PLAN]..."
)
@options.yes
@path_option(
    "--resume JOURNAL",
    help="Go on with a run that was killed: only the pools of its journal, planned afresh.",
)
@options.records()
@options.reach(writes=True)
@options.formats
@options.streams()
def apply(streams: Streams, **asked: Any) -> int:
    """Show the plan, ask, and make live what the specs say; or apply a saved plan, unasked.

    Example: idpool apply specs/ --sandbox --yes

    Example: idpool apply plan.json
    """
    from reconciler.flows import apply as flow

    return flow.apply(flow.Request(**asked), streams)


@commands.command()
@argument("file", "RECEIPT", "What apply --receipt has written.", type=PATH)
@flag("--apply", help="Do it, after asking. Otherwise it is only shown.")
@options.yes
@options.project
@options.reach(writes=True)
@options.records()
@options.formats
@options.streams()
def rollback(streams: Streams, **asked: Any) -> int:
    """Show what takes an apply back, pool by pool, and say what cannot be undone.

    Example: idpool rollback receipt.json --sandbox
    """
    from reconciler.flows import rollback as flow

    return flow.rollback(flow.Request(**asked), streams)


@commands.command()
@options.named()
@flag("--who", help="Ask CloudTrail who made the last writes.")
@option(
    "--notify KIND=ADDRESS",
    multiple=True,
    envvar="IDPOOL_NOTIFY",
    show_envvar=True,
    help="Tell slack=URL, webhook=URL or sns=TOPIC-ARN; repeatable.",
)
@path_option(
    "--state FILE",
    help="Remember here what was told, to tell it once. Without it every run tells.",
)
@path_option("--metrics FILE", help="Write metrics here, for Prometheus's textfile collector.")
@options.reach()
@options.formats
@options.streams()
def drift(streams: Streams, **asked: Any) -> int:
    """Show how AWS has moved away from the specs, and change nothing. Exit 2 when it has.

    Example: idpool drift --who --state .idpool/drift.json --metrics drift.prom
    """
    from reconciler.flows import drift as flow

    return flow.drift(flow.Request(**asked), streams)


@commands.command()
@options.gathered(
    "reach",
    Reach,
    argument(
        "targets",
        "[TARGET]...",
        "Whose locks. Default: every target.",
        shell_complete=complete_targets,
    ),
    options.sandbox,
)
@flag("--force", help="Also a lock that somebody else holds.")
@options.yes
@options.project
@options.streams()
def unlock(streams: Streams, **asked: Any) -> int:
    """Show who holds the locks of the targets, ask, and remove them.

    Without --force: only what has expired, or was held by a process of the same user on the same
    host that has ended.

    Example: idpool unlock prod-eu
    """
    from reconciler.flows import unlock as flow

    return flow.unlock(streams=streams, **asked)


@commands.command("import")
@argument(
    "names", "[NAME|ID]...", "Names or ids of pools. Default: only list what could be imported."
)
@flag("--all", "every", help="Every pool that has no spec and no other owner.")
@path_option(
    "--out DIR",
    help="Write DIR/NAME.yaml for each pool. Default: the project's folder of specs, or specs/.",
)
@flag(
    "--with-secrets",
    help="Write secrets of login providers, too, into files that only you can read.",
)
@flag(
    "--fold",
    help="Pools of one name in several targets become one spec, with references and perTarget, "
    "where at least half of their fields are alike.",
)
@flag(
    "--user-pool-names",
    help="Say in comments what user pools are called, where AWS tells "
    "(cognito-idp:DescribeUserPool).",
)
@options.project
@options.reach()
@options.streams()
def import_(streams: Streams, **asked: Any) -> int:
    """Write one spec for each pool that exists already, so that idpool can take it over.

    Nothing is changed in AWS, and no file is overwritten.

    Example: idpool import storefront --out specs/ --sandbox
    """
    from reconciler.flows import import_pools as flow

    return flow.import_pools(flow.Request(**asked), streams)


@commands.command()
@argument(
    "pairs",
    "NAME=ID...",
    "A spec (metadata.name) and the id of its pool; repeatable. With --keep: NAME.",
    shell_complete=complete_specs,
)
@option(
    "--keep ID",
    help="Of several pools with the tags of spec NAME keep this one: the others lose them.",
)
@flag("--yes", "-y", help="With --keep: do not ask; for pipelines.")
@options.show_diff
@options.named_by_option()
@options.reach()
@options.streams()
def adopt(streams: Streams, **asked: Any) -> int:
    """Write metadata.adopt into specs, so that apply takes over pools that exist already.

    Nothing is changed in AWS, but with --keep: that takes tags away, and asks before. Of several
    pairs all are written, or none.

    Example: idpool adopt storefront=eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0 --diff

    Example: idpool adopt storefront --keep eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
    """
    from reconciler.flows import adopt as flow

    return flow.adopt(flow.Request(**asked), streams)


@commands.command()
@argument(
    "names",
    "[NAME]...",
    "Names of specs (metadata.name). Default: all.",
    shell_complete=complete_specs,
)
@option(
    "--field FIELD",
    "fields",
    multiple=True,
    shell_complete=complete_fields,
    help="Only this field; repeatable.",
)
@option(
    "--into LAYER",
    "into",
    type=click.Choice(("spec", "perTarget", "defaults")),
    help="Where values go that come from defaults or perTarget, or that differ by target: spec, "
    "perTarget or defaults. Default: they are left, and told.",
)
@flag("--with-secrets", help="Write new secrets of login providers, too.")
@options.show_diff
@flag("--check", help="Write nothing; exit 2 if something would be pulled.")
@options.named_by_option()
@options.reach()
@options.streams()
def pull(streams: Streams, **asked: Any) -> int:
    """Accept what was changed in AWS: write it into the specs, and touch no other line of them.

    Example: idpool pull storefront --field IdentityPoolTags --diff
    """
    from reconciler.flows import pull as flow

    return flow.pull(flow.Request(**asked), streams)
