"""A page as a browser sees it: served on loopback, laid out by headless Chromium, and asked.

The page stands in a frame of a page of the test's own, whose script may look into it, because both
come from one server. The reports themselves allow no script.
"""

import html
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# The question is a function of the frame's window; its answer becomes this page's only text.
_FRAME = """<!doctype html><meta charset="utf-8"><style>body {{ margin: 0 }}</style>
<iframe src="/page" width="{width}" height="900" style="border: 0"></iframe><pre></pre>
<script>
  document.querySelector("iframe").addEventListener("load", event => {{
    const answer = ({question})(event.target.contentWindow);
    document.querySelector("pre").textContent = JSON.stringify(answer);
    document.querySelector("iframe").remove();
  }});
</script>"""


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
    with _served(pages) as (url, requested):
        # No sandbox of its own: containers forbid it, and these pages are ours.
        command = [
            chromium(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ]
        command += [f"--user-data-dir={profile}", f"--window-size={width},900"]
        command += [
            "--no-first-run",
            "--disable-background-networking",
            "--virtual-time-budget=5000",
        ]
        done = subprocess.run(
            [*command, "--dump-dom", url], capture_output=True, text=True, timeout=60, check=True
        )
    answer = re.search(r"<pre>(.*?)</pre>", done.stdout, re.DOTALL)
    assert answer, done.stdout
    return json.loads(html.unescape(answer[1])), requested


@contextmanager
def _served(pages: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    requested: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requested.append(self.path)
            body = pages.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", requested
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
