"""``idpool adopt``: read, check, edit, write; or of two pools of one spec, keep one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from reconciler.flows.carry_out import Terms, apply_plan
from reconciler.flows.inputs import Inputs, chosen_specs, load_inputs
from reconciler.flows.plan import Planned, PlannedTarget, plan_targets
from reconciler.flows.rewriting import Rewrite, show_diffs
from reconciler.flows.targets import OpenTargets, open_targets, read_live, read_targets
from reconciler.live.aws import Connection
from reconciler.model.errors import UsageProblem
from reconciler.model.live import LiveTarget
from reconciler.model.request import Named, Reach, RecordFiles
from reconciler.model.spec import Spec, is_pool_id
from reconciler.planner.keeping import plan_to_keep, wants_to_keep
from reconciler.planner.matching import Ownership
from reconciler.reports.escape import escape
from reconciler.reports.plan_report import plan_report
from reconciler.reports.text_report import report_text
from reconciler.specs.completion import known_in
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.files import TextFile
from reconciler.terminal.outputs import Outputs
from reconciler.terminal.streams import Streams, require_somebody_to_ask
from reconciler.writeback.adoption import (
    Adopt,
    NotAdopted,
    adopt_of,
    adopting,
    with_adopt,
    with_adopt_in,
)
from reconciler.writeback.files import WrittenSpec, written_specs

# Where the way out of a plan is to take back what has not been written yet.
_HINTS = {"other-spec": "a pool has one spec: leave this one to it, or remove that spec"}


class NamedPool(NamedTuple):
    """A spec and the id of the pool that it is to adopt."""

    name: str
    pool_id: str


@dataclass(frozen=True, slots=True)
class Adoption:
    """A pair, the target that has the pool, and what the spec says of all of its pools after it.

    ``is_new``: it did not say so.
    """

    pair: NamedPool
    live: LiveTarget
    spec: WrittenSpec
    adopt: Adopt
    is_new: bool


@dataclass(frozen=True, slots=True)
class Request:
    """``pairs``: NAME=ID each, or one NAME with ``keep``; ``diff``: it is shown, not written."""

    named: Named
    reach: Reach
    pairs: Sequence[str]
    keep: str | None
    yes: bool
    diff: bool


def adopt(request: Request, streams: Streams) -> int:
    """Write who adopts what into specs; or, with ``keep``, take tags away from other pools.

    Raises ``UsageProblem``, ``LeftAlone``, and what ``load_inputs`` and ``apply_plan`` raise.
    """
    if request.keep is None:
        pairs = tuple(dict.fromkeys(map(_pair, request.pairs)))
        if request.yes:
            raise UsageProblem("--yes goes with --keep: else adopt writes specs alone")
        return _adopt_pools(pairs, request, streams)
    if request.diff or len(request.pairs) != 1:
        raise UsageProblem(
            "--keep takes one spec, and no --diff",
            hint="write it as: idpool adopt storefront --keep eu-west-1:0f1e2d3c-...",
        )
    require_somebody_to_ask(yes=request.yes)
    return _keep_pool(_pair(f"{request.pairs[0]}={request.keep}"), request, streams)


def _pair(text: str) -> NamedPool:
    name, _, pool_id = text.partition("=")
    if not (name and is_pool_id(pool_id)):
        raise UsageProblem(
            f"{text!r} is no NAME=ID",
            hint="write the name of a spec, =, and the id of a pool: shop=eu-west-1:0f1e2d3c-...",
        )
    return NamedPool(name, pool_id)


def _adopt_pools(pairs: Sequence[NamedPool], request: Request, streams: Streams) -> ExitCode:
    """Edit the specs, or show how they would change; where one pair is not to be, write nothing."""
    inputs = load_inputs(request.named, streams)
    chosen_specs(inputs, [pair.name for pair in pairs], "; idpool import writes one of a pool")
    with open_targets(inputs, request.reach, streams) as opened:
        lives = read_targets(opened)
    project, documents = inputs.project, inputs.loaded.documents
    meant = {live.target.name: known_in(documents, live.target, project) for live in lives}
    try:
        adoptions = _adoptions(pairs, inputs, lives)
        specs = {name: _as_adopting(specs, adoptions) for name, specs in meant.items()}
        problems = [p for each in adoptions for p in _obstacles(each, specs, inputs)]
        files = [] if problems else list(_rewritten(adoptions, inputs))
    except NotAdopted as problem:
        problems = [problem]
    if problems:
        return _refused(problems, streams)
    for each in adoptions:
        if _spec_of(each, specs).lifecycle.delete:
            streams.problem(
                f"warning: spec {each.spec.name} says delete: true: apply will delete "
                f"{each.pair.pool_id}\n"
            )
    if request.diff:
        show_diffs(files, streams)
    else:
        _write(files, adoptions, streams)
    return ExitCode.DONE


def _adoptions(
    pairs: Sequence[NamedPool], inputs: Inputs, lives: Sequence[LiveTarget]
) -> tuple[Adoption, ...]:
    """What each spec is to be, with all of its pairs.  Raises ``NotAdopted``, ``UsageProblem``."""
    written = {spec.name: spec for spec in written_specs(inputs.loaded.documents)}
    places = [(pair, _target_of(pair, written[pair.name], lives)) for pair in pairs]
    before = {name: adopt_of(spec.meanings[0]) for name, spec in written.items()}
    after = dict(before)
    first: dict[tuple[str, str], NamedPool] = {}
    for pair, live in places:
        target = live.target.name
        earlier = first.setdefault((pair.name, target), pair)
        if earlier != pair:
            raise UsageProblem(
                f"spec {pair.name} has one pool in target {target}, and two were named",
                hint="name the one that is in use",
            )
        spec = written[pair.name]
        goes_to = [each.name for each in inputs.project.targets if spec.goes_to(each.name)]
        after[pair.name] = adopting(after[pair.name], goes_to, target, pair.pool_id)
    return tuple(_adoption(p, live, written[p.name], before, after) for p, live in places)


def _adoption(
    pair: NamedPool,
    live: LiveTarget,
    spec: WrittenSpec,
    before: Mapping[str, Adopt | None],
    after: Mapping[str, Adopt | None],
) -> Adoption:
    adopt = after[pair.name]
    assert adopt is not None  # noqa: S101 - this very pool is in it
    return Adoption(pair, live, spec, adopt, is_new=adopt != before[pair.name])


def _as_adopting(specs: Sequence[Spec], adoptions: Sequence[Adoption]) -> list[Spec]:
    """What the specs mean in one target once they adopt all of the pools."""
    new = {each.pair.name: each.adopt for each in adoptions}
    return [with_adopt_in(s, new[s.name]) if s.name in new else s for s in specs]


def _spec_of(adoption: Adoption, specs: Mapping[str, Sequence[Spec]]) -> Spec:
    """What the spec means where the pool is."""
    here = specs[adoption.live.target.name]
    return next(each for each in here if each.name == adoption.pair.name)


def _target_of(pair: NamedPool, spec: WrittenSpec, lives: Sequence[LiveTarget]) -> LiveTarget:
    def has(live: LiveTarget) -> bool:
        return live.has(pair.pool_id) or any(p.pool_id == pair.pool_id for p in live.unread)

    having = [live for live in lives if has(live)]
    for live in having:
        if spec.goes_to(live.target.name):
            return live
    if having:
        target = having[0].target.name
        reason = f"the pool is in target {target}, and the spec does not go there"
        raise NotAdopted(*pair, reason, f"add {target} to its metadata.targets")
    names = ", ".join(live.target.name for live in lives)
    reason = f"there is no such pool in target {names}"
    raise NotAdopted(*pair, reason, "check the id: idpool import lists every pool with its id")


def _obstacles(
    adoption: Adoption, specs: Mapping[str, Sequence[Spec]], inputs: Inputs
) -> Iterator[NotAdopted]:
    """Why a plan would refuse the spec as it is to be."""
    here = specs[adoption.live.target.name]
    ownership = Ownership(adoption.live, inputs.project, here, all_specs=inputs.all_specs)
    refusal = ownership.match(_spec_of(adoption, specs)).refusal
    if refusal is not None:
        hint = _HINTS.get(refusal.rule, refusal.way_out)
        yield NotAdopted(*adoption.pair, refusal.reason, hint, is_refusal=not refusal.is_error)


def _refused(problems: Sequence[NotAdopted], streams: Streams) -> ExitCode:
    for problem in problems:
        streams.error(problem)
    streams.note("Nothing was written.\n")
    refused = all(problem.is_refusal for problem in problems)
    return ExitCode.REFUSED if refused else ExitCode.FAILED


def _rewritten(adoptions: Sequence[Adoption], inputs: Inputs) -> Iterator[Rewrite]:
    """Each file that is concerned, once.  Raises ``NotAdopted`` and ``LeftAlone``."""
    new = {each.spec.name: each for each in adoptions if each.is_new}.values()
    for path in dict.fromkeys(each.spec.source.file for each in new):
        file = TextFile(Path(path))
        text = file.text
        for each in new:
            if each.spec.source.file == path:
                text = with_adopt(text, each.spec, each.adopt, inputs.project)
        yield Rewrite(file, text)


def _write(files: Sequence[Rewrite], adoptions: Sequence[Adoption], streams: Streams) -> None:
    """All or none, as far as that can be known before.  Raises ``LeftAlone``."""
    for rewrite in files:
        rewrite.file.require_writable()
    for rewrite in files:
        rewrite.file.write(rewrite.text)
    for each in adoptions:
        verb = "adopts" if each.is_new else "adopts already"
        file = escape(each.spec.source.file)
        streams.note(f"{file}: {each.pair.name} {verb} {each.pair.pool_id}\n")


def _keep_pool(keeping: NamedPool, request: Request, streams: Streams) -> int:
    """Show who gives its tags up, ask unless told not to, and take them away.

    Raises ``UsageProblem`` for an unknown spec and for a pool that is not among the spec's.
    """
    inputs = load_inputs(request.named, streams)
    first, *_ = chosen_specs(inputs, [keeping.name])
    # Whose the pools are is said by metadata, which is the same in all targets.
    spec = first if isinstance(first, Spec) else first.without_pool
    again = f"idpool adopt {keeping.name} --keep {keeping.pool_id}"
    with open_targets(inputs, request.reach, streams) as opened:
        return apply_plan(
            lambda: _plan_to_keep(spec, keeping.pool_id, opened),
            lambda plan: report_text(plan_report(plan)),
            opened,
            Terms(RecordFiles(), Outputs(), request.yes, again),
        )


def _plan_to_keep(spec: Spec, kept: str, opened: OpenTargets) -> Planned:
    project = opened.inputs.project

    def plan_one(connection: Connection) -> PlannedTarget:
        live = read_live(connection, opened, lambda found: wants_to_keep(spec, found, project))
        return PlannedTarget(plan_to_keep(spec, kept, live, project), live)

    planned = plan_targets(opened, plan_one)
    if not any(live.has(kept) for live in planned.seen.values()):
        names = ", ".join(planned.seen)
        raise UsageProblem(
            f"there is no pool {kept} in target {names}",
            hint="idpool plan names the pools that carry the tags of one spec",
        )
    if not planned.plan.has_changes:
        opened.streams.note(
            f"{kept} is the only pool of spec {spec.name}: there is nothing to do\n"
        )
    return planned
