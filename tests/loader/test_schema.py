"""The JSON Schemas: in step with the model, and right by an independent validator."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given

from reconciler.loader import schema_text
from reconciler.loader.schema import SchemaName
from reconciler.model.spec import PoolDocument
from tests.strategies import documents, lifecycles, unhurried

SCHEMAS = Path(__file__).parents[2] / "schemas"
NAMES: list[SchemaName] = ["identity-pool", "project"]
POOL = {
    "apiVersion": "idpool/v1",
    "kind": "IdentityPool",
    "metadata": {"name": "a"},
    "spec": {"IdentityPoolName": "a"},
}
PROJECT = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "a"}


def _validator(name: SchemaName) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads(schema_text(name)))


@pytest.mark.parametrize("name", NAMES)
def test_committed_schemas_are_in_step_with_the_model(name: SchemaName) -> None:
    """``make schema`` writes them anew."""
    committed = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(name)


@pytest.mark.parametrize("name", NAMES)
def test_schemas_are_draft_07(name: SchemaName) -> None:
    """By its metaschema, and without what editors stumble over."""
    jsonschema.Draft7Validator.check_schema(json.loads(schema_text(name)))
    for word in ('"$defs"', '"anyOf"', '"null"', '"patternProperties"', "\\n"):
        assert word not in schema_text(name)


@pytest.mark.parametrize("name", NAMES)
def test_no_reference_has_siblings(name: SchemaName) -> None:
    """Draft-07 ignores what stands beside $ref."""

    def references(part: Any) -> list[dict[str, Any]]:
        members = part.values() if isinstance(part, dict) else part
        inner = [r for each in members if isinstance(each, dict | list) for r in references(each)]
        return [part, *inner] if isinstance(part, dict) and "$ref" in part else inner

    found = references(json.loads(schema_text(name)))
    assert found
    assert all(list(each) == ["$ref"] for each in found)


@unhurried
@given(document=documents(lifecycle=lifecycles()))
def test_the_schema_takes_every_valid_document(document: dict[str, Any]) -> None:
    """As an editor checks it, and as the model does."""
    assert list(_validator("identity-pool").iter_errors(document)) == []
    PoolDocument.model_validate(document)


@pytest.mark.parametrize(
    ("name", "document", "change"),
    [
        ("identity-pool", POOL, {"kind": "Project"}),
        ("identity-pool", POOL, {"other": 1}),
        ("identity-pool", POOL, {"lifecycle": None}),
        ("identity-pool", POOL, {"metadata": {"name": "A"}}),
        ("identity-pool", POOL, {"metadata": {"name": "a", "targets": None}}),
        ("identity-pool", POOL, {"metadata": {"name": "a", "adopt": {"-": "eu-west-1:0"}}}),
        ("identity-pool", POOL, {"metadata": {"name": "a", "adopt": 5}}),
        ("identity-pool", POOL, {"spec": {"IdentityPoolName": 1}}),
        ("identity-pool", POOL, {"spec": {}}),
        ("project", PROJECT, {"owner": ""}),
        ("project", PROJECT, {"targets": {"-": {"account": "1" * 12, "region": "eu-west-1"}}}),
        ("project", PROJECT, {"targets": {"a": {"account": 1, "region": "eu-west-1"}}}),
    ],
)
def test_the_schema_refuses_wrong_documents(
    name: SchemaName, document: dict[str, Any], change: dict[str, Any]
) -> None:
    """By the independent validator: what an editor would underline."""
    assert _validator(name).is_valid(document)
    assert not _validator(name).is_valid({**document, **change})


@pytest.mark.parametrize("adopt", ["eu-west-1:0f1e", {"prod": "eu-west-1:0f1e"}])
def test_adopt_takes_both_shapes(adopt: object) -> None:
    """One id, or one for each target."""
    assert _validator("identity-pool").is_valid({**POOL, "metadata": {"name": "a", "adopt": adopt}})


def test_the_loader_needs_no_aws_and_no_terminal() -> None:
    """``idpool validate`` starts fast, and cannot reach AWS."""
    program = "import sys, reconciler.loader; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint({"boto3", "botocore", "typer", "rich", "moto", "jsonschema"})
