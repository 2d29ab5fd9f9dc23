"""CloudFormation reads YAML 1.1: what it sees becomes the spec, and each such scalar is said."""

from typing import Any

import pytest

from reconciler.converters.cloudformation import from_cloudformation
from reconciler.converters.conversion import Conversion, Supplied
from reconciler.model.errors import InvalidSpecs
from tests.converters.cases import pool_of, yaml_values
from tests.converters.conftest import CORPUS
from tests.support.cli import Idpool

CASE = CORPUS / "cloudformation/yaml11.yaml"


def convert(text: str, **parameters: str) -> Conversion:
    """A template, with such parameters."""
    return from_cloudformation("t.yaml", text, Supplied(parameters), None)


def readings(found: Conversion) -> list[tuple[int, str, str]]:
    """Line, path and message of each scalar that is read otherwise than it is written."""
    return [(f.line, f.path, f.message) for f in found.findings if f.rule == "read-as"]


def pool(*properties: str, above: str = "") -> str:
    """A template with a pool of such properties, a line each."""
    head = (
        f"{above}\nResources:\n  P:\n    Type: AWS::Cognito::IdentityPool\n    Properties:\n"
        "      IdentityPoolName: one\n      AllowUnauthenticatedIdentities: false\n"
    )
    return head + "".join(f"      {line}\n" for line in properties)


def tag_of(scalar: str) -> tuple[Any, Conversion]:
    """What the value of a tag becomes."""
    found = convert(pool(f"IdentityPoolTags: [{{Key: k, Value: {scalar}}}]"))
    assert found.is_complete, found.findings
    return found.pools[0].pool.IdentityPoolTags["k"], found


def test_the_spec_has_what_cloudformation_sees_and_validates(idpool: Idpool) -> None:
    result = idpool.run("convert", "cloudformation", str(CASE), "--out", "specs")
    assert result.code == 0, result.text
    (document,) = yaml_values((idpool.folder / "specs/pool-false.yaml").read_text())
    assert document["spec"] == {
        "IdentityPoolName": "pool_false",
        "AllowClassicFlow": True,
        "SupportedLoginProviders": {"accounts.google.com": "1402433619"},
        "IdentityPoolTags": {"FOO": "true"},
    }
    assert not pool_of(document).AllowUnauthenticatedIdentities
    for place, written, text in (
        (":2:34: warning: Parameters.Stage.Default: ", "NO", "false"),
        ("Properties.AllowUnauthenticatedIdentities: ", "NO", "false"),
        ("Properties.IdentityPoolTags[0].Value: ", "YES", "true"),
    ):
        assert f"{place}CloudFormation reads {written} by YAML 1.1 as {text}" in result.err
    # A login provider's value may be a secret, so it is not shown.
    hidden = '["accounts.google.com"]: CloudFormation reads YAML 1.1, and sees another value'
    assert hidden in result.err
    assert "012345670123" not in result.err
    assert result.err.count("[read-as]") == 4
    assert idpool.run("validate", "specs").code == 0


@pytest.mark.parametrize(
    ("written", "text"),
    [
        *((word, "true") for word in ("yes", "Yes", "YES", "on", "On", "ON")),
        *((word, "false") for word in ("no", "No", "NO", "off", "Off", "OFF")),
        ("0123", "83"),
        ("-0123", "-83"),
        ("012345670123", "1402433619"),
        # With an 8 or a 9 it is a double, and those are shown as Java shows them.
        ("012345678901", "1.2345678901E10"),
        ("089", "89.0"),
        ("1_000_000", "1000000"),
        ("+12", "12"),
        ("0b101", "5"),
        ("0x1F", "31"),
        ("1:20", "80"),
        ("-1:20:30", "-4830"),
        ("1:20.5", "80.5"),
        ("1.10", "1.1"),
        ("1e3", "1000.0"),
        ("1e7", "1.0E7"),
        ("1.5e-5", "1.5E-5"),
        ("-.5", "-0.5"),
        (".inf", "Infinity"),
        ("-.INF", "-Infinity"),
        (".nan", "NaN"),
        ("-0.0_0", "-0.0"),
        ("!!int 010", "8"),
        ("!!bool yes", "true"),
    ],
)
def test_a_scalar_is_carried_as_it_is_read_and_said(written: str, text: str) -> None:
    value, found = tag_of(written)
    assert value == text
    ((line, path, message),) = readings(found)
    assert (line, path) == (8, "Resources.P.Properties.IdentityPoolTags[0].Value")
    assert f"{written.rpartition(' ')[2]} by YAML 1.1 as {text}" in message


@pytest.mark.parametrize(
    "written",
    [
        *("'YES'", '"0123"', "!!str 1:20", "y", "n", "Y", "N"),
        *("2012-10-17", "2001-12-14t21:59:43.10-05:00", "yEs", "oN", "0o17", "1:75", "0b", "0b_"),
        *("123456789012", "0", "-12", "1.5", "=", "10.0.0.1", "!!int x"),
    ],
)
def test_what_cloudformation_reads_as_it_is_written_is_not_said(written: str) -> None:
    value, found = tag_of(written)
    assert value == written.rpartition(" ")[2].strip("'\"")
    assert readings(found) == []


@pytest.mark.parametrize("word", ["true", "True", "TRUE"])
def test_true_is_true_to_everybody(word: str) -> None:
    value, found = tag_of(word)
    assert (value, readings(found)) == ("true", [])


@pytest.mark.parametrize("word", ["'yes'", "y", "'on'"])
def test_a_text_is_no_boolean(word: str) -> None:
    found = convert(pool(f"AllowClassicFlow: {word}"))
    assert not found.pools
    assert found.findings[0].path == "Resources.P.Properties.AllowClassicFlow"


def test_conditions_see_it_too() -> None:
    above = (
        "Parameters: {Stage: {Type: String, Default: 1:30}}\n"
        "Conditions:\n  Late: !And [!Equals [!Ref Stage, 0132], !Condition Known]\n"
        "  Known: !Equals [on, 'true']\n"
    )
    found = convert(pool("DeveloperProviderName: !If [Late, ninety, other]", above=above))
    assert found.pools[0].pool.DeveloperProviderName == "ninety"
    assert [(line, path.partition("[")[0]) for line, path, _ in readings(found)] == [
        (1, "Parameters.Stage.Default"),
        (3, "Conditions.Late"),
        (4, "Conditions.Known"),
    ]


def test_a_condition_that_leaves_a_resource_out_is_said_as_well() -> None:
    text = pool(above="Conditions: {C: !Equals [NO, 'NO']}").replace(
        "    Properties", "    Condition: C\n    Properties"
    )
    found = convert(text)
    assert not found.pools
    assert found.notes[0] == "Left out by their conditions: P."
    assert [line for line, *_ in readings(found)] == [1]


def test_a_given_parameter_is_what_was_given() -> None:
    above = "Parameters: {Stage: {Type: String, Default: NO}}"
    found = convert(pool("DeveloperProviderName: !Ref Stage", above=above), Stage="YES")
    assert found.pools[0].pool.DeveloperProviderName == "YES"
    assert readings(found) == []


def test_names_and_keys_are_read_so_and_cloudformation_takes_no_such_key() -> None:
    above = "Conditions: {ON: !Equals [a, a]}\nMappings: {M: {0123: {no: x}}}"
    found = convert(
        pool(
            "DeveloperProviderName: !If [on, !FindInMap [M, 83, OFF], y]",
            "IdentityPoolTags: {yes: a}",
            above=above,
        )
    )
    spec = found.pools[0].pool
    assert (spec.DeveloperProviderName, spec.IdentityPoolTags) == ("x", {"true": "a"})
    said = {message for *_, message in readings(found)}
    for key, text in (("ON", "true"), ("0123", "83"), ("no", "false"), ("yes", "true")):
        what = f"CloudFormation reads the key {key} by YAML 1.1 as {text}, and takes only text"
        assert any(message.startswith(what) for message in said), said
    assert any("reads OFF by YAML 1.1 as false" in message for message in said), said


def test_two_keys_that_are_one_to_cloudformation_are_there_twice(idpool: Idpool) -> None:
    idpool.write("t.yaml", pool("IdentityPoolTags: {yes: a, ON: b}"))
    result = idpool.run("convert", "cloudformation", "t.yaml")
    assert result.code == 1
    assert 'the key "true" is there twice' in result.err


def test_a_number_in_brackets_is_one_beside_an_arn() -> None:
    """Such an ARN takes a second parse."""
    arn = "arn:aws:iam::123456789012:oidc-provider/idp.example.com"
    found = convert(
        pool(f"OpenIdConnectProviderARNs: [{arn}]", "IdentityPoolTags: [{Key: k, Value: 1:20}]")
    )
    assert found.pools[0].pool.IdentityPoolTags == {"k": "80"}


def test_a_scalar_elsewhere_in_the_template_is_nobodys_business() -> None:
    above = "Mappings: {M: {a: {b: YES}}}\nParameters: {N: {Type: String, Default: NO}}"
    text = pool(above=above) + "  F: {Type: AWS::Lambda::Function, Properties: {Timeout: 010}}\n"
    assert readings(convert(text)) == []


def test_a_directive_that_names_a_version_has_its_own_answer() -> None:
    with pytest.raises(InvalidSpecs) as refused:
        convert(f"%YAML 1.1\n---\n{pool()}")
    (finding,) = refused.value.findings
    assert finding.message == "a template is read as CloudFormation reads it, YAML 1.1"
    assert finding.fix == "remove the %YAML line"


def test_an_endless_number_is_a_text() -> None:
    for digits in ("0x" + "f" * 1_000_000, "1:" * 100_000 + "1", "1" * 1_000_000):
        found = convert(pool(f"IdentityPoolTags: [{{Key: k, Value: {digits}}}]"))
        assert [f.rule for f in found.findings] in (["too-long"], ["unresolved"])
