"""What is seeded is answered as by moto's own services, whose packages tests alone have."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.sandbox.support import content
from tests.support.cli import ACCOUNT, Idpool

pytestmark = pytest.mark.slow

# moto's services are shared by all tests of a process: no other one is in this region.
REGION = "ca-west-1"
USERS = ("users-1", "users-2", "users-3")
CLIENTS = ("app-1", "app-2", "app-3")
Call = Callable[[Any], Any]


class Service:
    """Clients of one endpoint."""

    def __init__(self, url: str, running: ExitStack) -> None:
        sdk: Any = boto3
        config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
        for name in ("cloudformation", "cognito-idp"):
            client = sdk.client(
                name,
                region_name=REGION,
                endpoint_url=url,
                aws_access_key_id=ACCOUNT,
                aws_secret_access_key="sandbox",
                config=config,
            )
            running.callback(client.close)
            setattr(self, name.replace("-", "_"), client)

    cloudformation: Any
    cognito_idp: Any


class Pair:
    """The sandbox and moto, with the same stack, user pools and clients."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        server = running.enter_context(SandboxServer(SandboxSettings(file=folder / "state.json")))
        moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        moto.start()
        running.callback(moto.stop)
        host, port = moto.get_host_and_port()
        self._idpool = Idpool(folder)
        self._ids: dict[str, str] = {}
        self.moto = Service(f"http://{host}:{port}", running)
        self.sandbox = Service(server.url, running)
        self._fill_moto()
        self.update("a <&> b", is_new=True)

    def _fill_moto(self) -> None:
        idp = self.moto.cognito_idp
        for name in USERS:
            self._ids[name] = idp.create_user_pool(PoolName=name)["UserPool"]["Id"]
        for name in CLIENTS:
            idp.create_user_pool_client(UserPoolId=self.pool, ClientName=name)

    @property
    def pool(self) -> str:
        """The user pool that has clients."""
        return self._ids[USERS[0]]

    def update(self, value: str, *, is_new: bool = False) -> None:
        """The stack's output in both."""
        parameter = {"Type": "String", "Name": "/compared", "Value": value}
        template = {
            "Resources": {"One": {"Type": "AWS::SSM::Parameter", "Properties": parameter}},
            "Outputs": {"Role": {"Value": value}},
        }
        stacks = self.moto.cloudformation
        change = stacks.create_stack if is_new else stacks.update_stack
        change(StackName="base", TemplateBody=json.dumps(template))
        seed: dict[str, Any] = {
            "account": ACCOUNT,
            "region": REGION,
            "stack": {"base": {"Role": value}},
            "userPool": {name: {"id": pool_id} for name, pool_id in self._ids.items()},
        }
        seed["userPool"][USERS[0]]["clients"] = dict.fromkeys(CLIENTS)
        file = {"apiVersion": "idpool/v1", "kind": "SandboxSeed", "seeds": [seed]}
        self._idpool.write("seeds.yaml", json.dumps(file))
        done = self._idpool.run("sandbox", "seed", "seeds.yaml", "state.json")
        assert done.code == 0, done.text

    def answers(self, call: Call) -> tuple[Any, Any]:
        """What both answer, an error as its HTTP status, code and message."""
        return self._answer(self.sandbox, call), self._answer(self.moto, call)

    @staticmethod
    def _answer(service: Service, call: Call) -> Any:
        try:
            return content(call(service))
        except ClientError as error:
            answer: Any = error.response
            status = answer["ResponseMetadata"]["HTTPStatusCode"]
            return status, answer["Error"]["Code"], answer["Error"]["Message"]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with ExitStack() as running:
        yield Pair(tmp_path_factory.mktemp("compared"), running)


def shape(value: Any) -> Any:
    """Which members there are, and of what type, but for how many there are in a list."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def named(pages: list[dict[str, Any]], field: str, name: str) -> list[list[str]]:
    return [[each[name] for each in page[field]] for page in pages]


def test_seeds_are_answered_as_moto_answers(pair: Pair) -> None:
    """A stack, user pools and clients have the same members; what is not there, the same error."""
    calls: list[Call] = [
        lambda at: at.cloudformation.describe_stacks(StackName="base"),
        lambda at: at.cloudformation.describe_stacks(),
        lambda at: at.cognito_idp.list_user_pools(MaxResults=60),
        lambda at: at.cognito_idp.list_user_pools(MaxResults=2),
        lambda at: at.cognito_idp.list_user_pool_clients(UserPoolId=pair.pool),
        lambda at: at.cognito_idp.list_user_pool_clients(UserPoolId=pair.pool, MaxResults=2),
    ]
    for call in calls:
        ours, motos = pair.answers(call)
        assert shape(ours) == shape(motos)
    missing: list[Call] = [
        lambda at: at.cloudformation.describe_stacks(StackName="none <&>"),
        lambda at: at.cognito_idp.list_user_pool_clients(UserPoolId=f"{REGION}_none"),
    ]
    for call in missing:
        ours, motos = pair.answers(call)
        assert ours == motos
        assert ours[0] == 400


def test_seeded_lists_have_pages_as_motos_have(pair: Pair) -> None:
    """Of the length that is asked for; each thing is on one page."""

    def pages(at: Service, operation: str, **asked: Any) -> list[dict[str, Any]]:
        found = [content(getattr(at.cognito_idp, operation)(MaxResults=2, **asked))]
        while token := found[-1].get("NextToken"):
            call = getattr(at.cognito_idp, operation)
            found.append(content(call(MaxResults=2, NextToken=token, **asked)))
        return found

    for at in (pair.sandbox, pair.moto):
        pools = named(pages(at, "list_user_pools"), "UserPools", "Name")
        assert [sorted(USERS), [2, 1]] == [sorted(chain(*pools)), [len(each) for each in pools]]
        clients = pages(at, "list_user_pool_clients", UserPoolId=pair.pool)
        names = named(clients, "UserPoolClients", "ClientName")
        assert [sorted(CLIENTS), [2, 1]] == [sorted(chain(*names)), [len(each) for each in names]]


def test_a_seeded_stack_is_updated_as_motos_is(pair: Pair) -> None:
    """Its id and CreationTime stay; LastUpdatedTime comes, as AWS documents and moto leaves out."""
    stacks: list[tuple[Any, Any]] = []
    for value in ("first", "second"):
        pair.update(value)
        both = pair.answers(lambda at: at.cloudformation.describe_stacks(StackName="base"))
        stacks.append((both[0]["Stacks"][0], both[1]["Stacks"][0]))
    for before, after in zip(*stacks, strict=True):
        for name in ("StackId", "StackName", "CreationTime"):
            assert before[name] == after[name]
        assert after["StackStatus"] == "UPDATE_COMPLETE"
        assert after["Outputs"] == [{"OutputKey": "Role", "OutputValue": "second"}]
    ours, motos = stacks[1]
    assert ours["LastUpdatedTime"] >= ours["CreationTime"]
    assert "LastUpdatedTime" not in motos
    for at, stack in ((pair.sandbox, ours), (pair.moto, motos)):
        (found,) = at.cloudformation.describe_stacks(StackName=stack["StackId"])["Stacks"]
        assert found == stack


@pytest.mark.parametrize("asked", [{"MaxResults": 0}, {"MaxResults": 61}, {}])
def test_a_seeded_list_refuses_lengths_that_the_api_does_not_have(
    pair: Pair, asked: dict[str, int]
) -> None:
    """1 to 60, and needed for user pools; moto takes any."""
    with pytest.raises(ClientError, match="InvalidParameterException"):
        pair.sandbox.cognito_idp.list_user_pools(**asked)


def test_a_seeded_list_refuses_a_token_of_another_list(pair: Pair) -> None:
    """With the error that the API documents; moto has one of its own."""
    token = pair.sandbox.cognito_idp.list_user_pools(MaxResults=1)["NextToken"]
    with pytest.raises(ClientError, match="InvalidParameterException"):
        pair.sandbox.cognito_idp.list_user_pool_clients(UserPoolId=pair.pool, NextToken=token)
