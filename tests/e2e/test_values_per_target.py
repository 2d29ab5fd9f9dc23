"""One spec for many targets: layers, references, and what AWS is asked for them."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.faults.proxy import FaultProxy
from tests.support.cli import Idpool, aws_environment

EU, US = "111122223333", "444455556666"
SECRET = "Zk8wQvPx2LmT"
ROLE = "arn:aws:iam::${target.account}:role/idpool"
PROJECT = f"""\
apiVersion: idpool/v1
kind: Project
owner: acme/identity
vars: {{stage: prod}}
defaults: {{IdentityPoolTags: {{managed-by: idpool}}}}
reads:
  ssm: ["/shop/*"]
  secret: [shop/twitter]
  stack: ["shop-*"]
  terraform:
    base:
      state: "s3://acme-state/${{target.name}}.tfstate"
      region: eu-west-1
      credentials: target
targets:
  eu: {{account: "{EU}", region: eu-west-1, roleArn: "{ROLE}"}}
  us: {{account: "{US}", region: us-east-1, roleArn: "{ROLE}"}}
"""
HEAD = "apiVersion: idpool/v1\nkind: IdentityPool\nmetadata: {{name: {name}}}\nspec:\n"
SPEC = (
    HEAD.format(name="shop")
    + """\
  IdentityPoolName: shop-${var.stage}
  SupportedLoginProviders:
    api.twitter.com: "${secret.shop/twitter#login}"
    graph.facebook.com: "${ssm./shop/facebook}"
  CognitoIdentityProviders:
    - {ProviderName: "${userPool.users}", ClientId: "${userPoolClient.users/web}"}
  Roles: {authenticated: "${stack.shop-base.Role}"}
  RoleMappings:
    "${userPool.users}:${userPoolClient.users/web}":
      Type: Rules
      AmbiguousRoleResolution: Deny
      RulesConfiguration:
        Rules:
          - {Claim: a, MatchType: Equals, Value: b, RoleARN: "${terraform.base.admin}"}
"""
)


def seed(account: str, region: str, target: str, **changes: Any) -> dict[str, Any]:
    """Everything that the spec refers to, in one place."""
    role = f"arn:aws:iam::{account}:role/"
    return {
        "account": account,
        "region": region,
        "ssm": {"/shop/facebook": {"SecureString": f"{SECRET}1"}},
        "secret": {"shop/twitter": {"login": f"key;{SECRET}2"}},
        "stack": {"shop-base": {"Role": f"{role}shop"}},
        "userPool": {"users": {"id": f"{region}_Abc123", "clients": {"web": "client1"}}},
        "terraform": {f"s3://acme-state/{target}.tfstate": {"admin": f"{role}admin"}},
        **changes,
    }


NO_STACK = (
    "specs/shop.yaml:11:26: spec.Roles.authenticated: ${stack.shop-base.Role}: there is no "
    f"CloudFormation stack shop-base in account {EU}, region eu-west-1 [unresolved-reference]"
)
SEEDS = (seed(EU, "eu-west-1", "eu"), seed(US, "us-east-1", "us"))


class Scene:
    """A repository, and a sandbox behind a proxy that counts."""

    def __init__(self, folder: Path, proxy: FaultProxy) -> None:
        self.idpool = Idpool(folder, aws_environment(proxy.url))
        self.proxy = proxy
        self._told = Counter[str]()
        self.idpool.write("idpool.yaml", PROJECT)
        self.idpool.write("specs/shop.yaml", SPEC)

    def seed(self, *seeds: dict[str, Any]) -> None:
        """Put things into the sandbox."""
        file = {"apiVersion": "idpool/v1", "kind": "SandboxSeed", "seeds": list(seeds)}
        self.idpool.write("seeds.yaml", json.dumps(file))
        assert self.idpool.run("sandbox", "seed", "seeds.yaml", "state.json").code == 0

    def calls(self) -> Counter[str]:
        """What has been sent since it was asked last."""
        total = Counter(self.proxy.counts())
        new, self._told = total - self._told, total
        return new


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    settings = SandboxSettings(file=tmp_path / "state.json")
    with SandboxServer(settings) as server, FaultProxy(server.url) as proxy:
        yield Scene(tmp_path, proxy)


def test_references_and_layers_are_applied_and_nothing_is_left(scene: Scene) -> None:
    scene.seed(*SEEDS)
    applied = scene.idpool.run("apply", "--yes")
    assert applied.code == 0, applied.text
    again = scene.idpool.run("plan", "--detailed-exitcode")
    assert (again.code, again.out) == (
        0,
        "No changes. 2 pools in 2 targets are as the specs say.\n",
    )
    pools = json.loads((scene.idpool.folder / "state.json").read_text())["pools"]
    pools.sort(key=lambda pool: pool["account"])  # targets are applied side by side
    for pool, (account, region) in zip(pools, ((EU, "eu-west-1"), (US, "us-east-1")), strict=True):
        provider = f"cognito-idp.{region}.amazonaws.com/{region}_Abc123"
        assert (pool["account"], pool["region"]) == (account, region)
        assert pool["settings"]["IdentityPoolName"] == "shop-prod"
        assert pool["settings"]["CognitoIdentityProviders"][0]["ProviderName"] == provider
        assert pool["settings"]["SupportedLoginProviders"]["api.twitter.com"] == f"key;{SECRET}2"
        assert pool["settings"]["IdentityPoolTags"]["managed-by"] == "idpool"
        rules = pool["roles"]["RoleMappings"][f"{provider}:client1"]["RulesConfiguration"]["Rules"]
        assert rules[0]["RoleARN"] == f"arn:aws:iam::{account}:role/admin"


def test_each_thing_is_read_once_a_target(scene: Scene) -> None:
    scene.seed(*SEEDS)
    assert scene.idpool.run("plan").code == 0
    reads = {
        "GetParameters",
        "BatchGetSecretValue",
        "DescribeStacks",
        "ListUserPools",
        "ListUserPoolClients",
    }
    calls = scene.calls()
    assert {name: calls[name] for name in reads} == dict.fromkeys(reads, 2)
    assert (calls["GET /acme-state/eu.tfstate"], calls["GET /acme-state/us.tfstate"]) == (1, 1)


def test_what_needs_no_read_costs_no_call(scene: Scene) -> None:
    literal = HEAD.format(name="shop") + "  IdentityPoolName: shop-prod\n"
    scene.idpool.write("specs/shop.yaml", literal)
    assert scene.idpool.run("plan").code == 0
    without = scene.calls()
    pure = HEAD.format(name="shop") + "  IdentityPoolName: shop-${var.stage}\n"
    pure += (
        '  Roles: {authenticated: "${role.shop}"}\n  SamlProviderARNs: ["${samlProvider.Okta}"]\n'
    )
    scene.idpool.write("specs/shop.yaml", pure)
    assert scene.idpool.run("plan").code == 0
    assert scene.calls() == without


def test_a_thousand_references_to_ten_stacks_are_ten_calls(scene: Scene) -> None:
    stacks = {
        f"shop-{stack}": {f"Role{n}": f"arn:aws:iam::{EU}:role/r{n}" for n in range(25)}
        for stack in range(10)
    }
    scene.seed(seed(EU, "eu-west-1", "eu", stack=stacks))
    for number in range(40):
        rules = "".join(
            f"          - {{Claim: a, MatchType: Equals, Value: v{n}, "
            f'RoleARN: "${{stack.shop-{number % 10}.Role{n}}}"}}\n'
            for n in range(25)
        )
        text = HEAD.format(name=f"s{number}") + f"  IdentityPoolName: s{number}\n"
        text += '  SupportedLoginProviders: {graph.facebook.com: "1"}\n  RoleMappings:\n'
        text += "    graph.facebook.com:\n      Type: Rules\n      AmbiguousRoleResolution: Deny\n"
        text += "      RulesConfiguration:\n        Rules:\n" + rules
        scene.idpool.write(f"specs/s{number}.yaml", text)
    (scene.idpool.folder / "specs/shop.yaml").unlink()
    planned = scene.idpool.run("plan", "--target", "eu")
    assert planned.code == 0, planned.text
    assert scene.calls()["DescribeStacks"] == 10


def test_parameters_are_read_by_tens(scene: Scene) -> None:
    names = [f"/shop/p{number}" for number in range(25)]
    scene.seed(seed(EU, "eu-west-1", "eu", ssm={name: name[-1] for name in names}))
    tags = "".join(f'    t{n}: "${{ssm.{name}}}"\n' for n, name in enumerate(names))
    text = HEAD.format(name="shop") + "  IdentityPoolName: shop\n  IdentityPoolTags:\n" + tags
    scene.idpool.write("specs/shop.yaml", text)
    assert scene.idpool.run("plan", "--target", "eu").code == 0
    assert scene.calls()["GetParameters"] == 3


def test_what_means_nothing_refuses_its_own_pool_only(scene: Scene) -> None:
    scene.seed(seed(EU, "eu-west-1", "eu", stack={}))
    other = (
        HEAD.format(name="other")
        + '  IdentityPoolName: other\n  Roles: {authenticated: "${role.a}"}\n'
    )
    scene.idpool.write("specs/other.yaml", other)
    planned = scene.idpool.run("plan", "--target", "eu")
    assert planned.code == 3, planned.text
    assert f"{NO_STACK}\n      way out: deploy it there, or name another one\n" in planned.out
    assert "create other" in planned.out
    applied = scene.idpool.run("apply", "--yes", "--target", "eu")
    assert applied.code == 3, applied.text
    assert NO_STACK in applied.out
    assert "created other" in applied.out


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ('IdentityPoolTags: {a: "${ssm./shop/facebook}"}', "6:25: spec.IdentityPoolTags.a"),
        ('Roles: {authenticated: "${terraform.base.key}"}', "6:26: spec.Roles.authenticated"),
        ('SupportedLoginProviders: {"${ssm./shop/facebook}": a}', "6:29: spec.SupportedLogin"),
    ],
)
def test_what_shows_to_be_secret_when_it_is_read_stands_in_logins_only(
    scene: Scene, line: str, where: str
) -> None:
    """A SecureString and a sensitive output look like any other reference until then."""
    state = {"s3://acme-state/eu.tfstate": {"key": {"sensitive": SECRET}}}
    scene.seed(seed(EU, "eu-west-1", "eu", terraform=state))
    text = HEAD.format(name="shop") + f"  IdentityPoolName: shop\n  {line}\n"
    scene.idpool.write("specs/shop.yaml", text)
    assert scene.idpool.run("validate").code == 0
    planned = scene.idpool.run("plan", "--target", "eu", "-vv")
    assert planned.code == 3, planned.text
    assert f"specs/shop.yaml:{where}" in planned.out, planned.out
    assert " is a secret, and AWS shows this to all" in planned.out, planned.out
    assert SECRET not in planned.text
    assert "CreateIdentityPool" not in scene.calls()


MOVES: dict[str, tuple[dict[str, Any], str, str]] = {
    "ssm./shop/facebook": ({"ssm": {"/shop/facebook": {"SecureString": "other"}}}, "", ""),
    "secret.shop/twitter#login": ({"secret": {"shop/twitter": {"login": "key;other"}}}, "", ""),
    "stack.shop-base.Role": (
        {"stack": {"shop-base": {"Role": f"arn:aws:iam::{EU}:role/other"}}},
        "",
        "",
    ),
    "terraform.base.admin": (
        {"terraform": {"s3://acme-state/eu.tfstate": {"admin": f"arn:aws:iam::{EU}:role/other"}}},
        "",
        "",
    ),
    "idpool.yaml:4": ({}, "stage: prod", "stage: test"),
    "idpool.yaml:5": ({}, "managed-by: idpool", "managed-by: other"),
}


@pytest.mark.parametrize("name", MOVES)
def test_a_source_that_moved_makes_a_saved_plan_stale(scene: Scene, name: str) -> None:
    scene.seed(*SEEDS)
    planned = scene.idpool.run("plan", "--target", "eu", "--out", "plan.json")
    assert planned.code == 0, planned.text
    changes, old, new = MOVES[name]
    scene.seed(seed(EU, "eu-west-1", "eu", **changes))
    if old:
        scene.idpool.write("idpool.yaml", PROJECT.replace(old, new))
    applied = scene.idpool.run("apply", "plan.json", "--yes")
    assert applied.code == 4, applied.text
    assert name in applied.text
    assert SECRET not in applied.text


def test_of_what_moved_only_that_is_named(scene: Scene) -> None:
    """The var and not the default that uses it; one text of a client and not the other."""
    default = "{managed-by: idpool, owner: '${var.stage}'}"
    project = PROJECT.replace("{managed-by: idpool}", default)
    scene.idpool.write("idpool.yaml", project)
    ours, client = "cognito-idp.${target.region}.amazonaws.com/eu-west-1_Ab1", "${ssm./shop/client}"
    text = HEAD.format(name="shop") + "  IdentityPoolName: shop\n  CognitoIdentityProviders:\n"
    clients = f'    - {{ProviderName: "{ours}", ClientId: "{client}"}}\n'
    scene.idpool.write("specs/shop.yaml", text + clients)
    scene.seed(seed(EU, "eu-west-1", "eu", ssm={"/shop/client": "client1"}))
    planned = scene.idpool.run("plan", "--target", "eu", "--out", "plan.json")
    assert planned.code == 0, planned.text
    assert f"client1  <- {ours}, ssm./shop/client\n" in planned.out
    scene.seed(seed(EU, "eu-west-1", "eu", ssm={"/shop/client": "client2"}))
    scene.idpool.write("idpool.yaml", project.replace("stage: prod", "stage: test"))
    applied = scene.idpool.run("apply", "plan.json", "--yes")
    assert applied.code == 4, applied.text
    assert [line for line in applied.err.splitlines() if line.startswith("  ~ ")] == [
        "  ~ changed var.stage  at idpool.yaml:4  of shop in eu",
        "  ~ changed ssm./shop/client  version 1 -> 2  of shop in eu",
    ], applied.err


def test_a_saved_plan_whose_sources_stand_still_is_applied(scene: Scene) -> None:
    scene.seed(*SEEDS)
    assert scene.idpool.run("plan", "--out", "plan.json").code == 0
    scene.seed(*SEEDS)
    applied = scene.idpool.run("apply", "plan.json", "--yes")
    assert applied.code == 0, applied.text


def test_a_secret_that_was_read_is_in_no_output(scene: Scene) -> None:
    """The one of before, which live still has, neither."""
    scene.seed(*SEEDS)
    formats = [f"--format={name}=out.{name}" for name in ("json", "markdown", "html", "junit")]
    assert scene.idpool.run("apply", "--yes", "--receipt", "receipt.json", "-vv").code == 0
    state = (scene.idpool.folder / "state.json").read_text()
    assert SECRET in state
    changed = {"ssm": {"/shop/facebook": {"SecureString": f"{SECRET}3"}}}
    scene.seed(seed(EU, "eu-west-1", "eu", **changed))
    commands = (
        ("plan", "-vv", "--out", "plan.json", *formats),
        ("plan",),
        ("show", "plan.json"),
        ("drift", "-vv"),
        ("drift", "--format=json"),
        ("render",),
        ("pull", "--diff"),
        ("apply", "--yes", "-vv", "--format=json"),
        ("rollback", "receipt.json"),
    )
    for words in commands:
        result = scene.idpool.run(*words)
        assert SECRET not in result.text, words
    for path in scene.idpool.folder.rglob("*"):
        if path.is_file() and path.name not in {"state.json", "seeds.yaml"}:
            assert SECRET.encode() not in path.read_bytes(), path
    assert 'graph.facebook.com: "****"' in scene.idpool.run("render").out


def many_targets(count: int) -> str:
    """A project with a target in each account."""
    lines = [
        f'  t{n:02}: {{account: "{EU[:-2]}{n:02}", region: eu-west-1, roleArn: "{ROLE}"}}\n'
        for n in range(count)
    ]
    return PROJECT[: PROJECT.index("targets:\n")] + "targets:\n" + "".join(lines)


def test_one_spec_makes_fifty_pools_with_a_user_pool_each(scene: Scene) -> None:
    """And says so in render as somebody would have written it for each target."""
    scene.idpool.write("idpool.yaml", many_targets(50))
    accounts = {f"t{n:02}": f"{EU[:-2]}{n:02}" for n in range(50)}
    pools = {
        name: {"users": {"id": f"eu-west-1_Pool{name}", "clients": {"web": f"client{name}"}}}
        for name in accounts
    }
    scene.seed(
        *(seed(account, "eu-west-1", t, userPool=pools[t]) for t, account in accounts.items())
    )
    applied = scene.idpool.run("apply", "--yes")
    assert applied.code == 0, applied.text
    again = scene.idpool.run("plan", "--detailed-exitcode")
    assert (again.code, again.out) == (
        0,
        "No changes. 50 pools in 50 targets are as the specs say.\n",
    )
    found = json.loads((scene.idpool.folder / "state.json").read_text())["pools"]
    told = {
        pool["account"]: pool["settings"]["CognitoIdentityProviders"][0]["ProviderName"]
        for pool in found
    }
    assert told == {
        account: f"cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool{name}"
        for name, account in accounts.items()
    }
    for name in ("t00", "t07", "t49"):
        rendered = scene.idpool.run("render", "--target", name)
        assert yaml_value(rendered.out) == by_hand(name, accounts[name])


def by_hand(target: str, account: str) -> Any:
    """The document of one target, its secrets masked as they are shown."""
    provider = f"cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool{target}"
    client = f"client{target}"
    rule = {
        "Claim": "a",
        "MatchType": "Equals",
        "Value": "b",
        "RoleARN": f"arn:aws:iam::{account}:role/admin",
    }
    return {
        "apiVersion": "idpool/v1",
        "kind": "IdentityPool",
        "metadata": {"name": "shop"},
        "spec": {
            "IdentityPoolName": "shop-prod",
            "SupportedLoginProviders": {"api.twitter.com": "****", "graph.facebook.com": "****"},
            "CognitoIdentityProviders": [{"ProviderName": provider, "ClientId": client}],
            "IdentityPoolTags": {"managed-by": "idpool"},
            "Roles": {"authenticated": f"arn:aws:iam::{account}:role/shop"},
            "RoleMappings": {
                f"{provider}:{client}": {
                    "Type": "Rules",
                    "AmbiguousRoleResolution": "Deny",
                    "RulesConfiguration": {"Rules": [rule]},
                }
            },
        },
    }


def yaml_value(text: str) -> Any:
    """The value of YAML, as another reader has it."""
    return YAML(typ="safe", pure=True).load(text)


def test_a_role_is_assumed_as_the_target_says(scene: Scene) -> None:
    session = ', externalId: "x-${var.stage}", sessionName: "ci-${target.name}"'
    session += ", sessionTags: {a: b}"
    role = f'roleArn: "{ROLE}"'
    scene.idpool.write("idpool.yaml", PROJECT.replace(role, role + session, 1))
    scene.seed(*SEEDS)
    assert scene.idpool.run("plan").code == 0
    asked = {
        str(request.body["RoleArn"]): request.body
        for request in scene.proxy.requests
        if request.operation == "AssumeRole" and request.body
    }
    eu, us = asked[f"arn:aws:iam::{EU}:role/idpool"], asked[f"arn:aws:iam::{US}:role/idpool"]
    assert (eu["ExternalId"], eu["RoleSessionName"]) == ("x-prod", "ci-eu")
    assert (eu["Tags.member.1.Key"], eu["Tags.member.1.Value"]) == ("a", "b")
    assert us["RoleSessionName"] == "idpool"
    assert "ExternalId" not in us
