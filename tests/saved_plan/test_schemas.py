"""The published schemas describe what is written, by the word of a validator of somebody else's."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reconciler.specs.schema_texts import schema_text
from tests.e2e.test_every_field import FULL
from tests.reports.plans import PLANS
from tests.saved_plan.conftest import Save
from tests.saved_plan.test_hostile import TEXT
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

SCHEMAS = Path(__file__).parents[2] / "schemas"


def _validator(name: str) -> Any:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_bytes())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def test_what_the_commands_write_is_valid(idpool: Idpool, save: Save) -> None:
    """A pool with every field, one that is refused, and one that is unchanged."""
    idpool.write("specs/a.yaml", yaml_of(document("a", FULL)))
    assert idpool.run("apply", "specs", "--yes").code == 0
    refused = {**FULL, "DeveloperProviderName": ""}
    idpool.write("specs/a.yaml", yaml_of(document("a", refused), document("b", FULL)))
    path = save(code=3)
    as_json = idpool.run("plan", "specs", "--format", "json")
    _validator("saved-plan").validate(json.loads(path.read_text()))
    _validator("plan").validate(json.loads(as_json.out))


@pytest.mark.parametrize("name", PLANS)
def test_every_kind_of_plan_is_valid(name: str) -> None:
    """Every field, every action, every edit."""
    _validator("plan").validate(PLANS[name].model_dump(mode="json"))


@pytest.mark.parametrize("missing", json.loads(TEXT))
def test_every_field_of_a_saved_plan_is_required(missing: str) -> None:
    """Readers need not ask whether a field is there, only whether it is null."""
    data = json.loads(TEXT)
    assert _validator("saved-plan").is_valid(data)
    del data[missing]
    assert not _validator("saved-plan").is_valid(data)


@pytest.mark.parametrize(
    "change", [{"extra": 1}, {"plan": None}, {"schemaVersion": 1}, {"kind": "Plan"}]
)
def test_what_is_no_saved_plan_is_invalid(change: dict[str, Any]) -> None:
    """Otherwise the tests above would prove nothing."""
    assert not _validator("saved-plan").is_valid({**json.loads(TEXT), **change})


@pytest.mark.parametrize("name", ["plan", "saved-plan"])
def test_the_committed_schema_is_what_the_models_say(idpool: Idpool, name: Any) -> None:
    """`idpool schema --out schemas` brings them in step."""
    committed = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(name) == idpool.run("schema", name).out
