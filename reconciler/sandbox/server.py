"""The sandbox as a thing to start and stop. moto is imported when it starts, not before."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

from reconciler.sandbox.errors import SandboxMissing
from reconciler.sandbox.settings import SandboxSettings

if TYPE_CHECKING:
    from reconciler.sandbox.loopback import LoopbackServer

_POLL_SECONDS = 0.02


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

        Raises SandboxMissing without the `sandbox` extra, SandboxStateError for a state file
        that cannot be used, SandboxPortError for an address that is taken.
        """
        with self._mutex:
            if self._server is not None:
                return
            self._server = server = _listening(self._settings)
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
        self.start()
        thread = self._thread
        try:
            if thread is not None:
                thread.join()
        finally:
            self.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _listening(settings: SandboxSettings) -> LoopbackServer:
    try:
        # They import moto, which takes a quarter of a second.
        from reconciler.sandbox.loopback import LoopbackServer
        from reconciler.sandbox.wsgi import application
    except ModuleNotFoundError as error:
        raise SandboxMissing((error.name or "moto").partition(".")[0]) from error
    return LoopbackServer(settings.host, settings.port, application(settings))
