"""Telling Slack, a webhook and an SNS topic: what, when, and what may not be told."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from moto.sns.models import sns_backends

from reconciler.model.drift import Drift, PoolDrift, TargetDrift
from reconciler.model.findings import Source
from reconciler.model.project import Target
from reconciler.planner.drift import drift_of
from reconciler.reports.drift_report import slack_message, sns_message
from tests.drift.conftest import ClientOf, change
from tests.drift.receiver import Receiver
from tests.e2e.conftest import Account
from tests.reports.plans import PLANS
from tests.support.cli import ACCOUNT, REGION, Idpool, Result

SCHEMA = Path(__file__).parents[2] / "schemas" / "drift.schema.json"


def told(idpool: Idpool, receiver: Receiver, *more: str, kind: str = "webhook") -> Result:
    """Drift, told to the receiver."""
    return idpool.run("drift", "specs", "--notify", f"{kind}={receiver.url()}", *more)


def test_a_webhook_gets_the_report_for_programs(
    idpool: Idpool, account: Account, shop: str, receiver: Receiver
) -> None:
    """The drift's JSON, as its published schema says."""
    change(account.client, shop, AllowClassicFlow=True)
    result = told(idpool, receiver)
    assert result.code == 2, result.text
    (message,) = receiver.messages
    jsonschema.Draft7Validator(json.loads(SCHEMA.read_bytes())).validate(message)
    assert message["targets"][0]["pools"][0]["fields"][0]["field"] == "AllowClassicFlow"
    assert receiver.posts[0][0] == "/services/T0/B0/s3cret"


def test_slack_gets_text_and_blocks(
    idpool: Idpool, account: Account, shop: str, receiver: Receiver
) -> None:
    """The counts as text, the report as preformatted text."""
    change(account.client, shop, AllowClassicFlow=True)
    assert told(idpool, receiver, kind="slack").code == 2
    (message,) = receiver.messages
    assert message["text"] == "idpool drift (default): 1 drifted"
    assert "AllowClassicFlow: specs say false, live has true" in json.dumps(message["blocks"])


def test_a_topic_gets_subject_and_report(
    idpool: Idpool, account: Account, shop: str, client_of: ClientOf
) -> None:
    """Published with the ambient credentials, in the region of the topic."""
    topic = client_of("sns").create_topic(Name="drift")["TopicArn"]
    change(account.client, shop, AllowClassicFlow=True)
    result = idpool.run("drift", "specs", "--notify", f"sns={topic}")
    assert result.code == 2, result.text
    ((_, message, subject, *_),) = sns_backends[ACCOUNT][REGION].topics[topic].sent_notifications
    assert subject == "idpool drift (default): 1 drifted"
    assert "AllowClassicFlow: specs say false, live has true" in message


def test_with_a_state_each_drift_is_told_once_and_its_end_once(
    idpool: Idpool, account: Account, shop: str, receiver: Receiver
) -> None:
    """Clean: nothing. Drift: once. Another drift: once. Cleared: once."""
    counts = []

    def run() -> None:
        told(idpool, receiver, "--state", "state.json")
        counts.append(len(receiver.posts))

    run()
    change(account.client, shop, AllowClassicFlow=True)
    run()
    run()
    change(account.client, shop, AllowUnauthenticatedIdentities=True)
    run()
    run()
    assert idpool.run("apply", "specs", "--yes").code == 0
    run()
    run()

    assert counts == [0, 1, 1, 2, 2, 3, 3]
    assert [message["isClean"] for message in receiver.messages] == [False, False, True]


def test_without_a_state_every_drift_is_told(
    idpool: Idpool, account: Account, shop: str, receiver: Receiver
) -> None:
    """And nothing where there is none."""
    assert told(idpool, receiver).code == 0
    assert not receiver.posts
    change(account.client, shop, AllowClassicFlow=True)
    for _ in range(2):
        assert told(idpool, receiver).code == 2
    assert len(receiver.posts) == 2


def test_who_was_not_told_is_told_by_the_next_run(
    idpool: Idpool, account: Account, shop: str, receiver: Receiver
) -> None:
    """And nobody else is told again; drift stays exit 2."""
    change(account.client, shop, AllowClassicFlow=True)
    with Receiver() as other:
        receiver.status = 503
        both = ["--notify", f"slack={other.url()}", "--state", "state.json"]
        first = told(idpool, receiver, *both)
        receiver.status = 200
        second = told(idpool, receiver, *both)
        third = told(idpool, receiver, *both)
        assert (first.code, second.code, third.code) == (2, 2, 2)
        assert "was not notified: it answered HTTP 503" in first.err
        assert (len(receiver.posts), len(other.posts)) == (2, 1)


def test_an_end_that_nobody_hears_of_is_a_failure(
    idpool: Idpool, account: Account, shop: str, receiver: Receiver
) -> None:
    """There is no drift any more to give another exit code, so it is 1."""
    change(account.client, shop, AllowClassicFlow=True)
    assert told(idpool, receiver, "--state", "state.json").code == 2
    idpool.run("apply", "specs", "--yes")
    receiver.status = 500
    failed = told(idpool, receiver, "--state", "state.json")
    receiver.status = 200
    assert (failed.code, told(idpool, receiver, "--state", "state.json").code) == (1, 0)


def test_addresses_are_secrets(
    idpool: Idpool, account: Account, shop: str, receiver: Receiver
) -> None:
    """Not in any output, and not in the state file; the host may be named."""
    change(account.client, shop, AllowClassicFlow=True)
    port = receiver.url("")
    fine = told(idpool, receiver, "--state", "state.json", "-vv")
    receiver.status = 403
    refused = told(idpool, receiver, "-vv")
    unreachable = idpool.run("drift", "specs", "--notify", "slack=http://127.0.0.1:9/s3cret", "-vv")
    wrong = idpool.run("drift", "specs", "--notify", "slack=http://hooks.example/s3cret")
    state = (idpool.folder / "state.json").read_text()
    for result in (fine, refused, unreachable, wrong):
        assert "s3cret" not in result.text
    assert "s3cret" not in state
    assert f"notified webhook={port}/****" in fine.err
    assert "it cannot be reached" in unreachable.err
    assert "Traceback" not in unreachable.err


def test_redirects_are_not_followed(
    idpool: Idpool, account: Account, shop: str, receiver: Receiver
) -> None:
    """They lead to somebody whom the user has not named."""
    change(account.client, shop, AllowClassicFlow=True)
    with Receiver() as elsewhere:
        receiver.status, receiver.location = 307, elsewhere.url()
        result = told(idpool, receiver)
        assert not elsewhere.posts
    assert "redirects are not followed" in result.err


@pytest.mark.parametrize(
    "value",
    [
        "mail=me@example.com",
        "https://hooks.example/x",
        "slack=hooks.example/x",
        "slack=http://hooks.example/x",
        "webhook=ftp://hooks.example/x",
        "webhook=https://user:pw@hooks.example/x",
        "webhook=https://hooks.example:99999/x",
        "webhook=https://hooks.example/a\nb",
        "sns=drift",
        "sns=arn:aws:sqs:eu-west-1:123456789012:drift",
    ],
)
def test_a_wrong_receiver_is_a_usage_error(idpool: Idpool, value: str) -> None:
    """64, before anything is read, and without the address."""
    result = idpool.run("drift", "specs", "--notify", value)
    assert result.code == 64
    assert "--notify" in result.err
    assert value.partition("=")[2] not in result.err or "=" not in value


def test_the_sandbox_does_not_reach_a_topic(idpool: Idpool) -> None:
    """``--sandbox`` means no AWS."""
    topic = f"sns=arn:aws:sns:eu-west-1:{ACCOUNT}:drift"
    assert idpool.run("drift", "specs", "--notify", topic, "--sandbox=sb.json").code == 64


def test_receivers_may_come_from_the_environment(
    idpool: Idpool, account: Account, shop: str, receiver: Receiver
) -> None:
    """So that an address need not stand on the command line."""
    change(account.client, shop, AllowClassicFlow=True)
    receivers = f"slack={receiver.url()} webhook={receiver.url()}"
    environment = {**idpool.environment, "IDPOOL_NOTIFY": receivers}
    assert Idpool(idpool.folder, environment).run("drift", "specs").code == 2
    assert len(receiver.posts) == 2


def hostile(pools: int = 1) -> Drift:
    """Drift of pools with names that want to be markup."""
    name = "<!channel> & `x` <https://evil.example|click>\u202e"
    found = tuple(
        PoolDrift(name=name, source=Source(file="a.yaml"), kind="missing") for _ in range(pools)
    )
    target = TargetDrift(target=Target(name="<@U1>"), checked=pools, pools=found)
    return Drift(owner="<!here>", targets=(target,))


def test_names_mention_and_format_nothing_in_slack() -> None:
    """The three characters of Slack's own markup, and the end of preformatted text."""
    message = json.loads(slack_message(hostile()))
    texts = [message["text"], *(block["text"]["text"] for block in message["blocks"])]
    assert not any("<" in text or ">" in text or "\u202e" in text for text in texts)
    assert all(text.count("`") in (0, 6) for text in texts)
    assert all(block["text"]["verbatim"] for block in message["blocks"])


def test_messages_are_bounded() -> None:
    """Slack takes 50 blocks of 3,000 characters, SNS 256 KiB and a subject of 100 characters."""
    drift = hostile(5000)
    blocks: list[dict[str, Any]] = json.loads(slack_message(drift))["blocks"]
    assert len(blocks) <= 50
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks)
    assert "more lines" in blocks[-1]["text"]["text"]
    subject, message = sns_message(drift)
    assert len(subject) <= 100
    assert subject.isascii()
    assert len(message.encode()) <= 256 * 1024
    assert message.endswith("more lines: see the job's log\n")


@pytest.mark.parametrize("name", PLANS)
def test_every_kind_of_drift_can_be_told(name: str) -> None:
    """Whatever a plan holds."""
    drift = drift_of(PLANS[name], (), date(2026, 1, 1))
    json.loads(slack_message(drift))
    assert sns_message(drift)[1].endswith("\n")
