"""The sandbox as a thing to start and stop.  With it comes moto, which is an extra."""

from __future__ import annotations

import io
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import ThreadedWSGIServer
from werkzeug.wrappers import Response

from reconciler.sandbox.errors import SandboxPortError
from reconciler.sandbox.settings import SandboxSettings
from reconciler.sandbox.wsgi import application

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


MAX_BODY = 64 * 1024 * 1024
_NO_BODY = {204, 304}
_OWN_HEADERS = {"connection", "transfer-encoding", "content-length"}
_POLL_SECONDS = 0.02


class KeepAliveHandler(MotoRequestHandler):
    """Reads a request whole before it answers, so that the connection can be used again.

    werkzeug's own handler closes every connection after one answer, since it does not know
    whether the application has read the whole request.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: LoopbackServer

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        environ = self.make_environ()
        response = self._respond(environ)
        self._send(response, with_body=environ["REQUEST_METHOD"] != "HEAD")

    def log(self, type: str, message: str, *args: Any) -> None:
        """No access log: stderr belongs to the command that the sandbox serves."""

    def _respond(self, environ: WSGIEnvironment) -> Response:
        body = self._body(environ)
        if body is None:
            self.close_connection = True
            return Response("the request body is too large or has no length", 413)
        environ["wsgi.input"] = io.BytesIO(body)
        return Response.from_app(self.server.app, environ, buffered=True)

    def _body(self, environ: WSGIEnvironment) -> bytes | None:
        if environ.get("wsgi.input_terminated"):
            body = io.BufferedReader(environ["wsgi.input"]).read(MAX_BODY + 1)
            return body if len(body) <= MAX_BODY else None
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > MAX_BODY:
            return None
        return self.rfile.read(int(length))

    def _send(self, response: Response, *, with_body: bool) -> None:
        body = response.get_data()
        self.send_response(response.status_code)
        for name, value in response.headers:
            if name.lower() not in _OWN_HEADERS:
                self.send_header(name, value)
        if response.status_code not in _NO_BODY:
            length = len(body) if with_body else response.headers.get("Content-Length", "0")
            self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if with_body and response.status_code not in _NO_BODY:
            self.wfile.write(body)


class LoopbackServer(ThreadedWSGIServer):
    """One thread a connection; closing the server closes the connections too."""

    def __init__(self, host: str, port: int, app: WSGIApplication) -> None:
        self._connections: set[socket.socket] = set()
        self._mutex = threading.Lock()
        with _bound(host, port) as listener:
            # By its descriptor, because werkzeug ends the process when it cannot bind.
            super().__init__(host, port, app, KeepAliveHandler, fd=listener.fileno())

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        with self._mutex:
            self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._mutex:
            self._connections.discard(request)
        super().shutdown_request(request)

    def close_all(self) -> None:
        """Ends the listening socket and every connection, idle or not."""
        self.server_close()
        with self._mutex:
            connections = list(self._connections)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        raise SandboxPortError(host, port, str(error)) from error


class SandboxServer:
    """An AWS of one's own over HTTP on loopback; as a context manager it runs inside the block.

    Any AWS client can use it: its endpoint is `url`, its credentials may be anything. An
    access key id of twelve digits names the account.
    """

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._server: LoopbackServer | None = None
        self._thread: threading.Thread | None = None
        self._mutex = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens, `http://127.0.0.1:PORT`. RuntimeError before it is started."""
        if self._server is None:
            raise RuntimeError("the sandbox has not been started")
        host = self._settings.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self._server.port}"

    def start(self) -> None:
        """Listens and answers in a thread; nothing happens if it does already.

        Raises SandboxStateError for a state file that cannot be used, SandboxPortError for an
        address that is taken.
        """
        with self._mutex:
            if self._server is not None:
                return
            self._server = server = LoopbackServer(
                self._settings.host, self._settings.port, application(self._settings)
            )
            self._thread = threading.Thread(
                target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Closes the port and all connections; nothing happens if it is not running."""
        with self._mutex:
            server, thread = self._server, self._thread
            self._server = self._thread = None
        if server is not None and thread is not None:
            server.shutdown()
            server.close_all()
            thread.join()

    def serve_forever(self) -> None:
        """Serves until it is interrupted or stopped from another thread."""
        with self:
            if thread := self._thread:
                thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
