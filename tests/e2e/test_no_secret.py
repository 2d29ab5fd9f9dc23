"""A secret goes from the spec to AWS, and appears nowhere else: one test greps everything."""

import base64
import hashlib
import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from reconciler.reports.format_names import OF_PLANS, OF_RECEIPTS, Format
from tests.comment.conftest import github_environment
from tests.comment.github import GitHubServer
from tests.drift.conftest import receiver
from tests.drift.receiver import Receiver
from tests.e2e.conftest import Account
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

__all__ = ["receiver"]

TWITTER = "api.twitter.com"
OLD, NEW, BY_HAND = (f"hush-{n}/tail_{n}" for n in ("old", "new", "hand"))

KEPT = {
    *("plan.json", "plan2.json", "summary.md", "state.json", "drift.prom"),
    *("first.json", "first.jsonl", "receipt.json", "journal.jsonl"),
}


def spec(idpool: Idpool, secret: str) -> None:
    """A pool whose login provider has this secret, and a neighbour that is refused."""
    logins = {TWITTER: f"consumer-key;{secret}"}
    idpool.write("specs/shop.yaml", yaml_of(document("shop", {"SupportedLoginProviders": logins})))


def formats(known: object, name: str) -> list[str]:
    """Every format, each in a file of its own."""
    assert isinstance(known, list)
    return [word for form in known for word in ("--format", f"{form}=out/{name}.{form}")]


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        yield server


@pytest.fixture
def job(idpool: Idpool, github: GitHubServer) -> Idpool:
    """The command with AWS and a pull request in reach, and a step's summary."""
    aws = {key: value for key, value in idpool.environment.items() if key.startswith("AWS_")}
    summary = str(idpool.folder / "out" / "summary.md")
    (idpool.folder / "out").mkdir()
    return Idpool(
        idpool.folder, {**github_environment(github), **aws, "GITHUB_STEP_SUMMARY": summary}
    )


def live_secret(account: Account) -> str:
    return str(account.describe(account.only_id())["SupportedLoginProviders"][TWITTER])


def everything_said(job: Idpool, account: Account, hooks: Receiver) -> list[str]:
    """Both streams of every command, with every call logged."""
    said: list[str] = []

    def run(*words: str, code: int = 0) -> None:
        result = job.run(*words, "-vv")
        assert result.code == code, result.text
        said.append(result.text)

    spec(job, OLD)
    run("apply", "specs", "--yes", "--receipt", "out/first.json", "--journal", "out/first.jsonl")
    spec(job, NEW)
    run("plan", "specs", "--out", "out/plan.json", *formats([*OF_PLANS], "shown"))
    for form in OF_PLANS:
        run("plan", "specs", "--format", form)
        run("show", "out/plan.json", "--format", form)
    run("comment", "github", "out/plan.json")
    account.client.update_identity_pool(
        **{
            **account.describe(account.only_id()),
            "SupportedLoginProviders": {TWITTER: f"consumer-key;{BY_HAND}"},
        }
    )
    told = ("--state", "out/state.json", "--metrics", "out/drift.prom")
    hook = ("--notify", f"webhook={hooks.url()}", "--notify", f"slack={hooks.url()}")
    run("drift", "specs", "--who", *told, *hook, code=2)
    run("drift", "specs", "--who", "--format", "json", code=2)
    run("plan", "specs", "--out", "out/plan2.json")
    written = ("--receipt", "out/receipt.json", "--journal", "out/journal.jsonl")
    run("apply", "out/plan2.json", *written, *formats([*OF_RECEIPTS], "done"))
    assert live_secret(account) == f"consumer-key;{NEW}"
    run("comment", "github", "out/plan2.json", "--receipt", "out/receipt.json")
    run("rollback", "out/receipt.json", code=3)
    return said


def disguises(secret: str) -> Iterator[bytes]:
    """The secret as programs write it down: plain, escaped, encoded, hashed."""
    for text in (secret, f"consumer-key;{secret}"):
        raw = text.encode()
        yield from (raw, json.dumps(text)[1:-1].encode(), quote(text).encode())
        yield base64.b64encode(raw).rstrip(b"=")[:-1]
        yield from (hashlib.new(kind, raw).hexdigest().encode() for kind in ("sha256", "md5"))


def test_a_secret_is_in_no_output_file_log_message_or_comment(
    job: Idpool, account: Account, github: GitHubServer, receiver: Receiver
) -> None:
    """Its words survive every escaping, so a part of it is looked for as well as the whole."""
    said = everything_said(job, account, receiver)
    files = {path.name: path.read_bytes() for path in (job.folder / "out").iterdir()}
    told = [body for _, _, body in receiver.posts] + [
        str(r.content).encode() for r in github.requests
    ]
    formatted = {f"shown.{form}" for form in OF_PLANS} | {f"done.{form}" for form in OF_RECEIPTS}
    assert set(files) == formatted | KEPT
    assert len(receiver.posts) == 2
    assert len(github.bodies) == 1
    for name, data in [
        *files.items(),
        *((f"output {n}", t.encode()) for n, t in enumerate(said)),
        *((f"message {n}", data) for n, data in enumerate(told)),
    ]:
        assert b"hush-" not in data, name
        assert b"tail_" not in data, name
        for secret in (OLD, NEW, BY_HAND):
            assert not [form for form in disguises(secret) if form in data], name
    # What is grepped is about this pool, and says that there is something it does not say.
    assert all(TWITTER in text for text in said[1:4])
    masked = [Format.TEXT, Format.JSON, Format.MARKDOWN, Format.HTML, Format.JUNIT]
    for form in masked:
        assert b"****" in files[f"shown.{form}"], form
    written = [str(request.content) for request in github.requests if "comments" in request.path]
    assert any("****" in body for body in written)
