"""The fault proxy, as a real boto3 client sees it, and what it says of it afterwards."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from reconciler.sandbox.server import SandboxServer
from tests.faults.faults import ANY, READS, STS, WRITES, Fault, FaultKind, LoggedRequest
from tests.faults.proxy import FaultProxy
from tests.support import buckets

POOL = {"IdentityPoolName": "shop", "AllowUnauthenticatedIdentities": False}
CREATE = "CreateIdentityPool"
LIST = "ListIdentityPools"

PATIENT = 20.0
IMPATIENT = 0.3

Connect = Callable[..., Any]

# What boto3 raises: its exception, and code and HTTP status where AWS's answer arrived.
ANSWERED = {
    FaultKind.TOO_MANY_REQUESTS: ("TooManyRequestsException", 400),
    FaultKind.THROTTLING: ("ThrottlingException", 400),
    FaultKind.INTERNAL_500: ("InternalErrorException", 500),
    FaultKind.INTERNAL_400: ("InternalErrorException", 400),
    FaultKind.CONCURRENT_MODIFICATION: ("ConcurrentModificationException", 400),
    FaultKind.LIMIT_EXCEEDED: ("LimitExceededException", 400),
    FaultKind.NOT_AUTHORIZED: ("NotAuthorizedException", 400),
    FaultKind.ACCESS_DENIED: ("AccessDeniedException", 400),
    FaultKind.EXPIRED_TOKEN: ("ExpiredTokenException", 400),
    FaultKind.INTERNAL_AFTER: ("InternalErrorException", 500),
}
UNANSWERED: dict[FaultKind, type[BotoCoreError]] = {
    FaultKind.HANG: ReadTimeoutError,
    FaultKind.HANG_AFTER: ReadTimeoutError,
    FaultKind.RESET_BEFORE: ConnectionClosedError,
    FaultKind.RESET_AFTER: ConnectionClosedError,
}
# boto3 raises nothing.
PASSED = {FaultKind.DELAY, FaultKind.CUT}
# What boto3 would wait for, however long it takes.
DRIPPING = {FaultKind.DRIP, FaultKind.DRIP_BODY}
COMMITTED = {
    FaultKind.INTERNAL_AFTER,
    FaultKind.DELAY,
    FaultKind.HANG_AFTER,
    FaultKind.RESET_AFTER,
    FaultKind.CUT,
}


@pytest.fixture(scope="module")
def aws() -> boto3.session.Session:
    """One session for all clients: it keeps botocore's service models."""
    return boto3.session.Session(
        aws_access_key_id="111122223333", aws_secret_access_key="secret", region_name="eu-west-1"
    )


@pytest.fixture
def connect(aws: boto3.session.Session) -> Iterator[Connect]:
    """Makes clients that send every request once."""
    with ExitStack() as open_clients:

        def make(url: str, service: str = "cognito-identity", timeout: float = PATIENT) -> Any:
            config = Config(
                retries={"total_max_attempts": 1},
                read_timeout=timeout,
                max_pool_connections=64,
            )
            client: Any = aws.client(
                service,  # type: ignore[call-overload]
                endpoint_url=url,
                config=config,
            )
            open_clients.callback(client.close)
            return client

        yield make


@pytest.fixture
def client(proxy: FaultProxy, connect: Connect) -> Any:
    """A patient client of the proxy."""
    return connect(proxy.url)


@pytest.fixture
def pools(sandbox: SandboxServer, connect: Connect) -> Callable[[], int]:
    """Counts the pools that there are, past the proxy."""
    direct = connect(sandbox.url)
    return lambda: len(direct.list_identity_pools(MaxResults=60)["IdentityPools"])


def requests(proxy: FaultProxy, operation: str = CREATE) -> list[LoggedRequest]:
    """What has come of one operation."""
    return [request for request in proxy.requests if request.operation == operation]


def outcomes(call: Callable[[], object], times: int) -> list[str]:
    """The error codes of so many calls; `-` where there was none."""
    codes = []
    for _ in range(times):
        try:
            call()
            codes.append("-")
        except ClientError as error:
            codes.append(error.response["Error"]["Code"])
    return codes


def plain(proxy: FaultProxy) -> HTTPConnection:
    """A connection without boto3."""
    parts = urlsplit(proxy.url)
    return HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENT)


def say(connection: HTTPConnection, operation: str, body: bytes) -> None:
    """Sends a request."""
    headers = {"X-Amz-Target": f"AWSCognitoIdentityService.{operation}"}
    connection.request("POST", "/", body, headers)


# Each kind of fault


def test_every_kind_is_tested() -> None:
    """A kind that is in none of the tables would be a kind that nobody has seen."""
    assert ANSWERED.keys() | UNANSWERED.keys() | PASSED | DRIPPING == set(FaultKind)


@pytest.mark.parametrize("kind", sorted(DRIPPING))
def test_an_answer_that_drips(kind: FaultKind, proxy: FaultProxy, pools: Callable[[], int]) -> None:
    """Byte by byte, the head at once where only the body drips; the server has done it all."""
    proxy.add(Fault(kind, CREATE, 1))
    body = json.dumps(POOL).encode()
    with socket.create_connection(("127.0.0.1", urlsplit(proxy.url).port), 60) as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.1\r\n"
            b"X-Amz-Target: AWSCognitoIdentityService.CreateIdentityPool\r\n"
            b"Authorization: AWS4-HMAC-SHA256 Credential=111122223333/20261127/eu-west-1/"
            b"cognito-identity/aws4_request, SignedHeaders=host, Signature=0\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        first, *others = (client.recv(4096) for _ in range(4))
    assert first.endswith(b"\r\n\r\n") if kind is FaultKind.DRIP_BODY else first == b"H"
    assert [len(each) for each in others] == [1, 1, 1]
    assert pools() == 1


@pytest.mark.parametrize(("kind", "expected"), ANSWERED.items())
def test_error_answers(
    kind: FaultKind,
    expected: tuple[str, int],
    proxy: FaultProxy,
    client: Any,
    pools: Callable[[], int],
) -> None:
    """boto3 raises AWS's code, as the class that the service's model has for it, if any."""
    proxy.add(Fault(kind, CREATE, 1, retry_after=7))
    with pytest.raises(ClientError) as caught:
        client.create_identity_pool(**POOL)
    answer = caught.value.response
    code = answer["Error"]["Code"]
    assert (code, answer["ResponseMetadata"]["HTTPStatusCode"]) == expected
    assert isinstance(caught.value, getattr(client.exceptions, code, ClientError))
    assert answer["Error"]["Message"]
    assert answer["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "7"
    proxy.settle()
    check_log(proxy, kind, answer["ResponseMetadata"]["RequestId"])
    assert pools() == (kind in COMMITTED)


@pytest.mark.parametrize(("kind", "expected"), UNANSWERED.items())
def test_no_answer(
    kind: FaultKind,
    expected: type[BotoCoreError],
    proxy: FaultProxy,
    connect: Connect,
    pools: Callable[[], int],
) -> None:
    """boto3 raises the same, whether the server carried the request out or not."""
    impatient = connect(proxy.url, timeout=IMPATIENT if "hang" in kind else PATIENT)
    proxy.add(Fault(kind, CREATE, 1))
    with pytest.raises(expected):
        impatient.create_identity_pool(**POOL)
    proxy.settle()
    check_log(proxy, kind, None)
    assert pools() == (kind in COMMITTED)


def test_delay_within_the_timeout(proxy: FaultProxy, client: Any, pools: Callable[[], int]) -> None:
    """A delayed request is an ordinary one that takes longer."""
    proxy.add(Fault(FaultKind.DELAY, CREATE, 1, seconds=0.2))
    began = time.monotonic()
    answer = client.create_identity_pool(**POOL)
    assert time.monotonic() - began >= 0.2
    check_log(proxy, FaultKind.DELAY, answer["ResponseMetadata"]["RequestId"])
    assert pools() == 1


def test_delay_past_the_timeout(
    proxy: FaultProxy, connect: Connect, pools: Callable[[], int]
) -> None:
    """The client has given up, there is no pool, and then there is: the late arrival."""
    impatient = connect(proxy.url, timeout=IMPATIENT)
    proxy.add(Fault(FaultKind.DELAY, CREATE, 1, seconds=3 * IMPATIENT))
    with pytest.raises(ReadTimeoutError):
        impatient.create_identity_pool(**POOL)
    assert (pools(), requests(proxy)[0].committed) == (0, False)
    proxy.settle()
    assert (pools(), requests(proxy)[0].committed) == (1, True)


def test_cut_json_passes_for_an_empty_answer(
    proxy: FaultProxy, client: Any, pools: Callable[[], int]
) -> None:
    """boto3 raises nothing: it takes JSON that it cannot parse for an answer without members.

    botocore reads with enforce_content_length=False, and its JSON parser keeps a body that is
    no JSON as a message. So the content-length header is all that tells.
    """
    proxy.add(Fault(FaultKind.CUT))
    answer = client.create_identity_pool(**POOL)
    assert set(answer) == {"ResponseMetadata"}
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    check_log(proxy, FaultKind.CUT, answer["ResponseMetadata"]["RequestId"])
    assert "IdentityPools" not in client.list_identity_pools(MaxResults=60)
    assert pools() == 1


def test_cut_xml_does_not_pass(proxy: FaultProxy, connect: Connect) -> None:
    """Of STS, half an answer is an error."""
    proxy.add(Fault(FaultKind.CUT, STS))
    with pytest.raises(ResponseParserError):
        connect(proxy.url, "sts").get_caller_identity()


def check_log(proxy: FaultProxy, kind: FaultKind, request_id: str | None) -> None:
    """The one CreateIdentityPool is logged as what it was; None: any request id."""
    [entry] = requests(proxy)
    assert (entry.number, entry.body) == (1, POOL)
    assert entry.fault is not None
    assert entry.fault.kind is kind
    assert entry.committed is (kind in COMMITTED)
    assert entry.upstream_status == (200 if kind in COMMITTED else None)
    assert request_id in (None, entry.request_id)
    assert 0 <= time.monotonic() - entry.time < 60
    assert proxy.unmet() == []


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        (FaultKind.TOO_MANY_REQUESTS, "Throttling", 400),
        (FaultKind.INTERNAL_500, "InternalFailure", 500),
        (FaultKind.ACCESS_DENIED, "AccessDenied", 403),
        (FaultKind.EXPIRED_TOKEN, "ExpiredToken", 403),
    ],
)
def test_sts(kind: FaultKind, code: str, status: int, proxy: FaultProxy, connect: Connect) -> None:
    """STS has its own names for the errors, and writes them in XML."""
    sts = connect(proxy.url, "sts")
    proxy.add(Fault(kind, "GetCallerIdentity", 1))
    with pytest.raises(ClientError) as caught:
        sts.get_caller_identity()
    answer = caught.value.response
    assert answer["Error"]["Code"] == code
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert sts.get_caller_identity()["Account"] == "111122223333"
    first, second = proxy.requests
    assert first.request_id == answer["ResponseMetadata"]["RequestId"]
    assert (first.operation, first.number, first.committed) == ("GetCallerIdentity", 1, False)
    assert (second.number, second.committed, second.fault) == (2, True, None)
    assert second.body is not None
    assert second.body["Action"] == "GetCallerIdentity"


def test_reset_is_a_reset_and_cut_is_not(proxy: FaultProxy) -> None:
    """RST breaks a read off; after half an answer the connection ends in good order."""
    proxy.add(Fault(FaultKind.RESET_BEFORE, LIST, 1))
    proxy.add(Fault(FaultKind.CUT, LIST, 2))
    connection = plain(proxy)
    say(connection, LIST, b'{"MaxResults": 1}')
    with pytest.raises(ConnectionResetError):
        connection.sock.recv(1)
    connection.close()
    say(connection, LIST, b'{"MaxResults": 1}')
    received = b"".join(iter(lambda: connection.sock.recv(4096), b""))
    whole = b'{"IdentityPools": []}'
    assert received.endswith(b"\r\n\r\n" + whole[: len(whole) // 2])
    assert f"content-length: {len(whole)}".encode() in received.lower()
    connection.close()


# Which requests


def test_the_nth_request_of_an_operation(proxy: FaultProxy, client: Any) -> None:
    """Requests that fail count as the others do; those of other operations do not."""
    proxy.add(Fault(FaultKind.THROTTLING, CREATE, 1))
    proxy.add(Fault(FaultKind.LIMIT_EXCEEDED, CREATE, 3))
    client.list_identity_pools(MaxResults=1)
    codes = outcomes(lambda: client.create_identity_pool(**POOL), 4)
    assert codes == ["ThrottlingException", "-", "LimitExceededException", "-"]
    assert proxy.counts() == {LIST: 1, CREATE: 4}
    assert [request.number for request in requests(proxy)] == [1, 2, 3, 4]


def test_classes_and_all(proxy: FaultProxy, client: Any, connect: Connect) -> None:
    """A class counts the requests of all its operations together, and so does ANY."""
    proxy.add(Fault(FaultKind.THROTTLING, WRITES, 2))
    proxy.add(Fault(FaultKind.LIMIT_EXCEEDED, READS, 1))
    proxy.add(Fault(FaultKind.EXPIRED_TOKEN, ANY, 5))
    sts = connect(proxy.url, "sts")
    made: dict[str, Any] = {}

    def create() -> None:
        made.update(client.create_identity_pool(**POOL))

    def delete() -> None:
        client.delete_identity_pool(IdentityPoolId=made["IdentityPoolId"])

    codes = [
        *outcomes(sts.get_caller_identity, 1),
        *outcomes(create, 1),
        *outcomes(delete, 1),
        *outcomes(lambda: client.list_identity_pools(MaxResults=1), 1),
        *outcomes(delete, 2),
    ]
    assert codes == [
        *("-", "-", "ThrottlingException", "LimitExceededException", "ExpiredTokenException", "-")
    ]


def test_every_request_until_cleared(proxy: FaultProxy, client: Any) -> None:
    """Of several faults the first added happens; `clear` ends faults, `reset` the log, too."""
    every = Fault(FaultKind.CONCURRENT_MODIFICATION, CREATE)
    never = Fault(FaultKind.THROTTLING, CREATE, 2)
    proxy.add(every)
    proxy.add(never)
    codes = outcomes(lambda: client.create_identity_pool(**POOL), 3)
    assert codes == ["ConcurrentModificationException"] * 3
    assert proxy.unmet() == [never]
    proxy.clear()
    client.create_identity_pool(**POOL)
    assert (proxy.unmet(), proxy.counts()) == ([], {CREATE: 4})
    proxy.settle()
    proxy.reset()
    assert (proxy.requests, proxy.counts()) == ([], {})
    proxy.add(Fault(FaultKind.THROTTLING, CREATE, 1))
    assert outcomes(lambda: client.create_identity_pool(**POOL), 1) == ["ThrottlingException"]


def test_occurrences_begin_at_one() -> None:
    """A fault that could never happen is a mistake."""
    with pytest.raises(ValueError, match="from 1"):
        Fault(FaultKind.CUT, CREATE, 0)


# Hooks, rate, latency


def test_hooks_see_before_and_after(
    proxy: FaultProxy, client: Any, pools: Callable[[], int]
) -> None:
    """`before` runs before the server has the request, `after` when it has done it."""
    seen: list[tuple[str, str, int, int]] = []

    def before(operation: str, number: int) -> None:
        seen.append(("before", operation, number, pools()))

    def after(operation: str, number: int) -> None:
        seen.append(("after", operation, number, pools()))

    proxy.before, proxy.after = before, after
    client.create_identity_pool(**POOL)
    client.create_identity_pool(**POOL)
    assert seen == [
        ("before", CREATE, 1, 0),
        ("after", CREATE, 1, 1),
        ("before", CREATE, 2, 1),
        ("after", CREATE, 2, 2),
    ]


def test_before_may_choose_the_fault(proxy: FaultProxy, client: Any) -> None:
    """What `before` returns goes before the faults that are set."""
    proxy.add(Fault(FaultKind.THROTTLING, CREATE))
    chosen = Fault(FaultKind.NOT_AUTHORIZED)
    proxy.before = lambda _, number: chosen if number == 2 else None
    codes = outcomes(lambda: client.create_identity_pool(**POOL), 3)
    assert codes == ["ThrottlingException", "NotAuthorizedException", "ThrottlingException"]
    assert requests(proxy)[1].fault is chosen


def test_what_a_hook_raises_comes_out(sandbox: SandboxServer, connect: Connect) -> None:
    """An assertion in a hook fails the test, though it runs in another thread."""

    def before(operation: str, number: int) -> None:
        raise AssertionError(f"{operation} {number}")

    def call() -> None:
        with FaultProxy(sandbox.url, before=before) as proxy, suppress(ConnectionClosedError):
            connect(proxy.url).list_identity_pools(MaxResults=1)

    with pytest.raises(AssertionError, match="ListIdentityPools 1"):
        call()


def test_rate(proxy: FaultProxy, client: Any) -> None:
    """What comes faster than the rate is throttled, and that is in the log."""
    proxy.rate = 0.05
    codes = outcomes(lambda: client.list_identity_pools(MaxResults=1), 3)
    assert codes == ["-", "TooManyRequestsException", "TooManyRequestsException"]
    kinds = [request.fault and request.fault.kind for request in proxy.requests]
    assert kinds == [None, FaultKind.TOO_MANY_REQUESTS, FaultKind.TOO_MANY_REQUESTS]
    proxy.rate = None
    assert outcomes(lambda: client.list_identity_pools(MaxResults=1), 1) == ["-"]


def test_latency(proxy: FaultProxy, client: Any) -> None:
    """Every answer takes that much longer."""
    proxy.latency = 0.2
    began = time.monotonic()
    client.list_identity_pools(MaxResults=1)
    assert time.monotonic() - began >= 0.2


# Connections


def test_many_requests_at_once(proxy: FaultProxy, client: Any) -> None:
    """64 requests are under way together: none gets through before all are there."""
    together = threading.Barrier(64, timeout=PATIENT)

    def before(_operation: str, _number: int) -> None:
        together.wait()

    proxy.before = before
    with ThreadPoolExecutor(64) as threads:
        calls = [threads.submit(client.create_identity_pool, **POOL) for _ in range(64)]
        ids = {call.result()["IdentityPoolId"] for call in calls}
    assert (len(ids), proxy.counts()) == (64, {CREATE: 64})
    assert sorted(request.number for request in proxy.requests) == list(range(1, 65))
    assert all(request.committed for request in proxy.requests)


@pytest.mark.parametrize("kind", [FaultKind.HANG, FaultKind.HANG_AFTER])
def test_stop_ends_what_hangs(
    kind: FaultKind, sandbox: SandboxServer, connect: Connect, pools: Callable[[], int]
) -> None:
    """A client that waits for an answer hears at once that the proxy is gone."""
    began = time.monotonic()
    committed = threading.Event()
    with ThreadPoolExecutor(1) as thread:
        with FaultProxy(
            sandbox.url, [Fault(kind, CREATE)], after=lambda *_: committed.set()
        ) as proxy:
            client = connect(proxy.url)
            call = thread.submit(client.create_identity_pool, **POOL)
            proxy.wait_arrived(CREATE)
            assert kind is FaultKind.HANG or committed.wait(PATIENT)
        assert isinstance(call.exception(PATIENT), ConnectionClosedError)
    assert time.monotonic() - began < PATIENT / 2
    assert proxy.requests[0].committed is (kind in COMMITTED)
    assert pools() == (kind in COMMITTED)
    with pytest.raises(RuntimeError):
        _ = proxy.url


def test_waiting_has_an_end(proxy: FaultProxy) -> None:
    """A request that does not come, or does not end, is a TimeoutError."""
    with pytest.raises(TimeoutError):
        proxy.wait_arrived(CREATE, timeout=0.01)
    proxy.add(Fault(FaultKind.HANG, CREATE))
    connection = plain(proxy)
    say(connection, CREATE, b"{}")
    proxy.wait_arrived(CREATE)
    with pytest.raises(TimeoutError):
        proxy.settle(timeout=0.01)
    connection.close()
    proxy.settle()


PROGRAM = f"""
import boto3, botocore.config
config = botocore.config.Config(retries={{"total_max_attempts": 1}})
boto3.client("cognito-identity", config=config).create_identity_pool(**{POOL!r})
"""


@pytest.mark.parametrize("moment", ["before, and lost", "before, and on its way", "after"])
def test_client_killed(moment: str, proxy: FaultProxy, pools: Callable[[], int]) -> None:
    """The process dies by SIGKILL at the boundary; the server has the request or has not."""
    started = threading.Event()
    program: subprocess.Popen[bytes]

    def kill(_operation: str, _number: int) -> Fault | None:
        started.wait(PATIENT)
        program.kill()
        program.wait()
        return Fault(FaultKind.RESET_BEFORE) if "lost" in moment else None

    if moment == "after":
        proxy.after = kill
    else:
        proxy.before = kill
    keys = {"AWS_ACCESS_KEY_ID": "111122223333", "AWS_SECRET_ACCESS_KEY": "secret"}
    place = {"AWS_ENDPOINT_URL": proxy.url, "AWS_DEFAULT_REGION": "eu-west-1"}
    program = subprocess.Popen([sys.executable, "-c", PROGRAM], env={**os.environ, **keys, **place})
    started.set()
    assert program.wait(PATIENT) == -signal.SIGKILL
    proxy.settle()
    committed = "lost" not in moment
    assert [request.committed for request in proxy.requests] == [committed]
    assert pools() == committed


def test_client_that_dies_within_a_request(proxy: FaultProxy, client: Any) -> None:
    """What has not come whole has not come; the proxy serves the next one."""
    for part in (b"PO", b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n{"):
        with socket.create_connection(("127.0.0.1", urlsplit(proxy.url).port or 0)) as broken:
            broken.sendall(part)
    client.list_identity_pools(MaxResults=1)
    assert proxy.counts() == {LIST: 1}


def test_connection_stays_open(proxy: FaultProxy) -> None:
    """One connection takes request after request, error answers included."""
    proxy.add(Fault(FaultKind.THROTTLING, LIST, 2))
    connection = plain(proxy)
    connection.connect()
    ours = connection.sock.getsockname()
    for status in (200, 400, 200):
        say(connection, LIST, b'{"MaxResults": 1}')
        response = connection.getresponse()
        response.read()
        assert response.status == status
        assert connection.sock.getsockname() == ours
    connection.close()


def test_other_services_pass(proxy: FaultProxy, connect: Connect) -> None:
    """S3, with its `Expect: 100-continue`, HEAD and 304, passes; its requests can fail, too."""
    s3 = connect(proxy.url, "s3")
    where = {"Bucket": "locks", "Key": "prod/eu"}
    with buckets.bucket(s3, "locks"):
        tag = s3.put_object(**where, Body=b"held", IfNoneMatch="*")["ETag"]
        proxy.add(Fault(FaultKind.ACCESS_DENIED, "PUT /locks/prod/eu", 3))
        codes = outcomes(lambda: s3.put_object(**where, Body=b"mine", IfNoneMatch="*"), 2)
        assert codes == ["PreconditionFailed", "AccessDenied"]
        assert s3.head_object(**where)["ContentLength"] == 4
        assert outcomes(lambda: s3.get_object(**where, IfNoneMatch=tag), 1) == ["304"]
        assert s3.get_object(**where)["Body"].read() == b"held"
    assert proxy.counts()["DELETE /locks/prod/eu"] == 1


class Odd(BaseHTTPRequestHandler):
    """A server that answers in chunks, or for `/gone` takes the request and goes."""

    protocol_version = "HTTP/1.1"
    clients: list[tuple[str, int]]
    bodies: list[bytes]

    def do_POST(self) -> None:
        self.clients.append(self.client_address)
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/gone":
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: 1\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def odd() -> Iterator[str]:
    """The address of a server of `Odd`."""
    Odd.clients, Odd.bodies = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Odd) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_chunks_pass_and_the_server_connection_is_kept(odd: str) -> None:
    """Chunks become a length, both ways; one client needs one connection to the server."""
    with FaultProxy(odd) as proxy:
        for _ in range(3):
            connection = plain(proxy)
            connection.request("POST", "/", iter([b"a" * 70_000, b"b"]), encode_chunked=True)
            assert connection.getresponse().read() == b"hello"
            connection.close()
            proxy.settle()
    assert Odd.bodies == [b"a" * 70_000 + b"b"] * 3
    assert len(set(Odd.clients)) == 1


def test_server_that_goes(odd: str) -> None:
    """The server took the request and did not answer: 502, sent once, and nobody knows."""
    with FaultProxy(odd) as proxy:
        connection = plain(proxy)
        connection.request("POST", "/gone", b"x")
        assert connection.getresponse().status == 502
        connection.close()
    assert [request.committed for request in proxy.requests] == [None]
    assert Odd.bodies == [b"x"]


def test_no_server(sandbox: SandboxServer, proxy: FaultProxy, client: Any) -> None:
    """No server: 502, and the log says that nothing was committed."""
    client.list_identity_pools(MaxResults=1)
    sandbox.stop()
    assert outcomes(lambda: client.create_identity_pool(**POOL), 1) == ["502"]
    assert requests(proxy)[0].committed is False
