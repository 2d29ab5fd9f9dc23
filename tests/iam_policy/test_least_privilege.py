"""The policies, held against what idpool really sends: enough for each job, and nothing more."""

import ast
import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore import xform_name

import reconciler
from reconciler.model.permissions import CALLS, Scope, UnlistedCall, Use, call_of
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.drift.conftest import ClientOf, change
from tests.faults.proxy import FaultProxy
from tests.iam_policy.conftest import BUCKET, ROLE, Guarded, project
from tests.support.buckets import bucket
from tests.support.cli import ACCOUNT, REGION, Idpool
from tests.support.in_process import Driver
from tests.support.specs import document, yaml_of

ROOMS = Path(reconciler.__file__).parent
FACEBOOK = "graph.facebook.com"
RULE = {
    "Claim": "isAdmin",
    "MatchType": "Equals",
    "Value": "yes",
    "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/shop-admin",
}
SHOP: dict[str, Any] = {
    "SupportedLoginProviders": {FACEBOOK: "7346241598935555"},
    "IdentityPoolTags": {"team": "shop", "stage": "prod"},
    "Roles": {"authenticated": f"arn:aws:iam::{ACCOUNT}:role/shop-customer"},
    "RoleMappings": {
        FACEBOOK: {
            "Type": "Rules",
            "AmbiguousRoleResolution": "Deny",
            "RulesConfiguration": {"Rules": [RULE]},
        }
    },
    "PrincipalTagAttributeMaps": {FACEBOOK: {"PrincipalTags": {"department": "dept"}}},
}
REFERENCES = {Use.PARAMETERS, Use.SECRETS, Use.STACKS, Use.STATES, Use.USER_POOLS}
# Named beside the calls, and never called.
NAMED_ONLY = {"ListTagsForResource": "its rate is in the table of documented rates"}


def write(idpool: Idpool, *specs: dict[str, Any]) -> None:
    idpool.write("specs/all.yaml", yaml_of(*specs))


@pytest.fixture
def s3(client_of: ClientOf) -> Iterator[Any]:
    """A client of S3, where the bucket of the locks is."""
    client = client_of("s3")
    with bucket(client, BUCKET):
        yield client


def test_each_policy_is_enough_for_its_job_and_nothing_in_it_is_unused(
    idpool: Idpool, guarded: Guarded, client_of: ClientOf, s3: Any
) -> None:
    """Every operation, sent by the real command past a guard that decides as IAM does."""
    idpool.write("idpool.yaml", project())
    # Where a field is somebody else's, tags go by calls of their own.
    theirs = {"ignoreChanges": ["AllowClassicFlow"]}
    old_tags = document("tags", lifecycle=theirs)
    write(idpool, document("shop", SHOP), old_tags, document("gone"))
    topic = client_of("sns").create_topic(Name="drift")["TopicArn"]

    guarded.grant("plan", "plan", "--with-delete")
    guarded.grant("apply", "apply", "--with-delete")
    guarded.grant("drift", "drift", "--who", caller=("--notify-topic", topic))
    guarded.grant("import", "plan", "--user-pool-names")

    guarded.run("apply", "apply", "--yes")
    fields = {"AllowClassicFlow": True, "PrincipalTagAttributeMaps": {}, "RoleMappings": {}}
    new_tags = document("tags", {"IdentityPoolTags": {"team": "shop"}}, lifecycle=theirs)
    tombstone = document("gone", lifecycle={"delete": True})
    write(idpool, document("shop", {**SHOP, **fields}), new_tags, tombstone)
    guarded.run("plan", "plan", "--detailed-exitcode", code=2)
    guarded.run("apply", "apply", "--yes", "--receipt", "receipt.json")
    guarded.run("apply", "rollback", "receipt.json", "--apply", "--yes", code=3)
    guarded.run("apply", "apply", "--yes")
    s3.put_object(Bucket=BUCKET, Key="idpool/prod.lock", Body=b"a stranger's")
    guarded.run("apply", "unlock", "--yes", "--force")
    change(client_of(), _only(client_of(), "shop"), AllowUnauthenticatedIdentities=True)
    drift = guarded.run("drift", "drift", "--who", "--notify", f"sns={topic}", code=2)
    pool_id = _with_user_pool(client_of)
    guarded.run("import", "import", pool_id, "--user-pool-names")
    guarded.run("import", "adopt", f"users={pool_id}")

    assert "UpdateIdentityPool" in drift.out
    assert "notified sns=" in drift.err
    for name, guard in guarded.guards.items():
        assert guard.used == _pairs(guard.role) | _pairs(guard.caller), name
    seen = set().union(*(guard.seen for guard in guarded.guards.values()))
    elsewhere = {*REFERENCES, Use.ROLES, Use.SANDBOX}
    assert seen == _listed(lambda use: use not in elsewhere)


def test_what_references_read_is_allowed_by_name_and_nothing_else(
    tmp_path: Path, idpool: Idpool
) -> None:
    """Every scheme that reads: each policy lets it, and has no statement for more."""
    state = {"state": "s3://acme-state/a.tfstate", "region": REGION, "credentials": "target"}
    reads = {"ssm": ["/a"], "secret": ["b"], "stack": ["c"], "terraform": {"t": state}}
    idpool.write("idpool.yaml", project(reads=reads, lock="s3://iam-policy-locks/idpool"))
    role = f"arn:aws:iam::{ACCOUNT}:role/r"
    spec = {
        "SupportedLoginProviders": {FACEBOOK: "${secret.b#k}"},
        "IdentityPoolTags": {"a": "${ssm./a}"},
        "CognitoIdentityProviders": [
            {"ProviderName": "${userPool.u}", "ClientId": "${userPoolClient.u/c}"}
        ],
        "Roles": {"authenticated": "${stack.c.R}", "unauthenticated": "${terraform.t.r}"},
        "AllowUnauthenticatedIdentities": True,
    }
    write(idpool, document("shop", spec))
    seed = {
        "account": ACCOUNT,
        "region": REGION,
        "ssm": {"/a": "1"},
        "secret": {"b": {"k": "2"}},
        "stack": {"c": {"R": f"{role}-users"}},
        "userPool": {"u": {"clients": {"c": None}}},
        "terraform": {"s3://acme-state/a.tfstate": {"r": f"{role}-guest"}},
    }
    file = {"apiVersion": "idpool/v1", "kind": "SandboxSeed", "seeds": [seed]}
    idpool.write("seeds.yaml", json.dumps(file))
    assert idpool.run("sandbox", "seed", "seeds.yaml", "state.json").code == 0
    with (
        SandboxServer(SandboxSettings(file=tmp_path / "state.json")) as server,
        ExitStack() as stack,
    ):
        guarded = Guarded(idpool, server, stack)
        guarded.grant("plan", "plan")
        guarded.run("plan", "plan")
        (guard,) = guarded.guards.values()
    used = {each for each in guard.used if each[0] not in {"ReadPools", "ListPools"}}
    allowed = {each for each in _pairs(guard.role) if each[0] not in {"ReadPools", "ListPools"}}
    assert used - _pairs(guard.caller) == allowed
    seen = _listed(lambda use: use in REFERENCES)
    assert seen <= guard.seen


def test_an_ambient_state_and_session_tags_are_allowed_to_who_assumes_the_role(
    tmp_path: Path, idpool: Idpool
) -> None:
    """The target's role reads no state of the run's; tags go with the call that assumes it."""
    state = {"state": "s3://acme-state/a.tfstate", "region": REGION, "credentials": "ambient"}
    target = {"account": ACCOUNT, "region": REGION, "roleArn": ROLE, "sessionTags": {"a": "b"}}
    targets = {"prod": target}
    idpool.write("idpool.yaml", project(reads={"terraform": {"t": state}}, targets=targets))
    role = f"arn:aws:iam::{ACCOUNT}:role/r"
    write(idpool, document("shop", {"Roles": {"authenticated": "${terraform.t.r}"}}))
    seed: dict[str, Any] = {"account": ACCOUNT, "region": REGION}
    seed |= {"terraform": {"s3://acme-state/a.tfstate": {"r": role}}}
    file = {"apiVersion": "idpool/v1", "kind": "SandboxSeed", "seeds": [seed]}
    idpool.write("seeds.yaml", json.dumps(file))
    assert idpool.run("sandbox", "seed", "seeds.yaml", "state.json").code == 0
    with (
        SandboxServer(SandboxSettings(file=tmp_path / "state.json")) as server,
        ExitStack() as stack,
    ):
        guarded = Guarded(idpool, server, stack)
        guarded.grant("plan", "plan")
        assert role in guarded.run("plan", "plan").out
        (guard,) = guarded.guards.values()
    assert guard.used >= _pairs(guard.caller)
    assert {action for _, action in _pairs(guard.caller)} == {
        "s3:GetObject",
        "sts:AssumeRole",
        "sts:TagSession",
    }
    assert "s3:GetObject" not in {action for _, action in _pairs(guard.role)}


def test_asking_pools_reads_them_and_what_tests_refer_to(tmp_path: Path, idpool: Idpool) -> None:
    """simulate and test, of live: each by its own policy, with nothing that it does not use."""
    idpool.write("idpool.yaml", project(reads={"ssm": ["/a"]}))
    test = {
        "apiVersion": "idpool/v1",
        "kind": "IdentityPoolTest",
        "metadata": {"name": "user"},
        "spec": {
            "pool": "shop",
            "provider": FACEBOOK,
            "claims": {"isAdmin": "yes"},
            "expect": {"role": "${ssm./a}"},
        },
    }
    write(idpool, document("shop", SHOP), test)
    seed = {"account": ACCOUNT, "region": REGION, "ssm": {"/a": RULE["RoleARN"]}}
    file = {"apiVersion": "idpool/v1", "kind": "SandboxSeed", "seeds": [seed]}
    idpool.write("seeds.yaml", json.dumps(file))
    assert idpool.run("sandbox", "seed", "seeds.yaml", "state.json").code == 0
    assert idpool.run("apply", "--yes", "--sandbox", "state.json").code == 0
    with (
        SandboxServer(SandboxSettings(file=tmp_path / "state.json")) as server,
        ExitStack() as stack,
    ):
        guarded = Guarded(idpool, server, stack)
        guarded.grant("simulate", "simulate")
        guarded.grant("test", "test")
        guarded.run("simulate", "simulate", "--provider", FACEBOOK, "--live")
        guarded.run("test", "test", "--live")
    for name, guard in guarded.guards.items():
        unused = (_pairs(guard.role) | _pairs(guard.caller)) - guard.used
        # Whether a parameter is encrypted with a key of its own, only AWS knows.
        assert unused <= {("DecryptParameters", "kms:Decrypt")}, name
    assert ("ReadParameters", "ssm:GetParameters") in guarded.guards["test"].used
    assert ("ReadParameters", "ssm:GetParameters") not in _pairs(guarded.guards["simulate"].role)


def _listed(wanted: Callable[[Use], bool]) -> set[tuple[str, str]]:
    return {
        (call.service, call.operation)
        for call in CALLS
        if (not call.permissions and wanted(Use.READ) and call.operation != "CreateBucket")
        or any(wanted(each.use) for each in call.permissions)
    }


def _with_user_pool(client_of: ClientOf) -> str:
    """The id of a pool that trusts a client of a user pool."""
    provider = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb"
    made = client_of().create_identity_pool(
        IdentityPoolName="users",
        AllowUnauthenticatedIdentities=False,
        CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": "a"}],
    )
    return str(made["IdentityPoolId"])


def _only(client: Any, name: str) -> str:
    pools = client.list_identity_pools(MaxResults=60)["IdentityPools"]
    (pool_id,) = (p["IdentityPoolId"] for p in pools if p["IdentityPoolName"] == name)
    return pool_id


def _pairs(policy: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (statement["Sid"], action)
        for statement in policy["Statement"]
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }


def test_a_call_that_no_policy_allows_is_not_sent(sandbox: SandboxServer) -> None:
    """Whoever adds a call has to add it to the table of permissions first."""
    with FaultProxy(sandbox.url) as proxy, Driver(proxy.url) as driver:
        with pytest.raises(UnlistedCall, match="cognito-identity DescribeIdentity"):
            driver.connection.cognito.read("DescribeIdentity", IdentityId="eu-west-1:1")
        assert "DescribeIdentity" not in proxy.counts()


def test_the_code_names_the_operations_of_the_table_and_no_others() -> None:
    """Operations are called by their API names: as texts, or as methods of a client."""
    named = {name for path in _sources() for name in _named(ast.parse(path.read_text("utf-8")))}
    assert named == {call.operation for call in CALLS} | NAMED_ONLY.keys()


def test_no_client_is_made_or_called_past_the_table() -> None:
    """Two places make clients; one calls whatever it is told, after a look at the table."""
    made = {p.name for p in _sources() if "create_client(" in p.read_text("utf-8")}
    assert made == {"aws.py", "notify.py"}
    told = {p.name for p in _sources() if "xform_name(operation)" in p.read_text("utf-8")}
    assert told == {"calls.py"}


def _sources() -> list[Path]:
    folders = (ROOMS / "live", ROOMS / "executor")
    return [*(p for folder in folders for p in folder.glob("*.py")), ROOMS / "model/changes.py"]


def _named(tree: ast.Module) -> Iterator[str]:
    operations = _operations()
    methods = {xform_name(name): name for name in operations}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in operations:
            yield str(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of_client = ast.unparse(node.func.value).endswith("client")
            if of_client and node.func.attr in methods:
                yield methods[node.func.attr]


def _operations() -> set[str]:
    """Every operation of every service that idpool has a client of."""
    names: set[str] = set()
    for service in {call.service for call in CALLS}:
        (model,) = (Path(botocore.__file__).parent / "data" / service).glob("*/service-2.json.gz")
        names |= json.loads(gzip.decompress(model.read_bytes()))["operations"].keys()
    return names


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.operation)
def test_actions_exist_and_take_a_resource_where_the_table_says_so(call: Any) -> None:
    """Against the Service Authorization Reference, as cfn-lint has it."""
    reference = json.loads((files("cfnlint.data.AdditionalSpecs") / "Policies.json").read_bytes())
    for permission in call.permissions:
        service, _, action = permission.action.partition(":")
        known = reference[service]["Actions"]
        assert action.lower() in known, permission
        takes_one = bool(known[action.lower()].get("Resources"))
        assert takes_one == (permission.scope is not Scope.EVERYTHING), permission


def test_only_who_asks_whether_it_is_itself_needs_no_permission() -> None:
    """GetCallerIdentity is answered to everybody; the sandbox's bucket is no AWS's."""
    assert {call.operation for call in CALLS if not call.permissions} == {
        "GetCallerIdentity",
        "CreateBucket",
    }
    assert not any(need.use is Use.SANDBOX for call in CALLS for need in call.permissions)
    with pytest.raises(UnlistedCall):
        call_of("s3", "DeleteBucket")
