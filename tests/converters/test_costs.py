"""What a conversion may cost, by counts: each of these took minutes, or gigabytes, once."""

import json
import subprocess
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from reconciler.converters.cloudformation import from_cloudformation
from reconciler.converters.conversion import Conversion, Supplied
from reconciler.converters.nodes import Node
from reconciler.converters.terraform import from_terraform
from reconciler.flows.convert import _ONLY_POOLS
from tests.converters.cases import yaml_values
from tests.support.cli import Idpool

POOL = "aws_cognito_identity_pool"
ROLES = f"{POOL}_roles_attachment"
TAGS = f"{POOL}_provider_principal_tag"
# Of a conversion that is twice as long; a square would be 4.
TWICE = 2.3


def calls_of(convert: Callable[[str], Conversion], text: str) -> int:
    """How many calls, of functions in Python and in C, a conversion takes."""
    count = 0

    def watch(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        convert(text)
    finally:
        sys.setprofile(before)
    return count


def template(conditions: dict[str, Any], **properties: Any) -> str:
    """A template with a pool that hangs on the condition C0."""
    fields = {"IdentityPoolName": "shop", "AllowUnauthenticatedIdentities": False, **properties}
    pool = {"Type": "AWS::Cognito::IdentityPool", "Condition": "C0", "Properties": fields}
    parameters = {"Given": {"Type": "String"}}
    parts = {"Parameters": parameters, "Conditions": conditions, "Resources": {"Pool": pool}}
    return json.dumps(parts)


def nested(count: int, last: Any) -> dict[str, Any]:
    """Each condition asks the next twice, by its name and in a value."""
    conditions: dict[str, Any] = {
        f"C{n}": {
            "Fn::And": [
                {"Condition": f"C{n + 1}"},
                {"Fn::Equals": [{"Fn::If": [f"C{n + 1}", "a", "b"]}, "a"]},
            ]
        }
        for n in range(count)
    }
    return {**conditions, f"C{count}": last}


KNOWN = {"Fn::Equals": ["a", "a"]}
UNKNOWN = {"Fn::Equals": [{"Ref": "Given"}, "a"]}
MISSING = {"Condition": "Nowhere"}


def from_template(text: str) -> Conversion:
    """A template, without any values."""
    return from_cloudformation("t.json", text, Supplied(), None)


@pytest.mark.parametrize("last", [KNOWN, UNKNOWN, MISSING])
def test_a_condition_is_worked_out_once_however_often_it_is_asked_for(last: Any) -> None:
    few, many = (calls_of(from_template, template(nested(n, last))) for n in (40, 80))
    assert many < few * TWICE


def test_why_a_condition_is_unknown_is_said_once() -> None:
    found = from_template(template(nested(200, UNKNOWN)))
    assert not found.pools
    (finding,) = found.findings
    assert finding.path == 'Conditions.C200["Fn::Equals"][0]'
    assert finding.fix == "give it with --parameter Given=VALUE"


def test_whoever_asks_for_an_unknown_condition_is_told_why() -> None:
    """The second pool must not become a spec because the first one was told already."""
    unknown = {"Fn::If": ["C0", "a", "b"]}
    pools = {
        name: {"Type": "AWS::Cognito::IdentityPool", "Properties": {"IdentityPoolName": unknown}}
        for name in ("One", "Two")
    }
    parts = {"Parameters": {"Given": {"Type": "String"}}, "Conditions": {"C0": UNKNOWN}}
    found = from_template(json.dumps({**parts, "Resources": pools}))
    assert not found.pools
    assert {finding.rule for finding in found.findings} == {"unresolved"}


def test_a_row_of_conditions_may_be_longer_than_the_stack_is_deep() -> None:
    assert len(from_template(template(nested(3000, KNOWN))).pools) == 1


def test_causes_do_not_pile_up() -> None:
    """Each condition has a cause of its own, and passes on those below it."""
    conditions = {
        f"C{n}": {"Fn::And": [{"Condition": f"C{n + 1}"}, {"Condition": f"Nowhere{n}"}]}
        for n in range(1000)
    }
    found = from_template(template({**conditions, "C1000": KNOWN}))
    assert not found.pools
    assert 0 < len(found.findings) <= 50


def test_a_property_of_another_resource_is_worked_out_once() -> None:
    def roles(count: int) -> str:
        """The name of each role is twice that of the next, which nobody knows."""
        resources: dict[str, Any] = {
            f"R{n}": {
                "Type": "AWS::IAM::Role",
                "Properties": {"RoleName": {"Fn::Sub": f"${{R{n + 1}}}${{R{n + 1}}}"}},
            }
            for n in range(count)
        }
        fields = {"IdentityPoolName": {"Ref": "R0"}}
        resources["Pool"] = {"Type": "AWS::Cognito::IdentityPool", "Properties": fields}
        return json.dumps({"Resources": resources})

    few, many = (calls_of(from_template, roles(n)) for n in (15, 30))
    assert many < few * TWICE


def pools_of_template(count: int) -> str:
    """A template with so many pools, each with roles and principal tags."""
    resources: dict[str, Any] = {}
    for n in range(count):
        reference = {"IdentityPoolId": {"Ref": f"P{n}"}}
        logins = {"accounts.google.com": "1"}
        fields = {"IdentityPoolName": "shop", "SupportedLoginProviders": logins}
        resources[f"P{n}"] = {"Type": "AWS::Cognito::IdentityPool", "Properties": fields}
        resources[f"R{n}"] = {
            "Type": "AWS::Cognito::IdentityPoolRoleAttachment",
            "Properties": reference,
        }
        resources[f"T{n}"] = {
            "Type": "AWS::Cognito::IdentityPoolPrincipalTag",
            "Properties": {**reference, "IdentityProviderName": "accounts.google.com"},
        }
    return json.dumps({"Resources": resources})


def pool_id(number: int) -> str:
    return f"eu-west-1:{number:08d}-0000-0000-0000-000000000000"


def state(count: int) -> str:
    """A state of so many pools of one name, each with roles and principal tags."""
    resources = []
    for n in range(count):
        belongs = {"identity_pool_id": pool_id(n)}
        logins = {"accounts.google.com": "1"}
        pool = {"id": pool_id(n), "identity_pool_name": "a", "supported_login_providers": logins}
        tags = {**belongs, "identity_provider_name": "accounts.google.com"}
        for kind, attributes in ((POOL, pool), (ROLES, belongs), (TAGS, tags)):
            instances = [{"attributes": attributes}]
            each = {"mode": "managed", "type": kind, "name": f"n{n}", "instances": instances}
            resources.append(each)
    return json.dumps({"version": 4, "resources": resources})


def plan(count: int) -> str:
    """A plan for so many pools of one resource, with attachments whose pool has no id yet."""
    changes = [
        {
            "address": f'module.a["x"].{kind}.n[{n}]',
            "mode": "managed",
            "type": kind,
            "change": {
                "actions": ["create"],
                "after": {"identity_pool_name": f"a{n}"} if kind == POOL else {"roles": {}},
                "after_unknown": {"identity_pool_id": True} if kind == ROLES else {},
            },
        }
        for n in range(count)
        for kind in (POOL, ROLES)
    ]
    ids = {"identity_pool_id": {"references": [f"{POOL}.n[0].id", f"{POOL}.n[0]", f"{POOL}.n"]}}
    inner = [{"type": ROLES, "name": "n", "expressions": {**ids}}]
    call = {"a": {"module": {"resources": inner}}}
    configuration = {"root_module": {"module_calls": call}}
    parts = {"resource_changes": changes, "configuration": configuration}
    return json.dumps({"format_version": "1.2", **parts})


def many_resources(count: int) -> str:
    """A plan for pools that are resources of their own."""
    kinds = (POOL, ROLES)
    changes = [
        {
            "address": f"{kind}.n{n}",
            "mode": "managed",
            "type": kind,
            "change": {
                "actions": ["create"],
                "after": {"identity_pool_name": f"a{n}"} if kind == POOL else {"roles": {}},
                "after_unknown": {"identity_pool_id": True} if kind == ROLES else {},
            },
        }
        for n in range(count)
        for kind in kinds
    ]
    resources = [
        {
            "type": ROLES,
            "name": f"n{n}",
            "expressions": {"identity_pool_id": {"references": [f"{POOL}.n{n}.id"]}},
        }
        for n in range(count)
    ]
    configuration = {"root_module": {"resources": resources}}
    parts = {"resource_changes": changes, "configuration": configuration}
    return json.dumps({"format_version": "1.2", **parts})


def from_state(text: str) -> Conversion:
    """A state or plan."""
    return from_terraform("t.json", text, Supplied(), None)


@pytest.mark.parametrize(
    ("convert", "text"),
    [(from_template, pools_of_template), (from_state, state), (from_state, many_resources)],
)
def test_twice_as_many_pools_cost_twice_as_much(
    convert: Callable[[str], Conversion], text: Callable[[int], str]
) -> None:
    assert len(convert(text(30)).pools) == 30
    few, many = (calls_of(convert, text(n)) for n in (60, 120))
    assert many < few * TWICE


def test_attachments_of_one_resource_find_their_pools_without_a_search() -> None:
    """All of them name n[0], so that all but one are too many for it."""
    assert "has its roles from another resource already" in str(from_state(plan(3)).findings)
    few, many = (calls_of(from_state, plan(n)) for n in (60, 120))
    assert many < few * TWICE


def foreign(count: int) -> str:
    """A state in which one pool stands among so many other resources."""
    attributes = {f"a{n}": [f"b{n}", n, 1.5, None, {"c": True}] for n in range(20)}
    other = {
        "mode": "managed",
        "type": "aws_instance",
        "name": "x",
        "instances": [{"attributes": attributes}],
    }
    resources = json.loads(state(1))["resources"]
    return json.dumps({"version": 4, "resources": [other] * count + resources}, indent=2)


def test_what_is_not_about_pools_has_no_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0
    make = Node.__init__

    def count(node: Node, *arguments: Any, **named: Any) -> None:
        nonlocal made
        made += 1
        make(node, *arguments, **named)

    monkeypatch.setattr(Node, "__init__", count)
    assert len(from_state(foreign(0)).pools) == 1
    alone, made = made, 0
    assert len(from_state(foreign(1000)).pools) == 1
    # The resource itself, its mode and its type.
    assert made - alone == 3 * 1000


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ('"a": }', "this is no JSON, or it ends too early"),
        ('"a": NaN}', "this is no JSON, or it ends too early"),
        ('"a": "b', "this is no JSON, or it ends too early"),
        ('"a": ' + "[" * 100_000, "nested more than 64 levels deep"),
        ('"a": 1,}', "a comma that nothing follows"),
        ('"a" 1}', 'here should be ":"'),
    ],
)
def test_what_is_passed_over_is_json_all_the_same(
    damage: str, message: str, idpool: Idpool
) -> None:
    head = '{"version": 4, "resources": [\n{"mode": "managed", "type": "x",\n  '
    idpool.write("t.json", f"{head}{damage}]}}")
    result = idpool.run("convert", "terraform", "t.json")
    assert result.code == 1
    assert result.err.startswith("t.json:3:"), result.err
    assert message in result.err


def test_places_after_what_is_passed_over_are_right(idpool: Idpool) -> None:
    text = foreign(3).replace('"identity_pool_name": "a"', '"identity_pool_name": "a/b"')
    line = next(n for n, each in enumerate(text.splitlines(), 1) if '"a/b"' in each)
    column = text.splitlines()[line - 1].index('"a/b"') + 1
    idpool.write("t.json", text)
    result = idpool.run("convert", "terraform", "t.json")
    assert f"t.json:{line}:{column}: error: {POOL}.n0.identity_pool_name: " in result.err


@pytest.mark.slow
def test_the_way_out_of_a_state_that_is_too_large_is_one(idpool: Idpool) -> None:
    program = _ONLY_POOLS.split("'")[1]
    small = subprocess.run(
        ["jq", program], input=foreign(50), capture_output=True, text=True, check=True
    ).stdout
    assert "aws_instance" not in small
    idpool.write("t.json", small)
    whole = idpool.run("convert", "terraform", "t.json")
    assert whole.code == 0, whole.text
    assert len(yaml_values(whole.out)) == 1
