"""The cheapest client there is: what the latency server can do, and what its latency is outside.

Each connection sends the same bytes again as soon as its answer is there; nothing is parsed.
"""

import json
import selectors
import socket
import time
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.aws import Aws

_MOST = 65536
# What an SDK sends beside it: user agent, date, signature.
_AS_MUCH_AS_AN_SDK = "x" * 600


@dataclass(frozen=True)
class Seen:
    """Answers a second, and the median of how long one took, in milliseconds."""

    rate: float
    milliseconds: float


@dataclass
class _Asking:
    connection: socket.socket
    missing: int = 0
    sent_at: float = 0.0
    took: list[float] = field(default_factory=list)


def ask(aws: Aws, request: dict[str, Any], operation: str, workers: int, requests: int) -> Seen:
    """Make so many calls of one kind on so many connections, and see how they are answered."""
    message = _message(operation, request)
    length = _length(aws, message)
    asking = [_Asking(socket.create_connection(aws.address)) for _ in range(workers)]
    began = time.perf_counter()
    try:
        _ask_all(asking, message, length, requests)
    finally:
        for each in asking:
            each.connection.close()
    took = [seconds for each in asking for seconds in each.took]
    return Seen(len(took) / (time.perf_counter() - began), median(took) * 1000)


def _ask_all(asking: list[_Asking], message: bytes, length: int, requests: int) -> None:
    with selectors.DefaultSelector() as selector:
        for each in asking[:requests]:
            selector.register(each.connection, selectors.EVENT_READ, each)
            _send(each, message, length)
        sent, answered = min(requests, len(asking)), 0
        while answered < requests:
            for key, _ in selector.select():
                if not _is_answered(key.data):
                    continue
                answered += 1
                if sent < requests:
                    sent += 1
                    _send(key.data, message, length)


def _is_answered(each: _Asking) -> bool:
    received = len(each.connection.recv(_MOST))
    if not received:
        raise ConnectionError("the server has closed the connection")
    each.missing -= received
    if each.missing > 0:
        return False
    each.took.append(time.perf_counter() - each.sent_at)
    return True


def _send(each: _Asking, message: bytes, length: int) -> None:
    each.missing, each.sent_at = length, time.perf_counter()
    each.connection.sendall(message)


def _length(aws: Aws, message: bytes) -> int:
    """How long an answer is: that of the first, which is read to the end."""
    with socket.create_connection(aws.address) as connection, connection.makefile("rb") as answer:
        connection.sendall(message)
        head = b"".join(iter(answer.readline, b"\r\n")) + b"\r\n"
    return len(head) + int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])


def _message(operation: str, request: dict[str, Any]) -> bytes:
    body = json.dumps(request)
    return (
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"X-Amz-Target: AWSCognitoIdentityService.{operation}\r\n"
        "Content-Type: application/x-amz-json-1.1\r\n"
        f"Authorization: {_AS_MUCH_AS_AN_SDK}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
