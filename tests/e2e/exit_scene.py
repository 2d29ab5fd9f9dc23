"""A folder in which every command has something to do, and the ways to spoil that."""

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3

from reconciler.executor.lock_object import this_owner
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.comment.conftest import github_environment, gitlab_environment
from tests.comment.github import GitHubServer
from tests.comment.gitlab import GitLabServer
from tests.comment.server import ApiServer
from tests.e2e.conftest import Account, client_of
from tests.faults.commands import said_on_stderr
from tests.faults.proxy import FaultProxy
from tests.lock.conftest import here, holder
from tests.support.buckets import bucket
from tests.support.cli import ACCOUNT, IDPOOL, REGION, Idpool, aws_environment
from tests.support.person import Person
from tests.support.specs import document, yaml_of

SECONDS = 60.0
BEFORE = document("shop")
LIVE = document("shop", {"AllowClassicFlow": True})
WANTED = document("shop", {"AllowClassicFlow": True, "IdentityPoolTags": {"team": "shop"}})
STATE = "state.json"
SEEDS = "seeds.yaml"
# A spec that fmt leaves as it is.
TIDY = """\
apiVersion: idpool/v1
kind: IdentityPool
metadata: {name: tidy}
spec: {IdentityPoolName: tidy}
"""
TEMPLATE, STATE_FILE = "template.json", "terraform.tfstate"
# Stands for the id of the pool that nobody owns.
STRAY_ID = "STRAY-ID"
# Words of a command that say what to work on.
SUBJECTS = frozenset(
    {"specs", "--spec", "plan.json", "receipt.json", TEMPLATE, STATE_FILE, SEEDS, STATE}
)

SOURCE = f"git+https://git.example.com/acme/idpool@{'c' * 40}"
EVERYDAY = {
    "init": f"init github --folder new --owner acme --from {SOURCE}",
    "validate": "validate specs",
    "check": "check specs",
    "render": "render specs",
    "plan": "plan specs",
    "plan --detailed-exitcode": "plan specs --detailed-exitcode",
    "show": "show plan.json",
    "apply": "apply specs --yes --settle 0.5",
    "apply PLAN": "apply plan.json --settle 0.5",
    "apply --resume": "apply specs --yes --settle 0.5 --resume journal.jsonl",
    "rollback": "rollback receipt.json",
    "rollback --apply": "rollback receipt.json --apply --yes",
    "drift": "drift specs",
    "comment github": "comment github plan.json --time-budget 1",
    "comment gitlab": "comment gitlab plan.json --time-budget 1",
    "unlock": "unlock --yes",
    "schema": "schema project",
    "iam-policy": "iam-policy apply specs",
    "sandbox serve": f"sandbox serve {STATE}",
    "sandbox seed": f"sandbox seed {SEEDS} {STATE}",
    "sandbox reset": f"sandbox reset {STATE}",
}
ABOUT_FILES = {
    "import": "import",
    "import NAME": "import stray",
    "adopt": f"adopt stray={STRAY_ID} --spec specs",
    "pull": "pull --spec specs",
    "pull --check": "pull --spec specs --check",
    "fmt": "fmt specs",
    "fmt --check": "fmt specs --check",
    "convert cloudformation": f"convert cloudformation {TEMPLATE}",
    "convert terraform": f"convert terraform {STATE_FILE}",
    "export cloudformation": "export cloudformation specs",
    "export terraform": "export terraform specs",
}
COMMANDS = {**EVERYDAY, **ABOUT_FILES}


def make_base(folder: Path) -> None:
    """Write what each command works on: live is as ``LIVE`` says, the specs are ``WANTED``.

    ``receipt.json`` took ``BEFORE`` to ``LIVE``, and ``journal.jsonl`` is that run's, killed;
    ``created.json`` is of the run before it.  What begins with ``done-`` leaves nothing to do.
    """
    idpool = Idpool(folder)

    def run(command: str, spec: Mapping[str, Any]) -> None:
        idpool.write("specs/shop.yaml", yaml_of(spec))
        result = idpool.run(*command.split(), f"--sandbox={STATE}")
        assert result.code == 0, result.text

    run("apply specs --yes --receipt created.json", BEFORE)
    run("apply specs --yes --receipt receipt.json --journal done-journal.jsonl", LIVE)
    run("apply specs --yes --receipt done-receipt.json", LIVE)
    run("plan specs --out done-plan.json", LIVE)
    run("plan specs --out plan.json", WANTED)
    entries = (folder / "done-journal.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    assert [json.loads(entry)["entry"] for entry in entries] == ["run", "sending", "ended", "end"]
    idpool.write("journal.jsonl", "".join(entries[:2]))
    idpool.write(SEEDS, "apiVersion: idpool/v1\nkind: SandboxSeed\nseeds: [{ssm: {/shop/id: a}}]\n")
    idpool.write(TEMPLATE, template_of({}))
    idpool.write(STATE_FILE, state_of({}))


def template_of(properties: Mapping[str, Any]) -> str:
    """A CloudFormation template with one pool."""
    pool = {"IdentityPoolName": "shop", "AllowUnauthenticatedIdentities": False, **properties}
    resource = {"Type": "AWS::Cognito::IdentityPool", "Properties": pool}
    return json.dumps({"Resources": {"Pool": resource}})


def state_of(properties: Mapping[str, Any]) -> str:
    """A Terraform state with one pool."""
    attributes = {
        "id": "eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "identity_pool_name": properties.get("IdentityPoolName", "shop"),
        "allow_unauthenticated_identities": False,
        "supported_login_providers": properties.get("SupportedLoginProviders", {}),
    }
    pool = {
        "mode": "managed",
        "type": "aws_cognito_identity_pool",
        "name": "shop",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{"schema_version": 0, "attributes": attributes}],
    }
    head = {"version": 4, "terraform_version": "1.9.8", "serial": 1, "lineage": "shop"}
    return json.dumps({**head, "outputs": {}, "resources": [pool]})


class Scene:
    """A copy of the base: its sandbox over HTTP, and a proxy before that."""

    def __init__(self, folder: Path, sandbox: SandboxServer, proxy: FaultProxy) -> None:
        self.idpool = Idpool(folder, aws_environment(proxy.url))
        self.folder = folder
        self.sandbox = sandbox
        self.proxy = proxy
        self.platforms: dict[str, ApiServer] = {}
        self._stack = ExitStack()
        self._bucket = ""
        self._stray = ""

    def prepare(self, column: str) -> None:
        """Make the pool that nobody owns, for the commands that take one over.

        What is rendered has a value that only AWS knows.
        """
        if column == "render":
            self.spec(document("shop", {"IdentityPoolTags": {"account": "${target.account}"}}))
        if column.startswith(("import", "adopt")):
            with self.account() as account:
                self._stray = account.create("stray")
        if column == "adopt":
            self.idpool.write("specs/stray.yaml", yaml_of(document("stray")))

    # Running

    def words(self, column: str, without: Collection[str] = ()) -> list[str]:
        """The column's command, word by word, but for those in ``without``."""
        line = COMMANDS[column].replace(STRAY_ID, self._stray)
        return [word for word in line.split() if word not in without]

    def run(self, column: str, *more: str, **settings: str) -> int:
        """Run the column's command to its end; ``settings`` are environment variables."""
        environment = {**self.environment(column), **settings}
        return Idpool(self.folder, environment).run(*self.words(column), *more).code

    def run_process(self, column: str) -> int:
        """Run the column's command as a process of its own."""
        return Idpool(self.folder, self.environment(column)).run_process(*self.words(column)).code

    def environment(self, column: str) -> Mapping[str, str]:
        """The sandbox's variables; for a comment, those of a pipeline."""
        if not column.startswith("comment"):
            return self.idpool.environment
        server = self.platform(column)
        if isinstance(server, GitHubServer):
            return github_environment(server)
        assert isinstance(server, GitLabServer)
        return gitlab_environment(server)

    def platform(self, column: str) -> ApiServer:
        """The server that a comment is posted to."""
        if column not in self.platforms:
            made = GitHubServer() if column == "comment github" else GitLabServer()
            self.platforms[column] = self._stack.enter_context(made)
        return self.platforms[column]

    def run_as(self, column: str, environment: Mapping[str, str], *more: str) -> int:
        """Run it in another environment altogether."""
        return Idpool(self.folder, environment).run(*self.words(column), *more).code

    def run_into(self, column: str, stdout: str, *more: str) -> int:
        """Run it with its stdout going to a file."""
        with Path(stdout).open("wb") as out:
            process = subprocess.run(
                [str(IDPOOL), *self.words(column), *more],
                cwd=self.folder,
                env=dict(self.environment(column)),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.PIPE,
                check=False,
                timeout=SECONDS,
            )
        assert b"Traceback" not in process.stderr
        return process.returncode

    def answer(self, column: str, answer: str) -> int:
        """Run it at a terminal, without --yes, and answer its question."""
        words = self.words(column, {"--yes"})
        result = Person(self.idpool, *words).says(answer)
        assert "Only 'yes' is taken as an answer" in result.out, result.text
        return result.code

    @contextmanager
    def running(self, *words: str) -> Iterator["subprocess.Popen[str]"]:
        """A process that is under way; it has ended when the block is left."""
        process = self.idpool.start(*words)
        try:
            yield process
            process.communicate(timeout=SECONDS)
        finally:
            process.kill()
            process.communicate()

    def format_while(self, column: str, act: Callable[[], None]) -> int:
        """Run fmt on the spec and then on a pipe, and act before the pipe's text comes.

        A spec is read twice: by the loader, and as the text to change.
        """
        first, second = self.folder / "pipe.yaml", self.folder / "second"
        for pipe in (first, second):
            os.mkfifo(pipe)
        files = ("specs/shop.yaml", first.name)
        with self.running(*self.words(column, {"specs"}), *files) as process:
            loading = os.open(first, os.O_WRONLY)  # waits for the reader
            second.rename(first)
            _send(loading, TIDY)
            reading = os.open(first, os.O_WRONLY)
            act()
            _send(reading, TIDY)
        return process.returncode

    # Signals

    def interrupt_reading(self, column: str, number: signal.Signals) -> int:
        """Send a signal while AWS is asked who this is."""
        asked, over = threading.Event(), threading.Event()

        def hold(_operation: str, _number: int) -> None:
            asked.set()
            over.wait(SECONDS)

        self.proxy.before = hold
        try:
            with self.running(*self.words(column)) as process:
                assert asked.wait(SECONDS)
                process.send_signal(number)
                process.wait(SECONDS)
        finally:
            over.set()
        return as_shells_say(process.returncode)

    def interrupt_writing(self, column: str, number: signal.Signals) -> int:
        """Send a signal while a write is under way, which is then finished."""
        writing, over = threading.Event(), threading.Event()

        def hold(operation: str, _number: int) -> None:
            if operation in {"TagResource", "UpdateIdentityPool"}:
                writing.set()
                over.wait(SECONDS)

        self.proxy.before = hold
        try:
            with self.running(*self.words(column)) as process:
                assert writing.wait(SECONDS)
                process.send_signal(number)
                said_on_stderr(process, "Finishing the writes that are under way")
                over.set()
        finally:
            over.set()
        return as_shells_say(process.returncode)

    def interrupt_loading(self, column: str, number: signal.Signals) -> int:
        """Send a signal while a spec is read that does not come to its end."""
        pipe = self.folder / "pipe.yaml"
        os.mkfifo(pipe)
        words = [word if word not in SUBJECTS else pipe.name for word in self.words(column)]
        with self.running(*words) as process:
            writer = os.open(pipe, os.O_WRONLY)  # waits for the reader
            for _ in range(int(SECONDS)):
                # Between Python's last look for signals and the read one can be lost: once more.
                process.send_signal(number)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(1)
                    break
            os.close(writer)
        return as_shells_say(process.returncode)

    def interrupt_commenting(self, column: str, number: signal.Signals) -> int:
        """Send a signal while the platform thinks about which comments there are."""
        server = self.platform(column)
        server.meeting = threading.Barrier(2)  # nobody else comes
        ends = time.monotonic() + SECONDS
        idpool = Idpool(self.folder, self.environment(column))
        process = idpool.start(*self.words(column))
        try:
            while server.meeting.n_waiting == 0:
                assert process.poll() is None
                assert time.monotonic() < ends
                time.sleep(0.01)
            process.send_signal(number)
            process.communicate(timeout=SECONDS)
        finally:
            server.meeting.abort()
            process.kill()
            process.communicate()
        return as_shells_say(process.returncode)

    def interrupt_serving(self, number: signal.Signals) -> int:
        """Send a signal to a sandbox that listens."""
        with self.running(*self.words("sandbox serve")) as process:
            said_on_stderr(process, "Ctrl-C stops it")
            process.send_signal(number)
        return as_shells_say(process.returncode)

    # Files

    def spec(self, *specs: Mapping[str, Any]) -> None:
        """Write the specs."""
        self.idpool.write("specs/shop.yaml", yaml_of(*specs))

    def use(self, **files: str) -> None:
        """Put a file of the base in the place of another: ``receipt="created.json"``."""
        for stem, other in files.items():
            suffix = ".jsonl" if stem == "journal" else ".json"
            shutil.copy(self.folder / other, self.folder / f"{stem}{suffix}")

    def project(self, **more: Any) -> None:
        """Write a project file with the owner of what is live, and a lock where there is one."""
        head = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "default"}
        lock = {"lock": f"s3://{self._bucket}/idpool"} if self._bucket else {}
        self.idpool.write("idpool.yaml", yaml_of({**head, **lock, **more}))

    def save_plan(self) -> None:
        """Save the plan of the specs, and of live, as both are now."""
        result = self.idpool.run("plan", "specs", "--out", "plan.json")
        assert result.code in {0, 1, 3}, result.text

    # AWS

    @contextmanager
    def account(self) -> Iterator[Account]:
        """Another client of the sandbox, past the proxy."""
        client = client_of(self.sandbox)
        yield Account(client)
        client.close()

    def change_live(self, **fields: Any) -> None:
        """Change the one pool by hand."""
        with self.account() as account:
            pool_id = account.only_id()
            account.client.update_identity_pool(**{**account.describe(pool_id), **fields})

    def only_shop(self) -> str:
        """The id of the pool of spec ``shop``."""
        with self.account() as account:
            (found,) = (i for i, pool in account.pools().items() if i != self._stray)
        return found

    def adopts(self) -> Mapping[str, str]:
        """The ``metadata`` of a spec that takes over the pool that nobody owns."""
        return {"adopt": self._stray}

    def tag_stray(self, tags: Mapping[str, str]) -> None:
        """Give these tags to the pool that nobody owns."""
        with self.account() as account:
            pool = account.describe(self._stray)
            account.client.update_identity_pool(**{**pool, "IdentityPoolTags": dict(tags)})

    def with_lock(self, content: bytes | None) -> None:
        """Give the project a lock, held as ``content`` says."""
        self._bucket = f"exit-{uuid4()}"
        s3 = boto3.client(
            "s3",
            endpoint_url=self.sandbox.url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="sandbox",
        )
        self._stack.callback(s3.close)
        self._stack.enter_context(bucket(s3, self._bucket))
        if content is not None:
            s3.put_object(Bucket=self._bucket, Key=self.lock_key, Body=content)
        self.project()

    @property
    def lock_key(self) -> str:
        """The lock of the one target."""
        return "idpool/default.lock"

    @property
    def lock_path(self) -> str:
        """The lock as the proxy sees it."""
        return f"/{self._bucket}/{self.lock_key}"

    def remove_lock(self) -> None:
        """Remove the lock's object, as somebody else does."""
        s3 = boto3.client(
            "s3",
            endpoint_url=self.sandbox.url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="sandbox",
        )
        s3.delete_object(Bucket=self._bucket, Key=self.lock_key)
        s3.close()

    def close(self) -> None:
        """Leave nothing of it behind."""
        self._stack.close()


@contextmanager
def scene_in(folder: Path) -> Iterator[Scene]:
    """A scene in a copy of the base."""
    with (
        SandboxServer(SandboxSettings(file=folder / STATE)) as sandbox,
        FaultProxy(sandbox.url) as proxy,
    ):
        scene = Scene(folder, sandbox, proxy)
        try:
            yield scene
        finally:
            scene.close()


@contextmanager
def taken_port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        yield somebody.getsockname()[1]


def _send(descriptor: int, text: str) -> None:
    os.write(descriptor, text.encode())
    os.close(descriptor)


def as_shells_say(code: int) -> int:
    """A process that a signal has ended has no code; shells say 128 and the signal's number."""
    return 128 - code if code < 0 else code


# Of a process that has ended: its id is another's by now, which began at another time.
OWN_LOCK = holder(this_owner(), **{**here(os.getpid()), "started": "1"})
ANOTHERS_LOCK = holder()
