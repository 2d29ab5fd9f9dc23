"""Wrong specs: each names its place, its rule, what is wrong and the fix."""

from dataclasses import replace
from typing import NamedTuple

import pytest

from reconciler.model.base import JsonValue
from reconciler.model.findings import RuleId
from reconciler.specs.checks import without
from reconciler.text.problems import Problem
from tests.specs.conftest import TWO_TARGETS, FindingsOf
from tests.specs.texts import HEAD, POOL_ID, USER_POOL

ROLE = "arn:aws:iam::123456789012:role/x"
OIDC = "arn:aws:iam::123456789012:oidc-provider/example.com"
SAML = "arn:aws:iam::123456789012:saml-provider/Okta"


class Bad(NamedTuple):
    """Lines after the head of a spec (they begin on line 7), and what is said about them."""

    lines: str
    line: int
    column: int
    rule: str
    message: str
    fix: str


CLIENT = f"""\
  CognitoIdentityProviders:
    - ProviderName: {USER_POOL}
      ClientId: abc
"""
LOGIN = "  SupportedLoginProviders: {www.amazon.com: b}\n"
LONG = f"{OIDC}/{'x' * 80}"
RULE = f"{{Claim: a, MatchType: Equals, Value: b, RoleARN: {ROLE}}}"

SCHEMA = {
    "unknown field": Bad("  Foo: 1", 7, 3, "unknown-field", '"Foo"', "remove it; known here"),
    "typo": Bad("  AllowClasicFlow: true", 7, 3, "unknown-field", "", '"AllowClassicFlow"?'),
    "snake case": Bad("  saml_provider_arns: []", 7, 3, "unknown-field", "", '"SamlProviderARNs"?'),
    "camel case": Bad("  allowClassicFlow: true", 7, 3, "unknown-field", "", "AllowClassicFlow"),
    "pool id": Bad("  IdentityPoolId: x", 7, 3, "unknown-field", "", "metadata.adopt"),
    "call metadata": Bad("  ResponseMetadata: {}", 7, 3, "unknown-field", "", "remove it"),
    "cognito sync": Bad("  PushSync: {}", 7, 3, "unknown-field", "", "closed to new customers"),
    "wrong level": Bad("  ignoreChanges: []", 7, 3, "unknown-field", "", "under lifecycle"),
    "top level": Bad("Roles: {}", 7, 1, "unknown-field", "", '"Roles" belongs under spec'),
    "to the top": Bad("  lifecycle: {}", 7, 3, "unknown-field", "", "the top level"),
    "unknown role": Bad("  Roles: {admin: x}", 7, 11, "unknown-field", "", "authenticated"),
    "number for a string": Bad(
        "  DeveloperProviderName: 012345678901",
        7,
        26,
        "wrong-type",
        "is the number 012345678901, not a string",
        'quote it: "012345678901"',
    ),
    "boolean for a string": Bad(
        "  DeveloperProviderName: true", 7, 26, "wrong-type", "the boolean true", '"true"'
    ),
    "hexadecimal": Bad("  DeveloperProviderName: 0x1F", 7, 26, "wrong-type", "0x1F", '"0x1F"'),
    "infinity": Bad("  DeveloperProviderName: .inf", 7, 26, "wrong-type", ".inf", '".inf"'),
    "quoted boolean": Bad(
        '  AllowClassicFlow: "true"', 7, 21, "wrong-type", 'the string "true"', "write true, with"
    ),
    "yes": Bad("  AllowClassicFlow: yes", 7, 21, "wrong-type", "not true or false", "write true"),
    "off": Bad("  AllowClassicFlow: off", 7, 21, "wrong-type", "", "write false"),
    "word": Bad("  AllowClassicFlow: maybe", 7, 21, "wrong-type", "", "write true or false"),
    "one": Bad("  AllowClassicFlow: 1", 7, 21, "wrong-type", "the number 1", "write true"),
    "list for boolean": Bad("  AllowClassicFlow: []", 7, 3, "wrong-type", "a list", "one value"),
    "mapping for boolean": Bad(
        "  AllowClassicFlow: {}", 7, 3, "wrong-type", "a mapping", "write true or false"
    ),
    "boolean for a list": Bad(
        "  SamlProviderARNs: true", 7, 21, "wrong-type", "the boolean true", "write a list"
    ),
    "no value": Bad("  DeveloperProviderName:", 7, 25, "null-removes-nothing", "is null", "remove"),
    "null": Bad("  SamlProviderARNs: null", 7, 21, "null-removes-nothing", "is null", "[]"),
    "null mapping": Bad("  IdentityPoolTags: ~", 7, 21, "null-removes-nothing", "is null", "{}"),
    "null roles": Bad("  Roles:", 7, 9, "null-removes-nothing", "", '"managed, and empty"'),
    "string for a list": Bad(f"  SamlProviderARNs: {SAML}", 7, 21, "wrong-type", "", f'["{SAML}"]'),
    "mapping for a list": Bad(
        "  SamlProviderARNs: {a: b}", 7, 3, "wrong-type", "is a mapping, not a list", '"- "'
    ),
    "list for a mapping": Bad("  Roles: [a]", 7, 3, "wrong-type", "is a list", "KEY: VALUE"),
    "CloudFormation tags": Bad(
        "  IdentityPoolTags:\n    - {Key: a, Value: b}", 7, 3, "wrong-type", "a list", "KEY: VALUE"
    ),
    "string for a mapping": Bad("  Roles: a", 7, 10, "wrong-type", 'the string "a"', "KEY: VALUE"),
    "missing field": Bad(
        "  CognitoIdentityProviders:\n    - ClientId: a",
        8,
        7,
        "missing-field",
        'the field "ProviderName" is missing',
        "add ProviderName: ",
    ),
    "missing in a mapping": Bad("  RoleMappings:\n    a: {}", 8, 5, "missing-field", "Type", "add"),
    "wrong ARN kind, OIDC": Bad(
        f"  OpenIdConnectProviderARNs: [{SAML}]",
        7,
        31,
        "wrong-format",
        "is a SAML provider's ARN",
        "it belongs in SamlProviderARNs",
    ),
    "wrong ARN kind, SAML": Bad(
        f"  SamlProviderARNs: [{OIDC}]",
        7,
        22,
        "wrong-format",
        "OpenID",
        "OpenIdConnectProviderARNs",
    ),
    "wrong ARN kind, role": Bad(
        f"  Roles: {{authenticated: {SAML}}}", 7, 26, "wrong-format", "SAML", "role/NAME"
    ),
    "user pool for OIDC": Bad(
        "  OpenIdConnectProviderARNs: ['arn:aws:cognito-idp:eu-west-1:123456789012:userpool/e_1']",
        7,
        31,
        "wrong-format",
        "user pool's ARN",
        "CognitoIdentityProviders",
    ),
    "no ARN": Bad("  SamlProviderARNs: [Okta]", 7, 22, "wrong-format", "is no ARN", "arn:aws:iam"),
    "other ARN": Bad(
        "  SamlProviderARNs: ['arn:aws:s3::123456789012:bucket']",
        7,
        22,
        "wrong-format",
        "is not the ARN of an IAM saml-provider",
        "arn:aws:iam",
    ),
    "account in an ARN": Bad(
        "  SamlProviderARNs: ['arn:aws:iam::1234:saml-provider/Okta']",
        7,
        22,
        "wrong-format",
        "has not 12 digits",
        "arn:aws:iam",
    ),
    "app id": Bad(
        "  SupportedLoginProviders: {graph.facebook.com: a b}", 7, 49, "wrong-format", "", "signs"
    ),
    "provider name": Bad(
        CLIENT.replace(USER_POOL, "eu-west-1_A b"), 8, 21, "wrong-format", "", "USER_POOL_ID"
    ),
    "user pool id": Bad(
        CLIENT.replace(USER_POOL, "eu-west-1_Ab1"),
        8,
        21,
        "wrong-format",
        "not its provider name",
        'write "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1"',
    ),
    "user pool ARN": Bad(
        CLIENT.replace(
            USER_POOL, "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_A"
        ),
        8,
        21,
        "wrong-format",
        "not its provider name",
        'write "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A"',
    ),
    "client id": Bad(
        CLIENT.replace("abc", "my app"), 9, 17, "wrong-format", "no app client id", ""
    ),
    "enum": Bad(
        f"{CLIENT}  RoleMappings: {{'{USER_POOL}:abc': {{Type: token}}}}",
        10,
        88,
        "wrong-value",
        '"token" is not one of Token and Rules',
        'did you mean "Token"?',
    ),
    "far from the enum": Bad(
        "lifecycle:\n  ignoreChanges: [everything]", 8, 19, "wrong-value", "is not one", "write one"
    ),
    "empty string": Bad("  Roles: {authenticated: ''}", 7, 26, "too-short", "is empty", "remove"),
    "long string": Bad(
        f"  DeveloperProviderName: {'a' * 129}", 7, 26, "too-long", "has 129 char", "shorten"
    ),
    "empty targets": Bad("metadata: {name: a, targets: []}", 7, 21, "too-few", "", "every target"),
    "empty rules": Bad(
        "  RoleMappings:\n    a: {Type: Rules, RulesConfiguration: {Rules: []}}",
        8,
        43,
        "too-few",
        "is empty",
        "add a rule",
    ),
    "51 tags": Bad(
        "  IdentityPoolTags: {" + ", ".join(f"t{n}: v" for n in range(51)) + "}",
        7,
        3,
        "too-many",
        "has 51 tags: AWS allows 50 tags a pool, two of which are idpool's own",
        "remove 3",
    ),
    "11 logins": Bad(
        "  SupportedLoginProviders: {" + ", ".join(f"p{n}: v" for n in range(11)) + "}",
        7,
        3,
        "too-many",
        "has 11 entries: AWS allows 10",
        "remove 1",
    ),
    "empty key": Bad("  IdentityPoolTags: {'': a}", 7, 22, "too-short", "a key is empty", "name"),
    "long key": Bad(
        f"  IdentityPoolTags: {{{'k' * 129}: a}}", 7, 22, "too-long", "129 characters", "128"
    ),
    "number as a key": Bad(
        "  IdentityPoolTags: {012: a}", 7, 22, "key-not-string", "the key 012 is a number", '"012"'
    ),
    "boolean as a key": Bad(
        "  IdentityPoolTags: {true: a}", 7, 22, "key-not-string", "is true or false", '"true"'
    ),
    "empty as a key": Bad(
        "  IdentityPoolTags:\n    ?\n    : a", 8, 6, "key-not-string", "empty", "a key"
    ),
    "null as a key": Bad(
        "  IdentityPoolTags: {~: a}", 7, 22, "key-not-string", "~ is empty", '"~"'
    ),
    "mapping as a key": Bad(
        "  IdentityPoolTags: {{a: b}: c}", 7, 22, "key-not-string", "not a mapping", "quote"
    ),
    "adopt": Bad(
        "metadata: {name: a, adopt: x}", 7, 28, "wrong-format", "no identity pool", "as AWS"
    ),
    "adopt by number": Bad("metadata: {name: a, adopt: 5}", 7, 28, "wrong-type", "", "quote it"),
    "name": Bad("metadata: {name: My Shop}", 7, 18, "wrong-format", "no spec name", '"my-shop"'),
    "name of signs": Bad("metadata: {name: '!'}", 7, 18, "wrong-format", "", "lower-case letters"),
    "target name": Bad("metadata: {name: a, targets: [-x]}", 7, 31, "wrong-format", "", "letter"),
    "adopt key": Bad(
        f"metadata: {{name: a, adopt: {{-x: '{POOL_ID}'}}}}",
        7,
        29,
        "wrong-format",
        '"-x"',
        "letter",
    ),
    "claim": Bad(
        f"  RoleMappings:\n    a: {{Type: Rules, RulesConfiguration: {{Rules: [{RULE}]}}}}".replace(
            "Claim: a", "Claim: a b"
        ),
        8,
        59,
        "wrong-format",
        "no claim name",
        "without spaces",
    ),
}

RULES = {
    "aws tag": Bad("  IdentityPoolTags: {'aws:a': b}", 7, 22, "reserved-tag", "for AWS", "rename"),
    "our tag": Bad("  IdentityPoolTags: {idpool:a: b}", 7, 22, "reserved-tag", "for idpool", ""),
    "url of a login": Bad(
        "  SupportedLoginProviders: {https://graph.facebook.com: a}",
        7,
        29,
        "url-not-name",
        "is a URL",
        'write "graph.facebook.com"',
    ),
    "url of a client": Bad(
        CLIENT.replace("cognito", "https://cognito", 1), 8, 21, "url-not-name", "", f'"{USER_POOL}"'
    ),
    "url of a mapping": Bad(
        "  RoleMappings:\n    http://a/: {Type: Token, AmbiguousRoleResolution: Deny}",
        8,
        5,
        "url-not-name",
        "is a URL",
        "add the provider to the pool, or remove this",
    ),
    "url of a mapping of a client": Bad(
        f"{CLIENT}  RoleMappings:\n    https://{USER_POOL}: "
        "{Type: Token, AmbiguousRoleResolution: Deny}",
        11,
        5,
        "url-not-name",
        "is a URL",
        f'write "{USER_POOL}:abc"',
    ),
    "url of a mapping of an ARN": Bad(
        f"  OpenIdConnectProviderARNs: ['{OIDC}']\n  RoleMappings:\n"
        "    https://example.com/: {Type: Token, AmbiguousRoleResolution: Deny}",
        9,
        5,
        "url-not-name",
        "is a URL",
        f'write "{OIDC}"',
    ),
    "url of a mapping without a name": Bad(
        "  RoleMappings:\n    'https://': {Type: Token, AmbiguousRoleResolution: Deny}",
        8,
        5,
        "url-not-name",
        "is a URL",
        "add the provider",
    ),
    "key and secret for twitter's name": Bad(
        "  SupportedLoginProviders: {KEY;SECRET: api.twitter.com}",
        7,
        29,
        "twitter-swapped",
        "in the place of the provider's name",
        'write api.twitter.com: "KEY;SECRET"',
    ),
    "the secret for twitter's name": Bad(
        "  SupportedLoginProviders: {SECRET: www.API.twitter.com}",
        7,
        29,
        "twitter-swapped",
        "in the place of the provider's name",
        'write api.twitter.com: "KEY;SECRET"',
    ),
    "key and secret for a mapping's provider": Bad(
        "  RoleMappings: {KEY;SECRET: {Type: Token, AmbiguousRoleResolution: Deny}}",
        7,
        18,
        "twitter-swapped",
        "in the place of the provider's name",
        'write api.twitter.com: "KEY;SECRET"',
    ),
    "twitter in capitals": Bad(
        "  SupportedLoginProviders: {API.twitter.com: key;secret}",
        7,
        29,
        "unknown-login",
        '"API.twitter.com"',
        'did you mean "api.twitter.com"?',
    ),
    "twitter with a blank": Bad(
        "  SupportedLoginProviders: {' api.twitter.com': key;secret}",
        7,
        29,
        "unknown-login",
        "",
        'did you mean "api.twitter.com"?',
    ),
    "url of principal tags": Bad(
        f"{CLIENT}  PrincipalTagAttributeMaps:\n    https://{USER_POOL}: {{}}",
        11,
        5,
        "url-not-name",
        "",
        f'write "{USER_POOL}"',
    ),
    "url in an ARN": Bad(
        "  OpenIdConnectProviderARNs: "
        '["arn:aws:iam::123456789012:oidc-provider/https://example.com"]',
        7,
        31,
        "url-not-name",
        "no https://",
        OIDC,
    ),
    "same OIDC twice": Bad(
        f"  OpenIdConnectProviderARNs: ['{OIDC}', '{OIDC}']",
        7,
        86,
        "duplicate-member",
        "OpenIdConnectProviderARNs[0]",
        "remove one",
    ),
    "same SAML twice": Bad(
        f"  SamlProviderARNs:\n    - {SAML}\n    - {SAML}",
        9,
        7,
        "duplicate-member",
        "[0]",
        "remove",
    ),
    "same client twice": Bad(
        CLIENT + "\n".join(CLIENT.splitlines()[1:]), 10, 7, "duplicate-member", "same client", ""
    ),
    "client with two opinions": Bad(
        CLIENT + "\n".join(CLIENT.splitlines()[1:]) + "\n      ServerSideTokenCheck: true",
        10,
        7,
        "client-conflict",
        "with another ServerSideTokenCheck",
        "remove one",
    ),
    "mapping for nobody": Bad(
        "  RoleMappings:\n    graph.facebok.com: {Type: Token, AmbiguousRoleResolution: Deny}\n"
        "  SupportedLoginProviders: {graph.facebook.com: a}",
        8,
        5,
        "unknown-provider",
        'no provider "graph.facebok.com"',
        'did you mean "graph.facebook.com"?',
    ),
    "mapping in an empty pool": Bad(
        "  RoleMappings:\n    x: {Type: Token, AmbiguousRoleResolution: Deny}",
        8,
        5,
        "unknown-provider",
        "",
        "add the provider",
    ),
    "mapping for another": Bad(
        f"{CLIENT}  RoleMappings:\n    x: {{Type: Token, AmbiguousRoleResolution: Deny}}",
        11,
        5,
        "unknown-provider",
        "",
        f"write one of {USER_POOL}:abc",
    ),
    "mapping without a client": Bad(
        f"{CLIENT}  RoleMappings:\n    {USER_POOL}: {{Type: Token, AmbiguousRoleResolution: Deny}}",
        11,
        5,
        "unknown-provider",
        "one client of it",
        f"add :CLIENTID; the pool has {USER_POOL}:abc",
    ),
    "mapping of a user pool that is not there": Bad(
        f"  RoleMappings:\n    {USER_POOL}: {{Type: Token, AmbiguousRoleResolution: Deny}}",
        8,
        5,
        "unknown-provider",
        "one client of it",
        "add the provider",
    ),
    "mapping for a missing ARN": Bad(
        f"  RoleMappings:\n    {SAML}: {{Type: Token, AmbiguousRoleResolution: Deny}}",
        8,
        5,
        "unknown-provider",
        "no provider",
        "",
    ),
    "ambiguous": Bad(
        f"{LOGIN}  RoleMappings:\n    www.amazon.com: {{Type: Token}}",
        9,
        5,
        "ambiguous-role-resolution",
        "Type Token needs",
        "AmbiguousRoleResolution: Deny",
    ),
    "Rules without rules": Bad(
        f"{LOGIN}  RoleMappings:\n"
        "    www.amazon.com: {Type: Rules, AmbiguousRoleResolution: Deny}",
        9,
        5,
        "rules-missing",
        "needs RulesConfiguration",
        "Type: Token",
    ),
    "Token with rules": Bad(
        f"{LOGIN}  RoleMappings:\n    www.amazon.com: {{Type: Token, "
        f"AmbiguousRoleResolution: Deny, RulesConfiguration: {{Rules: [{RULE}]}}}}",
        9,
        66,
        "rules-forbidden",
        "takes no",
        "Type: Rules",
    ),
    "26 rules": Bad(
        f"{LOGIN}  RoleMappings:\n    www.amazon.com:\n      Type: Rules\n"
        "      AmbiguousRoleResolution: Deny\n      RulesConfiguration:\n        Rules:\n"
        + f"          - {RULE}\n"
        * 26,
        13,
        9,
        "too-many",
        "has 26 entries: AWS allows 25",
        "Token",
    ),
    "any text for a user pool": Bad(
        CLIENT.replace(USER_POOL, "shop-users"),
        8,
        21,
        "wrong-format",
        '"shop-users" is no user pool\'s provider name',
        "cognito-idp.REGION.amazonaws.com/USER_POOL_ID",
    ),
    "a user pool's host of another partition": Bad(
        CLIENT.replace(USER_POOL, "cognito-idp.cn-north-1.amazonaws.com/cn-north-1_a"),
        8,
        21,
        "wrong-format",
        "is not the user pool's provider name",
        'write "cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_a"',
    ),
    "a user pool in no region": Bad(
        CLIENT.replace(USER_POOL, "cognito-idp.euwest.amazonaws.com/euwest_a"),
        8,
        21,
        "wrong-format",
        "is no user pool's provider name",
        "cognito-idp.REGION",
    ),
    "a user pool in an unknown region": Bad(
        CLIENT.replace(USER_POOL, USER_POOL.replace("eu-west-1", "eu-wst-1")),
        8,
        21,
        "unknown-region",
        'no region "eu-wst-1"',
        'did you mean "eu-west-1"?',
    ),
    "unknown login provider": Bad(
        '  SupportedLoginProviders: {graph.facebok.com: "1"}',
        7,
        29,
        "unknown-login",
        'no login provider "graph.facebok.com"',
        'did you mean "graph.facebook.com"?',
    ),
    "too long for principal tags": Bad(
        f"  OpenIdConnectProviderARNs: ['{LONG}']\n  PrincipalTagAttributeMaps: {{'{LONG}': {{}}}}",
        8,
        31,
        "too-long",
        "no provider here whose name has over 128",
        "write the provider's issuer instead: \"example.com/xxx",
    ),
    "too long for principal tags by both names": Bad(
        f"  OpenIdConnectProviderARNs: ['{LONG}{LONG[-80:]}']\n"
        f"  PrincipalTagAttributeMaps: {{'{LONG}{LONG[-80:]}': {{}}}}",
        8,
        31,
        "too-long",
        "no provider here whose name has over 128",
        "this provider can have none",
    ),
    "principal tags for nobody": Bad(
        "  PrincipalTagAttributeMaps: {x: {}}", 7, 31, "unknown-provider", "", "add the provider"
    ),
    "principal tags for a client": Bad(
        f"{CLIENT}  PrincipalTagAttributeMaps:\n    '{USER_POOL}:abc': {{}}",
        11,
        5,
        "unknown-provider",
        "not for one client",
        f'write "{USER_POOL}"',
    ),
    "guest role unused": Bad(
        f"  Roles: {{unauthenticated: {ROLE}}}", 7, 11, "guest-role-unused", "no guest", "true"
    ),
    "guest role missing": Bad(
        "  AllowUnauthenticatedIdentities: true\n  Roles: {}",
        8,
        3,
        "guest-role-missing",
        "no role",
        "add unauthenticated",
    ),
    "guest role missing beside mappings": Bad(
        "  AllowUnauthenticatedIdentities: true\n  RoleMappings: {}",
        5,
        1,
        "guest-role-missing",
        "no role",
        "add unauthenticated",
    ),
    "half a Twitter app": Bad(
        "  SupportedLoginProviders: {api.twitter.com: key}",
        7,
        46,
        "twitter-secret",
        "holds no secret",
        "KEY;SECRET",
    ),
    "deleteIdentities alone": Bad(
        "lifecycle: {deleteIdentities: true}", 7, 13, "delete-identities", "delete: true", "remove"
    ),
    "ignored twice": Bad(
        "lifecycle: {ignoreChanges: [Roles, Roles]}", 7, 13, "duplicate-member", "Roles", "once"
    ),
    "reference without a name": Bad(
        "  DeveloperProviderName: ${env:X}", 7, 26, "bad-reference", "no reference", "$${"
    ),
    "reference in a key": Bad(
        "  IdentityPoolTags: {'${var.a}': b}", 7, 22, "bad-reference", "no reference", "keys of"
    ),
}

WARNINGS = {
    "unknown-login",
    "unknown-region",
    "guest-role-unused",
    "guest-role-missing",
    "twitter-secret",
    "null-removes-nothing",
}
CASES = SCHEMA | RULES


def text_of(bad: Bad) -> str:
    """The lines in a spec; lines that begin with metadata stand in for those of the head."""
    if bad.lines.startswith("metadata"):
        return HEAD.replace("metadata:\n  name: shop\n", "\n\n") + bad.lines
    return HEAD + bad.lines


@pytest.mark.parametrize("bad", CASES.values(), ids=CASES)
def test_every_error_has_its_place_and_its_fix(bad: Bad, findings_of: FindingsOf) -> None:
    """One error gives one finding, with file, line, column, rule, message and fix."""
    found = findings_of(text_of(bad))
    finding = next((each for each in found if each.rule == bad.rule), None)
    assert finding, found
    assert (finding.file, finding.line, finding.column) == ("a.yaml", bad.line, bad.column)
    assert bad.message in finding.message
    assert bad.fix in finding.fix
    assert finding.severity == ("warning" if bad.rule in WARNINGS else "error")


ALONE = [name for name in CASES if name not in {"missing in a mapping", "empty rules", "claim"}]


@pytest.mark.parametrize("name", ALONE)
def test_one_error_is_reported_once(name: str, findings_of: FindingsOf) -> None:
    """No error drags others along that merely follow from it."""
    bad = CASES[name]
    assert [finding.rule for finding in findings_of(text_of(bad))] == [bad.rule]


def test_ignored_fields_may_hold_more_providers_than_the_spec_says(
    findings_of: FindingsOf,
) -> None:
    """A mapping for a provider that another owner adds is fine."""
    text = (
        HEAD
        + "  RoleMappings:\n"
        + "".join(
            f"    {key}: {{Type: Token, AmbiguousRoleResolution: Deny}}\n"
            for key in (f"{USER_POOL}:abc", OIDC, SAML, "graph.facebook.com")
        )
        + f"  PrincipalTagAttributeMaps: {{login.x: {{}}, '{USER_POOL}': {{}}}}\n"
        + "lifecycle:\n  ignoreChanges: [CognitoIdentityProviders, SamlProviderARNs, "
        + "OpenIdConnectProviderARNs, SupportedLoginProviders, DeveloperProviderName]\n"
    )
    assert findings_of(text) == []


def test_an_ignored_field_excuses_its_own_providers_only(findings_of: FindingsOf) -> None:
    """ignoreChanges of clients says nothing about SAML providers."""
    text = (
        f"{HEAD}  RoleMappings:\n    {SAML}: {{Type: Token, AmbiguousRoleResolution: Deny}}\n"
        "lifecycle: {ignoreChanges: [CognitoIdentityProviders]}"
    )
    assert [finding.rule for finding in findings_of(text)] == ["unknown-provider"]


def test_a_misspelt_provider_field_does_not_make_its_providers_unknown(
    findings_of: FindingsOf,
) -> None:
    """The mapping is for a provider in a field that is there, though under a wrong name."""
    text = (
        f"{HEAD}  supported_login_providers: {{graph.facebook.com: a}}\n"
        "  RoleMappings: {graph.facebook.com: {Type: Token, AmbiguousRoleResolution: Deny}}"
    )
    assert [finding.rule for finding in findings_of(text)] == ["unknown-field"]


def test_a_tag_that_the_project_ignores_is_a_warning(findings_of: FindingsOf) -> None:
    """Such a tag would never be written."""
    project = replace(TWO_TARGETS, ignore_tags=("cost:*",))
    (finding,) = findings_of(HEAD + "  IdentityPoolTags: {'cost:centre': a}", project=project)
    assert (finding.rule, finding.severity, finding.column) == ("ignored-tag", "warning", 22)


def test_rules_are_checked_in_what_is_left_of_a_wrong_document(findings_of: FindingsOf) -> None:
    """A typo does not hide the errors that only a whole document shows."""
    text = HEAD + "  Typo: 1\n" + CLIENT.replace("ClientId: abc", "Client: abc")
    text += "  IdentityPoolTags: {'aws:x': y}\n  RoleMappings:\n    https://x: {Type: nope}\n"
    found = {(finding.line, finding.rule) for finding in findings_of(text)}
    assert found == {
        (7, "unknown-field"),
        (10, "unknown-field"),
        (11, "reserved-tag"),
        (13, "wrong-value"),
    }


def test_what_is_left_of_a_document_survives_doubled_problems() -> None:
    """Two problems in one value, or in values that an alias shares, take it out once."""
    value: JsonValue = {
        "apiVersion": "idpool/v1",
        "kind": "IdentityPool",
        "metadata": 5,
        "spec": {},
    }
    paths: list[tuple[str | int, ...]] = [
        ("metadata",),
        ("metadata", "name"),
        ("spec", "a", 0, "b"),
    ]
    problems = [Problem(path, RuleId.WRONG_TYPE, "") for path in paths]
    left = without("identity-pool", value, problems)
    assert left == {
        "apiVersion": "idpool/v1",
        "kind": "IdentityPool",
        "metadata": {"name": "unnamed"},
        "spec": {"IdentityPoolName": "unnamed"},
    }
    assert without("identity-pool", {"kind": "Other"}, problems) is None
