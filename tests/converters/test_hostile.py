"""Templates and states that nobody vouches for: bounded, and refused with a place."""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.converters.cloudformation import from_cloudformation
from reconciler.converters.conversion import Conversion, Supplied
from reconciler.converters.terraform import from_terraform
from reconciler.model.errors import InvalidSpecs, UsageProblem
from tests.converters.conftest import CORPUS
from tests.strategies import fuzzed
from tests.support.cli import Idpool

Convert: TypeAlias = Callable[[str, str, Supplied, str | None], Conversion]

HEAD = """Resources:
  Pool:
    Type: AWS::Cognito::IdentityPool
    Properties:
      AllowUnauthenticatedIdentities: false
      IdentityPoolName: """


def bomb(levels: int) -> str:
    """Each alias stands for ten of the one before."""
    lines = ["a0: &a0 [x, x]"]
    for level in range(1, levels):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]")
    return "\n".join([*lines, HEAD + "shop"])


def chain(levels: int) -> str:
    """Aliases of aliases: deep, though nothing is indented."""
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, levels))]
    return "\n".join([*lines, HEAD + f"!Join ['', *a{levels - 1}]"])


def doubling(levels: int) -> str:
    """Each variable is twice the one below."""
    node: Any = "xxxxxxxxxxxxxxxx"
    for _ in range(levels):
        node = {"Fn::Sub": ["${a}${a}", {"a": node}]}
    return HEAD + json.dumps(node)


def conditions(count: int) -> str:
    """Each condition asks the next."""
    lines = ["Conditions:"]
    lines += [f"  C{n}: !Not [!Condition C{n + 1}]" for n in range(count)]
    return "\n".join([*lines, f"  C{count}: !Equals [a, a]", HEAD + "!If [C0, shop, shop]"])


TEMPLATES = {
    "a bomb of aliases": (bomb(9), "it holds more than 200000 values"),
    "a chain of aliases": (chain(500), "nested more than 64 levels deep"),
    "an alias of itself": (f"a: &a [*a]\n{HEAD}shop", "an alias stands within what it names"),
    "deep brackets": (f"{HEAD}{'[' * 500}", "nested more than 64 levels deep"),
    "deep JSON": ('{"a":' * 500, "nested more than 64 levels deep"),
    "a duplicate key": (
        f"{HEAD}shop\n      IdentityPoolName: x",
        '"IdentityPoolName" is there twice',
    ),
    "a duplicate key in JSON": ('{"Resources": {}, "Resour\\u0063es": {}}', "is there twice"),
    "an unknown tag": (f"{HEAD}!Python x", "this tag is none of CloudFormation's functions"),
    "a tag of YAML's own": (
        f"{HEAD}!!python/object:os.system x",
        "this tag is none of CloudFormation's functions",
    ),
    "doubling texts": (doubling(18), "the text becomes too long"),
    "conditions without an end": (
        f"Conditions: {{A: !Condition B, B: !Condition A}}\n{HEAD}!If [A, x, y]",
        "there is no condition 'A' that could be worked out",
    ),
    "a row of conditions that ends nowhere": (
        conditions(3000).replace("!Equals [a, a]", "!Condition Nowhere"),
        "there is no condition 'Nowhere' that could be worked out",
    ),
    "a mapping that asks itself": (
        f"Mappings: {{M: {{a: {{b: !FindInMap [M, a, b]}}}}}}\n{HEAD}!FindInMap [M, a, b]",
        "this takes too long to work out",
    ),
    "a role that asks itself": (
        f"{HEAD}!Ref R\n  R: {{Type: AWS::IAM::Role, Properties: {{RoleName: !Ref R}}}}",
        "R is known only once the stack is deployed",
    ),
    "half a surrogate pair": ('{"Resources": "\\ud800"}', "a wrong escape in a string"),
    "a text that ends": ('{"Resources": {', "this is no JSON, or it ends too early"),
    "two values": ('{"Resources": {}} {}', "something follows the JSON value"),
    "a comma too many": ('{"Resources": {},}', "a comma that nothing follows"),
    "nothing": ("", "the file is empty"),
    "a list": ("- a\n- b\n", "there is no AWS::Cognito::IdentityPool"),
    "two documents": (f"{HEAD}a\n---\n{HEAD}b", "a template is one YAML document"),
    "an index that is none": (f"{HEAD}!Select [-1, [a]]", "Fn::Select finds nothing there"),
    "a huge index": (f"{HEAD}!Select [{'9' * 400}, [a]]", "Fn::Select finds nothing there"),
    "a join of nothing": (f"{HEAD}!Join x", "Fn::Join takes a text and texts"),
    "an if of nothing": (f"{HEAD}!If [A]", "Fn::If takes a condition and two values"),
    "a sub of a list": (f"{HEAD}!Sub [[]]", "Fn::Sub takes a text"),
    "a macro": (f"{HEAD}{{'Fn::Transform': {{Name: M}}}}", "--template-stage Processed"),
    "a cidr": (f"{HEAD}!Cidr [a, 1, 2]", "Fn::Cidr is worked out while the stack is deployed"),
}


def refusal(convert: Convert, text: str) -> str:
    """Every finding about a text that becomes no spec, a line each."""
    try:
        conversion = convert("t.x", text, Supplied(), None)
    except InvalidSpecs as invalid:
        findings = invalid.findings
    else:
        assert not conversion.pools
        assert not conversion.is_complete
        findings = conversion.findings
    return "\n".join(f"{f.place}: {f.path}: {f.message} [{f.rule}] {f.fix}" for f in findings)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_hostile_template_is_refused_with_its_place(name: str) -> None:
    text, message = TEMPLATES[name]
    said = refusal(from_cloudformation, text)
    assert message in said
    assert said.startswith("t.x:")


@pytest.mark.parametrize(
    "name", ["a bomb of aliases", "deep JSON", "a row of conditions that ends nowhere"]
)
def test_the_command_says_so_without_a_traceback(name: str, idpool: Idpool) -> None:
    text, message = TEMPLATES[name]
    idpool.write("t.yaml", text)
    result = idpool.run("convert", "cloudformation", "t.yaml")
    assert (result.code, result.out) == (1, ""), result.text
    assert message in result.err
    assert "Traceback" not in result.err
    assert "has a bug" not in result.err


def test_terminal_signs_are_not_sent_to_the_terminal(idpool: Idpool) -> None:
    text = json.dumps({"Resources": {"\x1b[31mP\n": {"Type": "AWS::Cognito::IdentityPool"}}})
    idpool.write("t.json", text)
    result = idpool.run("convert", "cloudformation", "t.json")
    assert result.code == 1
    assert "\x1b" not in result.err


def state(*resources: dict[str, Any], **fields: Any) -> str:
    """A state file."""
    return json.dumps({"version": 4, "resources": list(resources), **fields})


def resource(**fields: Any) -> dict[str, Any]:
    """A pool in a state."""
    attributes = {"id": "eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "identity_pool_name": "a"}
    return {
        "mode": "managed",
        "type": "aws_cognito_identity_pool",
        "name": "main",
        "instances": [{"attributes": attributes}],
        **fields,
    }


STATES = {
    "no state": ("[]", "this is neither a Terraform state nor what it shows as JSON"),
    "a configuration": ('resource "aws_cognito_identity_pool" "a" {}', "this is no JSON"),
    "an old state": (state(version=3), "this is a state of version 3"),
    "a state before 0.12": ('{"version": 3, "modules": []}', "this is a state of version 3"),
    "another format": ('{"format_version": "2.0"}', "this is neither a Terraform state nor"),
    "an empty state": (state(), "there is no aws_cognito_identity_pool in it"),
    "a wrong name": (state(resource(name='a"; rm -rf')), "no address that Terraform could have"),
    "a wrong module": (state(resource(module="x y")), "no address that Terraform could have"),
    "one address twice": (state(resource(), resource()), "this address is there twice"),
    "a wrong id": (state(resource(instances=[{"attributes": {"id": "a b"}}])), "[wrong-format]"),
    "no attributes": (state(resource(instances=[{}])), "[missing-field]"),
    "attributes that are a list": (state(resource(instances=[{"attributes": []}])), "[missing"),
}


@pytest.mark.parametrize("name", STATES)
def test_a_hostile_state_is_refused_with_its_place(name: str) -> None:
    text, message = STATES[name]
    assert message in refusal(from_terraform, text)


@pytest.mark.parametrize(
    ("kind", "mebibytes", "way_out"),
    [
        ("cloudformation", 32, "name the template itself: CloudFormation takes none of more than"),
        ("terraform", 256, "leave out what is not about identity pools: terraform state pull | jq"),
    ],
)
def test_a_file_that_is_too_large_is_not_read(
    kind: str, mebibytes: int, way_out: str, idpool: Idpool
) -> None:
    with (idpool.folder / "t.json").open("wb") as file:
        file.truncate(mebibytes * 1024 * 1024 + 1)
    result = idpool.run("convert", kind, "t.json")
    assert result.code == 1
    assert f"larger than {mebibytes} MiB" in result.err
    assert f"fix: {way_out}" in result.err


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.text("${}!A.:b1\n", max_size=6),
    st.sampled_from(["Pool", "AWS::NoValue", "AWS::IAM::Role", "managed", "4", "1.0"]),
)
# fmt: off
KEYS = st.sampled_from([
    "Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::If", "Fn::Select", "Fn::Split",
    "Fn::FindInMap", "Fn::ImportValue", "Fn::ToJsonString", "Fn::Base64", "Fn::Equals",
    "Fn::And", "Fn::Not", "Condition", "Resources", "Pool", "Type", "Properties",
    "IdentityPoolName", "Conditions", "Mappings", "Parameters", "Default", "Roles",
    "RoleMappings", "IdentityPoolTags", "SupportedLoginProviders", "CognitoIdentityProviders",
    "IdentityPoolId", "values", "root_module", "resources", "resource_changes", "change",
    "after", "after_unknown", "actions", "mode", "type", "name", "instances", "attributes",
    "identity_pool_name", "role_mapping", "address", "index_key", "version", "format_version",
])
# fmt: on
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)
SAMPLES = [
    json.loads(path.read_text())
    for path in sorted((CORPUS / "cloudformation").glob("*.json"))
    + sorted((CORPUS / "terraform").iterdir())
]


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A file of the corpus in which one value is replaced by any other."""
    sample = json.loads(json.dumps(draw(st.sampled_from(SAMPLES))))
    node = sample
    for _ in range(draw(st.integers(min_value=1, max_value=9))):
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = draw(st.sampled_from(keys))
        if not (isinstance(node[key], dict | list) and node[key]) or draw(st.integers(0, 4)) == 0:
            break
        node = node[key]
    node[draw(st.sampled_from(list(node) if isinstance(node, dict) else range(len(node))))] = draw(
        ANYTHING
    )
    return sample


@fuzzed
@given(st.one_of(ANYTHING, damaged()))
def test_whatever_a_file_holds_the_answer_is_specs_or_findings(value: Any) -> None:
    text = json.dumps(value)
    for convert in (from_cloudformation, from_terraform):
        try:
            conversion = convert("t.json", text, Supplied({"AWS::Region": "eu-west-1"}), None)
        except (InvalidSpecs, UsageProblem):
            continue
        assert conversion.pools or conversion.findings or conversion.notes
        assert conversion.is_complete or conversion.findings
