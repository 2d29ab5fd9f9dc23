"""The state file: kept between servers, shared between processes, never trusted."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox.errors import SandboxResetError, SandboxStateError
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from reconciler.sandbox.store import MAX_BYTES, reset
from tests.sandbox.conftest import Connect, Serve
from tests.sandbox.support import FULL, REQUIRED, ROLE, content, refused, sent

# Says when it is ready, waits for the word, and then creates pools as fast as it can.
WORKER = """
import sys, boto3
from pathlib import Path
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings

with SandboxServer(SandboxSettings(file=Path(sys.argv[1]))) as server:
    client = boto3.client("cognito-identity", endpoint_url=server.url, region_name="eu-west-1",
                          aws_access_key_id="111122223333", aws_secret_access_key="secret")
    client.list_identity_pools(MaxResults=1)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(100):
        client.create_identity_pool(
            IdentityPoolName=f"{sys.argv[2]} {number}", AllowUnauthenticatedIdentities=False)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the state is to be; neither it nor its folder is there yet."""
    return tmp_path / ".idpool" / "sandbox.json"


def everything(client: Any, pool_id: str) -> list[dict[str, Any]]:
    """All that can be read of a pool."""
    provider = {"IdentityPoolId": pool_id, "IdentityProviderName": "graph.facebook.com"}
    return [
        sent(client.describe_identity_pool(IdentityPoolId=pool_id)),
        content(client.get_identity_pool_roles(IdentityPoolId=pool_id)),
        content(client.get_principal_tag_attribute_map(**provider)),
        content(client.list_identities(IdentityPoolId=pool_id, MaxResults=60)),
    ]


def test_state_outlives_the_server(serve: Serve, connect: Connect, file: Path) -> None:
    """Pools, roles, principal tags, tags and identities are there for the next server."""
    client = connect(serve(file=file))
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    provider = {"IdentityPoolId": pool_id, "IdentityProviderName": "graph.facebook.com"}
    mappings = {"graph.facebook.com": {"Type": "Token", "AmbiguousRoleResolution": "Deny"}}
    roles = {"authenticated": ROLE}
    client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles, RoleMappings=mappings)
    client.set_principal_tag_attribute_map(**provider, PrincipalTags={"a": "b"})
    client.get_id(IdentityPoolId=pool_id)
    logins = {"graph.facebook.com": "a token"}
    user = client.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    before = everything(client, pool_id)
    after = connect(serve(file=file))
    assert everything(after, pool_id) == before
    assert after.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"] == user
    assert "a token" not in file.read_text()


def test_state_from_before_there_were_logins(serve: Serve, connect: Connect, file: Path) -> None:
    """A state whose pools have no links is read, and gets them."""
    pool_id = connect(serve(file=file)).create_identity_pool(**FULL)["IdentityPoolId"]
    state = json.loads(file.read_text())
    del state["pools"][0]["links"]
    file.write_text(json.dumps(state))
    connect(serve(file=file)).get_id(IdentityPoolId=pool_id, Logins={"graph.facebook.com": "a"})
    assert list(json.loads(file.read_text())["pools"][0]["links"]) == ["graph.facebook.com"]


def test_memory_is_gone_with_the_server(serve: Serve, connect: Connect) -> None:
    """Without a file, another server knows nothing of the first one's pools."""
    connect(serve()).create_identity_pool(**REQUIRED)
    assert connect(serve()).list_identity_pools(MaxResults=60)["IdentityPools"] == []


def test_two_servers_see_each_other(serve: Serve, connect: Connect, file: Path) -> None:
    """What one server writes, another on the same file answers at once, and the other way."""
    one, two = connect(serve(file=file)), connect(serve(file=file))
    pool_id = one.create_identity_pool(**REQUIRED)["IdentityPoolId"]
    two.update_identity_pool(IdentityPoolId=pool_id, **{**REQUIRED, "IdentityPoolName": "two"})
    assert one.describe_identity_pool(IdentityPoolId=pool_id)["IdentityPoolName"] == "two"
    one.delete_identity_pool(IdentityPoolId=pool_id)
    with refused("ResourceNotFoundException"):
        two.describe_identity_pool(IdentityPoolId=pool_id)


def test_two_processes_lose_nothing(serve: Serve, connect: Connect, file: Path) -> None:
    """Two processes that create pools in one file at the same time end with all of them."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(file), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for name in ("one", "two")
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write(b"go\n")
        worker.stdin.flush()
    for worker in workers:
        worker.communicate(timeout=60)
    assert [worker.returncode for worker in workers] == [0, 0]
    pages = connect(serve(file=file)).get_paginator("list_identity_pools").paginate(MaxResults=60)
    names = {pool["IdentityPoolName"] for page in pages for pool in page["IdentityPools"]}
    assert names == {f"{name} {number}" for name in ("one", "two") for number in range(100)}


def test_file_is_private(serve: Serve, connect: Connect, file: Path) -> None:
    """The file and its lock are for the owner alone, and nothing else is left beside them."""
    connect(serve(file=file)).create_identity_pool(**REQUIRED)
    assert {path.name: path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {
        "sandbox.json": 0o600,
        "sandbox.json.lock": 0o600,
    }


def test_reading_writes_nothing(serve: Serve, connect: Connect, file: Path) -> None:
    """Starting a server and reading from it make no state file."""
    connect(serve(file=file)).list_identity_pools(MaxResults=60)
    assert not file.exists()


def test_reset_forgets(serve: Serve, connect: Connect, file: Path) -> None:
    """A reset empties the sandbox, for a server that is running as well; twice is no error."""
    client = connect(serve(file=file))
    client.create_identity_pool(**REQUIRED)
    reset(file)
    reset(file)
    assert client.list_identity_pools(MaxResults=60)["IdentityPools"] == []
    client.create_identity_pool(**REQUIRED)
    assert len(client.list_identity_pools(MaxResults=60)["IdentityPools"]) == 1


def pool_entry(**changed: Any) -> dict[str, Any]:
    """A pool as the file has it, with some of it changed."""
    settings = {
        "IdentityPoolId": "eu-west-1:00000000-0000-4000-8000-000000000000",
        "IdentityPoolName": "shop",
        "AllowUnauthenticatedIdentities": False,
    }
    entry = {"account": "111122223333", "region": "eu-west-1", "settings": settings, "roles": {}}
    return {**entry, "principalTags": {}, "identities": {}, **changed}


def state(*entries: Any, version: Any = 1) -> bytes:
    """The text of a state file."""
    return json.dumps({"schemaVersion": version, "pools": entries}).encode()


BAD_STATES = {
    "not JSON": b"{]",
    "not UTF-8": b"\xff",
    "nesting is too large": b"[" * 200_000,
    "a number": b"1" * 10_000,
    "not a sandbox state file": b"[]",
    "schemaVersion is not 1": state(version=2),
    "'pools' is not a list": b'{"schemaVersion": 1, "pools": {}}',
    "pool 0: must have exactly": state({}),
    "pool 1: 'account' must be twelve digits": state(pool_entry(), pool_entry(account="1")),
    "two pools have the same id": state(pool_entry(), pool_entry()),
    "must begin with the region": state(pool_entry(region="us-east-1")),
    "GetIdentityPoolRolesResponse does not know": state(pool_entry(roles={"Other": 1})),
    "'identityPoolName'": state(pool_entry(settings={})),
    "must be a structure": state(pool_entry(identities={"x": 1})),
    "is not an object": state(pool_entry(principalTags=[])),
}


@pytest.mark.parametrize(("reason", "data"), BAD_STATES.items(), ids=list(BAD_STATES))
def test_bad_state_is_said_at_the_start(file: Path, reason: str, data: bytes) -> None:
    """A file that is no state is SandboxStateError with the file and the reason, and is kept."""
    file.parent.mkdir()
    file.write_bytes(data)
    with pytest.raises(SandboxStateError) as caught, SandboxServer(SandboxSettings(file=file)):
        pass
    assert caught.value.file == file
    assert reason in caught.value.reason
    assert file.read_bytes() == data


def test_good_state_is_read(serve: Serve, connect: Connect, file: Path) -> None:
    """A state written by hand is served."""
    file.parent.mkdir()
    file.write_bytes(state(pool_entry()))
    assert len(connect(serve(file=file)).list_identity_pools(MaxResults=1)["IdentityPools"]) == 1


def test_state_of_before_the_facts_is_read(serve: Serve, connect: Connect, file: Path) -> None:
    """What an earlier sandbox took, and AWS refuses, is served; what it left out is answered."""
    theirs = "arn:aws:iam::444455556666:saml-provider/Okta"
    entry = pool_entry()
    entry["settings"] |= {
        "CognitoIdentityProviders": [{"ProviderName": "shop", "ClientId": "abc"}],
        "SamlProviderARNs": [theirs],
    }
    file.parent.mkdir()
    file.write_bytes(state(entry))
    pool_id = entry["settings"]["IdentityPoolId"]
    read = content(connect(serve(file=file)).describe_identity_pool(IdentityPoolId=pool_id))
    clients = [{"ProviderName": "shop", "ClientId": "abc", "ServerSideTokenCheck": False}]
    added = {"IdentityPoolTags": {}, "CognitoIdentityProviders": clients}
    assert read == {**entry["settings"], **added}


def test_bad_value_in_a_state_is_not_shown(file: Path) -> None:
    """The error names the member of a bad value and not the value, which may be a secret."""
    settings = {**pool_entry()["settings"], "SupportedLoginProviders": {"x": "key;hush hush"}}
    file.parent.mkdir()
    file.write_bytes(state(pool_entry(settings=settings)))
    with pytest.raises(SandboxStateError, match="Value at 'supportedLoginProviders'") as caught:
        SandboxServer(SandboxSettings(file=file)).start()
    assert "hush" not in str(caught.value)


def test_state_is_read_within_bounds(file: Path) -> None:
    """A file that is too large, or no regular file, is not read."""
    file.parent.mkdir()
    with file.open("wb") as sink:
        sink.truncate(MAX_BYTES + 1)
    for reason in ("larger than", "not a regular file"):
        with pytest.raises(SandboxStateError, match=reason):
            SandboxServer(SandboxSettings(file=file)).start()
        file.unlink()
        os.mkfifo(file)


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    """A state file that cannot be there is SandboxStateError, for a start and for a reset."""
    (tmp_path / "folder").write_text("")
    file = tmp_path / "folder" / "state.json"
    with pytest.raises(SandboxStateError, match="cannot be locked"):
        SandboxServer(SandboxSettings(file=file)).start()
    with pytest.raises(SandboxResetError, match="cannot be reset: Not a directory"):
        reset(file)


def test_state_that_is_no_file(tmp_path: Path) -> None:
    """A folder cannot be reset away, and a link to itself cannot be read."""
    folder, loop = tmp_path / "folder", tmp_path / "loop"
    folder.mkdir()
    loop.symlink_to(loop)
    with pytest.raises(SandboxResetError, match="cannot be reset: Is a directory"):
        reset(folder)
    with pytest.raises(SandboxStateError, match="cannot be read"):
        SandboxServer(SandboxSettings(file=loop)).start()


def test_state_gone_bad_is_an_internal_error(serve: Serve, connect: Connect, file: Path) -> None:
    """A file that goes bad under a server is HTTP 500 with the reason; put right, it is served."""
    client = connect(serve(file=file))
    client.create_identity_pool(**REQUIRED)
    good = file.read_bytes()
    file.write_bytes(b"{]")
    with refused("InternalErrorException", "not JSON", status=500):
        client.list_identity_pools(MaxResults=60)
    file.write_bytes(good)
    assert len(client.list_identity_pools(MaxResults=60)["IdentityPools"]) == 1


def test_write_that_fails_is_not_remembered(serve: Serve, connect: Connect, file: Path) -> None:
    """A pool that could not be written is neither answered as made nor there afterwards."""
    client = connect(serve(file=file))
    temporary = file.with_name(f"{file.name}.tmp")
    temporary.mkdir()
    with refused("InternalErrorException", "cannot be written", status=500):
        client.create_identity_pool(**REQUIRED)
    temporary.rmdir()
    assert client.list_identity_pools(MaxResults=60)["IdentityPools"] == []
