"""Trust policies of roles: whom they let in.

A policy is decided as IAM does, for a token of an identity pool, as far as that is known: what
depends on anything else is neither yes nor no, which is ``None`` here.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from reconciler.checks.role_policies import Names, Statement, like, statements_of
from reconciler.model.base import JsonValue

WEB_IDENTITY: Final = "sts:AssumeRoleWithWebIdentity"
TAG_SESSION: Final = "sts:TagSession"
Use: TypeAlias = Literal["authenticated", "unauthenticated"]
Verdict: TypeAlias = bool | None
SIGN_INS: Final[tuple[Use, ...]] = get_args(Use)
_SETS: Final = ("forallvalues:", "foranyvalue:")
# The keys of tokens of other issuers (IAM user guide, "Available keys for AWS web identity
# federation"): a token of an identity pool has none of them.
_TOKEN_KEY: Final = re.compile(
    r"[a-z0-9.-]+\.[a-z]+(?:/\S*)?:(?:aud|amr|sub|oaud|app_id|id|user_id)"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token of an identity pool.

    ``name`` is what the pool is called in trust policies (``web_identity_names``); ``aud`` is the
    pool's id, ``amr`` how somebody has signed in.  ``None``: any of them, nobody knows which.
    Who has signed in has the names of the provider in ``amr``, too, which are not known either
    (developer guide, "Role trust and permissions").
    """

    name: str
    aud: str | None
    amr: Use | None


def trusts(document: JsonValue, token: Token, action: str = WEB_IDENTITY) -> Verdict:
    """Whether whoever has the token may call the action on the role."""
    verdicts = [
        (statement.allows, _applies(statement, token, action.lower()))
        for statement in statements_of(document)
    ]
    if any(applies for allows, applies in verdicts if not allows):
        return False
    allowed = either(applies for allows, applies in verdicts if allows)
    is_denied = either(applies for allows, applies in verdicts if not allows)
    return None if allowed and is_denied is None else allowed


def _applies(statement: Statement, token: Token, action: str) -> Verdict:
    if not statement.is_clear or statement.has_not_principal:
        return None
    if not names_pools(statement, token.name) or not statement.covers(action):
        return False
    return all_of(
        _holds(operator, key, values, token)
        for operator, keys in statement.conditions.items()
        for key, values in keys.items()
    )


def names_pools(statement: Statement, name: str) -> bool:
    """Whether a statement is for identity pools, or for everybody."""
    federated = statement.principals.get("Federated", ())
    return name in federated or "*" in federated or "*" in statement.principals.get("*", ())


def values_of(statement: Statement, key: str) -> Names:
    """All that conditions of a statement compare with a key."""
    found = (keys.get(key.lower(), ()) for keys in statement.conditions.values())
    return tuple(dict.fromkeys(value for values in found for value in values))


def either(verdicts: Iterable[Verdict]) -> Verdict:
    """Yes where one is; not known where none is yes and one is not known."""
    found = list(verdicts)
    return True if True in found else None if None in found else False


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """No where one is; not known where none is no and one is not known."""
    found = list(verdicts)
    return False if False in found else None if None in found else True


# Conditions


def _holds(operator: str, key: str, values: Names, token: Token) -> Verdict:
    kind, _, bare = operator.rpartition(":")
    kind = f"{kind}:" if kind else ""
    if kind and kind not in _SETS:
        return None
    is_optional = bare.endswith("ifexists")
    bare = bare.removesuffix("ifexists")
    issuer, _, claim = key.rpartition(":")
    if issuer == token.name.lower() and claim in ("aud", "amr", "sub"):
        if bare == "null":  # every token has them
            return all_of(value == "false" for value in values)
        return _compared_claim(kind, bare, claim, values, token)
    if _TOKEN_KEY.fullmatch(key):
        return _absent(kind, bare, values, is_optional=is_optional)
    return None


def _compared_claim(kind: str, operator: str, claim: str, values: Names, token: Token) -> Verdict:
    if claim == "aud" and token.aud is not None:
        return _compared(operator, token.aud, values)
    if claim == "amr" and token.amr is not None:
        return _compared_amr(kind, operator, token.amr, values)
    return None


def _absent(kind: str, operator: str, values: Names, *, is_optional: bool) -> Verdict:
    """What a condition says of a key that the request has not."""
    if operator == "null":
        return all_of(value == "true" for value in values)
    return is_optional or "not" in operator or kind == "forallvalues:"


_TESTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "stringequals": lambda pattern, text: pattern == text,
    "stringequalsignorecase": lambda pattern, text: pattern.casefold() == text.casefold(),
    "stringlike": like,
}


def _compared(operator: str, asked: str, values: Names) -> Verdict:
    """What a condition says of one text: whether it begins with ForAll or ForAny is no matter."""
    is_negated = operator.startswith("stringnot")
    test = _TESTS.get(operator.replace("stringnot", "string"))
    if test is None or any("${" in value for value in values):
        return None
    return any(test(value, asked) for value in values) != is_negated


def _compared_amr(kind: str, operator: str, amr: Use, values: Names) -> Verdict:
    """What a condition says of a sign-in: of its word and of the provider's names."""
    of_word = _compared(operator, amr, values)
    if not kind or of_word is None:
        return None  # a key of several values without ForAnyValue or ForAllValues
    verdicts: list[Verdict] = [of_word]
    if amr == "authenticated":
        verdicts.append(_compared_to_provider(operator, values))
    return all_of(verdicts) if kind == "forallvalues:" else either(verdicts)


def _compared_to_provider(operator: str, values: Names) -> Verdict:
    is_negated = operator.startswith("stringnot")
    if "*" in values and operator.endswith("like"):
        return not is_negated
    is_about_words = all(any(like(value, word) for word in SIGN_INS) for value in values)
    return is_negated if is_about_words else None
