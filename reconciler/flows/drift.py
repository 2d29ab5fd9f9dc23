"""``idpool drift``: plan, turn it round, ask who, tell whom."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reconciler.checks.judging import with_drifted_access
from reconciler.flows.inputs import load_inputs
from reconciler.flows.plan import make_plan
from reconciler.flows.reporting import show_report
from reconciler.flows.targets import OpenTargets, open_targets, side_by_side
from reconciler.live.notify import post_json, publish
from reconciler.live.trail import last_writes
from reconciler.model.drift import Drift, DriftState, is_due, with_told
from reconciler.model.errors import UsageProblem
from reconciler.model.live import TrailEvent
from reconciler.model.notify import NotNotified, Receiver, receiver_of
from reconciler.model.request import Named, Reach
from reconciler.planner.drift import asked_of, drift_of, with_writes
from reconciler.reports import drift_report as texts
from reconciler.reports.format_names import OF_DRIFT
from reconciler.reports.formats import record_json
from reconciler.specs.records import load_drift_state
from reconciler.terminal.exit_codes import ExitCode, exit_code_of_drift
from reconciler.terminal.files import EVERYBODY_READS, OWNER_ONLY, read_if_any, write_whole
from reconciler.terminal.outputs import outputs_of
from reconciler.terminal.streams import Streams


@dataclass(frozen=True, slots=True)
class Request:
    """What is compared, and told; ``who``: with who wrote it.

    ``notify``: who is told; ``state``: where it is remembered what they were; ``metrics``: where
    those go; ``None``: nowhere.
    """

    named: Named
    reach: Reach
    formats: Sequence[str]
    who: bool
    notify: Sequence[str]
    state: Path | None
    metrics: Path | None


def drift(request: Request, streams: Streams) -> ExitCode:
    """Show what has moved away, and tell it.

    Raises what ``plan`` raises, ``UsageProblem`` for receivers, and ``UnwritableFile``.
    """
    began = time.monotonic()
    state, metrics = request.state, request.metrics
    outputs = outputs_of(request.formats, OF_DRIFT, beside=[state, metrics])
    receivers = _receivers_of(request)
    known = load_drift_state(state) if state else None
    found = _find_drift(request, streams)
    try:
        show_report(texts.drift_report(found), outputs, streams)
    finally:  # a file that cannot be written keeps no drift from those who are to be told
        all_told = _tell(found, receivers, dict(known.told) if known else {}, state, streams)
        if metrics is not None:
            _write_metrics(metrics, found, began)
    return exit_code_of_drift(found, all_told=all_told)


def _receivers_of(request: Request) -> tuple[Receiver, ...]:
    """Who is to be told.  Raises ``UsageProblem``."""
    receivers = tuple(dict.fromkeys(map(receiver_of, request.notify)))
    if request.reach.sandbox and any(receiver.kind == "sns" for receiver in receivers):
        raise UsageProblem(
            "--sandbox does not reach AWS, and an SNS topic is there",
            hint="use idpool sandbox serve and AWS_ENDPOINT_URL to try it, or another receiver",
        )
    return receivers


def _find_drift(request: Request, streams: Streams) -> Drift:
    """Read specs and live, and compare.  Raises what ``plan`` raises."""
    inputs = load_inputs(request.named, streams)
    with open_targets(inputs, request.reach, streams) as opened:
        planned = make_plan(opened)
        plan = planned.plan
        # The day in UTC: a pipeline's time zone decides nothing.
        drift = drift_of(plan, inputs.project.ignore, datetime.now(UTC).date())
        drift = with_drifted_access(drift, plan, planned.users)
        return with_writes(drift, _writers(drift, opened)) if request.who else drift


def _writers(drift: Drift, opened: OpenTargets) -> dict[str, tuple[TrailEvent, ...]]:
    """The events of each target; one that CloudTrail says nothing of is told, and left out."""
    asked = {t.target.name: asked_of(t, drift.owner) for t in drift.targets}
    found, failed = side_by_side(
        lambda name: last_writes(opened.connections[name], asked[name]),
        {name: name for name, each in asked.items() if each},
    )
    for problem in failed.values():
        opened.streams.error(problem)
    return found


def _tell(
    drift: Drift,
    receivers: Sequence[Receiver],
    told: dict[str, str],
    state: Path | None,
    streams: Streams,
) -> bool:
    """Tell each receiver what it does not know yet; whether all that had to be told were.

    The state is written before anybody is told, too: where it cannot be, everybody would be told
    again by each run.  Raises ``UnwritableFile``.
    """
    _remember(drift, told, state)
    due = [receiver for receiver in receivers if is_due(told, receiver.key, drift)]
    failed = False
    for receiver in due:
        try:
            _send(drift, receiver)
        except NotNotified as problem:
            streams.error(problem)
            failed = True
        else:
            streams.note(f"notified {receiver.shown}\n")
            told = with_told(told, receiver.key, drift)
            _remember(drift, told, state)
    return not failed


def _send(drift: Drift, receiver: Receiver) -> None:
    """Raises ``NotNotified``."""
    match receiver.kind:
        case "slack":
            post_json(receiver, texts.slack_message(drift))
        case "webhook":
            post_json(receiver, record_json(drift))
        case "sns":
            publish(receiver, *texts.sns_message(drift))


def _remember(drift: Drift, told: dict[str, str], state: Path | None) -> None:
    if state is None:
        return
    known = DriftState(digest=drift.digest, clean=drift.is_clean, told=told)
    write_whole(state, f"{known.model_dump_json(indent=2)}\n", OWNER_ONLY)


def _write_metrics(path: Path, drift: Drift, began: float) -> None:
    """Write the metrics of this run over those of the last.  Raises ``UnwritableFile``."""
    earlier = texts.last_successes(read_if_any(path))
    seconds = time.monotonic() - began
    text = texts.drift_metrics(drift, now=time.time(), seconds=seconds, earlier=earlier)
    write_whole(path, text, EVERYBODY_READS)
