"""A server that answers every request alike: for what no sandbox does, like denying access."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STS_ANSWER = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    "<GetCallerIdentityResult><Account>123456789012</Account><UserId>U</UserId>"
    "<Arn>arn:aws:iam::123456789012:user/u</Arn></GetCallerIdentityResult>"
    "</GetCallerIdentityResponse>"
)


@contextmanager
def answering(
    code: str,
    message: str,
    status: int = 400,
    *,
    sts: bool = True,
    heard: list[dict[str, str]] | None = None,
) -> Iterator[str]:
    """The URL of a server on which every cognito-identity call fails with this error.

    ``sts``: whether GetCallerIdentity works; otherwise it fails in the same way.  The headers of
    each request, by their names in small letters, are added to ``heard``.
    """
    error = json.dumps({"__type": code, "message": message})
    sts_error = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
        f"<Message>{message}</Message></Error></ErrorResponse>"
    )

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if heard is not None:
                heard.append({name.lower(): value for name, value in self.headers.items()})
            if "X-Amz-Target" in self.headers:
                self._send(status, error)
            elif sts:
                self._send(200, STS_ANSWER)
            else:
                self._send(403, sts_error)

        def _send(self, status: int, body: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
