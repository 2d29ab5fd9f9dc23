"""``idpool trust``: the trust policies that the roles of pools need."""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.checks.judging import shown_to_checks
from reconciler.checks.trust_needs import TrustedPool, needed_trust
from reconciler.flows.inputs import load_inputs
from reconciler.flows.reporting import tell_refusals
from reconciler.flows.role_checking import matched_pools
from reconciler.flows.targets import OpenTargets, open_targets
from reconciler.live.aws import Connection
from reconciler.model.changes import Refusal
from reconciler.model.partitions import web_identity_names
from reconciler.model.request import Named, Reach
from reconciler.model.written import PoolData
from reconciler.planner.refusals import refused
from reconciler.reports.escape import escape
from reconciler.reports.format_names import OF_TRUST
from reconciler.reports.trust_report import trust_json, trust_text, without_pool
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.outputs import outputs_of
from reconciler.terminal.streams import Streams


@dataclass(frozen=True, slots=True)
class Request:
    """Whose roles are meant, and how the policies are written."""

    named: Named
    reach: Reach
    formats: Sequence[str]


def trust(request: Request, streams: Streams) -> ExitCode:
    """Print the policies; that a pool is not there yet goes to stderr.

    Raises what ``load_inputs``, ``open_targets`` and ``raise_wrong`` raise, and ``Problems``.
    """
    outputs = outputs_of(request.formats, OF_TRUST)
    inputs = load_inputs(request.named, streams)
    with open_targets(inputs, request.reach, streams) as opened:
        found = opened.for_each(lambda connection: _pools_in(connection, opened))
    roles = needed_trust(pool for pools, _ in found for pool in pools)
    if outputs.is_text:
        streams.artefact(trust_text(roles))
    # No summary of a step: none of the formats is for one.
    outputs.write(streams, lambda _: trust_json(roles), lambda _: "")
    for line in without_pool(roles):
        streams.note(f"{escape(line)}\n")
    return tell_refusals([refusal for _, refusals in found for refusal in refusals], streams)


def _pools_in(
    connection: Connection, opened: OpenTargets
) -> tuple[list[tuple[TrustedPool, PoolData]], Sequence[Refusal]]:
    matched = matched_pools(connection, opened)
    target = connection.target
    names = web_identity_names(target.region)
    if not names:
        return [], [*matched.refusals, refused("issuer-not-known", target=target)]
    pools = [
        (TrustedPool(pool.name, target.name, names[0], pool.pool_id), shown_to_checks(desired))
        for pool, desired in matched.pools
    ]
    return pools, matched.refusals
