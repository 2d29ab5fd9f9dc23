"""The server: loopback only, quick, many connections, several at once."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import EndpointConnectionError

from reconciler.sandbox.errors import SandboxHostError, SandboxPortError, SandboxRateError
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.sandbox.conftest import Connect, Serve
from tests.sandbox.support import FULL, REQUIRED


def run(program: str) -> str:
    """What a program of its own process prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_connection_stays_open(sandbox: Any) -> None:
    """One connection takes request after request, errors and empty bodies included."""
    parts = urlsplit(sandbox.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    connection.connect()
    ours = connection.sock.getsockname()
    for operation, body, status in [
        ("ListIdentityPools", b'{"MaxResults": 1}', 200),
        ("ListIdentityPools", b"", 400),
        ("CreateIdentityPool", b"{" * 100_000, 400),
        ("ListIdentityPools", b'{"MaxResults": 1}', 200),
    ]:
        headers = {"X-Amz-Target": f"AWSCognitoIdentityService.{operation}"}
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        response.read()
        assert (response.status, response.version) == (status, 11)
        assert connection.sock.getsockname() == ours
    connection.close()


def test_content_type_of_curl(sandbox: Any) -> None:
    """A JSON body that calls itself a form, as curl has it, is read as JSON."""
    parts = urlsplit(sandbox.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    headers = {
        "X-Amz-Target": "AWSCognitoIdentityService.ListIdentityPools",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", "/", b'{"MaxResults": 1}', headers)
    assert connection.getresponse().read() == b'{"IdentityPools": []}'
    connection.close()


def test_chunked_body(sandbox: Any) -> None:
    """A body that comes in chunks is read to its end, and the connection stays open."""
    parts = urlsplit(sandbox.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    headers = {"X-Amz-Target": "AWSCognitoIdentityService.ListIdentityPools"}
    for _ in range(2):
        chunks = [b'{"Max', b'Results"', b": 1}"]
        connection.request("POST", "/", iter(chunks), headers, encode_chunked=True)
        response = connection.getresponse()
        assert (response.status, response.headers["Connection"]) == (200, None)
        assert response.read() == b'{"IdentityPools": []}'
    connection.close()


def test_body_without_end_is_refused(sandbox: Any) -> None:
    """A body larger than the bound is HTTP 413, and the connection is closed."""
    parts = urlsplit(sandbox.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", str(10**15))
    connection.endheaders()
    response = connection.getresponse()
    assert (response.status, response.headers["Connection"]) == (413, "close")
    connection.close()


def test_64_connections_at_once(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    """64 threads that create pools in one file all succeed, and every pool is there."""
    client = connect(serve(file=tmp_path / "state.json"))

    def create(number: int) -> str:
        made = client.create_identity_pool(**{**FULL, "IdentityPoolName": f"pool {number}"})
        return str(made["IdentityPoolId"])

    with ThreadPoolExecutor(64) as threads:
        made = set(threads.map(create, range(128)))
    pages = client.get_paginator("list_identity_pools").paginate(MaxResults=60)
    assert {p["IdentityPoolId"] for page in pages for p in page["IdentityPools"]} == made
    assert len(made) == 128


def test_servers_of_one_process_are_apart(serve: Serve, connect: Connect) -> None:
    """Servers with different settings run side by side, each with its own pools and rules."""
    servers = {semantics: serve(update_semantics=semantics) for semantics in ("aws", "reset")}
    tags = {}
    for semantics, server in servers.items():
        client = connect(server)
        pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
        updated = client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED)
        assert len(client.list_identity_pools(MaxResults=60)["IdentityPools"]) == 1
        tags[semantics] = updated["IdentityPoolTags"]
    assert tags == {"reset": {}, "aws": FULL["IdentityPoolTags"]}


def test_stop_closes_port_and_connections(serve: Serve, connect: Connect) -> None:
    """A stopped server answers no more, on an open connection either; stopping twice is fine."""
    server = serve()
    client = connect(server)
    client.list_identity_pools(MaxResults=1)
    server.stop()
    server.stop()
    with pytest.raises(EndpointConnectionError):
        client.list_identity_pools(MaxResults=1)
    with pytest.raises(RuntimeError):
        _ = server.url


def test_a_server_can_be_started_again(connect: Connect) -> None:
    """Starting twice is one server; after a stop it starts anew."""
    server = SandboxServer(SandboxSettings(file=None))
    server.start()
    url = server.url
    server.start()
    assert server.url == url
    server.stop()
    with server:
        assert connect(server).list_identity_pools(MaxResults=1)["IdentityPools"] == []


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com", ""])
def test_loopback_only(host: str) -> None:
    """Any address that other machines reach is refused."""
    with pytest.raises(SandboxHostError, match="loopback"):
        SandboxSettings(file=None, host=host)


def test_localhost_is_loopback(serve: Serve, connect: Connect) -> None:
    """The name localhost is served too."""
    server = serve(host="localhost")
    assert server.url.startswith("http://localhost:")
    assert connect(server).list_identity_pools(MaxResults=1)["IdentityPools"] == []


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_rate_above_zero(rate: float) -> None:
    """A rate of nothing is refused."""
    with pytest.raises(SandboxRateError, match="above zero"):
        SandboxSettings(file=None, rate=rate)


def test_port_that_is_taken(serve: Serve) -> None:
    """A port that is in use is SandboxPortError; the process goes on."""
    port = urlsplit(serve().url).port
    with pytest.raises(SandboxPortError, match=str(port)):
        serve(port=port)


def test_chosen_port(serve: Serve) -> None:
    """The server listens on the port it was given."""
    first = serve()
    port = urlsplit(first.url).port
    first.stop()
    assert urlsplit(serve(port=port).url).port == port


def test_serve_forever_ends_with_a_stop() -> None:
    """serve_forever runs until the server is stopped from another thread."""
    started = Event()

    class Announced(SandboxServer):
        def start(self) -> None:
            super().start()
            started.set()

    server = Announced(SandboxSettings(file=None))
    with ThreadPoolExecutor(1) as threads:
        serving = threads.submit(server.serve_forever)
        assert started.wait(timeout=20)
        server.stop()
        serving.result(timeout=20)


def test_import_is_cheap() -> None:
    """What other commands import of the sandbox brings none of the packages of the extra."""
    printed = run(
        "import sys, reconciler.flows.sandbox;"
        "print([m for m in ('moto', 'flask', 'werkzeug') if m in sys.modules])"
    )
    assert printed == "[]"


@pytest.mark.parametrize("module", ["moto", "flask"])
def test_missing_extra_says_what_to_install(module: str) -> None:
    """Without moto or flask a start is SandboxMissing, which says what to install."""
    printed = run(
        f"import sys; sys.modules[{module!r}] = None\n"
        "import warnings; warnings.simplefilter('ignore')\n"
        "from reconciler.flows.sandbox import SandboxMissing, SandboxSettings, sandbox_server\n"
        "try: sandbox_server(SandboxSettings(file=None))\n"
        "except SandboxMissing as error: print(error)"
    )
    assert f"'{module}'" in printed
    assert "pip install 'idpool[sandbox]'" in printed


@pytest.mark.parametrize(
    ("service", "body", "status"),
    [
        ("sts", "Action=GetDelegatedAccessToken&Version=2011-06-15", 501),
        ("dynamodb", "moto cannot take a request without X-Amz-Target", 500),
    ],
)
def test_what_moto_cannot_do_is_answered(
    sandbox: Any, service: str, body: str, status: int
) -> None:
    """What moto has not, or fails at, is an HTTP error on a connection that stays open."""
    parts = urlsplit(sandbox.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    scope = f"Credential=111122223333/20260101/eu-west-1/{service}/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    for _ in range(2):
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        response.read()
        assert (response.status, response.headers["Connection"]) == (status, None)
    connection.close()


def test_where_moto_itself_breaks_is_answered(sandbox: Any) -> None:
    """A body that moto's code does not expect: HTTP 500, and the next request is served."""
    parts = urlsplit(sandbox.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    scope = "Credential=111122223333/20260101/eu-west-1/dynamodb/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
        "X-Amz-Target": "DynamoDB_20120810.CreateTable",
    }
    for _ in range(2):
        connection.request("POST", "/", "[]", headers)
        response = connection.getresponse()
        response.read()
        assert (response.status, response.headers["Connection"]) == (500, None)
    connection.close()
