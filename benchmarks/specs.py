"""Specs as people write them, about 30 lines each: the same number gives the same text.

Every kind of pool has roles and a role mapping, and none has principal tags: those would be one
more call for each provider.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-west-1"
OWNER: Final = "acme/identity"
PER_FOLDER: Final = 100
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_TEAMS: Final = ("shop", "games", "insights", "platform", "it", "mobile", "payments")
_STAGES: Final = ("production", "staging", "test")

_HEAD: Final = """\
# yaml-language-server: $schema=../../schemas/identity-pool.schema.json
# {name}: owned by team {team}
apiVersion: idpool/v1
kind: IdentityPool
metadata:
  name: {name}
spec:
  IdentityPoolName: {name}
  AllowUnauthenticatedIdentities: true
  AllowClassicFlow: false
"""
_TAGS: Final = """\
  IdentityPoolTags:
    team: {team}
    stage: {stage}
    cost-center: "{cost_center}"
  Roles:
    authenticated: arn:aws:iam::{account}:role/{name}-user
    unauthenticated: arn:aws:iam::{account}:role/{name}-guest
"""
_CLIENTS: Final = """\
  CognitoIdentityProviders:
    - ProviderName: {provider}
      ClientId: {client}
      ServerSideTokenCheck: true
"""
_MAPPED_CLIENT: Final = """\
  RoleMappings:
    "{provider}:{client}":
"""
_OIDC: Final = """\
  OpenIdConnectProviderARNs:
    - arn:aws:iam::{account}:oidc-provider/{name}.example.com
"""
_MAPPED_OIDC: Final = """\
  RoleMappings:
    arn:aws:iam::{account}:oidc-provider/{name}.example.com:
"""
_SOCIAL: Final = """\
  SupportedLoginProviders:
    graph.facebook.com: "{app}"
    accounts.google.com: {app}-{client}.apps.googleusercontent.com
"""
_MAPPED_SOCIAL: Final = """\
  RoleMappings:
    graph.facebook.com:
"""
_RULES: Final = """\
      Type: Rules
      AmbiguousRoleResolution: AuthenticatedRole
      RulesConfiguration:
        Rules:
"""
_RULE: Final = """\
          - Claim: custom:group
            MatchType: Equals
            Value: {value}
            RoleARN: arn:aws:iam::{account}:role/{name}-{value}
"""
_KINDS: Final = (
    (_CLIENTS, _MAPPED_CLIENT),
    (_OIDC, _MAPPED_OIDC),
    (_SOCIAL, _MAPPED_SOCIAL),
)


def spec_text(number: int, rules: int = 1) -> str:
    """The spec of this number, with a role mapping of so many rules."""
    chance = random.Random(number)  # noqa: S311
    name = f"{chance.choice(_TEAMS)}-{number:05d}"
    providers, mapping = _KINDS[number % len(_KINDS)]
    values = {
        "account": ACCOUNT,
        "app": str(chance.randrange(10**15, 10**16)),
        "client": "".join(chance.choices(_LETTERS, k=26)),
        "cost_center": f"{chance.randrange(10**4):04d}",
        "name": name,
        "provider": f"cognito-idp.{REGION}.amazonaws.com/{REGION}_{_user_pool(chance)}",
        "stage": chance.choice(_STAGES),
        "team": name.partition("-")[0],
    }
    ruled = "".join(_RULE.replace("{value}", f"group-{rule:02d}") for rule in range(rules))
    return (_HEAD + providers + _TAGS + mapping + _RULES + ruled).format_map(values)


def _user_pool(chance: random.Random) -> str:
    return "".join(chance.choices(_LETTERS[:26].upper() + _LETTERS, k=9))


def write_repository(
    folder: Path, count: int, text: Callable[[int], str] = spec_text
) -> list[Path]:
    """A project with so many specs, one to a file, at most 100 files to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    project = f"apiVersion: idpool/v1\nkind: Project\nowner: {OWNER}\nspecs: [specs/]\n"
    (folder / "idpool.yaml").write_text(project, encoding="utf-8")
    paths = []
    for number in range(count):
        path = folder / "specs" / f"{number // PER_FOLDER:03d}" / f"pool-{number:05d}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(number), encoding="utf-8")
        paths.append(path)
    return paths
