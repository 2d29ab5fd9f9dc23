"""The JSON Schemas: in step with the model, and as editors want them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from reconciler.specs.schema import SchemaName, schema
from reconciler.specs.schema_texts import schema_text

SCHEMAS = Path(__file__).parents[2] / "schemas"
NAMES: list[SchemaName] = ["identity-pool", "project", "identity-pool-test"]


@pytest.mark.parametrize("name", NAMES)
def test_committed_schemas_are_in_step_with_the_model(name: SchemaName) -> None:
    """``make schema`` writes them anew."""
    committed = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(name)
    assert schema(name) == json.loads(committed)


@pytest.mark.parametrize("name", NAMES)
def test_schemas_are_draft_07(name: SchemaName) -> None:
    """By its metaschema, and without what editors stumble over."""
    jsonschema_rs.meta.validate(json.loads(schema_text(name)))
    for word in ('"$defs"', '"anyOf"', '"patternProperties"', "\\n"):
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


def test_the_loader_needs_no_aws_and_no_terminal() -> None:
    """``idpool validate`` starts fast, and cannot reach AWS."""
    program = "import sys, reconciler.specs; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint({"boto3", "botocore", "typer", "rich", "moto", "jsonschema"})
