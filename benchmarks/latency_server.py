"""cognito-identity and STS on loopback, with a set latency, in a process of its own.

usage: python -m benchmarks.latency_server [--latency MILLISECONDS]

Prints its URL, and serves until its stdin ends.  HTTP/1.1 by hand on asyncio: a framework would
cost more than the client that is measured.  An answer waits in the event loop, not in a thread, so
that thousands can wait side by side.

Beside the AWS protocols: `POST /admin/ACTION` with JSON, without latency (see `_Admin`).
"""

import argparse
import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from benchmarks.identity_service import IdentityService, Refused

_JSON: Final = b"application/x-amz-json-1.1"
_XML: Final = b"text/xml"
_TARGET: Final = b"\r\nx-amz-target: awscognitoidentityservice."
_LENGTH: Final = b"\r\ncontent-length:"
_END: Final = b"\r\n\r\n"


class Server:
    """What all connections share.  ``latency`` is in seconds."""

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self.service = IdentityService()
        self._admin = _Admin(self)

    def respond(self, head: bytes, body: bytes) -> tuple[bytes, float]:
        """The whole answer to one request, and after how many seconds it is due.

        ``head`` is in lower case: names of headers have no case.
        """
        at = head.find(_TARGET)
        if at >= 0:
            start = at + len(_TARGET)
            return self._identity(head[start : head.find(b"\r\n", start)], body), self.latency
        if head.startswith(b"post /admin/"):
            return self._admin.respond(head.split(None, 2)[1], body), 0.0
        if b"Action=GetCallerIdentity" in body:
            return _http(200, _XML, self.service.caller_identity()), self.latency
        return _error("UnknownOperationException", "neither cognito-identity nor STS"), 0.0

    def _identity(self, operation: bytes, body: bytes) -> bytes:
        try:
            return _http(200, _JSON, self.service.answer(operation.strip(), body))
        except Refused as refused:
            return _error(*refused.args)


class _Admin:
    """What the bench says to the server: `latency`, `empty`, `pools`, `ids`, `take`."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._actions: Mapping[bytes, Callable[[Any], object]] = {
            b"/admin/latency": self._latency,
            b"/admin/empty": lambda _: server.service.empty(),
            b"/admin/pools": server.service.add,
            b"/admin/ids": lambda _: server.service.pool_ids,
            b"/admin/take": lambda _: self._take(),
        }

    def respond(self, path: bytes, body: bytes) -> bytes:
        action = self._actions.get(path)
        if action is None:
            return _error("UnknownOperationException", "no such action")
        return _http(200, _JSON, json.dumps(action(json.loads(body))).encode())

    def _latency(self, milliseconds: float) -> None:
        self._server.latency = milliseconds / 1000

    def _take(self) -> dict[str, object]:
        """The calls since the last time, and the CPU seconds of this process so far."""
        calls, self._server.service.calls = self._server.service.calls, {}
        return {"calls": calls, "cpu": time.process_time()}


class _Connection(asyncio.Protocol):
    """One kept-alive connection; requests are answered in their order."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._buffer = b""
        self._later = asyncio.get_running_loop().call_later

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (request := self._next_request()) is not None:
            answer, delay = self._server.respond(*request)
            if delay:
                self._later(delay, self._transport.write, answer)
            else:
                self._transport.write(answer)

    def _next_request(self) -> tuple[bytes, bytes] | None:
        buffer = self._buffer
        end = buffer.find(_END)
        if end < 0:
            return None
        head = buffer[: end + 2].lower()
        at, start = head.find(_LENGTH), end + len(_END)
        length = 0
        if at >= 0:
            length = int(head[at + len(_LENGTH) : head.find(b"\r\n", at + 2)])
        if len(buffer) < start + length:
            return None
        self._buffer = buffer[start + length :]
        return head, buffer[start : start + length]


def _http(status: int, content_type: bytes, body: bytes) -> bytes:
    return (
        b"HTTP/1.1 %d -\r\nContent-Type: %b\r\nContent-Length: %d\r\n"
        b"x-amzn-RequestId: 00000000-0000-0000-0000-000000000000\r\n\r\n%b"
    ) % (status, content_type, len(body), body)


def _error(code: str, message: str) -> bytes:
    return _http(400, _JSON, json.dumps({"__type": code, "message": message}).encode())


async def _serve(latency: float) -> None:
    loop = asyncio.get_running_loop()
    server = Server(latency)
    listening = await loop.create_server(lambda: _Connection(server), "127.0.0.1", 0, backlog=1024)
    host, port = listening.sockets[0].getsockname()
    print(f"http://{host}:{port}", flush=True)
    # A collection would stop all answers, and there are no cycles to speak of.
    gc.disable()
    await loop.run_in_executor(None, sys.stdin.read)
    listening.close()


def main() -> None:
    """Serve until stdin ends."""
    parser = argparse.ArgumentParser(description="cognito-identity with a set latency")
    parser.add_argument("--latency", type=float, default=30.0, metavar="MILLISECONDS")
    asyncio.run(_serve(parser.parse_args().latency / 1000))


if __name__ == "__main__":
    main()
