"""No answer takes longer than a minute, whichever library reads it.

A timeout of a socket begins anew with every byte, so a server that sends one every few seconds
would keep a call for ever.  botocore, urllib3, requests and what asks for credentials read their
answers through ``http.client``, and none of them bounds the whole; so it is bound there, once.
"""

import http.client
import io
import socket
import time
from typing import Any


def bound_answers() -> None:
    """Bound every HTTP answer that this process begins to read from now on.

    One that takes too long ends as one that does not come: in ``TimeoutError``, and so in the
    library's own error for it.  What was asked for may have been done.
    """
    http.client.HTTPConnection.response_class = BoundedResponse


class BoundedResponse(http.client.HTTPResponse):
    """An answer whose headers and body have ``seconds`` in all, from when they are waited for."""

    seconds = 60.0

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Bounded(self.fp.detach(), sock, self.seconds))


class _Bounded(io.RawIOBase):
    """What a socket gives, within its timeout for each read and ``seconds`` for all of them."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, seconds: float) -> None:
        self._raw = raw
        self._sock = sock
        self._ends = time.monotonic() + seconds

    def readable(self) -> bool:
        """As files say it."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what is there.  Raises ``TimeoutError``."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        patience = self._sock.gettimeout()
        if patience is None or left < patience:
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Close the socket's side, too."""
        self._raw.close()
        super().close()
