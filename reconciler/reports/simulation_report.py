"""What somebody gets of pools, as text and as JSON; of claims the names, values where asked."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from reconciler.checks.asking import Answer, NoPool, shown_role
from reconciler.model.secrets import mask_half
from reconciler.reports.escape import escape, name, value
from reconciler.reports.lines import Style, Text, dim, indented, joined, line, strong

SCHEMA_VERSION: Final = 1
_OPEN_FLOW: Final = (
    "the classic flow is open to them, too: there an app takes any role that trusts the pool"
)
_STYLES: Final = {"role": Style.ADD, "denied": Style.REMOVE, "not known": Style.CHANGE}


def simulation_text(answers: Sequence[Answer | NoPool], *, show_claims: bool) -> Text:
    """A paragraph for each answer; targets with the same one share it."""
    targets: dict[tuple[Text, ...], list[Answer | NoPool]] = {}
    for each in answers:
        body = _body(each, show_claims=show_claims)
        targets.setdefault((Text(_about(each)), *body), []).append(each)
    lines: list[Text] = []
    for (_, *told), alike in targets.items():
        if lines:
            lines.append(Text())
        lines += [_headline(alike), *indented(told, by=2)]
    return joined(lines)


def simulation_json(answers: Sequence[Answer | NoPool], *, show_claims: bool) -> str:
    """The same for programs, target by target."""
    results = [_result(each, show_claims=show_claims) for each in answers]
    document = {"schemaVersion": SCHEMA_VERSION, "results": results}
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def _about(each: Answer | NoPool) -> str:
    if isinstance(each, NoPool):
        return f"{each.spec}  {each.source}"
    asked = each.asked
    return f"{asked.spec}  {asked.pool_id or asked.source}"


def _headline(alike: Sequence[Answer | NoPool]) -> Text:
    first = alike[0]
    asked = first if isinstance(first, NoPool) else first.asked
    targets = [(each if isinstance(each, NoPool) else each.asked).target for each in alike]
    where = "target" if len(targets) == 1 else "targets"
    place = asked.source if isinstance(asked, NoPool) else asked.pool_id or asked.source
    told = f" in {where} {', '.join(map(name, targets))}"
    return line(strong(name(asked.spec)), told, dim(f"  {escape(place)}"))


def _body(each: Answer | NoPool, *, show_claims: bool) -> Iterator[Text]:
    if isinstance(each, NoPool):
        yield line(("no pool to ask", Style.REMOVE), f": {escape(each.why)}")
        if each.way_out:
            yield line(f"way out: {escape(each.way_out)}")
        return
    decision = each.decision
    yield line(f"who: {_who(each, show_claims=show_claims)}")
    role = escape(_role(each, show_claims=show_claims))
    if decision.verdict == "role":
        yield line("role: ", strong(role))
    else:
        yield line((decision.verdict, _STYLES[decision.verdict]))
    place = each.place
    yield line(f"why: {escape(decision.why)}", dim(f"  {escape(place)}" if place else ""))
    if rule := each.rule:
        words = (rule["Claim"], rule["MatchType"], rule["Value"])
        yield line(f"rule: {' '.join(map(name, words))}")
    if decision.verdict == "role":
        if not each.person.is_guest:
            yield line(f"principal tags: {_tags(each, show_claims=show_claims)}")
        if each.closed_by is None:
            yield line((f"note: {_OPEN_FLOW}", Style.CHANGE))


def _who(each: Answer, *, show_claims: bool) -> str:
    if each.person.is_guest:
        return "a guest"
    provider = name(mask_half(each.who.provider)) if each.who.provider else "some provider"
    claims = each.person.claims
    if claims is None:
        return f"a user of {provider}, whose claims are not known"
    if not claims:
        return f"a user of {provider}, without claims"
    shown = (
        f"{name(key)}={value(said)}" if show_claims else name(key)
        for key, said in sorted(claims.items())
    )
    return f"a user of {provider} with the claims {', '.join(shown)}"


def _role(each: Answer, *, show_claims: bool) -> str:
    role = each.decision.role
    return role if show_claims else shown_role(role)


def _tags(each: Answer, *, show_claims: bool) -> str:
    decision = each.decision
    if decision.no_tags:
        return f"not known: {escape(decision.no_tags)}"
    told = []
    for tag, found in sorted(decision.tags.items()):
        said = f"={name(found.value)}" if show_claims else ""
        told.append(
            name(tag) + (f" (not known: {escape(found.why_not)})" if found.why_not else said)
        )
    return ", ".join(told) or "none"


def _result(each: Answer | NoPool, *, show_claims: bool) -> dict[str, Any]:
    if isinstance(each, NoPool):
        about = {"spec": each.spec, "source": each.source, "target": each.target}
        return {**about, "verdict": "no pool", "why": each.why, "wayOut": each.way_out}
    asked, decision, rule = each.asked, each.decision, each.rule
    claims = each.person.claims
    number = decision.rule
    return {
        "spec": asked.spec,
        "source": asked.source,
        "target": asked.target,
        "poolId": asked.pool_id or None,
        "guest": each.person.is_guest,
        "provider": mask_half(each.who.provider) or None,
        "claims": _claims(claims, show_claims=show_claims),
        "verdict": decision.verdict,
        "role": _role(each, show_claims=show_claims) if decision.role else None,
        "why": decision.why,
        "place": each.place or None,
        "mapping": mask_half(decision.mapping) if decision.mapping else None,
        "rule": {**rule, "number": number + 1} if rule and number is not None else None,
        "principalTags": {
            tag: {"whyNotKnown": found.why_not}
            if found.why_not
            else ({"value": found.value} if show_claims else {})
            for tag, found in decision.tags.items()
        },
        "principalTagsNotKnown": decision.no_tags or None,
        "classicFlow": "open" if each.closed_by is None else "closed",
    }


def _claims(claims: Any, *, show_claims: bool) -> Any:
    if claims is None or show_claims:
        return claims
    return sorted(claims)
