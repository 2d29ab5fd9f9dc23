"""Tags go with UpdateIdentityPool; where they do not come along, they follow in the same action."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.e2e.conftest import Account, client_of
from tests.faults.commands import RECORDED, command, receipt
from tests.faults.faults import Fault, FaultKind, StrangeAnswer
from tests.faults.proxy import FaultProxy
from tests.faults.scenario import FULL
from tests.faults.services import WRITE_OPERATIONS
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

UPDATE, TAG, UNTAG = "UpdateIdentityPool", "TagResource", "UntagResource"
OURS = {"idpool:owner": "default", "idpool:name": "shop"}
STACK = {"aws:cloudformation:stack-name": "shop"}
BEFORE = document("shop", {**FULL, "IdentityPoolTags": {"team": "shop", "old": "yes"}})
WANTED = {"IdentityPoolTags": {"team": "web", "new": "1"}}
TAGS_ALONE = document("shop", {**FULL, **WANTED})
BOTH = document("shop", {**FULL, **WANTED, "AllowUnauthenticatedIdentities": True})

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Strange:
    """An AWS whose UpdateIdentityPool does something else: a hook for the proxy."""

    def __init__(self, proxy: FaultProxy, answer: Answer) -> None:
        self._proxy = proxy
        self._answer = answer

    def __call__(self, operation: str, number: int) -> Fault | None:
        if operation != UPDATE:
            return None
        body = [each.body for each in self._proxy.requests if each.operation == UPDATE][number - 1]
        assert body is not None
        try:
            answer = dict(self._answer(body))
        except ClientError as refused:
            error = refused.response["Error"]
            text = json.dumps({"__type": error["Code"], "message": error["Message"]})
            return StrangeAnswer(status=400, text=text)
        answer.pop("ResponseMetadata", None)
        return StrangeAnswer(text=json.dumps(answer))


def without_tags(client: Any, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """An update that leaves the tags as they are."""
    now = client.describe_identity_pool(IdentityPoolId=body["IdentityPoolId"])
    tags = {k: v for k, v in now["IdentityPoolTags"].items() if not k.startswith("aws:")}
    answer: Mapping[str, Any] = client.update_identity_pool(**{**body, "IdentityPoolTags": tags})
    return answer


def refused(code: str) -> ClientError:
    message = "aws: prefixed tag key names are not allowed"
    return ClientError({"Error": {"Code": code, "Message": message}}, UPDATE)


@pytest.fixture
def idpool(tmp_path: Path, proxy: FaultProxy, account: Account) -> Idpool:
    """One pool, made; the proxy has forgotten its calls."""
    made = command(tmp_path, proxy.url, BEFORE)
    assert made.run(*RECORDED).code == 0
    assert len(account.pools()) == 1
    for name in ("journal.jsonl", "receipt.json"):
        (tmp_path / name).unlink()
    proxy.reset()
    return made


def sent(proxy: FaultProxy) -> list[str]:
    """The writes that arrived, in their order."""
    return [each.operation for each in proxy.requests if each.operation in WRITE_OPERATIONS]


def applied(idpool: Idpool, wanted: Mapping[str, Any], code: int = 0) -> list[Any]:
    """The actions of the receipt, after an apply that ends with this code."""
    idpool.write("specs/pools.yaml", yaml_of(wanted))
    result = idpool.run(*RECORDED)
    assert result.code == code, result.text
    (pool,) = receipt(idpool)["pools"]
    actions: list[Any] = pool["actions"]
    return actions


@pytest.mark.parametrize("wanted", [TAGS_ALONE, BOTH], ids=["tags alone", "settings, too"])
def test_one_call_is_enough(
    idpool: Idpool, proxy: FaultProxy, account: Account, wanted: dict[str, Any]
) -> None:
    (action,) = applied(idpool, wanted)
    assert action["action"]["kind"] == "UpdatePool"
    assert sent(proxy) == [UPDATE]
    (pool,) = account.pools().values()
    assert pool["IdentityPoolTags"] == {**WANTED["IdentityPoolTags"], **OURS}


@pytest.mark.parametrize("wanted", [TAGS_ALONE, BOTH], ids=["tags alone", "settings, too"])
@pytest.mark.parametrize("shows", [True, False], ids=["says so", "does not say"])
def test_an_update_that_does_not_store_tags(
    idpool: Idpool, proxy: FaultProxy, account: Account, wanted: dict[str, Any], shows: bool
) -> None:
    """Whether its answer shows the old tags or none: a read has the last word."""

    def answer(body: Mapping[str, Any]) -> Mapping[str, Any]:
        told = without_tags(account.client, body)
        return told if shows else {k: v for k, v in told.items() if k != "IdentityPoolTags"}

    proxy.before = Strange(proxy, answer)
    (action,) = applied(idpool, wanted)
    assert (action["outcome"], action["attempts"]) == ("done", 3)
    assert sent(proxy) == [UPDATE, TAG, UNTAG]
    (pool,) = account.pools().values()
    assert pool["IdentityPoolTags"] == {**WANTED["IdentityPoolTags"], **OURS}
    assert idpool.run("plan", "specs", "--detailed-exitcode").code == 0


@pytest.mark.parametrize(
    "kind", [FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER, FaultKind.TOO_MANY_REQUESTS]
)
@pytest.mark.parametrize("operation", [UPDATE, TAG, UNTAG])
def test_an_update_that_ends_between_two_calls_goes_on(
    idpool: Idpool, proxy: FaultProxy, account: Account, operation: str, kind: FaultKind
) -> None:
    """The pool is then half as before and half as it is to be, and that is not stale."""

    proxy.before = Strange(proxy, partial(without_tags, account.client))
    proxy.add(Fault(kind, operation, 1))
    (action,) = applied(idpool, BOTH)
    assert action["outcome"] == "done"
    (pool,) = account.pools().values()
    assert pool["IdentityPoolTags"] == {**WANTED["IdentityPoolTags"], **OURS}
    assert pool["AllowUnauthenticatedIdentities"]


class TestTagsOfAws:
    """A pool of CloudFormation's: what AWS does to an update is not known."""

    @pytest.fixture
    def state(self, tmp_path: Path) -> Path:
        return tmp_path / "state.json"

    @pytest.fixture
    def sandbox(self, state: Path) -> Any:
        with SandboxServer(SandboxSettings(file=state)) as server:
            yield server

    @pytest.fixture
    def idpool(self, tmp_path: Path, proxy: FaultProxy, state: Path) -> Idpool:
        made = command(tmp_path, proxy.url, BEFORE)
        assert made.run(*RECORDED).code == 0
        told = json.loads(state.read_text())
        told["pools"][0]["settings"]["IdentityPoolTags"].update(STACK)
        state.write_text(json.dumps(told))
        for name in ("journal.jsonl", "receipt.json"):
            (tmp_path / name).unlink()
        proxy.reset()
        return made

    @pytest.fixture
    def client(self, sandbox: SandboxServer) -> Any:
        return client_of(sandbox)

    @pytest.mark.parametrize(
        "code", ["InvalidParameterException", "ValidationException", "NotAuthorizedException"]
    )
    def test_an_update_that_is_refused_is_sent_without_tags(
        self, idpool: Idpool, proxy: FaultProxy, client: Any, code: str
    ) -> None:
        def strict(body: Mapping[str, Any]) -> Mapping[str, Any]:
            if "IdentityPoolTags" in body:
                raise refused(code)
            return without_tags(client, body)

        proxy.before = Strange(proxy, strict)
        (action,) = applied(idpool, BOTH)
        assert action["outcome"] == "done"
        assert sent(proxy) == [UPDATE, UPDATE, TAG, UNTAG]
        (pool,) = Account(client).pools().values()
        assert pool["IdentityPoolTags"] == {**WANTED["IdentityPoolTags"], **OURS, **STACK}

    def test_a_refusal_of_something_else_is_told(
        self, idpool: Idpool, proxy: FaultProxy, client: Any
    ) -> None:
        def no(_: Mapping[str, Any]) -> Mapping[str, Any]:
            raise refused("InvalidParameterException")

        proxy.before = Strange(proxy, no)
        (action,) = applied(idpool, BOTH, code=1)
        assert (action["outcome"], action["code"]) == ("failed", "InvalidParameterException")
        assert sent(proxy) == [UPDATE, UPDATE]
        (pool,) = Account(client).pools().values()
        assert not pool["AllowUnauthenticatedIdentities"]

    def test_tags_that_an_update_without_them_has_wiped_are_told(
        self, idpool: Idpool, proxy: FaultProxy, client: Any
    ) -> None:
        def wiping(body: Mapping[str, Any]) -> Mapping[str, Any]:
            if "IdentityPoolTags" in body:
                raise refused("InvalidParameterException")
            answer: Mapping[str, Any] = client.update_identity_pool(**body, IdentityPoolTags={})
            return answer

        proxy.before = Strange(proxy, wiping)
        (action,) = applied(idpool, BOTH, code=1)
        assert action["outcome"] == "failed"
        assert "stored something else in: IdentityPoolTags" in action["message"]
        assert sent(proxy) == [UPDATE, UPDATE]

    def test_a_tag_of_awss_own_that_is_lost_is_told(
        self, idpool: Idpool, proxy: FaultProxy, client: Any, state: Path
    ) -> None:
        """Nobody but AWS can write it again; that it is gone is never silent."""

        def losing(body: Mapping[str, Any]) -> Mapping[str, Any]:
            client.update_identity_pool(**body)
            told = json.loads(state.read_text())
            for key in STACK:
                del told["pools"][0]["settings"]["IdentityPoolTags"][key]
            state.write_text(json.dumps(told))
            answer: Mapping[str, Any] = client.describe_identity_pool(
                IdentityPoolId=body["IdentityPoolId"]
            )
            return answer

        proxy.before = Strange(proxy, losing)
        (action,) = applied(idpool, BOTH, code=1)
        assert "stored something else in: IdentityPoolTags" in action["message"]

    def test_tags_alone_go_by_calls_of_their_own(self, idpool: Idpool, proxy: FaultProxy) -> None:
        """CloudFormation writes to the pool, too: what an update sends back might be older."""
        kinds = [each["action"]["kind"] for each in applied(idpool, TAGS_ALONE)]
        assert kinds == ["TagPool", "UntagPool"]
        assert sent(proxy) == [TAG, UNTAG]
