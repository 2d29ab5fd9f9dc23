"""What convert writes, validate takes: in the project that the specs go to, and as one set."""

import json
from typing import Any

import pytest
from hypothesis import given

from reconciler.converters.cloudformation import from_cloudformation
from reconciler.converters.conversion import Supplied
from reconciler.converters.terraform import from_terraform
from reconciler.model.errors import InvalidSpecs, UsageProblem
from reconciler.model.project import Project
from reconciler.specs.loading import load_spec_text
from tests.converters.cases import POOL_ID
from tests.converters.test_hostile import damaged
from tests.strategies import fuzzed
from tests.support.cli import Idpool, Result

HERE, THERE = "eu-west-1", "us-east-1"
PLACES = {"here": HERE, "there": THERE}
POOL = "aws_cognito_identity_pool"


def in_project(idpool: Idpool, *targets: str) -> None:
    """A project with such targets."""
    places = {name: {"account": "111122223333", "region": PLACES[name]} for name in targets}
    project = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "a", "targets": places}
    idpool.write("idpool.yaml", json.dumps(project))


def state(idpool: Idpool, *pool_ids: str) -> None:
    """A state with pools of such ids."""
    resources = [
        {
            "mode": "managed",
            "type": POOL,
            "name": f"n{n}",
            "instances": [{"attributes": {"id": pool_id, "identity_pool_name": "one"}}],
        }
        for n, pool_id in enumerate(pool_ids)
    ]
    idpool.write("t.json", json.dumps({"version": 4, "resources": resources}))


def convert(idpool: Idpool, *options: str) -> Result:
    return idpool.run("convert", "terraform", "t.json", "--out", "specs", *options)


def test_a_pool_of_one_of_two_targets_needs_to_be_told_which(idpool: Idpool) -> None:
    in_project(idpool, "here", "there")
    state(idpool, POOL_ID)
    result = convert(idpool)
    assert result.code == 1
    assert not (idpool.folder / "specs").exists()
    assert "t.json:1:" in result.err
    assert f"error: {POOL}.n0.id: one pool id, but the spec goes to 2 targets" in result.err
    assert "fix: give the target that the pool is in with --target NAME" in result.err
    assert convert(idpool, "--target", "here").code == 0
    assert idpool.run("validate", "specs").code == 0


def test_one_target_is_clear(idpool: Idpool) -> None:
    in_project(idpool, "here")
    state(idpool, POOL_ID)
    assert convert(idpool).code == 0
    assert idpool.run("validate", "specs").code == 0


def test_without_a_project_it_is_said_what_the_target_is_waiting_for(idpool: Idpool) -> None:
    state(idpool, POOL_ID)
    result = convert(idpool, "--target", "here")
    assert result.code == 0
    note = "There is no project file here; where the specs go, it has to name here."
    assert note in result.err
    in_project(idpool, "here")
    assert idpool.run("validate", "specs").code == 0


def test_two_pools_of_one_id_are_one_spec(idpool: Idpool) -> None:
    state(idpool, POOL_ID, POOL_ID)
    result = convert(idpool)
    assert result.code == 1
    said = f"error: {POOL}.n1.id: {POOL}.n0 has this pool id already, and a pool has one spec"
    assert said in result.err
    assert [path.name for path in (idpool.folder / "specs").iterdir()] == ["one.yaml"]
    assert idpool.run("validate", "specs").code == 0


def test_two_pools_of_a_template_with_one_id_are_one_spec() -> None:
    fields = {"IdentityPoolName": "one", "AllowUnauthenticatedIdentities": False}
    pool = {"Type": "AWS::Cognito::IdentityPool", "Properties": fields}
    text = json.dumps({"Resources": {"A": pool, "B": pool}})
    values = {"A": POOL_ID, "B": POOL_ID}
    found = from_cloudformation("t", text, Supplied(values=values), None)
    assert len(found.pools) == 1
    assert "A has this pool id already" in found.findings[0].message


def test_names_that_are_taken_are_counted_on(idpool: Idpool) -> None:
    state(idpool, *(f"{HERE}:{n:08d}-0000-0000-0000-000000000000" for n in range(3)))
    assert convert(idpool).code == 0
    names = sorted(path.name for path in (idpool.folder / "specs").iterdir())
    assert names == ["one-2.yaml", "one-3.yaml", "one.yaml"]
    assert idpool.run("validate", "specs").code == 0


@fuzzed
@given(damaged())
def test_whatever_the_file_was_what_is_written_is_valid(value: Any) -> None:
    text = json.dumps(value)
    parameters = {"AWS::Region": HERE, "AWS::AccountId": "123456789012"}
    for convert in (from_cloudformation, from_terraform):
        try:
            found = convert("t.json", text, Supplied(parameters), None)
        except (InvalidSpecs, UsageProblem):
            continue
        if not found.pools:
            continue
        specs = "---\n".join(pool.text for pool in found.pools)
        assert len(load_spec_text("s.yaml", specs, Project()).specs) == len(found.pools)


@pytest.mark.parametrize("kind", ["cloudformation", "terraform"])
def test_a_tag_that_the_project_leaves_alone_is_said(kind: str, idpool: Idpool) -> None:
    project = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "a", "ignoreTags": ["c:*"]}
    idpool.write("idpool.yaml", json.dumps(project))
    tags = {"c:x": "1"}
    if kind == "terraform":
        attributes = {"id": POOL_ID, "identity_pool_name": "one", "tags": tags}
        instances = [{"attributes": attributes}]
        pool = {"mode": "managed", "type": POOL, "name": "n", "instances": instances}
        idpool.write("t.json", json.dumps({"version": 4, "resources": [pool]}))
    else:
        fields = {"IdentityPoolName": "one", "AllowUnauthenticatedIdentities": False}
        cf = {
            "Type": "AWS::Cognito::IdentityPool",
            "Properties": {**fields, "IdentityPoolTags": tags},
        }
        idpool.write("t.json", json.dumps({"Resources": {"P": cf}}))
    result = idpool.run("convert", kind, "t.json")
    assert result.code == 0, result.text
    assert "ignoreTags of the project leaves it alone" in result.err
