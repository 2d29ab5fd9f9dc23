"""The JSON Schemas by a validator that has nothing to do with the loader's: as editors see them."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from reconciler.model.spec import PoolDocument
from reconciler.specs.schema import SchemaName
from reconciler.specs.schema_texts import schema_text
from tests.strategies import documents, lifecycles

POOL = {
    "apiVersion": "idpool/v1",
    "kind": "IdentityPool",
    "metadata": {"name": "a"},
    "spec": {"IdentityPoolName": "a"},
}
PROJECT = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "a"}


def _validator(name: SchemaName) -> Any:
    return jsonschema.Draft7Validator(json.loads(schema_text(name)))


@pytest.mark.parametrize("name", ["identity-pool", "project"])
def test_schemas_are_draft_07(name: SchemaName) -> None:
    """By its metaschema."""
    jsonschema.Draft7Validator.check_schema(json.loads(schema_text(name)))


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
