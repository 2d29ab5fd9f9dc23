"""The published schemas describe what is written, by the word of a validator of somebody else's."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reconciler.specs.schema_texts import schema_text
from tests.records.conftest import Records

SCHEMAS = Path(__file__).parents[2] / "schemas"


def _validator(name: str) -> Any:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_bytes())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def test_a_real_receipt_is_valid(records: Records) -> None:
    """With creations, updates and tags in it."""
    receipt = json.loads(records.receipt)
    _validator("receipt").validate(receipt)
    kinds = {a["action"]["kind"] for pool in receipt["pools"] for a in pool["actions"]}
    assert kinds == {"CreatePool", "SetRoles", "SetPrincipalTags", "TagPool", "UntagPool"}


def test_every_line_of_a_real_journal_is_valid(records: Records) -> None:
    """Of every kind of entry there is one."""
    entries = [json.loads(line) for line in records.journal.splitlines()]
    for entry in entries:
        _validator("journal").validate(entry)
    assert {entry["entry"] for entry in entries} == {"run", "sending", "ended", "end"}


@pytest.mark.parametrize("change", [{"extra": 1}, {"pools": None}, {"schemaVersion": 2}])
def test_what_is_not_a_receipt_is_invalid(records: Records, change: dict[str, Any]) -> None:
    """Otherwise the tests above would prove nothing."""
    assert not _validator("receipt").is_valid({**json.loads(records.receipt), **change})


@pytest.mark.parametrize("missing", ["planDigest", "pools", "schemaVersion"])
def test_every_field_is_there(records: Records, missing: str) -> None:
    """Readers need not ask whether a field is there, only whether it is null."""
    receipt = json.loads(records.receipt)
    del receipt[missing]
    assert not _validator("receipt").is_valid(receipt)


@pytest.mark.parametrize("name", ["receipt", "journal"])
def test_the_committed_schema_is_what_the_models_say(name: Any) -> None:
    """`idpool schema --out schemas` brings them in step."""
    assert (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8") == schema_text(name)
