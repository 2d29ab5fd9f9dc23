"""Every command and every outcome: one table here, and the same cells in docs/exit-codes.md."""

import re
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
import pytest

from reconciler.cli.program import program
from tests.comment.server import Fault as ApiFault
from tests.drift.receiver import Receiver
from tests.e2e.exit_files import (
    anothers_pool,
    changed_meanwhile,
    file_is_there,
    file_is_there_by_force,
    file_of_two_names,
    named_twice,
    no_pair,
    no_pool,
    no_valid_spec,
    other_kind_of_file,
    pool_is_not_there,
    pool_of_another_spec,
    remove_pools,
    secret_in_it,
    shown_only,
    strange_file,
    two_of_a_name,
    unknown_name,
    unresolved,
)
from tests.e2e.exit_scene import (
    ABOUT_FILES,
    ANOTHERS_LOCK,
    COMMANDS,
    EVERYDAY,
    LIVE,
    OWN_LOCK,
    SECONDS,
    SEEDS,
    STATE,
    STATE_FILE,
    SUBJECTS,
    TEMPLATE,
    WANTED,
    Scene,
    make_base,
    scene_in,
    taken_port,
)
from tests.faults.faults import Fault, FaultKind
from tests.support.answering import answering
from tests.support.cli import ACCOUNT, Idpool, aws_environment, clean_environment
from tests.support.specs import document, yaml_of

DOCS = Path(__file__).parents[2] / "docs" / "exit-codes.md"

IMPORTS = ("import", "import NAME")
PULLS = ("pull", "pull --check")
FMTS = ("fmt", "fmt --check")
CONVERTS = ("convert cloudformation", "convert terraform")
EXPORTS = ("export cloudformation", "export terraform")
EDITS = ("adopt", *PULLS, *FMTS)
PLANS = ("plan", "plan --detailed-exitcode")
APPLIES = ("apply", "apply PLAN", "apply --resume")
ROLLBACKS = ("rollback", "rollback --apply")
WRITES = (*APPLIES, "rollback --apply")
ASKS = ("apply", "apply --resume", "rollback --apply", "unlock")
READS_POOLS = (*PLANS, *APPLIES, *ROLLBACKS, "drift")
TAKES_OVER = (*IMPORTS, "adopt", *PULLS)
SIMULATES, TESTS = ("simulate", "simulate --live"), ("test", "test --live")
ASKS_POOLS = ("simulate --live", "test --live")
ROLES = ("check --roles", "trust")
CALLS_AWS = (*READS_POOLS, "unlock", *TAKES_OVER, "render", *ROLES, *ASKS_POOLS)
NAMES_SPECS = (
    "validate",
    "check",
    "graph",
    "render",
    *ROLES,
    *PLANS,
    *APPLIES,
    "drift",
    *SIMULATES,
    *TESTS,
    "iam-policy",
    *EDITS,
    *EXPORTS,
)
READS_SPECS = (*NAMES_SPECS, *IMPORTS)
READS_PROJECT = (*READS_SPECS, *ROLLBACKS, "unlock")
LOADS_ALONE = (
    "validate",
    "check",
    "graph",
    "simulate",
    "test",
    "iam-policy",
    *FMTS,
    *CONVERTS,
    *EXPORTS,
)
# Of a row, but for `make test-slow`.
_MOST_COLUMNS = 6
SANDBOX = ("sandbox serve", "sandbox reset")
WITHOUT_STDOUT = ("unlock", "sandbox seed", "sandbox reset", "import NAME")
COMMENTS = ("comment github", "comment gitlab")
GRAPHS = ("graph", "graph --plan")
SHOWS_PLAN = ("show", "graph --plan")
READS_RECORD = (*SHOWS_PLAN, "apply PLAN", "apply --resume", *ROLLBACKS, *COMMENTS)

# Refers to what is not there.
OF_USER_POOL = document(
    "shop",
    {
        "CognitoIdentityProviders": [
            {"ProviderName": "${userPool.users}", "ClientId": "${userPoolClient.users/web}"}
        ]
    },
)

Arrange = Callable[[Scene, str], int]


@dataclass(frozen=True)
class Row:
    """One outcome: how it is brought about for a column, and the codes; no code: cannot happen."""

    outcome: str
    arrange: Arrange
    codes: Mapping[str, int]


def each(code: int, *columns: str) -> dict[str, int]:
    """The same code for these columns."""
    return dict.fromkeys(columns, code)


def done(scene: Scene, column: str) -> int:
    """The one row of processes; the others run the same entry point in that of the test."""
    if column == "unlock":
        scene.with_lock(OWN_LOCK)
    return scene.run_process(column)


def nothing_to_do(scene: Scene, column: str) -> int:
    scene.spec(LIVE)
    scene.use(plan="done-plan.json", receipt="done-receipt.json", journal="done-journal.jsonl")
    if column == "unlock":
        scene.with_lock(None)
    if column == "sandbox reset":
        (scene.folder / STATE).unlink()
    if column == "import":
        remove_pools(scene)
    if column in {"init", *COMMENTS, "import NAME", "adopt"}:
        assert scene.run(column) == 0
    if column in FMTS:
        assert scene.run("fmt") == 0
    return scene.run(column)


def called_wrongly(scene: Scene, column: str) -> int:
    return scene.run(column, "--no-such-option")


def comment_without_plan(scene: Scene, column: str, *more: str) -> int:
    """About the project's pools, and so reading the project file."""
    words = scene.words(column, {"plan.json"})
    environment = scene.environment(column)
    return Idpool(scene.folder, environment).run(*words, "--state", "superseded", *more).code


def unknown_target(scene: Scene, column: str) -> int:
    if column == "unlock":
        scene.with_lock(None)
        return scene.run(column, "nowhere")
    if column in COMMENTS:
        return comment_without_plan(scene, column, "--target", "nowhere")
    return scene.run(column, "--target", "nowhere")


def nothing_named(scene: Scene, column: str) -> int:
    """Without the words that say what to work on; unlock in a project without locks."""
    words = scene.words(column, SUBJECTS)
    words = words[:1] if column in {"init", "iam-policy", "adopt"} else words
    return Idpool(scene.folder, scene.environment(column)).run(*words).code


def nobody_to_ask(scene: Scene, column: str) -> int:
    if column == "unlock":
        scene.with_lock(OWN_LOCK)
    return scene.idpool.run(*scene.words(column, {"--yes"})).code


def answered_no(scene: Scene, column: str) -> int:
    if column == "unlock":
        scene.with_lock(OWN_LOCK)
    return scene.answer(column, "no")


def invalid_spec(scene: Scene, column: str) -> int:
    scene.idpool.write("specs/wrong.yaml", "kind: IdentityPool\n")
    return scene.run(column)


def doubtful_spec(scene: Scene, column: str) -> int:
    scene.spec(document("shop", {"SupportedLoginProviders": {"api.twitter.com": "keyalone"}}))
    assert scene.run(column) == 0
    return scene.run(column, "--strict")


def users_role_for_guests(scene: Scene, column: str) -> int:
    """AWS takes it, so the spec is valid."""
    role = f"arn:aws:iam::{ACCOUNT}:role/shop"
    roles = {"Roles": {"authenticated": role, "unauthenticated": role}}
    scene.spec(document("shop", {"AllowUnauthenticatedIdentities": True, **roles}))
    return scene.run(column)


def broken_policy(scene: Scene, column: str) -> int:
    """The organisation's rule is broken, and there is no waiver that still holds."""
    policy = {"id": "no-guests", "severity": "error", "message": "no guests here"}
    asserts = {"assert": "!pool.AllowUnauthenticatedIdentities"}
    waiver = {"rule": "no-guests", "spec": "shop", "reason": "x", "until": "2020-01-31"}
    head = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "default"}
    rules = {"policies": [policy | asserts], "waivers": [waiver]}
    scene.idpool.write("idpool.yaml", yaml_of(head | rules))
    scene.spec(document("shop", {"AllowUnauthenticatedIdentities": True}))
    return scene.run(column)


def invalid_project(scene: Scene, column: str) -> int:
    scene.idpool.write("idpool.yaml", "kind: Project\n")
    if column in COMMENTS:
        return comment_without_plan(scene, column)
    return scene.run(column)


def missing_file(scene: Scene, column: str) -> int:
    """The file that the command is about."""
    if column in {"unlock", *IMPORTS}:
        return scene.run(column, "--project", "missing.yaml")
    for name in ("plan.json", "receipt.json", "journal.jsonl", SEEDS, TEMPLATE, STATE_FILE):
        (scene.folder / name).unlink()
    if column not in READS_RECORD:
        shutil.rmtree(scene.folder / "specs")
    return scene.run(column)


def damaged_file(scene: Scene, column: str) -> int:
    """A file of idpool's own that somebody has written over."""
    for name in ("plan.json", "receipt.json", "journal.jsonl", "drift.json"):
        scene.idpool.write(name, '{"schemaVersion": 1}\n')
    if column == "unlock":
        scene.with_lock(b"no lock")
    if column.startswith("sandbox"):
        scene.idpool.write(STATE, "{")
    return scene.run(column, *(["--state", "drift.json"] if column == "drift" else []))


def damaged_sandbox(scene: Scene, column: str) -> int:
    if column == "unlock":
        scene.with_lock(OWN_LOCK)
    scene.idpool.write("damaged.json", "{")
    return scene.run(column, "--sandbox=damaged.json")


def another_owners(scene: Scene, column: str) -> int:
    scene.project(owner="another")
    if column in COMMENTS:
        return scene.run(column, "--receipt", "created.json")
    return scene.run(column)


def no_credentials(scene: Scene, column: str) -> int:
    if column == "unlock":
        scene.with_lock(OWN_LOCK)
    if column in COMMENTS:
        return scene.run(column, GITHUB_TOKEN="", GITLAB_TOKEN="", CI_JOB_TOKEN="")
    return scene.run_as(column, clean_environment(AWS_REGION="eu-west-1"))


def forbidden(verb: str) -> ApiFault:
    """What a platform answers to whoever may not."""
    return ApiFault(verb, "", status=403, content={"message": "Forbidden"}, times=1000)


def access_denied(scene: Scene, column: str) -> int:
    if column == "unlock":
        scene.with_lock(OWN_LOCK)
    if column in COMMENTS:
        scene.platform(column).faults.append(forbidden("GET"))
        return scene.run(column)
    with answering("AccessDeniedException", "no", sts=False) as url:
        return scene.run_as(column, aws_environment(url))


def out_of_reach(scene: Scene, column: str) -> int:
    if column == "unlock":
        scene.with_lock(OWN_LOCK)
    nowhere = scene.proxy.url
    scene.proxy.stop()
    return scene.run(column, GITHUB_API_URL=nowhere, CI_API_V4_URL=f"{nowhere}/api/v4")


def another_account(scene: Scene, column: str) -> int:
    """Than the target names."""
    target = {"account": "111122223333", "region": "eu-west-1"}
    if column == "unlock":
        scene.with_lock(OWN_LOCK)
    scene.project(targets={"default": target})
    if column == "render":
        scene.spec(OF_USER_POOL)
    scene.save_plan()
    return scene.run(column)


def unreadable_pool(scene: Scene, column: str) -> int:
    scene.proxy.add(Fault(FaultKind.ACCESS_DENIED, "DescribeIdentityPool"))
    return scene.run(column)


def refused(scene: Scene, column: str) -> int:
    """A stranger's pool has the name; and what a run created is not taken back.

    To render it, a reference has to stand for nothing: no pool is looked at.
    """
    if column == "render":
        scene.spec(OF_USER_POOL)
        return scene.run(column)
    if column == "adopt":
        return anothers_pool(scene, column)
    with scene.account() as account:
        account.create("taken")
    scene.spec(WANTED, document("taken"))
    scene.save_plan()
    scene.use(receipt="created.json")
    if column == "apply --resume":
        entry = (scene.folder / "journal.jsonl").read_text(encoding="utf-8")
        scene.idpool.write("journal.jsonl", entry.replace('"shop"', '"taken"'))
    return scene.run(column)


def two_pools(scene: Scene, column: str) -> int:
    """Nobody can tell which one is in use."""
    with scene.account() as account:
        tags = {"idpool:owner": "default", "idpool:name": "shop"}
        account.create("twin", IdentityPoolTags=tags)
    scene.save_plan()
    return scene.run(column)


def stale_while_writing(scene: Scene, column: str) -> int:
    """Somebody changes the pool after the plan, before the fresh read."""
    reads: list[str] = []

    def slip(operation: str, _number: int) -> None:
        reads.append(operation)
        if reads.count("DescribeIdentityPool") == 2 and operation == "DescribeIdentityPool":
            scene.change_live(AllowUnauthenticatedIdentities=True)

    scene.proxy.before = slip
    return scene.run(column)


def moved_since_the_file(scene: Scene, column: str) -> int:
    """Since the saved plan, the receipt or the journal was written."""
    scene.change_live(AllowClassicFlow=False, AllowUnauthenticatedIdentities=True)
    return scene.run(column)


def used_up(scene: Scene, column: str) -> int:
    assert scene.run("apply PLAN") == 0
    return scene.run(column)


def failing_write(scene: Scene, column: str) -> int:
    if column == "unlock":
        scene.with_lock(OWN_LOCK)
        scene.proxy.add(Fault(FaultKind.ACCESS_DENIED, f"DELETE {scene.lock_path}"))
    if column in COMMENTS:
        scene.platform(column).faults.append(forbidden("POST"))
    for operation in ("TagResource", "UpdateIdentityPool"):
        scene.proxy.add(Fault(FaultKind.LIMIT_EXCEEDED, operation))
    return scene.run(column)


def locked_by_another(scene: Scene, column: str) -> int:
    scene.with_lock(ANOTHERS_LOCK)
    if column == "apply PLAN":
        scene.save_plan()
    return scene.run(column)


def lost_lock(scene: Scene, column: str) -> int:
    """Somebody removes it while a write is under way; the run ends without a second write."""
    scene.with_lock(None)
    if column == "apply PLAN":
        scene.save_plan()
    begun = threading.Event()

    def hold(operation: str, _number: int) -> None:
        if operation in {"TagResource", "UpdateIdentityPool"} and not begun.is_set():
            begun.set()
            scene.remove_lock()
            # The renewal fails, and the run looks for whose the lock is.
            scene.proxy.wait_arrived(f"GET {scene.lock_path}", timeout=SECONDS)

    scene.proxy.before = hold
    return scene.run(column, "--lock-life", "6")


def interrupted(number: signal.Signals) -> Arrange:
    def arrange(scene: Scene, column: str) -> int:
        if column == "sandbox serve":
            return scene.interrupt_serving(number)
        if column in COMMENTS:
            return scene.interrupt_commenting(column, number)
        if column in LOADS_ALONE:
            return scene.interrupt_loading(column, number)
        if column == "unlock":
            scene.with_lock(OWN_LOCK)
        return scene.interrupt_reading(column, number)

    return arrange


def interrupted_while_writing(number: signal.Signals) -> Arrange:
    return lambda scene, column: scene.interrupt_writing(column, number)


def full_stdout(scene: Scene, column: str) -> int:
    more = ["--diff"] if column in EDITS else []
    return scene.run_into(column, "/dev/full", *more)


def unwritable_file(scene: Scene, column: str) -> int:
    """The file that an option names lies below another file, where there can be none."""
    place = f"{scene.idpool.write('file', '')}/below"
    if column == "sandbox serve":
        return scene.idpool.run("sandbox", "serve", place).code
    if column == "sandbox reset":
        return scene.idpool.run("sandbox", "reset", place).code
    if column == "sandbox seed":
        return scene.idpool.run("sandbox", "seed", SEEDS, place).code
    options = {
        "init": ("--folder", place),
        **dict.fromkeys(("validate", "check", *ROLES), ("--format", f"json={place}")),
        "show": ("--format", f"json={place}"),
        "drift": ("--metrics", place),
        **dict.fromkeys((*SIMULATES, *TESTS), ("--format", f"json={place}")),
        **dict.fromkeys(PLANS, ("--out", place)),
        **dict.fromkeys(WRITES, ("--receipt", place)),
        **dict.fromkeys(("schema", *GRAPHS, "import NAME", *CONVERTS, *EXPORTS), ("--out", place)),
    }
    return scene.run(column, *options[column])


def port_is_taken(scene: Scene, column: str) -> int:
    with taken_port() as port:
        return scene.run(column, "--port", str(port))


def untold(scene: Scene, column: str, *, cleared: bool = False) -> int:
    """A receiver answers an error."""
    with Receiver() as receiver:
        notify = ("--state", "drift.json", "--notify", f"webhook={receiver.url()}")
        assert scene.run(column, *notify) == 2
        assert receiver.posts
        if cleared:
            scene.spec(LIVE)
        else:
            scene.change_live(AllowUnauthenticatedIdentities=True)
        receiver.status = 500
        return scene.run(column, *notify)


def silent_trail(scene: Scene, column: str) -> int:
    scene.proxy.add(Fault(FaultKind.ACCESS_DENIED, "POST /"))
    return scene.run(column, "--who")


def nobody_gets_a_role(scene: Scene, column: str) -> int:
    """Which is an answer: guests are not let in, and nobody has signed in otherwise."""
    return scene.run(column)


def strange_token(scene: Scene, column: str) -> int:
    """In the place of the guest."""
    words = scene.words(column, {"--guest"})
    return scene.idpool.run(*words, "--jwt", SEEDS).code


def failing_test(scene: Scene, column: str) -> int:
    """Guests are let in, by spec and live, and the test says that they are not."""
    guests = {
        "AllowUnauthenticatedIdentities": True,
        "Roles": {"unauthenticated": f"arn:aws:iam::{ACCOUNT}:role/guest"},
    }
    scene.spec(document("shop", guests))
    assert scene.run("apply") == 0
    return scene.run(column)


def no_test(scene: Scene, column: str) -> int:
    """Specs alone."""
    (scene.folder / "specs/tests.yaml").unlink()
    return scene.run(column)


ROWS = (
    Row(
        "it is done, and there was something to do or to tell",
        done,
        {
            **each(0, *(column for column in COMMANDS if column != "sandbox serve")),
            **each(2, "plan --detailed-exitcode", "drift", "pull --check", "fmt --check"),
        },
    ),
    Row(
        "nothing to do",
        nothing_to_do,
        each(
            0,
            "init",
            *PLANS,
            *SHOWS_PLAN,
            *APPLIES,
            *ROLLBACKS,
            "drift",
            *COMMENTS,
            "unlock",
            "sandbox reset",
            *IMPORTS,
            *EDITS,
        ),
    ),
    Row("an unknown option", called_wrongly, each(64, *COMMANDS)),
    Row(
        "an unknown target",
        unknown_target,
        each(
            64, "check", *CALLS_AWS, *COMMENTS, *GRAPHS, "simulate", "test", "iam-policy", *EXPORTS
        ),
    ),
    Row(
        "nothing is named to work on",
        nothing_named,
        each(64, *(c for c in COMMANDS if c not in {"apply PLAN", "schema", *SANDBOX, *IMPORTS})),
    ),
    Row("it would ask, and there is no terminal", nobody_to_ask, each(64, *ASKS)),
    Row("it asks, and the answer is not `yes`", answered_no, each(1, *ASKS)),
    Row("a spec is invalid", invalid_spec, each(1, *READS_SPECS)),
    Row("a warning, and `--strict`", doubtful_spec, {"validate": 1}),
    Row(
        "a check finds an error, and no plan is made",
        users_role_for_guests,
        {"validate": 0, "check": 3, "check --roles": 3},
    ),
    Row(
        "a policy finds an error, or a waiver has expired, and no plan is made",
        broken_policy,
        each(3, "validate", "check"),
    ),
    Row("the project file is invalid", invalid_project, each(1, *READS_PROJECT, *COMMENTS)),
    Row(
        "a file to read is missing",
        missing_file,
        each(1, *READS_SPECS, *READS_RECORD, "unlock", "sandbox seed", *CONVERTS),
    ),
    Row(
        "a file or lock of idpool's own is damaged",
        damaged_file,
        each(1, *READS_RECORD, "drift", "unlock", *SANDBOX, "sandbox seed"),
    ),
    Row("the sandbox's file is damaged", damaged_sandbox, each(1, *CALLS_AWS)),
    Row(
        "the plan, journal or receipt is another owner's, or another plan's",
        another_owners,
        each(1, "apply PLAN", "apply --resume", *ROLLBACKS, *COMMENTS),
    ),
    Row("there are no credentials", no_credentials, each(1, *CALLS_AWS) | each(64, *COMMENTS)),
    Row("AWS or the platform denies access", access_denied, each(1, *CALLS_AWS, *COMMENTS)),
    Row("AWS or the platform is out of reach", out_of_reach, each(1, *CALLS_AWS, *COMMENTS)),
    Row(
        "a pool cannot be read",
        unreadable_pool,
        # A saved plan was made of what could be read, and does not fit any more.
        {**each(1, *READS_POOLS, *ROLES, *TAKES_OVER, *ASKS_POOLS), "apply PLAN": 4},
    ),
    Row(
        "another account answers than the target names",
        another_account,
        each(3, *READS_POOLS) | {"unlock": 0} | each(1, *TAKES_OVER, "render", *ROLES, *ASKS_POOLS),
    ),
    Row(
        "a pool is refused",
        refused,
        each(0, *SHOWS_PLAN, *COMMENTS)
        | each(3, *READS_POOLS, *ROLES, "adopt", "render")
        | each(1, *PULLS),
    ),
    Row(
        "two pools carry the tags of one spec",
        two_pools,
        each(0, *SHOWS_PLAN, *COMMENTS)
        | each(3, *PLANS, *APPLIES, "drift", *ROLES)
        | each(1, *PULLS, *ASKS_POOLS),
    ),
    Row("live changes between plan and write", stale_while_writing, each(4, *WRITES)),
    Row(
        "live has changed since the file was written",
        moved_since_the_file,
        each(0, *SHOWS_PLAN, *COMMENTS, "apply --resume") | each(3, *ROLLBACKS) | {"apply PLAN": 4},
    ),
    Row(
        "the saved plan has been applied already",
        used_up,
        each(0, *SHOWS_PLAN, *COMMENTS) | {"apply PLAN": 4},
    ),
    Row("a write fails", failing_write, each(1, *WRITES, *COMMENTS, "unlock")),
    Row("another run has the lock", locked_by_another, each(1, *WRITES, "unlock")),
    Row("the lock is lost during the run", lost_lock, each(1, *WRITES)),
    Row(
        "Ctrl-C (SIGINT)",
        interrupted(signal.SIGINT),
        each(130, *LOADS_ALONE, *CALLS_AWS, *COMMENTS, "sandbox serve"),
    ),
    Row(
        "SIGTERM",
        interrupted(signal.SIGTERM),
        each(143, *LOADS_ALONE, *CALLS_AWS, *COMMENTS, "sandbox serve"),
    ),
    Row(
        "Ctrl-C while a write is under way",
        interrupted_while_writing(signal.SIGINT),
        each(130, *WRITES),
    ),
    Row(
        "SIGTERM while a write is under way",
        interrupted_while_writing(signal.SIGTERM),
        each(143, *WRITES),
    ),
    Row(
        "stdout cannot be written to",
        full_stdout,
        each(1, *(c for c in COMMANDS if c not in WITHOUT_STDOUT)),
    ),
    Row(
        "a file that an option names cannot be written",
        unwritable_file,
        each(
            1,
            "init",
            "validate",
            "check",
            *ROLES,
            *PLANS,
            "show",
            *GRAPHS,
            *WRITES,
            "drift",
            *SIMULATES,
            *TESTS,
            "schema",
            *SANDBOX,
            "sandbox seed",
            "import NAME",
            *CONVERTS,
            *EXPORTS,
        ),
    ),
    Row("the port is taken", port_is_taken, {"sandbox serve": 1}),
    Row("drifted, and a receiver could not be told", untold, {"drift": 2}),
    Row(
        "no drift any more, and a receiver could not be told",
        partial(untold, cleared=True),
        {"drift": 1},
    ),
    Row("drifted, and CloudTrail does not say who", silent_trail, {"drift": 2}),
    Row("nobody gets a role", nobody_gets_a_role, each(0, *SIMULATES)),
    Row("claims or a token cannot be read", strange_token, each(1, *SIMULATES)),
    Row("a test fails", failing_test, each(1, *TESTS)),
    Row("there is no test", no_test, each(64, *TESTS)),
    Row(
        "it would change a file, and `--diff`",
        shown_only,
        each(0, "adopt", "pull", "fmt") | each(2, "pull --check", "fmt --check"),
    ),
    Row(
        "a spec or field is named that there is not",
        unknown_name,
        each(64, *SIMULATES, "adopt", *PULLS, *EXPORTS),
    ),
    Row(
        "what is to be NAME=VALUE or NAME=ID is not",
        no_pair,
        each(64, "adopt", *CONVERTS, *EXPORTS),
    ),
    Row(
        "what is named contradicts itself",
        named_twice,
        each(64, "apply PLAN", "simulate", "import NAME", "adopt", *FMTS, *CONVERTS, *EXPORTS),
    ),
    Row(
        "there is no pool at all", no_pool, {"import": 0} | each(1, *CONVERTS) | each(64, *EXPORTS)
    ),
    Row(
        "the one pool that is meant is not there",
        pool_is_not_there,
        {"import NAME": 64} | each(1, "adopt", *PULLS, *ASKS_POOLS),
    ),
    Row("several pools have the name", two_of_a_name, {"import NAME": 64}),
    Row("the pool is another owner's", anothers_pool, each(0, *IMPORTS) | {"adopt": 3}),
    Row("the pool has another spec", pool_of_another_spec, each(0, *IMPORTS) | {"adopt": 3}),
    Row("a file to convert is of another kind", other_kind_of_file, each(1, *CONVERTS)),
    Row("a value cannot be resolved", unresolved, each(1, *CONVERTS)),
    Row(
        "a pool has what no spec can say", no_valid_spec, each(1, *CONVERTS, "import NAME", *PULLS)
    ),
    Row("a secret would go to stdout", secret_in_it, each(1, *CONVERTS, *EXPORTS)),
    Row(
        "a file is there already", file_is_there, {"import NAME": 0} | each(1, *CONVERTS, *EXPORTS)
    ),
    Row(
        "a file is there already, and `--force`",
        file_is_there_by_force,
        each(0, *CONVERTS, *EXPORTS),
    ),
    Row(
        "a file to change cannot be written",
        file_of_two_names,
        each(1, "adopt", "pull", "fmt") | each(2, "pull --check", "fmt --check"),
    ),
    Row("a file to change cannot be kept intact", strange_file, each(1, *PULLS, *FMTS)),
    Row(
        "a file to change is changed during the run",
        changed_meanwhile,
        each(1, "adopt", *PULLS, "fmt") | {"fmt --check": 2},
    ),
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the scenes are copied from."""
    folder = tmp_path_factory.mktemp("base")
    make_base(folder)
    return folder


@pytest.fixture
def scene(base: Path, tmp_path: Path) -> Iterator[Scene]:
    """A folder of the test's own in which every command has something to do."""
    shutil.copytree(base, tmp_path, dirs_exist_ok=True)
    with scene_in(tmp_path) as made:
        yield made


def is_slow(row: Row, column: str) -> bool:
    """Of each row a few columns stand for all; SIGTERM takes the way of Ctrl-C."""
    columns = [each for each in COMMANDS if each in row.codes]
    step = -(-len(columns) // _MOST_COLUMNS)
    return row.outcome.startswith("SIGTERM") or columns.index(column) % step > 0


@pytest.mark.parametrize(
    ("row", "column"),
    [
        pytest.param(
            row,
            column,
            id=f"{row.outcome}: {column}",
            marks=pytest.mark.slow if is_slow(row, column) else (),
        )
        for row in ROWS
        for column in COMMANDS
        if column in row.codes
    ],
)
def test_every_command_and_every_outcome(scene: Scene, row: Row, column: str) -> None:
    """The tables, cell by cell."""
    scene.prepare(column)
    assert row.arrange(scene, column) == row.codes[column]


def test_every_command_has_a_column() -> None:
    """Whoever adds a command says what it ends with; three touch nothing and just print."""
    named = {name.removeprefix("idpool ") for name in _leaves("idpool", program)}
    named -= {"completion", "explain", "version"}
    tested = {
        name for name in named for line in COMMANDS.values() if f"{line} ".startswith(f"{name} ")
    }
    assert named == tested


def _leaves(name: str, command: click.Command) -> Iterator[str]:
    inner = command.commands if isinstance(command, click.Group) else {}
    for word, each in inner.items():
        yield from _leaves(f"{name} {word}", each)
    if not inner:
        yield name


@pytest.mark.parametrize("columns", [EVERYDAY, ABOUT_FILES], ids=["everyday", "about-files"])
def test_the_docs_have_the_same_table(columns: Mapping[str, str]) -> None:
    """Each row and each cell here is there, and the other way round; ``-`` cannot happen.

    A table leaves out the rows in which nothing can happen to its commands.
    """
    lines = re.findall(r"^\| (.*) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    table = [line.split(" | ") for line in lines if line.count(" | ") == len(columns)]
    head, *rows = table
    assert head == ["outcome", *(f"`{column}`" for column in columns)]
    shown = {row[0]: row[1:] for row in rows}
    assert len(shown) == len(rows)
    assert shown == {
        row.outcome: [str(row.codes.get(column, "-")) for column in columns]
        for row in ROWS
        if not row.codes.keys().isdisjoint(columns)
    }
