"""cognito-identity and STS on loopback with a set latency, in a process of its own.

usage: python -m benchmarks.latency_server

Prints its URL, and serves until its stdin ends. A line of stdin is a JSON object: `latency` sets
the milliseconds that each answer takes from now on (0 at first), `empty` removes all pools. The
line in answer says what was done since the last one: `calls` by operation, `listings` (first pages)
among them, and the `cpu` seconds of this process.

It has the operations that the benches need and checks nothing, so that it costs little beside its
client (`idpool sandbox` checks). Answers wait side by side in the event loop.
"""

import asyncio
import json
import sys
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from itertools import islice
from typing import Any, Final

from benchmarks.specs import ACCOUNT, REGION

_CALLER: Final = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Account>{ACCOUNT}</Account><UserId>AIDABENCHMARK</UserId>
<Arn>arn:aws:iam::{ACCOUNT}:user/benchmark</Arn></GetCallerIdentityResult>
</GetCallerIdentityResponse>"""


class Server:
    """The pools of one account in one region; ``latency`` is in seconds."""

    def __init__(self) -> None:
        self._latency = 0.0
        self._calls = Counter[str]()
        self._listings = 0
        self._cpu = 0.0
        self._pools: dict[str, Any] = {}
        self._roles: dict[str, Any] = {}

    def set(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Take the settings of a line of stdin, and tell what was done since the last one."""
        self._latency = settings.get("latency", self._latency * 1000) / 1000
        if settings.get("empty"):
            self._pools, self._roles = {}, {}
        now = time.process_time()
        done = {"calls": self._calls, "listings": self._listings, "cpu": now - self._cpu}
        self._calls, self._listings, self._cpu = Counter(), 0, now
        return done

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one kept-alive connection; requests are answered in their order."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()[1:-1]
                fields = (line.partition(":") for line in lines)
                headers = {name.lower(): value.strip() for name, _, value in fields}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                answer = self._answer(headers.get("x-amz-target", ""), body)
                await asyncio.sleep(self._latency)
                writer.write(answer)
        writer.close()

    def _answer(self, target: str, body: bytes) -> bytes:
        """The whole answer to one request: STS speaks AWS query, cognito-identity JSON."""
        if b"Action=GetCallerIdentity" in body:
            self._calls["GetCallerIdentity"] += 1
            return _http(_CALLER, "text/xml")
        operation = target.rpartition(".")[2]
        self._calls[operation] += 1
        try:
            return _http(json.dumps(self._do(operation, json.loads(body))))
        except KeyError as missing:
            error = {"__type": "ResourceNotFoundException", "message": f"no {missing}"}
            return _http(json.dumps(error), status=400)

    def _do(self, operation: str, request: dict[str, Any]) -> object:
        """The answer of cognito-identity. Raises ``KeyError`` for what is not there."""
        pool_id = request.get("IdentityPoolId") or f"{REGION}:{uuid.uuid4()}"
        match operation:
            case "ListIdentityPools":
                return self._page(int(request.get("NextToken", 0)), request["MaxResults"])
            case "DescribeIdentityPool":
                return self._pools[pool_id]
            case "CreateIdentityPool" | "UpdateIdentityPool":
                self._pools[pool_id] = {**request, "IdentityPoolId": pool_id}
                return self._pools[pool_id]
            case "GetIdentityPoolRoles":
                return self._roles.get(pool_id, {"IdentityPoolId": pool_id})
            case "SetIdentityPoolRoles":
                self._roles[pool_id] = request
                return {}
        raise KeyError(operation)

    def _page(self, start: int, size: int) -> dict[str, object]:
        """The pools are listed in the order of their creation; the token is a number of pools."""
        self._listings += not start
        pools = [
            {"IdentityPoolId": pool_id, "IdentityPoolName": pool["IdentityPoolName"]}
            for pool_id, pool in islice(self._pools.items(), start, start + size)
        ]
        more = start + size < len(self._pools)
        return {"IdentityPools": pools, **({"NextToken": str(start + size)} if more else {})}


def _http(body: str, content_type: str = "application/x-amz-json-1.1", status: int = 200) -> bytes:
    return (
        f"HTTP/1.1 {status} -\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        f"x-amzn-RequestId: {uuid.UUID(int=0)}\r\n\r\n{body}"
    ).encode()


async def _serve() -> None:
    server = Server()
    listening = await asyncio.start_server(server.connect, "127.0.0.1", 0, backlog=1024)
    host, port = listening.sockets[0].getsockname()
    print(f"http://{host}:{port}", flush=True)
    read_line = asyncio.get_running_loop().run_in_executor
    while line := await read_line(None, sys.stdin.readline):
        print(json.dumps(server.set(json.loads(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve())
