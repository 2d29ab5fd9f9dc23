"""A secret in odd places of other tools' files: no finding, note or step shows it."""

import json
from typing import Any

import pytest

from tests.support.cli import Idpool

SECRET = "hush7Gd9k2PqLm4RsTvWxYz8Bc3Nf5Hj1"
T = "api.twitter.com"
LOGINS: dict[str, Any] = {
    "right": {T: f"key;{SECRET}"},
    "without the key": {T: SECRET},
    "swapped": {f"key;{SECRET}": T},
    "swapped without the key": {SECRET: T},
    "swapped and like a host": {f"key.{SECRET}": T},
    "in a list": {T: ["key", SECRET]},
    "in a mapping": {T: {"key": SECRET}},
    "by itself": {T: {SECRET: "key"}},
    "as all": SECRET,
    "as all, in a list": [SECRET],
    "with spaces": {T: f"key {SECRET}"},
    "too long": {T: f"key;{SECRET * 9}"},
    "name too long": {SECRET * 9: "x"},
    "name of nothing": {SECRET: {}},
}
FUNCTIONS: dict[str, Any] = {
    "Ref": {T: {"Ref": SECRET}},
    "GetAtt": {T: {"Fn::GetAtt": [SECRET, SECRET]}},
    "Sub": {T: {"Fn::Sub": f"key;${{{SECRET}}}"}},
    "Sub with variables": {T: {"Fn::Sub": ["key;${x}", {"y": SECRET}]}},
    "Sub of an attribute": {T: {"Fn::Sub": f"${{a.{SECRET}}}"}},
    "Join": {T: {"Fn::Join": [";", ["key", SECRET, {"Ref": "Nothing"}]]}},
    "Join that is none": {T: {"Fn::Join": SECRET}},
    "If": {T: {"Fn::If": [SECRET, SECRET, SECRET]}},
    "FindInMap": {T: {"Fn::FindInMap": [SECRET, SECRET, SECRET]}},
    "unknown function": {T: {f"Fn::{SECRET}": "x"}},
    "Base64": {T: {"Fn::Base64": SECRET}},
    "Select": {T: {"Fn::Select": [SECRET, [SECRET]]}},
    "dynamic reference": {T: f"{{{{resolve:ssm:x}}}};{SECRET}"},
    "JSON text": json.dumps({T: f"key;{SECRET}", "x": [SECRET]}),
    "broken JSON text": f'{{"{T}": "key;{SECRET}',
    "JSON text, twice": f'{{"{SECRET}": "a", "{SECRET}": "b"}}',
}
BROKEN = {
    "tag": f"SupportedLoginProviders: {{{T}: !{SECRET} x}}",
    "tag alone": f"SupportedLoginProviders: !{SECRET}",
    "standard tag": f"SupportedLoginProviders: !!{SECRET} {{}}",
    "twice": f"SupportedLoginProviders: {{{SECRET}: a, {SECRET}: b}}",
    "alias": f"SupportedLoginProviders: {{{T}: *{SECRET} }}",
    "open": f"SupportedLoginProviders: {{{T}: key;{SECRET}",
    "quote": f"SupportedLoginProviders: {{{T}: 'key;{SECRET}}}",
    "list as a key": f"SupportedLoginProviders: {{[{SECRET}]: {T}}}",
    "too far left": f"SupportedLoginProviders:\n{SECRET}: {T}",
}


def assert_silent(idpool: Idpool, *words: str) -> None:
    """Not even with the file written; its text alone has the secret, for its owner to read."""
    for more in ((), ("--out", "out")):
        result = idpool.run(*words, *more)
        assert result.code in (0, 1), result.text
        for part in (SECRET[:8], SECRET[-8:]):
            assert part.casefold() not in result.text.casefold(), result.text
    out = idpool.folder / "out"
    for path in out.iterdir() if out.exists() else ():
        if SECRET in path.read_text():
            assert path.stat().st_mode & 0o777 == 0o600
            assert "it holds a secret, and only you can read it" in result.err


@pytest.mark.parametrize("logins", (LOGINS | FUNCTIONS).values(), ids=LOGINS | FUNCTIONS)
def test_of_a_template(logins: Any, idpool: Idpool) -> None:
    """Plain values, functions, and text that is meant as JSON."""
    fields = {"IdentityPoolName": "shop", "SupportedLoginProviders": logins}
    pool = {"Type": "AWS::Cognito::IdentityPool", "Properties": fields}
    text = json.dumps({"Resources": {"Shop": pool}})
    idpool.write("t.json", text)
    assert_silent(idpool, "convert", "cloudformation", "t.json")


@pytest.mark.parametrize("lines", BROKEN.values(), ids=BROKEN)
def test_of_a_broken_template(lines: str, idpool: Idpool) -> None:
    """Where it is no template at all."""
    head = "Resources:\n  Shop:\n    Type: AWS::Cognito::IdentityPool\n    Properties:\n      "
    idpool.write("t.yaml", head + lines)
    assert_silent(idpool, "convert", "cloudformation", "t.yaml")


@pytest.mark.parametrize("text", ["twice", "open", "word", "number"])
def test_of_broken_json(text: str, idpool: Idpool) -> None:
    """Neither of a template nor of a state."""
    inner = {
        "twice": f'"{SECRET}": "a", "{SECRET}": "b"',
        "open": f'"{T}": "key;{SECRET}',
        "word": f'"{T}": {SECRET}',
        "number": f'"{SECRET}": 1e{SECRET}',
    }[text]
    idpool.write("t.json", f'{{"version": 4, "supported_login_providers": {{{inner}}}}}')
    assert_silent(idpool, "convert", "terraform", "t.json")
    assert_silent(idpool, "convert", "cloudformation", "t.json")


@pytest.mark.parametrize("sensitive", [False, True])
@pytest.mark.parametrize("logins", LOGINS.values(), ids=LOGINS)
def test_of_a_state(logins: Any, sensitive: bool, idpool: Idpool) -> None:
    """Whether or not Terraform takes it for one."""
    attributes = {
        "identity_pool_name": "shop",
        "id": "eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "supported_login_providers": logins,
    }
    instance: dict[str, Any] = {"attributes": attributes}
    if sensitive:
        place = {"type": "get_attr", "value": "supported_login_providers"}
        instance["sensitive_attributes"] = [[place]]
    resource = {
        "mode": "managed",
        "type": "aws_cognito_identity_pool",
        "name": "main",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [instance],
    }
    idpool.write("t.tfstate", json.dumps({"version": 4, "resources": [resource]}))
    assert_silent(idpool, "convert", "terraform", "t.tfstate")


def test_a_secret_that_is_right_is_written_for_its_owner_alone(idpool: Idpool) -> None:
    """These tests would hold for a program that does nothing."""
    pool = {
        "Type": "AWS::Cognito::IdentityPool",
        "Properties": {
            "IdentityPoolName": "shop",
            "SupportedLoginProviders": LOGINS["right"],
        },
    }
    idpool.write("t.json", json.dumps({"Resources": {"Shop": pool}}))
    assert_silent(idpool, "convert", "cloudformation", "t.json")
    (path,) = (idpool.folder / "out").iterdir()
    assert f"{T}: key;{SECRET}\n" in path.read_text()
