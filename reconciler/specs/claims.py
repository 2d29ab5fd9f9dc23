"""The claims of somebody's token, from a file: personal data, of which no error shows a value."""

from pathlib import Path
from typing import Final

from reconciler.model.base import JsonValue
from reconciler.model.errors import IdpoolError
from reconciler.model.findings import Finding, RuleId
from reconciler.specs.files import read_text
from reconciler.text.documents import document_of
from reconciler.text.problems import Unusable
from reconciler.text.tokens import claims_in
from reconciler.text.yaml import parse

_STDIN: Final = Path("-")
_WAY: Final = "write a JSON or YAML mapping of claims, such as {sub: ann, aud: web}"


class UnreadableClaims(IdpoolError):
    """A file of claims, or a token, that cannot be used.

    Its sentence names no file: in place of one somebody may have given the token itself.
    """

    def __init__(self, sentence: str, hint: str) -> None:
        super().__init__(sentence)
        self.hint = hint


def read_claims(path: Path) -> dict[str, JsonValue]:
    """The claims of a JSON or YAML file; ``-`` is stdin.  Raises ``UnreadableClaims``."""
    text = _text(path, "--claims")
    roots, _, bad = parse(text)
    if bad is not None:
        raise _wrong(bad.place, bad.problem.rule)
    if len(roots) != 1:
        raise UnreadableClaims("--claims: the file is not one mapping of claims", _WAY)
    try:
        document = document_of("", roots[0])
    except Unusable as unusable:
        raise _wrong(unusable.place, unusable.problem.rule) from None
    for problem in document.problems:
        raise _wrong(document.place(problem), problem.rule)
    if not isinstance(document.value, dict):
        raise UnreadableClaims("--claims: the file is not one mapping of claims", _WAY)
    return document.value


def read_token(path: Path) -> dict[str, JsonValue]:
    """The claims of a file that is a JSON Web Token; ``-`` is stdin.

    Nothing is verified.  Raises ``UnreadableClaims``.
    """
    claims = claims_in(_text(path, "--jwt").strip().removeprefix("Bearer ").lstrip())
    if claims is None:
        raise UnreadableClaims(
            "--jwt: the file is no signed JSON Web Token: three parts, with dots between them",
            "give the ID token as the provider sends it, or its claims with --claims",
        )
    return claims


def _text(path: Path, option: str) -> str:
    text = read_text(Path("/dev/stdin") if path == _STDIN else path)
    if isinstance(text, Finding):
        raise UnreadableClaims(
            f"{option} names no file that can be read as text ({text.rule})",
            f"{option} takes the name of a file, or - for stdin",
        )
    return text


def _wrong(place: tuple[int, int], rule: RuleId) -> UnreadableClaims:
    line, column = place
    return UnreadableClaims(f"--claims: line {line}, column {column}: {rule.value}", _WAY)
