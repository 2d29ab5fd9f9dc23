"""One pool that cannot be read: the others are planned and applied, and nothing is concluded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Account
from tests.faults.commands import CREATE, DELETE, DESCRIBE, command, writes
from tests.faults.faults import Fault, FaultKind, StrangeAnswer
from tests.faults.proxy import FaultProxy
from tests.support.cli import Idpool, Result
from tests.support.specs import document, yaml_of

ROLES = "GetIdentityPoolRoles"
TAGS = "GetPrincipalTagAttributeMap"
IDENTITIES = "ListIdentities"
APPLY = ("apply", "specs", "--yes")
LOGIN = {"SupportedLoginProviders": {"graph.facebook.com": "1"}}
ROLE = {"Roles": {"authenticated": "arn:aws:iam::123456789012:role/shop"}}
MAPPED = {"PrincipalTagAttributeMaps": {"graph.facebook.com": {"PrincipalTags": {"a": "b"}}}}
DENIED = Fault(FaultKind.ACCESS_DENIED)
PAGE = StrangeAnswer(
    status=403,
    content_type="text/html",
    text="<!DOCTYPE html>\n<html><head><title>Blocked</title>\n"
    "<style>b { color: red }</style></head>\n"
    "<body><h1>by &lt;policy&gt;</h1>\n<b>\x1b[31mdo not ask again</b>"
    + "<p>lorem ipsum</p>\n" * 100
    + "</body></html>\n",
)
ODD = StrangeAnswer(
    text=json.dumps(
        {
            "IdentityPoolId": "eu-west-1:odd",
            "IdentityPoolName": "odd",
            "IdentityPoolTags": {"idpool:owner": {"a": 1}},
            "Roles": {"authenticated": [7]},
            "PrincipalTags": {"a": {"b": 1}},
        }
    )
)

Specs = Callable[..., None]
Refuse = Callable[..., None]


@pytest.fixture
def idpool(tmp_path: Path, proxy: FaultProxy) -> Idpool:
    """The command with two applied pools, ``good`` and ``bad``."""
    made = command(tmp_path, proxy.url, document("good", LOGIN), document("bad", LOGIN))
    applied = made.run(*APPLY)
    assert applied.code == 0, applied.text
    proxy.reset()
    return made


@pytest.fixture
def ids(idpool: Idpool, account: Account) -> dict[str, str]:
    """The ids of the applied pools by name."""
    assert idpool.folder.exists()
    return ids_of(account)


def ids_of(account: Account) -> dict[str, str]:
    """The ids of all pools by name."""
    return {pool["IdentityPoolName"]: pool_id for pool_id, pool in account.pools().items()}


@pytest.fixture
def specs(idpool: Idpool) -> Specs:
    """Write the specs anew; ``good`` is to be updated, and what else is given is beside it."""

    def write(*documents: dict[str, Any]) -> None:
        good = document("good", {**LOGIN, "AllowClassicFlow": True})
        idpool.write("specs/pools.yaml", yaml_of(good, *documents))

    return write


@pytest.fixture
def refuse(proxy: FaultProxy) -> Refuse:
    """From now on these calls about a pool fail."""

    def refused(pool_id: str, operation: str = DESCRIBE, fault: Fault = DENIED) -> None:
        def before(asked: str, number: int) -> Fault | None:
            of_the_pool = any(
                (request.body or {}).get("IdentityPoolId") == pool_id
                for request in proxy.requests
                if (request.operation, request.number) == (asked, number)
            )
            return fault if asked == operation and of_the_pool else None

        proxy.before = before

    return refused


def assert_updated(account: Account, pool_id: str) -> None:
    """The pool that could be read is as its spec says."""
    assert account.describe(pool_id)["AllowClassicFlow"] is True


def assert_told(result: Result, pool_id: str, *fragments: str) -> None:
    """Exit 1, and the error names the pool."""
    assert result.code == 1, result.text
    assert "Traceback" not in result.err
    lines = [line.strip() for line in result.out.splitlines()]
    (told,) = {line for line in lines if f"{pool_id} cannot be read: " in line}
    for fragment in fragments:
        assert fragment in told, result.out


def test_the_other_pools_are_planned(
    idpool: Idpool, ids: dict[str, str], specs: Specs, refuse: Refuse
) -> None:
    """The error names pool, call, code and what to do; exit 1."""
    specs()
    refuse(ids["bad"])
    result = idpool.run("plan", "specs")
    assert_told(result, ids["bad"], "AWS denied DescribeIdentityPool", "AccessDeniedException")
    assert f"! unreadable bad  {ids['bad']}" in result.out
    assert "way out: allow cognito-identity:DescribeIdentityPool" in result.out
    assert "1 to update, 1 pool unreadable" in result.out


def test_the_other_pools_are_applied(
    idpool: Idpool, ids: dict[str, str], specs: Specs, refuse: Refuse, account: Account
) -> None:
    """The receipt tells of the pool as well."""
    specs()
    refuse(ids["bad"])
    result = idpool.run(*APPLY, "--receipt", "receipt.json")
    assert_updated(account, ids["good"])
    assert result.code == 1, result.text
    assert "1 done. 1 pool unreadable." in result.out
    (unread,) = json.loads((idpool.folder / "receipt.json").read_text())["unread"]
    assert (unread["poolId"], unread["poolName"]) == (ids["bad"], "bad")
    assert "AWS denied DescribeIdentityPool" in unread["message"]


@pytest.mark.parametrize("name", ["bad", "another"])
def test_no_pool_is_created(
    idpool: Idpool, specs: Specs, refuse: Refuse, proxy: FaultProxy, account: Account, name: str
) -> None:
    """The pool may be the spec's, whatever it is called: a rename keeps the pool."""
    specs(document("bad", {**LOGIN, "IdentityPoolName": name}))
    ids = ids_of(account)
    refuse(ids["bad"])
    result = idpool.run(*APPLY)
    assert_told(result, ids["bad"])
    assert f"{ids['bad']} ('bad') cannot be read, and may be this spec's pool" in result.out
    assert CREATE not in proxy.counts()
    assert_updated(account, ids["good"])
    assert account.pools().keys() == set(ids.values())


def test_a_stranger_of_the_same_name_is_not_offered_for_adoption(
    idpool: Idpool, ids: dict[str, str], specs: Specs, refuse: Refuse, account: Account
) -> None:
    """Whoever followed that advice would give up the pool that cannot be read."""
    stranger = account.create("bad")
    specs(document("bad", LOGIN))
    refuse(ids["bad"])
    result = idpool.run("plan", "specs")
    assert_told(result, ids["bad"])
    assert "adopt" not in result.out
    assert stranger not in result.out


def test_no_pool_is_adopted(
    idpool: Idpool, ids: dict[str, str], specs: Specs, refuse: Refuse, account: Account
) -> None:
    """There would be two pools with the same tags."""
    stranger = account.create("bad")
    specs(document("bad", LOGIN, metadata={"adopt": stranger}))
    refuse(ids["bad"])
    result = idpool.run(*APPLY)
    assert_told(result, ids["bad"])
    assert "adopting has to wait" in result.out
    assert not account.describe(stranger).get("IdentityPoolTags")


def test_a_pool_that_was_adopted_before_is_updated(
    idpool: Idpool, ids: dict[str, str], refuse: Refuse, account: Account
) -> None:
    """Nothing is concluded from its id any more: the tags are there."""
    good = document("good", {"AllowClassicFlow": True}, metadata={"adopt": ids["good"]})
    idpool.write("specs/pools.yaml", yaml_of(good))
    refuse(ids["bad"])
    assert_told(idpool.run(*APPLY), ids["bad"])
    assert_updated(account, ids["good"])


@pytest.mark.parametrize("name", ["good", "never-there"])
def test_no_pool_is_deleted_and_none_is_said_to_be_gone(
    idpool: Idpool, ids: dict[str, str], refuse: Refuse, account: Account, name: str
) -> None:
    """Of two pools with the same tags only a person knows which one is in use."""
    idpool.write("specs/pools.yaml", yaml_of(document(name, LOGIN, lifecycle={"delete": True})))
    refuse(ids["bad"])
    result = idpool.run(*APPLY)
    assert_told(result, ids["bad"])
    assert "has to wait" in result.out
    assert "gone already" not in result.out
    assert account.pools().keys() == set(ids.values())


def test_the_spec_that_names_the_pool_is_told(
    idpool: Idpool, ids: dict[str, str], specs: Specs, refuse: Refuse
) -> None:
    """By metadata.adopt it is known whose it is to be: the error stands at the spec."""
    specs(document("bad", LOGIN, metadata={"adopt": ids["bad"]}))
    refuse(ids["bad"])
    result = idpool.run("plan", "specs")
    assert_told(result, ids["bad"], "AWS denied DescribeIdentityPool")
    (head,) = [line for line in result.out.splitlines() if line.lstrip().startswith("! refused")]
    assert ids["bad"] in head
    assert "specs/pools.yaml:" in head


@pytest.mark.parametrize("operation", [ROLES, TAGS])
@pytest.mark.parametrize("fault", [DENIED, ODD], ids=["denied", "odd"])
def test_a_part_of_a_pool(
    idpool: Idpool, specs: Specs, refuse: Refuse, account: Account, operation: str, fault: Fault
) -> None:
    """Its tags say whose it is: the error is its spec's, and other pools are even created."""
    specs(document("bad", {**LOGIN, **ROLE, **MAPPED}), document("new"))
    ids = ids_of(account)
    refuse(ids["bad"], operation, fault)
    result = idpool.run(*APPLY)
    assert_told(result, ids["bad"], operation)
    assert "! refused bad" in result.out
    assert "specs/pools.yaml:" in result.out
    assert_updated(account, ids["good"])
    assert "new" in {pool["IdentityPoolName"] for pool in account.pools().values()}


def test_the_identities_of_a_pool_that_is_to_go(
    idpool: Idpool, ids: dict[str, str], specs: Specs, refuse: Refuse, proxy: FaultProxy
) -> None:
    """Whether it holds identities is not known, so it stays."""
    specs(document("bad", LOGIN, lifecycle={"delete": True}))
    refuse(ids["bad"], IDENTITIES)
    assert_told(idpool.run(*APPLY), ids["bad"], "AWS denied ListIdentities")
    assert DELETE not in proxy.counts()


@pytest.mark.parametrize(
    "fault",
    [Fault(FaultKind.INTERNAL_500), Fault(FaultKind.CUT), ODD],
    ids=["server fault", "half an answer", "odd"],
)
def test_whatever_the_failure_is(
    idpool: Idpool, specs: Specs, refuse: Refuse, account: Account, fault: Fault
) -> None:
    """Server faults that do not end, half an answer, and an answer of another shape."""
    specs()
    ids = ids_of(account)
    refuse(ids["bad"], fault=fault)
    result = idpool.run(*APPLY, "--time-budget", "1")
    assert_told(result, ids["bad"], DESCRIBE)
    assert_updated(account, ids["good"])


def test_a_page_in_place_of_an_answer_is_one_line(
    idpool: Idpool, ids: dict[str, str], specs: Specs, refuse: Refuse
) -> None:
    """A firewall's page: its words, escaped and cut, and a hint that this is not AWS."""
    specs()
    refuse(ids["bad"], fault=PAGE)
    result = idpool.run("plan", "specs")
    assert_told(result, ids["bad"], "403", "Blocked by &lt;policy&gt; \\x1b[31mdo not ask again")
    assert "<" not in result.out.replace("&lt;", "")
    assert "color: red" not in result.out
    assert max(map(len, result.out.splitlines())) < 500
    assert "way out: this is no answer of AWS" in result.out


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (FaultKind.ACCESS_DENIED, "of 10 pools and more none could be read: AWS denied"),
        (FaultKind.EXPIRED_TOKEN, "the AWS credentials have expired"),
    ],
)
def test_what_all_pools_have_in_common_is_said_once(
    idpool: Idpool, proxy: FaultProxy, account: Account, kind: FaultKind, words: str
) -> None:
    """A role that may describe no pool is a matter of the target."""
    for number in range(12):
        account.create(f"pool-{number}")
    proxy.add(Fault(kind, DESCRIBE))
    result = idpool.run("plan", "specs")
    assert result.code == 1, result.text
    assert result.out == ""
    (error,) = [line for line in result.err.splitlines() if line.startswith("error: ")]
    assert words in error


def test_many_pools_that_are_not_meant_for_us(
    idpool: Idpool, specs: Specs, proxy: FaultProxy, account: Account
) -> None:
    """A role that may read its own team's pools alone: those are updated all the same."""
    theirs = {account.create(f"theirs-{number}") for number in range(12)}
    specs()

    def before(asked: str, number: int) -> Fault | None:
        (body,) = (r.body for r in proxy.requests if (r.operation, r.number) == (asked, number))
        return DENIED if asked == DESCRIBE and (body or {})["IdentityPoolId"] in theirs else None

    proxy.before = before
    result = idpool.run(*APPLY)
    assert result.code == 1
    assert "1 done. 12 pools unreadable." in result.out
    assert_updated(account, ids_of(account)["good"])


def test_drift_is_told_of_the_others(
    idpool: Idpool, ids: dict[str, str], specs: Specs, refuse: Refuse
) -> None:
    """Exit 1; the pool is in text, JSON and metrics, and the time of the last success stays."""
    specs()
    refuse(ids["bad"])
    result = idpool.run("drift", "specs", "--metrics", "drift.prom")
    assert_told(result, ids["bad"])
    assert "~ drifted good" in result.out
    assert "Drift: 1 drifted, 1 pool unreadable." in result.out
    metrics = (idpool.folder / "drift.prom").read_text()
    assert 'idpool_unreadable{target="default"} 1\n' in metrics
    assert "idpool_drift_last_success_timestamp_seconds{" not in metrics
    as_json = idpool.run("drift", "specs", "--format", "json")
    (target,) = json.loads(as_json.out)["targets"]
    assert [pool["poolId"] for pool in target["unread"]] == [ids["bad"]]


def test_a_pool_that_cannot_be_read_is_not_missing(
    idpool: Idpool, ids: dict[str, str], refuse: Refuse
) -> None:
    """Nobody is to be told that a pool was deleted which is there."""
    refuse(ids["bad"])
    result = idpool.run("drift", "specs")
    assert_told(result, ids["bad"])
    assert "missing" not in result.out


def test_a_saved_plan_carries_it(
    idpool: Idpool, ids: dict[str, str], specs: Specs, refuse: Refuse, account: Account
) -> None:
    """While it is so, the plan is the same: the others are applied, and the exit code is 1."""
    specs()
    refuse(ids["bad"])
    assert idpool.run("plan", "specs", "--out", "plan.json").code == 1
    assert f"{ids['bad']} cannot be read" in idpool.run("show", "plan.json").out
    refuse(ids["bad"], fault=Fault(FaultKind.LIMIT_EXCEEDED))  # in other words
    result = idpool.run("apply", "plan.json")
    assert result.code == 1, result.text
    assert_updated(account, ids["good"])


def test_a_saved_plan_is_stale_once_the_pool_can_be_read(
    idpool: Idpool, ids: dict[str, str], specs: Specs, refuse: Refuse, proxy: FaultProxy
) -> None:
    """And once it cannot be read any more."""
    specs(document("bad", LOGIN))
    idpool.run("plan", "specs", "--out", "readable.json")
    refuse(ids["bad"])
    idpool.run("plan", "specs", "--out", "unreadable.json")
    hidden = idpool.run("apply", "readable.json")
    proxy.before = None
    shown = idpool.run("apply", "unreadable.json")
    assert (hidden.code, shown.code) == (4, 4)
    assert f"{ids['bad']} cannot be read now" in hidden.err
    assert f"{ids['bad']} can be read now" in shown.err
    assert not writes(proxy.requests)


def test_a_rollback_does_not_say_that_it_is_gone(
    idpool: Idpool, ids: dict[str, str], refuse: Refuse
) -> None:
    """The receipt names it by its id."""
    changed = [document(name, {**LOGIN, "AllowClassicFlow": True}) for name in ("good", "bad")]
    idpool.write("specs/pools.yaml", yaml_of(*changed))
    assert idpool.run(*APPLY, "--receipt", "receipt.json").code == 0
    refuse(ids["bad"])
    result = idpool.run("rollback", "receipt.json")
    assert_told(result, ids["bad"], "AWS denied DescribeIdentityPool")
    assert "there is no pool" not in result.out
    assert "1 to update, 1 refused" in result.out


@pytest.mark.parametrize("name", ["json", "markdown", "html", "junit", "sarif", "github"])
def test_every_format_tells_it(
    idpool: Idpool, ids: dict[str, str], specs: Specs, refuse: Refuse, name: str
) -> None:
    """No reader is to believe that all is well."""
    specs()
    refuse(ids["bad"])
    result = idpool.run("plan", "specs", "--format", name)
    assert result.code == 1
    assert ids["bad"] in result.out
    assert "DescribeIdentityPool" in result.out


def test_two_pools_at_once(
    idpool: Idpool, ids: dict[str, str], proxy: FaultProxy, account: Account
) -> None:
    """All pools of a small account: each has its own error, and nothing is created."""
    idpool.write("specs/new.yaml", yaml_of(document("new")))
    proxy.add(Fault(FaultKind.ACCESS_DENIED, DESCRIBE))
    result = idpool.run(*APPLY)
    for pool_id in ids.values():
        assert_told(result, pool_id)
    assert account.pools().keys() == set(ids.values())
