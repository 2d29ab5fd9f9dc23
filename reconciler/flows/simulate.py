"""``idpool simulate``: which role somebody gets of a pool, and by which rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.checks.asking import Answer, NoPool, Person, answer_of
from reconciler.flows.asking import Asked, Asking, asked_pools
from reconciler.flows.inputs import Inputs, load_inputs
from reconciler.model.errors import UsageProblem
from reconciler.model.providers import providers_of
from reconciler.model.request import Named, Reach
from reconciler.model.secrets import mask_half
from reconciler.reports.format_names import OF_SIMULATIONS, Format
from reconciler.reports.simulation_report import simulation_json, simulation_text
from reconciler.specs.claims import read_claims, read_token
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.outputs import outputs_of
from reconciler.terminal.streams import Streams
from reconciler.text.tokens import claims_in


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks, and which pools: ``pool`` is the name of a spec, ``None`` for the only one.

    ``live``: as AWS has them; ``show_claims``: with values.
    """

    named: Named
    reach: Reach
    formats: Sequence[str]
    pool: str | None
    provider: str | None
    claims: Path | None
    jwt: Path | None
    guest: bool
    custom_role: str | None
    live: bool
    show_claims: bool


def simulate(request: Request, streams: Streams) -> ExitCode:
    """Say which role they get.  Whatever the answer is, it is one; without a pool there is none.

    Raises what ``load_inputs`` and ``asked_pools`` raise, ``UnreadableClaims``, and
    ``UsageProblem`` for options that do not go together.
    """
    outputs = outputs_of(request.formats, OF_SIMULATIONS)
    person = _person(request)
    inputs = load_inputs(request.named, streams)
    name = _only_name(inputs, request.pool)
    asking = Asking(inputs, request.reach, frozenset({name}), live=request.live)
    asked = [pool for there in asked_pools(asking, streams) for pool in there.pools.values()]
    if not asked:
        raise UsageProblem(
            f"the pool {name} goes to none of these targets", hint="choose others with --target"
        )
    answers = [_answer(each, person) for each in asked]
    shown = {"show_claims": request.show_claims}
    if outputs.is_text:
        streams.artefact(simulation_text(answers, **shown))

    def render(form: Format) -> str:
        if form is Format.JSON:
            return simulation_json(answers, **shown)
        return simulation_text(answers, **shown).plain + "\n"

    outputs.write(streams, render, lambda _: "")
    is_all = all(isinstance(each, Answer) for each in answers)
    return ExitCode.DONE if is_all else ExitCode.FAILED


def _person(request: Request) -> Person:
    """Who asks.  Raises ``UsageProblem`` and ``UnreadableClaims``."""
    role = request.custom_role or ""
    if any(claims_in(str(path)) is not None for path in request.named.specs):
        raise UsageProblem(
            "a token stands where specs are named",
            hint="write it into a file, or into stdin: --jwt FILE, --jwt -",
        )
    if request.claims and request.jwt:
        raise UsageProblem("--claims and --jwt both say who it is", hint="name one of the two")
    if request.guest:
        if request.claims or request.jwt or request.provider:
            raise UsageProblem(
                "a guest has neither a provider nor claims", hint="leave out --guest, or these"
            )
        return Person(custom_role=role, is_guest=True)
    if not (request.claims or request.jwt or request.provider):
        raise UsageProblem(
            "nobody is named who asks",
            hint="give --claims FILE or --jwt FILE, --provider NAME, or --guest",
        )
    claims = None
    if request.claims:
        claims = read_claims(request.claims)
    elif request.jwt:
        claims = read_token(request.jwt)
    return Person(request.provider or "", claims, role)


def _only_name(inputs: Inputs, wanted: str | None) -> str:
    """The name of the spec that is asked.  Raises ``UsageProblem`` where there are several."""
    names = list(inputs.loaded.names)
    known = f"the specs are: {', '.join(names)}"
    if wanted is not None:
        if wanted not in names:
            raise UsageProblem(f"there is no spec {wanted}", hint=known)
        return wanted
    if len(names) != 1:
        raise UsageProblem(
            "one pool is asked at a time" if names else "there is no spec here",
            hint=f"choose one with --pool NAME; {known}" if names else "name a file with a spec",
        )
    return names[0]


def _answer(asked: Asked, person: Person) -> Answer | NoPool:
    """Raises ``UsageProblem`` where a provider has to be named."""
    if isinstance(asked, NoPool):
        return asked
    answer = answer_of(asked, person)
    if not person.is_guest and not answer.who.provider and answer.decision.verdict == "not known":
        known = ", ".join(map(mask_half, providers_of(asked.pool)))
        raise UsageProblem(
            f"the pool {asked.spec} has several providers, and nothing says which one it is",
            hint=f"name one with --provider: {known}",
        )
    return answer
