"""Two pools as one picture, in which every part says whether it is new, gone or another."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reconciler.checks.graph import Lane, PoolGraph, State, Step, lanes_of
from reconciler.checks.judging import shown_to_checks
from reconciler.model.plan import PoolPlan
from reconciler.model.pool_values import Rule
from reconciler.model.written import PoolData
from reconciler.planner.alignment import align


def graph_of_plan(plan: PoolPlan, where: str = "") -> PoolGraph:
    """The picture of what a plan does with a pool: of what is live, and of what is to be."""
    before, after = (
        shown_to_checks(pool) if pool is not None else None for pool in (plan.live, plan.desired)
    )
    return graph_between(before, after, plan.name, where)


def graph_between(
    before: PoolData | None, after: PoolData | None, name: str, where: str = ""
) -> PoolGraph:
    """The picture of two pools in one; ``None``: there is none."""
    old, new = (
        {lane.key: lane for lane in lanes_of(pool)} if pool is not None else {}
        for pool in (before, after)
    )
    lanes = []
    # What is gone stands where it stood, before what follows it there.
    for key in _merged(list(old), list(new)):
        if key not in new:
            lanes.append(_all(old[key], "removed"))
        elif key not in old:
            lanes.append(_all(new[key], "added"))
        else:
            lanes.append(_lane_between(old[key], new[key]))
    return PoolGraph(name, where, tuple(lanes))


def _merged(old: list[str], new: list[str]) -> list[str]:
    merged = list(new)
    for number, key in enumerate(old):
        if key not in new:
            before = [merged.index(each) for each in old[:number] if each in merged]
            merged.insert(max(before, default=-1) + 1, key)
    return merged


def _all(lane: Lane, state: State) -> Lane:
    sources = (source._replace(state=state) for source in lane.sources)
    return replace(lane, sources=tuple(sources), steps=tuple(_step(s, state) for s in lane.steps))


def _step(step: Step, state: State) -> Step:
    arrows = (arrow._replace(state=state) for arrow in step.arrows)
    return replace(step, state=state, arrows=tuple(arrows))


def _lane_between(old: Lane, new: Lane) -> Lane:
    before, after = ([each[:2] for each in lane.sources] for lane in (old, new))
    sources = (
        *(s._replace(state="same" if s[:2] in before else "added") for s in new.sources),
        *(s._replace(state="removed") for s in old.sources if s[:2] not in after),
    )
    return Lane(new.key, sources, tuple(_steps_between(old.steps, new.steps)))


def _steps_between(old: Sequence[Step], new: Sequence[Step]) -> Iterator[Step]:
    """The token's step, the rules, and what is left: in the order in which they are asked."""
    firsts, rules, lasts = zip(_parts(old), _parts(new), strict=True)
    yield from _others_between(*firsts)
    yield from _rules_between(*rules)
    yield from _others_between(*lasts)


def _parts(steps: Sequence[Step]) -> tuple[list[Step], list[Step], list[Step]]:
    rules = [step for step in steps if step.number]
    others = [step for step in steps if not step.number]
    return ([s for s in others if _is_token(s)], rules, [s for s in others if not _is_token(s)])


def _is_token(step: Step) -> bool:
    return any(arrow.goal.kind == "token" for arrow in step.arrows)


def _others_between(old: Sequence[Step], new: Sequence[Step]) -> Iterator[Step]:
    by_words = {step.condition: step for step in old}
    for step in new:
        yield _of_both(by_words.pop(step.condition, None), step)
    yield from (_step(step, "removed") for step in by_words.values())


def _rules_between(old: Sequence[Step], new: Sequence[Step]) -> Iterator[Step]:
    pairs = align(*([_as_rule(step) for step in steps] for steps in (old, new)))
    paired = {pair.after: pair.before for pair in pairs if pair.after}
    named = {pair.before for pair in pairs}
    kept = iter([step for step in old if step.number not in named])
    found = [
        (pair.before, _step(old[pair.before - 1], "removed"))
        for pair in pairs
        if pair.before and not pair.after
    ]
    for step in new:
        was = paired.get(step.number) if step.number in paired else next(kept).number
        before = old[was - 1] if was else None
        if before is not None and before.condition != step.condition:
            # Another condition is another rule.
            found.append((step.number, _step(before, "removed")))
            before = None
        merged = _of_both(before, step)
        if before is not None and step.number in paired and was != step.number:
            merged = replace(merged, state="changed", was=before.number)
        found.append((step.number, merged))
    # Stable: what is gone stands before what has its number now.
    yield from (step for _, step in sorted(found, key=lambda each: each[0]))


def _as_rule(step: Step) -> Rule:
    role = step.arrows[0].goal.role
    return Rule(Claim=step.claim, MatchType=step.match_type, Value=step.value, RoleARN=role)


def _of_both(old: Step | None, new: Step) -> Step:
    """A step of both sides: where it led to is shown beside where it leads to."""
    if old is None:
        return _step(new, "added")
    new = replace(new, was_dead=old.is_dead)
    if old.arrows == new.arrows:
        return replace(new, state="same" if old.is_dead == new.is_dead else "changed")
    arrows = (
        *(arrow._replace(state="added") for arrow in new.arrows),
        *(arrow._replace(state="removed") for arrow in old.arrows),
    )
    return replace(new, state="changed", arrows=arrows)
