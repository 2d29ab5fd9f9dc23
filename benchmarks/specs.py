"""Specs as people write them, about 30 lines each: the same number gives the same text.

Every pool has roles and a role mapping. None has principal tags: they cost one more call for each
provider.
"""

import random
import re
from pathlib import Path
from typing import Final

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-west-1"
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_TEAMS: Final = ("shop", "games", "insights", "platform", "it", "mobile", "payments")
_PROJECT: Final = "apiVersion: idpool/v1\nkind: Project\nowner: acme/identity\nspecs: [specs/]\n"
# What organisations ask for, ``when`` and ``assert``; no spec here breaks any of it.
_POLICIES: Final = (
    ("", "!pool.AllowClassicFlow"),
    ("", "pool.IdentityPoolName == spec.name"),
    ("", 'pool.DeveloperProviderName == "" && pool.SamlProviderARNs == []'),
    ("", "size(pool.CognitoIdentityProviders) <= 10"),
    ("", 'pool.OpenIdConnectProviderARNs.all(arn, arn.endsWith(".example.com"))'),
    ("", '["team", "stage", "cost-center"].all(tag, tag in pool.IdentityPoolTags)'),
    ('target.name.startsWith("prod")', "!pool.AllowUnauthenticatedIdentities"),
    ("has(pool.Roles)", 'pool.Roles.all(kind, pool.Roles[kind].matches(":role/[a-z0-9-]+$"))'),
    ("has(pool.RoleMappings)", 'pool.RoleMappings.all(m, pool.RoleMappings[m].Type == "Rules")'),
    ("live != null", '!("IdentityPoolName" in changes)'),
)

# Providers, and the key of the role mapping.
_KINDS: Final = (
    (
        "CognitoIdentityProviders:\n    - ProviderName: {user_pool}\n      ClientId: {client}",
        "{user_pool}:{client}",
    ),
    ("OpenIdConnectProviderARNs:\n    - {oidc}", "{oidc}"),
    ('SupportedLoginProviders:\n    graph.facebook.com: "{app}"', "graph.facebook.com"),
)
_SPEC: Final = """\
# yaml-language-server: $schema=../../schemas/identity-pool.schema.json
# {{name}}: owned by team {{team}}
apiVersion: idpool/v1
kind: IdentityPool
metadata:
  name: {{name}}
spec:
  IdentityPoolName: {{name}}
  AllowUnauthenticatedIdentities: true
  AllowClassicFlow: false
  {providers}
  IdentityPoolTags:
    team: {{team}}
    stage: {{stage}}
    cost-center: "{{cost_center}}"
  Roles:
    authenticated: arn:aws:iam::{{account}}:role/{{name}}-user
    unauthenticated: arn:aws:iam::{{account}}:role/{{name}}-guest
  RoleMappings:
    "{mapped}":
      Type: Rules
      AmbiguousRoleResolution: AuthenticatedRole
      RulesConfiguration:
        Rules:
          - Claim: custom:group
            MatchType: Equals
            Value: editors
            RoleARN: arn:aws:iam::{{account}}:role/{{name}}-editors
"""


def write_repository(
    folder: Path, count: int, stage: str = "production", *, referring: bool = False
) -> None:
    """Write a project with ``count`` specs, at most 100 a folder; ``stage`` is a tag's value.

    ``referring``: what differs from account to account and from region to region is a reference.
    """
    for number in range(count):
        path = folder / "specs" / f"{number // 100:03d}" / f"pool-{number:05d}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = _text(number, stage)
        path.write_text(_with_references(text) if referring else text, encoding="utf-8")
    write_project(folder)


def write_project(folder: Path, policies: int = 0, targets: int = 0) -> None:
    """Write the project file, with so many policies and targets."""
    lines = [_PROJECT, *(["targets:\n"] if targets else [])]
    for number in range(targets):
        account = f"{int(ACCOUNT) + number}"
        lines += [f'  prod-{number}: {{account: "{account}", region: {REGION}}}\n']
    lines += ["policies:\n"] if policies else []
    for number in range(policies):
        when, asserted = _POLICIES[number % len(_POLICIES)]
        lines += [f"  - id: policy-{number}\n    severity: error\n    message: it is so\n"]
        lines += [f"    when: '{when}'\n"] if when else []
        lines += [f"    assert: '{asserted}'\n"]
    (folder / "idpool.yaml").write_text("".join(lines), encoding="utf-8")


def _with_references(text: str) -> str:
    for kind, scheme in (("role", "role"), ("oidc-provider", "oidcProvider")):
        text = re.sub(rf"arn:aws:iam::{ACCOUNT}:{kind}/([\w.-]+)", rf'"${{{scheme}.\1}}"', text)
    text = text.replace('""', '"')  # a key that was quoted already
    return text.replace(f"{REGION}.amazonaws.com", "${target.region}.${target.suffix}")


def _text(number: int, stage: str) -> str:
    chance = random.Random(number)  # noqa: S311
    team = chance.choice(_TEAMS)
    providers, mapped = _KINDS[number % len(_KINDS)]
    return _SPEC.format(providers=providers, mapped=mapped).format(
        account=ACCOUNT,
        app=chance.randrange(10**15, 10**16),
        client="".join(chance.choices(_LETTERS, k=26)),
        cost_center=f"{chance.randrange(10**4):04d}",
        name=f"{team}-{number:05d}",
        oidc=f"arn:aws:iam::{ACCOUNT}:oidc-provider/{team}-{number:05d}.example.com",
        stage=stage,
        team=team,
        user_pool=f"cognito-idp.{REGION}.amazonaws.com/{REGION}_{team}{number}",
    )
