"""Checks of roles' trust policies: do they let in the pool's users, and nobody else?"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from reconciler.checks.role_policies import Names, Statement, statements_of
from reconciler.checks.role_uses import RoleUse, Subject, found_in, role_name, session_tags, shown
from reconciler.checks.trust import (
    SIGN_INS,
    TAG_SESSION,
    WEB_IDENTITY,
    Token,
    Use,
    Verdict,
    either,
    names_pools,
    trusts,
    values_of,
)
from reconciler.model.base import JsonValue
from reconciler.model.findings import RuleId
from reconciler.model.partitions import web_identity_names
from reconciler.model.roles import Role
from reconciler.text.problems import Problem, listed, quoted

# An id that no pool has.
_NO_POOL: Final = "00000000-0000-4000-8000-000000000000"


class _Trust(NamedTuple):
    """A role's trust policy, asked about one pool; ``name``: of ``web_identity_names``."""

    document: JsonValue
    name: str
    pool_id: str | None

    def verdict(self, use: Use, action: str = WEB_IDENTITY) -> Verdict:
        return trusts(self.document, Token(self.name, self.pool_id, use), action)

    def in_any_pool(self, use: Use) -> Verdict:
        """Where it does not matter which pool it is."""
        return trusts(self.document, Token(self.name, None, use))

    def however(self) -> Verdict:
        """Where it does not matter how somebody has signed in."""
        return trusts(self.document, Token(self.name, self.pool_id, None))

    def asked(self, key: str) -> Names:
        return tuple(
            dict.fromkeys(v for s in self.for_pools for v in values_of(s, f"{self.name}:{key}"))
        )

    @property
    def statements(self) -> list[Statement]:
        return [each for each in statements_of(self.document) if each.allows]

    @property
    def for_pools(self) -> list[Statement]:
        return [each for each in self.statements if names_pools(each, self.name)]


def trust_problems(role: Role, use: RoleUse, subject: Subject) -> Iterator[Problem]:
    """What keeps those from the role whom the pool gives it to, and who gets it besides."""
    names = web_identity_names(subject.facts.region)
    if not names:
        why = f"how region {subject.facts.region} calls identity pools in trust policies"
        yield found_in(use, RuleId.ROLE_TRUST_NOT_KNOWN, role=role_name(role.arn), why=why)
        return
    federated = {p for s in statements_of(role.trust) for p in s.principals.get("Federated", ())}
    name = next((each for each in names if each in federated), names[0])
    trust = _Trust(role.trust, name, subject.pool_id)
    for wanted in sorted(use.uses):
        verdict = trust.verdict(wanted)
        if verdict is False:
            yield from _why_not(role, use, trust, wanted)
        elif verdict is None and subject.pool_id:
            why = "its conditions depend on more than the pool and the sign-in"
            yield found_in(use, RuleId.ROLE_TRUST_NOT_KNOWN, role=role_name(role.arn), why=why)
        elif (
            wanted == "authenticated"
            and session_tags(use, subject.pool)
            and (trust.verdict(wanted, TAG_SESSION) is False)
        ):
            yield found_in(use, RuleId.ROLE_TRUST_TAG_SESSION, role=role_name(role.arn))
    yield from _too_open(role, use, trust, subject)


def _why_not(role: Role, use: RoleUse, trust: _Trust, wanted: Use) -> Iterator[Problem]:
    """What of a trust policy keeps the pool's users from the role: all of it that can be told."""
    told = {"role": role_name(role.arn), "who": _who(wanted)}
    if not trust.for_pools:
        yield _no_principal(role, use, trust)
    elif not any(each.covers(WEB_IDENTITY.lower()) for each in trust.for_pools):
        found = listed(shown(action for each in trust.for_pools for action in each.actions))
        yield found_in(use, RuleId.ROLE_TRUST_ACTION, found=found, **told)
    else:
        # Each alone may be the reason, or both of them.
        wrong_pool = trust.in_any_pool(wanted) is not False
        wrong_amr = trust.however() is not False
        neither = trusts(trust.document, Token(trust.name, None, None))
        if wrong_pool or (not wrong_amr and neither is not False):
            aud = listed(shown(trust.asked("aud")))
            values = {"found": aud, "pool": trust.pool_id or "", **told}
            yield found_in(use, RuleId.ROLE_TRUST_OTHER_POOL, **values)
        if wrong_amr or (not wrong_pool and neither is not False):
            values = {"found": listed(shown(trust.asked("amr"))) or "none", "wanted": wanted}
            yield found_in(use, RuleId.ROLE_TRUST_AMR, **values, **told)
        if not wrong_pool and not wrong_amr and neither is False:
            yield found_in(use, RuleId.ROLE_TRUST_NEVER, **told)


def _no_principal(role: Role, use: RoleUse, trust: _Trust) -> Problem:
    principals = [
        (kind, name)
        for each in trust.statements
        for kind, names in each.principals.items()
        for name in names
    ]
    near = next(((kind, name) for kind, name in principals if "cognito" in name.lower()), None)
    told = {"role": role_name(role.arn), "name": trust.name}
    if near is None:
        return found_in(use, RuleId.ROLE_TRUST_PRINCIPAL, **told)
    found = f"{near[0]}: {near[1]}"[:100]
    return found_in(use, RuleId.ROLE_TRUST_PRINCIPAL, "misspelt", found=quoted(found), **told)


def _too_open(role: Role, use: RoleUse, trust: _Trust, subject: Subject) -> Iterator[Problem]:
    """Whom the trust policy lets in besides."""
    told = {"role": role_name(role.arn)}
    stranger = f"{subject.facts.region or 'eu-west-1'}:{_NO_POOL}"
    tokens = [Token(trust.name, stranger, each) for each in SIGN_INS]
    if either(trusts(role.trust, token) for token in tokens):
        yield found_in(use, RuleId.ROLE_TRUST_ANY_POOL, **told)
    here = subject.pool_id
    if "unauthenticated" not in use.uses and here and trust.verdict("unauthenticated"):
        guests = subject.pool.get("AllowUnauthenticatedIdentities")
        case = "now" if guests and subject.pool.get("AllowClassicFlow") else ""
        yield found_in(use, RuleId.ROLE_TRUST_GUESTS, case, **told)
    if "authenticated" not in use.uses and here and trust.verdict("authenticated"):
        yield found_in(use, RuleId.ROLE_TRUST_USERS, **told)


def _who(use: Use) -> str:
    return "guests" if use == "unauthenticated" else "signed-in users"
