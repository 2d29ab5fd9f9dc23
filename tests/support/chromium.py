"""A page as a browser sees it: served on loopback, laid out by headless Chromium, and asked.

The page stands in a frame of a page of the test's own, whose script may look into it, because both
come from one server. The reports themselves allow no script.
"""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# The question is a function of the frame's window, asynchronous or not. Its answer goes to the
# server, which holds an image until then: the browser ends when all of the page is there.
_FRAME = """<!doctype html><meta charset="utf-8"><style>body {{ margin: 0 }}</style>
<iframe src="/page" width="{width}" height="900" style="border: 0"></iframe><img src="/held">
<script>
  document.querySelector("iframe").addEventListener("load", async event => {{
    let answer;
    try {{
      answer = await ({question})(event.target.contentWindow);
    }} catch (error) {{
      answer = {{ broken: String(error) }};
    }}
    fetch("/answer", {{ method: "POST", body: JSON.stringify(answer) }});
  }});
</script>"""
_SECONDS = 60


def chromium() -> str:
    """The browser's command; every name that it goes by is tried."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found, f"a test needs Chromium, and none of these is on PATH: {', '.join(NAMES)}"
    return found


def ask(page: str, question: str, profile: Path, *, width: int = 1280) -> tuple[Any, list[str]]:
    """What a JavaScript function of the page's window answers, and the paths that were requested.

    ``profile``: an empty folder of the browser's own; ``width``: the frame's, in CSS pixels.
    """
    pages = {"/": _FRAME.format(width=width, question=question), "/page": page}
    with _served(pages) as served:
        # No sandbox of its own: containers forbid it, and these pages are ours.
        command = [
            chromium(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ]
        command += [f"--user-data-dir={profile}", f"--window-size={width},900"]
        command += ["--no-first-run", "--disable-background-networking"]
        done = subprocess.run(
            [*command, "--dump-dom", served.url],
            capture_output=True, text=True, timeout=2 * _SECONDS, check=True,
        )  # fmt: skip
    assert served.answer is not None, done.stdout + done.stderr
    return json.loads(served.answer), served.requested


@dataclass
class _Served:
    """A server on loopback, what was requested of it, and the answer that came."""

    url: str
    requested: list[str] = field(default_factory=list)
    answer: str | None = None
    answered: threading.Event = field(default_factory=threading.Event)


@contextmanager
def _served(pages: dict[str, str]) -> Iterator[_Served]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/held":
                served.answered.wait(_SECONDS)
            else:
                served.requested.append(self.path)
            self._send(pages.get(self.path, ""))

        def do_POST(self) -> None:
            served.answer = self.rfile.read(int(self.headers["Content-Length"])).decode()
            served.answered.set()
            self._send("")

        def _send(self, text: str) -> None:
            body = text.encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = _Served(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield served
    finally:
        served.answered.set()
        server.shutdown()
        thread.join()
        server.server_close()
