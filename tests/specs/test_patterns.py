"""Each pattern means the same to whoever reads it: the schema's validator, the models, Python.

``validate`` asks the schema alone, and ``plan`` the model, too: what one takes, the other takes.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import jsonschema_rs
import pytest
from pydantic import StringConstraints, TypeAdapter, ValidationError

from reconciler.specs.schema import SchemaName, schema
from reconciler.specs.schema_messages import matches

NAMES: tuple[SchemaName, ...] = ("identity-pool", "project")
IAM = "arn:aws:iam::123456789012:"
TEXTS = (
    *(
        "a",
        "A.b",
        "a.B.c",
        "eu-west-1",
        "eu-west-1:0",
        "123456789012",
        "2026-12-31",
        "s3://abc/d",
        "${a}",
        "${a}",
    ),
    *(IAM + kind for kind in ("role/x", "oidc-provider/x", "saml-provider/x")),
)
# All of the scripts that are likely, and every sign that is white space, or is invisible.
SIGNS = [chr(n) for n in (*range(0x3100), *range(0xFE00, 0x10000), 0x1F600, 0xE0020)]


def patterns(part: Any) -> Iterator[str]:
    """Every pattern in a schema."""
    if isinstance(part, dict):
        if isinstance(part.get("pattern"), str):
            yield part["pattern"]
        for inner in part.values():
            yield from patterns(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from patterns(inner)


PATTERNS = sorted({pattern for name in NAMES for pattern in patterns(schema(name))})


@pytest.mark.parametrize("pattern", PATTERNS)
def test_engines_agree_about_every_sign(pattern: str) -> None:
    by_schema = jsonschema_rs.Draft7Validator({"pattern": pattern})
    by_model = TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])
    taken = [text for text in TEXTS if by_schema.is_valid(text)]
    assert taken, "no text here is like that: nothing would be compared"
    for text in forms(taken, SIGNS):
        assert by_schema.is_valid(text) == _takes(by_model, text), ascii(text)


@pytest.mark.parametrize("pattern", [p for p in PATTERNS if "\\s" not in p])
def test_python_agrees_where_it_is_asked(pattern: str) -> None:
    """The keys of mappings are looked at in Python, by patterns without white space of its own."""
    by_schema = jsonschema_rs.Draft7Validator({"pattern": pattern})
    for text in forms(TEXTS, SIGNS[:256]):
        assert by_schema.is_valid(text) == matches(pattern, text), ascii(text)


def forms(texts: Sequence[str], signs: Sequence[str]) -> Iterator[str]:
    """Each text with each sign at its end and before its last."""
    for text in texts:
        for sign in signs:
            yield text + sign
            yield text[:-1] + sign + text[-1]


def _takes(model: TypeAdapter[str], text: str) -> bool:
    try:
        model.validate_python(text, strict=True)
    except ValidationError:
        return False
    return True
