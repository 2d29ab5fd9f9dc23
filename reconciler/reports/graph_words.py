"""What a picture of a pool says: the same words for Mermaid and SVG, every string escaped."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from reconciler.checks.graph import CLASSIC_FLOW, GUESTS, Goal, PoolGraph, Source, State, Step
from reconciler.model.providers import issuer_of
from reconciler.reports.escape import escape, name

SIGNS: Final[Mapping[State, str]] = {"same": "", "added": "+ ", "removed": "- ", "changed": "~ "}
KEY: Final = "+ added, - removed, ~ changed"

_ROLE: Final = ":role/"
_SAML: Final = ":saml-provider/"
_GOALS: Final = {
    "token": "the role that the token names",
    "any": "any role that trusts this pool",
    "denied": "no credentials",
    "open": "not managed by this spec",
}


class Words(NamedTuple):
    """What is shown, a rule's value apart; and all of it, for who looks closer."""

    shown: str
    whole: str
    value: str = ""


def title(graph: PoolGraph) -> str:
    """``webapp in prod-eu, prod-us``."""
    shown = name(graph.name)
    return f"{shown} {escape(graph.where)}" if graph.where else shown


def closed(graph: PoolGraph) -> str:
    """Who has no way in, in a sentence; "" where both ways are drawn."""
    keys = {lane.key for lane in graph.lanes}
    ways = ((GUESTS, "guests are not let in"), (CLASSIC_FLOW, "the classic flow is off"))
    said = ", ".join(words for key, words in ways if key not in keys)
    return f"{said[0].upper()}{said[1:]}." if said else ""


def source_words(source: Source) -> Words:
    """``user pool eu-west-1_Ab129faBb, client 7lhlkkfbfb4q5kpp90urffao``."""
    if not source.name:
        return Words(source.kind, source.kind)
    shown = name(source.name)
    match source.kind:
        case "user pool":
            pool, _, client = source.name.partition(":")
            short = name(pool.rpartition("/")[2] or pool)
            shown = f"{short}, client {name(client)}" if client else short
        case "OpenID Connect":
            shown = name(issuer_of(source.name) or source.name)
        case "SAML":
            shown = name(source.name.partition(_SAML)[2] or source.name)
        case _:
            pass
    return Words(f"{source.kind} {shown}", f"{source.kind} {name(source.name)}")


def step_words(step: Step) -> Words:
    """``cognito:groups contains`` and, for a rule, with its value."""
    if not step.number:
        return Words(step.says, step.says)
    shown, value = f"{name(step.claim)} {escape(step.verb)}", name(step.value)
    return Words(shown, f"{shown} {value}", value)


def step_notes(step: Step) -> list[str]:
    """What else is to be said of a step."""
    reached = "never reached" if step.is_dead else "reached now" if step.was_dead else ""
    moved = f"was rule {step.was}" if step.was else ""
    return [each for each in (reached, moved) if each]


def goal_words(graph: PoolGraph) -> dict[Goal, Words]:
    """What each goal is called: a role by its name, of two accounts by its ARN."""
    goals = list(dict.fromkeys(end.goal for end in graph.ends))
    roles = [_role_name(goal) for goal in goals]
    return {
        goal: _goal_words(goal, role if roles.count(role) == 1 else goal.role)
        for goal, role in zip(goals, roles, strict=True)
    }


def _role_name(goal: Goal) -> str:
    return goal.role.partition(_ROLE)[2] or goal.role


def _goal_words(goal: Goal, role: str) -> Words:
    if goal.kind == "role":
        return Words(name(role), name(goal.role))
    shown = _GOALS[goal.kind]
    return Words(f"{shown}: {goal.why}" if goal.why else shown, shown)
