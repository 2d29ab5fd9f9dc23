"""What is seeded: answered as AWS answers, versioned, and refused where it makes no sense."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.support.cli import Idpool

ACCOUNT, REGION = "111122223333", "eu-west-1"
SEED: dict[str, Any] = {
    "account": ACCOUNT,
    "region": REGION,
    "ssm": {"/a": "1", "/s": {"SecureString": "2"}},
    "secret": {"x/y": {"k": "v"}, "text": "plain"},
    "stack": {"base": {"Role": "arn:aws:iam::111122223333:role/<&>"}},
    "userPool": {"users": {"id": f"{REGION}_Abc", "clients": {"web": "client", "app": None}}},
    "terraform": {"s3://b/k/a.tfstate": {"out": "1", "hidden": {"sensitive": "2"}}},
}


def seed(idpool: Idpool, *seeds: dict[str, Any]) -> None:
    file = {"apiVersion": "idpool/v1", "kind": "SandboxSeed", "seeds": list(seeds)}
    idpool.write("seeds.yaml", json.dumps(file))
    result = idpool.run("sandbox", "seed", "seeds.yaml", "state.json")
    assert result.code == 0, result.text


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    return Idpool(tmp_path)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    with SandboxServer(SandboxSettings(file=tmp_path / "state.json")) as running:
        yield running


@pytest.fixture
def client(server: SandboxServer) -> Iterator[Callable[..., Any]]:
    """Clients by service, and account."""
    made = []
    sdk: Any = boto3

    def make(service: str, account: str = ACCOUNT) -> Any:
        made.append(
            sdk.client(
                service,
                region_name=REGION,
                endpoint_url=server.url,
                aws_access_key_id=account,
                aws_secret_access_key="sandbox",
            )
        )
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_parameters_have_a_version_that_moves_with_their_value(
    idpool: Idpool, client: Callable[..., Any]
) -> None:
    """What is seeded again unchanged keeps its version; a selector asks for one."""
    seed(idpool, SEED)
    seed(idpool, SEED)
    names = ["/a", "/a:1", "/a:2", "/s", "/none"]
    answer = client("ssm").get_parameters(Names=names, WithDecryption=True)
    found = [(p["Name"], p.get("Selector"), p["Value"], p["Version"]) for p in answer["Parameters"]]
    assert found == [("/a", None, "1", 1), ("/a", ":1", "1", 1), ("/s", None, "2", 1)]
    assert answer["InvalidParameters"] == ["/a:2", "/none"]
    seed(idpool, {**SEED, "ssm": {"/a": "3"}})
    answer = client("ssm").get_parameters(Names=["/a", "/s"])
    assert [p["Version"] for p in answer["Parameters"]] == [2, 1]
    assert answer["Parameters"][1]["Value"] != "2"  # not decrypted


def test_secrets_stacks_user_pools_and_states(idpool: Idpool, client: Callable[..., Any]) -> None:
    """All that references read is answered, to any client."""
    seed(idpool, SEED)
    secrets = client("secretsmanager").batch_get_secret_value(SecretIdList=["x/y", "none"])
    assert json.loads(secrets["SecretValues"][0]["SecretString"]) == {"k": "v"}
    assert secrets["Errors"][0]["ErrorCode"] == "ResourceNotFoundException"
    stacks = client("cloudformation")
    (stack,) = stacks.describe_stacks(StackName="base")["Stacks"]
    assert stack["Outputs"] == [
        {"OutputKey": "Role", "OutputValue": "arn:aws:iam::111122223333:role/<&>"}
    ]
    assert "LastUpdatedTime" not in stack
    with pytest.raises(ClientError, match=r"ValidationError.*none does not exist"):
        stacks.describe_stacks(StackName="none")
    idp = client("cognito-idp")
    assert [p["Name"] for p in idp.list_user_pools(MaxResults=60)["UserPools"]] == ["users"]
    clients = idp.list_user_pool_clients(UserPoolId=f"{REGION}_Abc")["UserPoolClients"]
    assert [each["ClientName"] for each in clients] == ["app", "web"]
    assert clients[1]["ClientId"] == "client"
    state = client("s3").get_object(Bucket="b", Key="k/a.tfstate")
    outputs = json.loads(state["Body"].read())["outputs"]
    assert outputs == {
        "out": {"value": "1", "type": "string"},
        "hidden": {"value": "2", "type": "string", "sensitive": True},
    }
    seed(idpool, {**SEED, "stack": {"base": {"Role": "other"}}})
    (stack,) = stacks.describe_stacks(StackName="base")["Stacks"]
    assert "LastUpdatedTime" in stack
    again = client("s3").get_object(Bucket="b", Key="k/a.tfstate")
    again["Body"].close()
    assert again["ETag"] == state["ETag"]


def test_another_account_has_nothing_of_it(idpool: Idpool, client: Callable[..., Any]) -> None:
    """There moto answers, which knows what a client has put there."""
    seed(idpool, SEED)
    ssm = client("ssm", "444455556666")
    ssm.put_parameter(Name="/a", Value="moto", Type="String", Overwrite=True)
    assert ssm.get_parameters(Names=["/a"])["Parameters"][0]["Value"] == "moto"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "1:2"),
        ("kind: SandboxSeed", "apiVersion"),
        ("{apiVersion: idpool/v1, kind: SandboxSeed, seeds: [{account: '1'}]}", "seeds.0.account"),
        ("{apiVersion: idpool/v1, kind: SandboxSeed, seeds: [{smm: {}}]}", "seeds.0.smm"),
    ],
)
def test_a_bad_seed_file_changes_nothing(idpool: Idpool, text: str, said: str) -> None:
    """It is refused with the place of what is wrong."""
    idpool.write("seeds.yaml", text)
    result = idpool.run("sandbox", "seed", "seeds.yaml", "state.json")
    assert result.code == 1
    assert said in result.err
    assert not (idpool.folder / "state.json").exists()


def test_a_state_whose_seeds_are_damaged_is_said_to_be(idpool: Idpool) -> None:
    """It is not read as a state without seeds."""
    seed(idpool, SEED)
    path = idpool.folder / "state.json"
    path.write_text(path.read_text().replace('"things"', '"thing"'))
    result = idpool.run("sandbox", "seed", "seeds.yaml", "state.json")
    assert result.code == 1
    assert "seeds" in result.err
