"""``idpool drift``: plan, turn it round, ask who, tell whom."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from reconciler.flows.inputs import load_inputs
from reconciler.flows.plan import make_plan
from reconciler.flows.reporting import show_report
from reconciler.flows.targets import OpenTargets, open_targets
from reconciler.live.notify import post_json, publish
from reconciler.live.trail import last_writes
from reconciler.model.drift import Drift, DriftState, is_due, with_told
from reconciler.model.errors import AwsProblem, UsageProblem
from reconciler.model.live import TrailEvent
from reconciler.model.notify import NotNotified, Receiver, receiver_of
from reconciler.model.request import Named, Reach
from reconciler.planner.drift import asked_of, drift_of, with_writes
from reconciler.reports.drift_report import (
    drift_metrics,
    drift_report,
    last_successes,
    slack_message,
    sns_message,
)
from reconciler.reports.error_text import error_text
from reconciler.reports.format_names import OF_DRIFT
from reconciler.reports.formats import record_json
from reconciler.specs.records import load_drift_state
from reconciler.terminal.exit_codes import ExitCode, exit_code_of_drift
from reconciler.terminal.files import EVERYBODY_READS, OWNER_ONLY, read_if_any, write_whole
from reconciler.terminal.outputs import outputs_of
from reconciler.terminal.streams import Streams


@dataclass(frozen=True, slots=True)
class Watch:
    """The clock of one run, which began when the watch was made."""

    _began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return time.monotonic() - self._began

    @property
    def now(self) -> float:
        """Unix time."""
        return time.time()

    @property
    def today(self) -> date:
        """The day in UTC: a pipeline's time zone decides nothing."""
        return datetime.now(UTC).date()


def receivers_of(texts: Sequence[str], *, in_sandbox: bool) -> tuple[Receiver, ...]:
    """Who is to be told.  Raises ``UsageProblem``."""
    receivers = tuple(dict.fromkeys(receiver_of(text) for text in texts))
    if in_sandbox and any(receiver.kind == "sns" for receiver in receivers):
        raise UsageProblem(
            "--sandbox does not reach AWS, and an SNS topic is there",
            hint="use idpool sandbox serve and AWS_ENDPOINT_URL to try it, or another receiver",
        )
    return receivers


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told, what is remembered of that, and where metrics go; "" and ``None``: nowhere."""

    receivers: tuple[str, ...] = ()
    state: Path | None = None
    metrics: Path | None = None


def drift(
    named: Named,
    reach: Reach,
    formats: Sequence[str],
    telling: Telling,
    streams: Streams,
    *,
    who: bool,
) -> ExitCode:
    """Show what has moved away, and tell it; ``who``: with who wrote it.

    Raises what ``plan`` raises, ``UsageProblem`` for receivers, and ``UnwritableFile``.
    """
    watch = Watch()
    outputs = outputs_of(formats, OF_DRIFT, beside=[telling.state, telling.metrics])
    receivers = receivers_of(telling.receivers, in_sandbox=reach.sandbox is not None)
    known = load_drift_state(telling.state) if telling.state else None
    found = find_drift(named, reach, watch, streams, who=who)
    try:
        show_report(drift_report(found), outputs, streams)
    finally:  # a file that cannot be written keeps no drift from those who are to be told
        all_told = tell(found, receivers, known, telling.state, streams)
        if telling.metrics is not None:
            write_metrics(telling.metrics, found, watch)
    return exit_code_of_drift(found, all_told=all_told)


def find_drift(named: Named, reach: Reach, watch: Watch, streams: Streams, *, who: bool) -> Drift:
    """Read specs and live, and compare.  Raises what ``plan`` raises."""

    inputs = load_inputs(named, streams)
    with open_targets(inputs, reach, streams) as opened:
        plan = make_plan(inputs, opened, streams).plan
        drift = drift_of(plan, inputs.project.ignore, watch.today)
        return with_writes(drift, _writers(drift, opened, streams)) if who else drift


def tell(
    drift: Drift,
    receivers: Sequence[Receiver],
    known: DriftState | None,
    state: Path | None,
    streams: Streams,
) -> bool:
    """Tell each receiver what it does not know yet; whether all that had to be told were.

    The state is written before anybody is told, too: where it cannot be, everybody would be told
    again by each run.  Raises ``UnwritableFile``.
    """

    told = dict(known.told) if known else {}
    _remember(drift, told, state)
    due = [receiver for receiver in receivers if is_due(told, receiver.key, drift)]
    failed = False
    for receiver in due:
        try:
            _send(drift, receiver)
        except NotNotified as problem:
            streams.problem(error_text(problem))
            failed = True
        else:
            streams.note(f"notified {receiver.shown}\n")
            told = with_told(told, receiver.key, drift)
            _remember(drift, told, state)
    return not failed


def write_metrics(path: Path, drift: Drift, watch: Watch) -> None:
    """Write the metrics of this run over those of the last.  Raises ``UnwritableFile``."""

    earlier = last_successes(read_if_any(path))
    text = drift_metrics(drift, now=watch.now, seconds=watch.seconds, earlier=earlier)
    write_whole(path, text, EVERYBODY_READS)


def _writers(
    drift: Drift, opened: OpenTargets, streams: Streams
) -> dict[str, tuple[TrailEvent, ...]]:
    """The events of each target; one that CloudTrail says nothing of is told, and left out."""

    asked = {t.target.name: asked_of(t, drift.owner) for t in drift.targets}
    futures = {
        name: opened.workers.submit(last_writes, opened.connections[name], each)
        for name, each in asked.items()
        if each
    }
    return dict(_answered(futures, streams))


def _answered(
    futures: dict[str, Future[tuple[TrailEvent, ...]]], streams: Streams
) -> Iterator[tuple[str, tuple[TrailEvent, ...]]]:

    for name, future in futures.items():
        try:
            yield name, future.result()
        except AwsProblem as problem:
            streams.problem(error_text(problem))


def _send(drift: Drift, receiver: Receiver) -> None:
    """Raises ``NotNotified``."""

    match receiver.kind:
        case "slack":
            post_json(receiver, slack_message(drift))
        case "webhook":
            post_json(receiver, record_json(drift))
        case "sns":
            subject, message = sns_message(drift)
            publish(receiver, subject, message)


def _remember(drift: Drift, told: dict[str, str], state: Path | None) -> None:
    if state is None:
        return
    text = DriftState(digest=drift.digest, clean=drift.is_clean, told=told).model_dump_json(
        indent=2
    )
    write_whole(state, f"{text}\n", OWNER_ONLY)
