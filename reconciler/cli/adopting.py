"""The way that adopt goes: read, check, edit, write.  Only the order; no decisions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from reconciler.cli.asking import require_somebody_to_ask
from reconciler.cli.diffs import diff_of
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.inputs import Inputs
from reconciler.cli.reading_targets import read_targets
from reconciler.cli.rewriting import TextFile
from reconciler.cli.streams import Streams
from reconciler.cli.workflow import Reach, open_targets
from reconciler.model.errors import UsageProblem
from reconciler.model.live import LiveTarget
from reconciler.model.spec import PoolId, Spec
from reconciler.planner.matching import Ownership
from reconciler.reports.error_text import error_text
from reconciler.reports.escape import escape
from reconciler.writeback.adoption import NotAdopted, adopting, with_adopt

_POOL_ID: TypeAdapter[str] = TypeAdapter(PoolId)
# Where the way out of a plan is to take back what has not been written yet.
_HINTS = {"other-spec": "a pool has one spec: leave this one to it, or remove that spec"}


class Pair(NamedTuple):
    """A spec and the id of the pool that it is to adopt."""

    name: str
    pool_id: str


@dataclass(frozen=True, slots=True)
class Adoption:
    """A pair, the target that has the pool, and the spec before and after."""

    pair: Pair
    live: LiveTarget
    before: Spec
    spec: Spec

    @property
    def is_new(self) -> bool:
        """Whether the spec does not say so already."""
        return self.before.document != self.spec.document


@dataclass(frozen=True, slots=True)
class Rewritten:
    """One file before and after."""

    file: TextFile
    text: str


def pairs_of(texts: Sequence[str]) -> tuple[Pair, ...]:
    """The pairs that were asked for, each once.  Raises ``UsageProblem``."""
    return tuple(dict.fromkeys(map(_pair, texts)))


def kept_of(names: Sequence[str], keep: str | None, *, yes: bool, diff: bool) -> Pair | None:
    """What ``--keep`` asks for; ``None`` without it.  Raises ``UsageProblem``."""
    if keep is None:
        if yes:
            raise UsageProblem("--yes goes with --keep: else adopt writes specs alone")
        return None
    if diff or len(names) != 1:
        raise UsageProblem(
            "--keep takes one spec, and no --diff",
            hint="write it as: idpool adopt storefront --keep eu-west-1:0f1e2d3c-...",
        )
    require_somebody_to_ask(yes=yes)
    return _pair(f"{names[0]}={keep}")


def adopt_pools(
    pairs: Sequence[Pair], inputs: Inputs, reach: Reach, streams: Streams, *, is_shown: bool
) -> ExitCode:
    """Edit the specs, or show how they would change where ``is_shown``.

    Where one pair is not to be, nothing is written.  Raises ``UsageProblem`` for an unknown spec,
    and ``LeftAlone``.
    """
    _require_specs(pairs, inputs)
    with open_targets(inputs, reach, streams) as opened:
        lives = read_targets(opened, streams)
    try:
        adoptions = _adoptions(pairs, inputs, lives)
        problems = [p for each in adoptions for p in _obstacles(each, adoptions, inputs)]
        files = [] if problems else list(_rewritten(adoptions, inputs))
    except NotAdopted as problem:
        problems = [problem]
    if problems:
        return _refused(problems, streams)
    _warn(adoptions, streams)
    if is_shown:
        for each in files:
            streams.artefact(diff_of(each.file.path, each.file.text, each.text))
    else:
        _write_all(files)
        _tell(adoptions, streams)
    return ExitCode.DONE


def _pair(text: str) -> Pair:
    name, sign, pool_id = text.partition("=")
    try:
        if name and sign:
            return Pair(name, _POOL_ID.validate_python(pool_id))
    except ValidationError:
        pass
    raise UsageProblem(
        f"{text!r} is no NAME=ID",
        hint="write the name of a spec, =, and the id of a pool: shop=eu-west-1:0f1e2d3c-...",
    )


def _require_specs(pairs: Sequence[Pair], inputs: Inputs) -> None:
    names = [spec.name for spec in inputs.loaded.specs]
    unknown = [pair.name for pair in pairs if pair.name not in names]
    if unknown:
        raise UsageProblem(
            f"there is no spec {', '.join(unknown)}",
            hint=f"the specs are: {', '.join(names)}; idpool import writes one of a pool",
        )


def _adoptions(
    pairs: Sequence[Pair], inputs: Inputs, lives: Sequence[LiveTarget]
) -> tuple[Adoption, ...]:
    """What each spec is to be, with all of its pairs.  Raises ``NotAdopted``, ``UsageProblem``."""
    loaded = {spec.name: spec for spec in inputs.loaded.specs}
    specs = dict(loaded)
    places = [(pair, _target_of(pair, specs[pair.name], lives)) for pair in pairs]
    first: dict[tuple[str, str], Pair] = {}
    for pair, live in places:
        earlier = first.setdefault((pair.name, live.target.name), pair)
        if earlier != pair:
            raise UsageProblem(
                f"spec {pair.name} has one pool in target {live.target.name}, and two were named",
                hint="name the one that is in use",
            )
        spec = specs[pair.name]
        specs[pair.name] = adopting(spec, live.target.name, pair.pool_id, inputs.project)
    return tuple(Adoption(pair, live, loaded[pair.name], specs[pair.name]) for pair, live in places)


def _target_of(pair: Pair, spec: Spec, lives: Sequence[LiveTarget]) -> LiveTarget:
    having = [live for live in lives if pair.pool_id in _ids(live)]
    going = [live for live in having if spec.goes_to(live.target.name)]
    if going:
        return going[0]
    if having:
        target = having[0].target.name
        reason = f"the pool is in target {target}, and the spec does not go there"
        raise NotAdopted(*pair, reason, f"add {target} to its metadata.targets")
    names = ", ".join(live.target.name for live in lives)
    reason = f"there is no such pool in target {names}"
    raise NotAdopted(*pair, reason, "check the id: idpool import lists every pool with its id")


def _ids(live: LiveTarget) -> set[str]:
    return {pool.pool_id for pool in live.pools} | {pool.pool_id for pool in live.unread}


def _obstacles(
    adoption: Adoption, all_of_them: Sequence[Adoption], inputs: Inputs
) -> Iterator[NotAdopted]:
    """Why a plan would refuse the spec as it is to be."""
    new = {each.spec.name: each.spec for each in all_of_them}
    target = adoption.live.target.name
    specs = [new.get(spec.name, spec) for spec in inputs.loaded.specs if spec.goes_to(target)]
    ownership = Ownership(adoption.live, inputs.project, specs, all_specs=inputs.all_specs)
    refusal = ownership.match(adoption.spec).refusal
    if refusal is not None:
        hint = _HINTS.get(refusal.rule, refusal.way_out)
        yield NotAdopted(*adoption.pair, refusal.reason, hint, is_refusal=not refusal.is_error)


def _rewritten(adoptions: Sequence[Adoption], inputs: Inputs) -> Iterator[Rewritten]:
    """Each file that is concerned, once.  Raises ``NotAdopted`` and ``LeftAlone``."""
    specs = {each.spec.name: each.spec for each in adoptions if each.is_new}.values()
    for path in dict.fromkeys(spec.source.file for spec in specs):
        file = TextFile(Path(path))
        text = file.text
        for spec in specs:
            if spec.source.file == path:
                text = with_adopt(text, spec, inputs.project)
        yield Rewritten(file, text)


def _refused(problems: Sequence[NotAdopted], streams: Streams) -> ExitCode:
    for problem in problems:
        streams.problem(error_text(problem))
    streams.note("Nothing was written.\n")
    refused = all(problem.is_refusal for problem in problems)
    return ExitCode.REFUSED if refused else ExitCode.FAILED


def _warn(adoptions: Sequence[Adoption], streams: Streams) -> None:
    for each in adoptions:
        if each.spec.lifecycle.delete:
            streams.problem(
                f"warning: spec {each.spec.name} says delete: true: apply will delete "
                f"{each.pair.pool_id}\n"
            )


def _write_all(files: Sequence[Rewritten]) -> None:
    """All or none, as far as that can be known before.  Raises ``LeftAlone``."""
    for each in files:
        each.file.require_writable()
    for each in files:
        each.file.write(each.text)


def _tell(adoptions: Sequence[Adoption], streams: Streams) -> None:
    for each in adoptions:
        verb = "adopts" if each.is_new else "adopts already"
        file = escape(each.spec.source.file)
        streams.note(f"{file}: {each.pair.name} {verb} {each.pair.pool_id}\n")
