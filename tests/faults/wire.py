"""HTTP/1.1 messages and connections, as much of them as a proxy on loopback needs."""

import asyncio
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self
from urllib.parse import urlsplit

MAX_HEAD = 1024 * 1024

# The other side went away, or did not say all it had to.
GONE = (ConnectionError, asyncio.IncompleteReadError)

# They belong to one connection, not to the message that is passed on.
_HOP_HEADERS = {"connection", "expect", "keep-alive", "proxy-connection"}
_NO_BODY = {"204", "304"}
# l_onoff and l_linger: to close is to send RST in place of FIN.
_NO_LINGER = struct.pack("ii", 1, 0)

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer, whole: its first line, headers and body."""

    start: str
    headers: Headers
    body: bytes

    @classmethod
    def answer(cls, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> Self:
        """An answer of the proxy's own."""
        start = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
        return cls(start, (*headers, ("Content-Length", str(len(body)))), body)

    @property
    def method(self) -> str:
        """Of a request."""
        return self.start.partition(" ")[0]

    @property
    def target(self) -> str:
        """Of a request: path and query."""
        return self.start.split(" ")[1]

    @property
    def status(self) -> int:
        """Of an answer."""
        return int(self.start.split(" ")[1])

    @property
    def keeps_open(self) -> bool:
        """Whether the connection takes another message after this one."""
        return "HTTP/1.1" in self.start and self.header("connection").lower() != "close"

    def header(self, name: str) -> str:
        """A header by its name in lower case; empty if it is not there."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def encoded(self) -> bytes:
        """The message as it goes over the next connection."""
        return self._head() + self.body

    def first_half(self) -> bytes:
        """The message up to the middle of its body, or of its head if it has no body."""
        head = self._head()
        if not self.body:
            return head[: len(head) // 2]
        return head + self.body[: len(self.body) // 2]

    def _head(self) -> bytes:
        lines = [
            f"{key}: {value}" for key, value in self.headers if key.lower() not in _HOP_HEADERS
        ]
        return "\r\n".join((self.start, *lines, "\r\n")).encode("latin-1")


class Connection:
    """One end of a connection: a client's, or one of ours to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        # So that `drain` waits until all is sent, and closing never loses a part of it.
        writer.transport.set_write_buffer_limits(0)

    @property
    def closed(self) -> bool:
        """Whether either side has closed it."""
        return self._writer.is_closing() or self._reader.at_eof()

    async def read_request(self) -> Message:
        """The next request. Raises GONE if there is none, or only a part of one."""
        message = await self._read_head()
        if message.header("expect").lower() == "100-continue":
            # Answered here: the server sees a request only when it is whole.
            await self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        return await self._with_body(message)

    async def read_answer(self, method: str) -> Message:
        """The answer to a request of this method. Raises GONE if it is cut off."""
        message = await self._read_head()
        if method == "HEAD" or message.start.split(" ")[1] in _NO_BODY:
            return message
        if not message.header("content-length") and not message.header("transfer-encoding"):
            body = await self._reader.read()  # it ends with the connection
            return _sized(message, body)
        return await self._with_body(message)

    async def send(self, data: bytes) -> None:
        """Sends all of it. Raises GONE if the other side has closed the connection."""
        self._writer.write(data)
        await self._writer.drain()

    async def wait_closed_by_peer(self) -> None:
        """Returns when the other side has closed the connection."""
        with suppress(ConnectionError):
            while await self._reader.read(MAX_HEAD):
                pass

    def reset(self) -> None:
        """Closes with RST."""
        with suppress(OSError):  # closed already
            self._writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER
            )
        self.close()

    def close(self) -> None:
        """Closes at once; what was sent arrives."""
        self._writer.transport.abort()

    async def _read_head(self) -> Message:
        head = await self._reader.readuntil(b"\r\n\r\n")
        start, *lines = head[:-4].decode("latin-1").split("\r\n")
        fields = (line.partition(":") for line in lines)
        return Message(start, tuple((key, value.strip()) for key, _, value in fields), b"")

    async def _with_body(self, message: Message) -> Message:
        if "chunked" in message.header("transfer-encoding").lower():
            return _sized(message, await self._chunks())
        length = int(message.header("content-length") or 0)
        body = await self._reader.readexactly(length) if length else b""
        return Message(message.start, message.headers, body)

    async def _chunks(self) -> bytes:
        body = bytearray()
        while size := int((await self._line()).partition(b";")[0], 16):
            body += await self._reader.readexactly(size)
            await self._line()
        while await self._line():
            pass  # trailers
        return bytes(body)

    async def _line(self) -> bytes:
        return (await self._reader.readuntil(b"\r\n")).removesuffix(b"\r\n")


class Upstream:
    """The server's address, and the connections to it that are free."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = parts.hostname or "", parts.port or 80
        self._free: list[Connection] = []

    async def connection(self) -> Connection:
        """A connection that nobody else uses. Raises OSError if there is no server."""
        while self._free:
            connection = self._free.pop()
            if not connection.closed:
                return connection
            connection.close()
        return Connection(*await asyncio.open_connection(*self._address, limit=MAX_HEAD))

    async def exchange(self, connection: Connection, request: Message) -> Message:
        """Sends the request, once, and returns the answer. Raises GONE if the server goes."""
        kept = False
        try:
            await connection.send(request.encoded())
            answer = await connection.read_answer(request.method)
            kept = answer.keeps_open
        finally:
            if kept:
                self._free.append(connection)
            else:
                connection.close()
        return answer

    def close(self) -> None:
        """Closes the free connections."""
        while self._free:
            self._free.pop().close()


def _sized(message: Message, body: bytes) -> Message:
    """The message with a body whose length its headers tell."""
    framing = {"transfer-encoding", "content-length"}
    kept = [(key, value) for key, value in message.headers if key.lower() not in framing]
    return Message(message.start, (*kept, ("Content-Length", str(len(body)))), body)
