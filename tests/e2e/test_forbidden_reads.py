"""What ``reads:`` does not allow is never read, whatever the command: a fork's spec names anything.

The project file is its owners'; the spec is the fork's.
"""

from collections.abc import Iterator

import pytest

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.e2e.test_values_per_target import EU, HEAD, PROJECT, SECRET, Scene, seed
from tests.faults.proxy import FaultProxy

ROLE = f"arn:aws:iam::{EU}:role/{SECRET}"
# All of it is there, and would be answered.
SEED = seed(
    EU,
    "eu-west-1",
    "eu",
    ssm={"/other": SECRET, "/shop/facebook": "1"},
    secret={"other": {"key": SECRET}, "shop/twitter": {"login": "key;hush"}},
    stack={"other": {"Role": ROLE}, "shop-base": {"Role": f"arn:aws:iam::{EU}:role/shop"}},
    userPool={
        "other": {"id": f"eu-west-1_{SECRET}", "clients": {"web": SECRET}},
        "users": {"id": "eu-west-1_Abc123", "clients": {"web": "client1"}},
    },
    terraform={
        "s3://acme-state/eu.tfstate": {"admin": f"arn:aws:iam::{EU}:role/admin", "other": SECRET},
        "s3://acme-state/other.tfstate": {"role": ROLE},
    },
)
ALLOWED = PROJECT.replace("  terraform:\n", "  userPool: [users]\n  terraform:\n").replace(
    "      credentials: target\n", "      credentials: target\n      outputs: [admin]\n"
)
FORBIDDEN = {
    "ssm": ('IdentityPoolTags: {a: "${ssm./other}"}', 'reads: {ssm: ["/other"]}'),
    "ssm by ARN": (
        f'IdentityPoolTags: {{a: "${{ssm.arn:aws:ssm:eu-west-1:{EU}:parameter/other}}"}}',
        "reads: {ssm: [",
    ),
    "secret": (
        'SupportedLoginProviders: {api.twitter.com: "${secret.other#key}"}',
        'reads: {secret: ["other"]}',
    ),
    "stack": ('Roles: {authenticated: "${stack.other.Role}"}', 'reads: {stack: ["other"]}'),
    "userPool": (
        'RoleMappings: {"${userPool.other}:web": {Type: Token, AmbiguousRoleResolution: Deny}}',
        'reads: {userPool: ["other"]}',
    ),
    "userPoolClient": (
        'IdentityPoolTags: {a: "${userPoolClient.other/web}"}',
        'reads: {userPool: ["other"]}',
    ),
    "terraform state": ('IdentityPoolTags: {a: "${terraform.other.role}"}', "terraform: {other:"),
    "terraform output": (
        'IdentityPoolTags: {a: "${terraform.base.other}"}',
        "outputs: of reads.terraform.base",
    ),
    "a part of a text": ('IdentityPoolName: "a-${ssm./other}"', 'reads: {ssm: ["/other"]}'),
    "a name made of a var": (
        'IdentityPoolTags: {a: "${stack.${var.stage}.Role}"}',
        'reads: {stack: ["prod"]}',
    ),
}
# Every command that reads specs.  A rollback reads its receipt, which has no references.
COMMANDS = (
    "validate",
    "plan",
    "plan --out plan.json",
    "apply --yes",
    "apply saved.json --yes",
    "drift",
    "drift --who",
    "render",
    "render --target eu",
    "pull",
    "pull --diff",
    "pull --into defaults",
    "import",
    "import other",
    "import --fold",
    "adopt shop=eu-west-1:0f1e2d3c-4b5a-4678-9abc-def012345678",
    "export cloudformation --target eu",
    "export terraform --target eu",
    "iam-policy plan",
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Everything is there, and the spec of before is applied."""
    folder = tmp_path_factory.mktemp("shop")
    settings = SandboxSettings(file=folder / "state.json")
    with SandboxServer(settings) as server, FaultProxy(server.url) as proxy:
        made = Scene(folder, proxy)
        made.seed(SEED)
        made.idpool.write("idpool.yaml", ALLOWED)
        assert made.idpool.run("apply", "--yes", "--target", "eu").code == 0
        assert made.idpool.run("plan", "--target", "eu", "--out", "saved.json").code == 0
        yield made


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_the_project_does_not_allow_is_never_read(shop: Scene, name: str) -> None:
    """Each command says where, and what the owners would have to add; no call is sent at all."""
    line, fix = FORBIDDEN[name]
    head = "" if "IdentityPoolName" in line else "  IdentityPoolName: shop\n"
    place = "specs/shop.yaml:5:" if not head else "specs/shop.yaml:6:"
    shop.idpool.write("specs/shop.yaml", f"{HEAD.format(name='shop')}{head}  {line}\n")
    shop.calls()
    for command in COMMANDS:
        result = shop.idpool.run(*command.split())
        assert result.code == 1, command
        assert result.err.startswith(place), command
        assert fix in result.err, command
        assert shop.calls() == {}, command
        assert SECRET not in result.text, command
