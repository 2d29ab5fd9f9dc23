"""What both API servers are made of: real sockets, a log of requests, and faults on demand."""

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

PAGE = 30  # where a client names no size
LARGEST_PAGE = 100


@dataclass(frozen=True)
class Request:
    """What a client has sent; ``path`` is decoded, without the query."""

    verb: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: Any
    raw_path: str = ""


@dataclass(frozen=True)
class Answer:
    """What goes back: JSON, or nothing for ``None``; where it drips, one byte after the other."""

    status: int
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    drips: bool = False


@dataclass
class Fault:
    """What happens to the next ``times`` requests that fit, instead of an answer.

    ``after``: the request takes effect first, and only its answer is lost.  ``how``: an answer of
    this status, one whose bytes never end, or a connection that breaks without one.
    """

    verb: str
    path: str
    how: Literal["answer", "drip", "reset"] = "answer"
    status: int = 502
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Any = None
    after: bool = False
    times: int = 1

    def fits(self, request: Request) -> bool:
        return (
            self.times > 0
            and request.verb == self.verb
            and re.search(self.path, request.path) is not None
        )


class Refused(Exception):
    """An answer from deep inside."""

    def __init__(self, status: int, content: Any, **headers: str) -> None:
        super().__init__(status)
        self.answer = Answer(status, content, headers)


class ApiServer:
    """A server on loopback.  ``requests`` are all that arrived, in order.

    ``meeting``: as many clients as it has parties read their first list of comments together, so
    that each of them sees the same.
    """

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.meeting: threading.Barrier | None = None
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def origin(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        """The API's URL."""
        return self.origin + self.prefix

    def sent(self, verb: str) -> list[Request]:
        """The requests of one verb."""
        return [request for request in self.requests if request.verb == verb]

    def handle(self, request: Request) -> Answer:
        """What the API answers; raises ``Refused`` or returns."""
        raise NotImplementedError

    def is_list_of_comments(self, request: Request) -> bool:
        """Whether this is the request at which clients meet."""
        raise NotImplementedError

    def respond(self, request: Request) -> Answer | None:
        """The answer, ``None`` for a connection that breaks."""
        with self._lock:
            self.requests.append(request)
            fault = next((fault for fault in self.faults if fault.fits(request)), None)
            if fault is not None:
                fault.times -= 1
            if fault is None or fault.after:
                answer = self._handled(request)
        if fault is not None:
            lost = fault.how == "reset"
            drips = fault.how == "drip"
            return None if lost else Answer(fault.status, fault.content, fault.headers, drips)
        if self.meeting is not None and self.is_list_of_comments(request):
            self._meet()
        return answer

    def _meet(self) -> None:
        meeting = self.meeting
        try:
            if meeting is not None:
                meeting.wait(30)
        except threading.BrokenBarrierError:
            return
        self.meeting = None

    def _handled(self, request: Request) -> Answer:
        try:
            return self.handle(request)
        except Refused as refused:
            return refused.answer


def page_of(items: list[Any], request: Request) -> tuple[list[Any], int, int]:
    """The page asked for, its number, and how many there are."""
    size = min(int(request.query.get("per_page", PAGE)), LARGEST_PAGE)
    number = int(request.query.get("page", 1))
    pages = max(1, -(-len(items) // size))
    return items[(number - 1) * size : number * size], number, pages


def links(url: str, request: Request, number: int, pages: int) -> dict[str, str]:
    """The Link header of a page, as both platforms write it."""
    others = {"next": number + 1, "last": pages} if number < pages else {}
    rest = "&".join(f"{k}={v}" for k, v in request.query.items() if k != "page")
    shown = [f'<{url}{request.raw_path}?{rest}&page={n}>; rel="{rel}"' for rel, n in others.items()]
    return {"Link": ", ".join(shown)} if shown else {}


def _handler(api: ApiServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        wbufsize = 64 * 1024  # head and body in one segment

        def _serve(self) -> None:
            answer = api.respond(self._request())
            if answer is None:
                self._reset()
                return
            body = b"" if answer.content is None else json.dumps(answer.content).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body) + answer.drips * 1_000_000))
            self.end_headers()
            if answer.drips:
                self._drip()
            else:
                self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve

        def _request(self) -> Request:
            url = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = url.path.removeprefix(api.prefix)
            return Request(
                verb=self.command,
                path=unquote(path),
                query={key: values[-1] for key, values in parse_qs(url.query).items()},
                headers=dict(self.headers.items()),
                content=json.loads(raw) if raw else None,
                raw_path=path,
            )

        def _drip(self) -> None:
            self.close_connection = True
            with suppress(OSError):  # nobody waits for the rest
                while True:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.1)

        def _reset(self) -> None:
            """Close with RST, as a load balancer does."""
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()

        def finish(self) -> None:
            if self.connection.fileno() >= 0:
                super().finish()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    return Handler


def counting(start: int) -> Iterator[int]:
    """Numbers as a database gives them."""
    number = start
    while True:
        yield number
        number += 1
