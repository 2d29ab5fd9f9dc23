"""What a template does not say is listed with its place; what can be converted, is."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from reconciler.converters.cloudformation import from_cloudformation
from reconciler.converters.conversion import Supplied
from tests.converters.cases import CLIENT, POOL_ID, PROVIDER, USER_POOL, pool_of, yaml_values
from tests.converters.conftest import CORPUS
from tests.support.cli import Idpool, Result

TEMPLATES = CORPUS / "cloudformation"
SECRET = "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3Wp"

POOL = {"IdentityPoolName": "shop", "AllowUnauthenticatedIdentities": False}


def template(**resources: Any) -> str:
    """A template; a mapping without ``Type`` is the properties of a pool."""
    written = {
        name: value
        if "Type" in value
        else {"Type": "AWS::Cognito::IdentityPool", "Properties": value}
        for name, value in resources.items()
    }
    return json.dumps({"Resources": written}, indent=2)


def convert(idpool: Idpool, text: str, *options: str) -> Result:
    """Convert a text, its specs going to stdout."""
    idpool.write("t.yaml", text)
    return idpool.run("convert", "cloudformation", "t.yaml", *options)


def only_spec(result: Result) -> dict[str, Any]:
    """The one document that was written."""
    assert result.code == 0, result.text
    (document,) = yaml_values(result.out)
    return dict(document)


def test_all_that_is_unknown_is_listed_with_its_place_and_way_out(idpool: Idpool) -> None:
    path = TEMPLATES / "storefront-short-forms.yaml"
    result = idpool.run("convert", "cloudformation", str(path), "--out", "specs")
    assert result.code == 1
    assert not (idpool.folder / "specs").exists()
    lines = path.read_text().splitlines()
    for snippet, where, fix in (
        (
            "!GetAtt Issuer.Arn",
            "IdentityPool.Properties.OpenIdConnectProviderARNs[0]",
            "Issuer.Arn",
        ),
        (
            "!Ref WebClient",
            "IdentityPool.Properties.CognitoIdentityProviders[0].ClientId",
            "WebClient",
        ),
        ("!GetAtt AuthRole.Arn", "RoleAttachment.Properties.Roles.authenticated", "AuthRole.Arn"),
        (
            "!Sub ${UserPool.ProviderName}:${WebClient}",
            "RoleAttachment.Properties.RoleMappings.UserPoolMapping.IdentityProvider",
            "UserPool.ProviderName",
        ),
    ):
        line = next(n for n, text in enumerate(lines, start=1) if snippet in text)
        column = lines[line - 1].index(snippet) + 1
        assert f"{path}:{line}:{column}: error: Resources.{where}: " in result.err
        assert f"fix: give it with --set {fix}=VALUE" in result.err
    assert "Traceback" not in result.err


def test_an_unknown_value_stops_its_own_pool_alone(idpool: Idpool) -> None:
    text = template(Bad={**POOL, "IdentityPoolName": {"Ref": "Nowhere"}}, Good=POOL)
    result = convert(idpool, text)
    assert result.code == 1
    (document,) = yaml_values(result.out)
    assert document["spec"] == {"IdentityPoolName": "shop", "AllowClassicFlow": True}
    assert "there is neither a resource nor a parameter 'Nowhere'" in result.err
    # The steps are for what has become a spec.
    assert "       Good\n" in result.err
    assert "Bad" not in result.err.partition("To hand over")[2]


def test_two_pools_with_all_that_belongs_to_each(idpool: Idpool) -> None:
    path = TEMPLATES / "two-pools.yaml"
    result = idpool.run("convert", "cloudformation", str(path), "--parameter", "Stage=test")
    assert result.code == 0, result.text
    web, game = yaml_values(result.out)
    assert web["spec"] == {
        "IdentityPoolName": "web",
        "AllowClassicFlow": True,
        "SupportedLoginProviders": {"www.amazon.com": "amzn1.application.188a56d8"},
        "PrincipalTagAttributeMaps": {"www.amazon.com": {"UseDefaults": True}},
    }
    assert game["metadata"]["name"] == "game-test"
    assert game["spec"] == {
        "IdentityPoolName": "game test",
        "AllowClassicFlow": True,
        "AllowUnauthenticatedIdentities": True,
        "Roles": {"unauthenticated": "arn:aws:iam::123456789012:role/game-guest"},
    }
    for name in ("PushSync", "CognitoStreams", "CognitoEvents"):
        assert (
            f'Resources.GamePool.Properties.{name}: "{name}" has no place in a spec' in result.err
        )
    # It names GamePool's neighbour, which goes as well.
    assert "DependsOn names" not in result.err


def test_a_default_that_is_used_is_said(idpool: Idpool) -> None:
    path = str(TEMPLATES / "two-pools.yaml")
    assert (
        "Parameters with their defaults: Stage."
        in idpool.run("convert", "cloudformation", path).err
    )
    given = idpool.run("convert", "cloudformation", path, "--parameter", "Stage=x")
    assert "defaults" not in given.err


def test_a_pool_id_is_adopted_at_its_target(idpool: Idpool) -> None:
    result = convert(idpool, template(Shop=POOL), "--set", f"Shop={POOL_ID}", "--target", "prod-eu")
    assert only_spec(result)["metadata"] == {
        "name": "shop",
        "targets": ["prod-eu"],
        "adopt": {"prod-eu": POOL_ID},
    }


def test_a_target_is_one_of_the_projects_that_is_here(idpool: Idpool) -> None:
    place = {"account": "111122223333", "region": "eu-west-1"}
    project = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "a"}
    idpool.write("idpool.yaml", json.dumps({**project, "targets": {"prod-eu": place}}))
    told = [convert(idpool, template(Shop=POOL), "--target", name) for name in ("prod-eu", "prod")]
    assert [each.code for each in told] == [0, 64]
    assert "there is no target prod" in told[1].err
    assert "the targets are: prod-eu" in told[1].err


def test_a_pool_id_that_is_none_is_an_error(idpool: Idpool) -> None:
    result = convert(idpool, template(Shop=POOL), "--set", "Shop=shop")
    assert (result.code, result.out) == (1, "")
    assert "[wrong-format]" in result.err


def test_without_a_name_cloudformation_made_one_up(idpool: Idpool) -> None:
    text = template(WebPool={"AllowUnauthenticatedIdentities": False})
    result = convert(idpool, text)
    assert (result.code, result.out) == (1, "")
    assert "fix: give it with --set WebPool.Name=NAME" in result.err
    document = only_spec(convert(idpool, text, "--set", "WebPool.Name=web_Ab12"))
    assert document["spec"] == {"IdentityPoolName": "web_Ab12", "AllowClassicFlow": True}


def test_what_aws_would_refuse_is_said_at_its_place_in_the_template(idpool: Idpool) -> None:
    text = (
        "Resources:\n"
        "  Pool:\n"
        "    Type: AWS::Cognito::IdentityPool\n"
        "    Properties:\n"
        "      IdentityPoolName: shop\n"
        "      AllowUnauthenticatedIdentities: false\n"
        "  Roles:\n"
        "    Type: AWS::Cognito::IdentityPoolRoleAttachment\n"
        "    Properties:\n"
        "      IdentityPoolId: !Ref Pool\n"
        "      Roles: {authenticated: not-an-arn}\n"
        "      RoleMappings:\n"
        "        a: {IdentityProvider: graph.facebook.com, Type: Token}\n"
    )
    result = convert(idpool, text)
    assert (result.code, result.out) == (1, "")
    assert "t.yaml:11:30: error: Resources.Roles.Properties.Roles.authenticated: " in result.err
    assert "t.yaml:13:12: error: Resources.Roles.Properties.RoleMappings.a: " in result.err


@pytest.mark.parametrize("reference", ["eu-west-1:11111111-2222-3333-4444-555555555555", None])
def test_what_belongs_to_no_pool_here_is_listed(idpool: Idpool, reference: str | None) -> None:
    roles = {
        "Type": "AWS::Cognito::IdentityPoolRoleAttachment",
        "Properties": {
            "IdentityPoolId": reference or {"Fn::ImportValue": "pool"},
            "Roles": {"authenticated": "arn:aws:iam::123456789012:role/a"},
        },
    }
    result = convert(idpool, template(Shop=POOL, Roles=roles))
    assert "Roles" not in only_spec(result)["spec"]
    assert "warning: Resources.Roles.Properties.IdentityPoolId: the pool that this" in result.err


def test_a_pool_named_by_its_id_gets_what_belongs_to_it(idpool: Idpool) -> None:
    tags = {
        "Type": "AWS::Cognito::IdentityPoolPrincipalTag",
        "Properties": {
            "IdentityPoolId": POOL_ID,
            "IdentityProviderName": "accounts.google.com",
            "UseDefaults": True,
        },
    }
    pool = {**POOL, "SupportedLoginProviders": {"accounts.google.com": "a"}}
    document = only_spec(convert(idpool, template(P=pool, T=tags), "--set", f"P={POOL_ID}"))
    assert document["spec"]["PrincipalTagAttributeMaps"] == {
        "accounts.google.com": {"UseDefaults": True}
    }


def test_an_attachment_without_roles_manages_them_all_the_same(idpool: Idpool) -> None:
    roles = {
        "Type": "AWS::Cognito::IdentityPoolRoleAttachment",
        "Properties": {"IdentityPoolId": {"Ref": "Shop"}},
    }
    document = only_spec(convert(idpool, template(Shop=POOL, Roles=roles)))
    assert document["spec"]["Roles"] == {}


def test_two_attachments_of_one_pool_are_an_error(idpool: Idpool) -> None:
    roles = {
        "Type": "AWS::Cognito::IdentityPoolRoleAttachment",
        "Properties": {"IdentityPoolId": {"Ref": "Shop"}, "Roles": {}},
    }
    result = convert(idpool, template(Shop=POOL, One=roles, Two=roles))
    assert (result.code, result.out) == (1, "")
    assert "Shop has its roles from another resource already [twice]" in result.err


def test_two_keys_that_mean_one_provider_are_an_error(idpool: Idpool) -> None:
    mapping = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}
    roles = {
        "Type": "AWS::Cognito::IdentityPoolRoleAttachment",
        "Properties": {
            "IdentityPoolId": {"Ref": "Shop"},
            "RoleMappings": {
                "a": {**mapping, "IdentityProvider": "accounts.google.com"},
                "accounts.google.com": mapping,
            },
        },
    }
    pool = {**POOL, "SupportedLoginProviders": {"accounts.google.com": "a"}}
    result = convert(idpool, template(Shop=pool, Roles=roles))
    assert (result.code, result.out) == (1, "")
    assert '"accounts.google.com" is there twice [twice]' in result.err


def test_a_condition_that_nobody_can_know_is_listed(idpool: Idpool) -> None:
    path = TEMPLATES / "storefront-conditions.yaml"
    text = path.read_text().replace("Default: prod", "Description: which")
    result = convert(idpool, text)
    assert (result.code, result.out) == (1, "")
    assert (
        't.yaml:5:20: error: Conditions.IsProd["Fn::Equals"][0]: the parameter Stage' in result.err
    )
    assert "fix: give it with --parameter Stage=VALUE" in result.err
    assert "Left out" not in result.err


def test_what_a_condition_leaves_out_is_said(idpool: Idpool) -> None:
    path = str(TEMPLATES / "storefront-conditions.yaml")
    result = idpool.run("convert", "cloudformation", path, "--parameter", "Stage=test")
    assert result.code == 0, result.text
    assert yaml_values(result.out)[0]["spec"]["IdentityPoolName"] == "test"
    assert "Left out by their conditions: Pool, Roles, Tags." in result.err


def test_the_steps_name_what_is_to_be_done(idpool: Idpool) -> None:
    path = TEMPLATES / "storefront-short-forms.yaml"
    literal = TEMPLATES / "storefront-literal.yaml"
    retained = idpool.run("convert", "cloudformation", str(literal)).err
    assert "DeletionPolicy" not in retained
    assert "1. Remove them from the template" in retained
    options = ["--set", f"UserPool.ProviderName={PROVIDER}", "--set", f"WebClient={CLIENT}"]
    for name in ("Auth", "Guest", "Admin", "Paid"):
        options += ["--set", f"{name}Role.Arn=arn:aws:iam::123456789012:role/{name}"]
    options += ["--set", "Okta=arn:aws:iam::123456789012:saml-provider/Okta"]
    options += ["--set", "Issuer.Arn=arn:aws:iam::123456789012:oidc-provider/token.example.com"]
    result = idpool.run("convert", "cloudformation", str(path), *options)
    assert result.code == 0, result.text
    steps = result.err.partition("To hand over without a delete:\n")[2]
    assert "1. Give these resources both policies" in steps
    assert "IdentityPool, RoleAttachment, PrincipalTags" in steps
    assert "DeletionPolicy: Retain" in steps
    assert "UpdateReplacePolicy: Retain" in steps
    assert "Outputs.IdentityPoolId.Value names IdentityPool" in steps
    assert "metadata.adopt" in steps  # no id was given
    assert steps.index("Remove them") < steps.index("idpool plan") < steps.index("idpool apply")


def test_quiet_says_errors_alone(idpool: Idpool) -> None:
    result = idpool.run(
        "convert", "cloudformation", str(TEMPLATES / "storefront-literal.yaml"), "-q"
    )
    assert (result.code, result.err) == (0, "")


def test_a_file_is_overwritten_only_by_force(idpool: Idpool) -> None:
    idpool.write("t.yaml", template(One=POOL, Two={**POOL, "IdentityPoolName": "two"}))
    idpool.write("specs/two.yaml", "mine\n")
    arguments = ("convert", "cloudformation", "t.yaml", "--out", "specs")
    result = idpool.run(*arguments)
    assert (result.code, result.out) == (1, "")
    assert "there is a file already: specs/two.yaml" in result.err
    assert "or pass --force" in result.err
    assert sorted(path.name for path in (idpool.folder / "specs").iterdir()) == ["two.yaml"]
    assert idpool.run(*arguments, "--force").code == 0
    assert "IdentityPoolName: two" in (idpool.folder / "specs/two.yaml").read_text()


def test_pools_of_one_name_get_specs_of_different_names(idpool: Idpool) -> None:
    idpool.write("t.yaml", template(One=POOL, Two=POOL, Three=POOL))
    assert idpool.run("convert", "cloudformation", "t.yaml", "--out", "specs").code == 0
    names = sorted(path.name for path in (idpool.folder / "specs").iterdir())
    assert names == ["shop-2.yaml", "shop-3.yaml", "shop.yaml"]
    assert idpool.run("validate", "specs").code == 0


def test_a_secret_is_written_to_a_private_file_and_shown_nowhere(idpool: Idpool) -> None:
    twitter = {"api.twitter.com": {"Fn::Sub": "key;${Secret}"}}
    pool = {**POOL, "SupportedLoginProviders": twitter, "IdentityPoolName": "bird"}
    document = json.loads(template(Bird=pool, Shop=POOL))
    document["Parameters"] = {"Secret": {"Type": "String", "NoEcho": True}}
    idpool.write("t.json", json.dumps(document))
    arguments = ("convert", "cloudformation", "t.json", "--parameter", f"Secret={SECRET}")
    shown = idpool.run(*arguments)
    assert shown.code == 1
    assert "not shown, because a secret is in it: bird" in shown.err
    assert [each["metadata"]["name"] for each in yaml_values(shown.out)] == ["shop"]
    written = idpool.run(*arguments, "--out", "specs")
    assert written.code == 0, written.text
    path = idpool.folder / "specs/bird.yaml"
    assert SECRET in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SECRET not in shown.text + written.text


def test_a_secret_in_the_wrong_place_is_masked(idpool: Idpool) -> None:
    pool = {**POOL, "DeveloperProviderName": f"key;{SECRET}"}
    result = convert(idpool, template(Shop=pool))
    assert result.code == 1
    assert SECRET not in result.text


def test_tags_that_belong_to_others_are_left_out(idpool: Idpool) -> None:
    tags = {"idpool:owner": "acme", "idpool:name": "kept-name", "aws:x": "y", "team": "shop"}
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    document = only_spec(convert(idpool, template(Shop={**POOL, "IdentityPoolTags": pairs})))
    assert document["spec"]["IdentityPoolTags"] == {"team": "shop"}
    assert document["metadata"]["name"] == "kept-name"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--parameter", "Nope=1"], "the template has no parameter 'Nope'"),
        (["--parameter", "Nope"], "--parameter takes NAME=VALUE"),
        (["--set", "A=1", "--set", "A=2"], "--set names A twice"),
        (["--account", "12"], "--account takes the 12 digits"),
        (["--region", "Ireland"], "--region takes a region"),
    ],
)
def test_options_that_cannot_work_are_misuse(
    idpool: Idpool, arguments: list[str], message: str
) -> None:
    result = convert(idpool, template(Shop=POOL), *arguments)
    assert (result.code, result.out) == (64, "")
    assert message in result.err


def test_a_value_of_no_use_is_said(idpool: Idpool) -> None:
    result = convert(idpool, template(Shop=POOL), "--set", f"UserPol={USER_POOL}")
    assert result.code == 0
    assert "--set was of no use for: UserPol." in result.err


def test_stdin_is_read_for_a_hyphen(idpool: Idpool) -> None:
    result = idpool.run("convert", "cloudformation", "-", stdin=template(Shop=POOL))
    assert pool_of(only_spec(result)).IdentityPoolName == "shop"
    broken = idpool.run("convert", "cloudformation", "-", stdin="{")
    assert "<stdin>:1:1: error" in broken.err


def test_loops_are_not_expanded_and_that_is_said(idpool: Idpool) -> None:
    text = template(Shop=POOL, **{"Fn::ForEach::Pools": {"Type": "x"}})
    result = convert(idpool, text)
    assert result.code == 0
    assert 'Resources["Fn::ForEach::Pools"]: Fn::ForEach::Pools makes resources' in result.err


def test_a_template_without_a_pool_is_an_error(idpool: Idpool) -> None:
    result = convert(idpool, "Resources: {Topic: {Type: AWS::SNS::Topic}}")
    assert (result.code, result.out) == (1, "")
    assert "there is no AWS::Cognito::IdentityPool in this template [no-pool]" in result.err


def test_a_folder_that_is_none_is_said(idpool: Idpool) -> None:
    idpool.write("t.yaml", template(Shop=POOL))
    idpool.write("specs", "a file")
    result = idpool.run("convert", "cloudformation", "t.yaml", "--out", "specs")
    assert result.code == 1
    assert "cannot be written" in result.err
    assert Path(idpool.folder / "specs").read_text() == "a file"


@pytest.mark.parametrize(
    ("condition", "name"),
    [
        ("!Equals [a, a]", "yes"),
        ("!Equals [a, b]", "no"),
        ("!Equals [!Ref P, 'true']", "yes"),
        ("!And [!Equals [a, a], !Equals [b, b]]", "yes"),
        ("!And [!Equals [a, a], !Equals [a, b]]", "no"),
        ("!And [!Equals [!Ref Unknown, a], !Equals [a, b]]", "no"),
        ("!Or [!Equals [a, b], !Equals [a, c]]", "no"),
        ("!Or [!Equals [a, b], !Equals [a, a]]", "yes"),
        ("!Or [!Equals [!Ref Unknown, a], !Equals [a, a]]", "yes"),
        ("!Not [!Equals [a, a]]", "no"),
        ("!Not [!Condition Other]", "yes"),
        ("{'Fn::Not': [{Condition: Other}]}", "yes"),
        ("!Condition Other", "no"),
    ],
)
def test_conditions_are_worked_out_as_far_as_they_matter(condition: str, name: str) -> None:
    text = (
        "Parameters: {P: {Type: String, Default: true}, Unknown: {Type: String}}\n"
        f"Conditions: {{C: {condition}, Other: !Equals [a, b]}}\n"
        "Resources:\n"
        "  Pool:\n"
        "    Type: AWS::Cognito::IdentityPool\n"
        "    Properties: {IdentityPoolName: !If [C, 'yes', 'no']}\n"
    )
    conversion = from_cloudformation("t.yaml", text, Supplied(), None)
    assert conversion.findings == ()
    assert [pool.pool.IdentityPoolName for pool in conversion.pools] == [name]
