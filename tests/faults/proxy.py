"""A proxy in front of the sandbox that makes chosen requests fail in chosen ways."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

from reconciler.sandbox.limits import Bucket
from tests.faults.faults import NOT_FORWARDED, RATE_EXCEEDED, Fault, FaultKind, LoggedRequest
from tests.faults.ledger import Ledger
from tests.faults.services import called, error_answer
from tests.faults.wire import GONE, MAX_HEAD, Connection, Message, Upstream

Before = Callable[[str, int], Fault | None]
After = Callable[[str, int], object]

_Answer = TypeVar("_Answer")

_BACKLOG = 256
_START_SECONDS = 10.0
_HOOK_THREADS = 64  # hooks may wait for each other
_HANGS = {FaultKind.HANG, FaultKind.HANG_AFTER}
_DRIPS = {FaultKind.DRIP, FaultKind.DRIP_BODY}
_DRIP_SECONDS = 0.1
_RESETS = {FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER}


class FaultProxy:
    """An HTTP/1.1 proxy on a free port of loopback, in a thread of its own.

    `before(operation, n)` is called for each request, before anything is done with it; a Fault
    that it returns is the one that happens. `after(operation, n)` is called when the server has
    answered, before the client hears of it. Both run in threads of their own, so they may block,
    or call through the proxy. What they raise resets the connection, and comes out of the
    `with` block. `rate`: requests per second over all, one second's worth at once; what exceeds
    it is answered TooManyRequestsException. `latency`: seconds added to each answer. These four
    may be set at any time.
    """

    def __init__(
        self,
        upstream: str,
        faults: Iterable[Fault] = (),
        *,
        before: Before | None = None,
        after: After | None = None,
        rate: float | None = None,
        latency: float = 0.0,
    ) -> None:
        self.before = before
        self.after = after
        self.rate = rate
        self.latency = latency
        self.errors: list[BaseException] = []
        self.ledger = Ledger(faults)
        self._upstream = upstream
        self._listener: _Listener | None = None

    @property
    def url(self) -> str:
        """Where it listens, `http://127.0.0.1:PORT`. RuntimeError unless it is running."""
        if self._listener is None:
            raise RuntimeError("the proxy is not running")
        return f"http://127.0.0.1:{self._listener.port}"

    @property
    def requests(self) -> list[LoggedRequest]:
        """All requests by arrival, those that are on their way included."""
        return self.ledger.requests()

    def counts(self) -> dict[str, int]:
        """How many requests of each operation have arrived."""
        return self.ledger.counts()

    def unmet(self) -> list[Fault]:
        """The faults that have not happened, such as one of a misspelt operation."""
        return self.ledger.unmet()

    def add(self, fault: Fault) -> None:
        """One more fault; of several that are due for a request, the first added happens."""
        self.ledger.add(fault)

    def clear(self) -> None:
        """No more faults; log and counts stay, and so do hooks, rate and latency."""
        self.ledger.clear()

    def reset(self) -> None:
        """As `clear`, and log and counts begin anew."""
        self.ledger.reset()

    def wait_arrived(self, operation: str, number: int = 1, timeout: float = 10.0) -> None:
        """Returns when so many requests of the operation have arrived. TimeoutError."""
        self.ledger.wait_arrived(operation, number, timeout)

    def settle(self, timeout: float = 10.0) -> None:
        """Returns when no request is on its way: for after a client was killed. TimeoutError."""
        self.ledger.wait_settled(timeout)

    def start(self) -> None:
        """Listens and answers in a thread; nothing happens if it does already."""
        if self._listener is None:
            self._listener = _Listener(_Relay(self, Upstream(self._upstream)))

    def stop(self) -> None:
        """Closes the port and all connections, hanging ones too; nothing if not running."""
        if self._listener is not None:
            self._listener.stop()
            self._listener = None

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
        if self.errors and error is None:
            raise self.errors[0]


class _Listener:
    """A free port, and the thread whose event loop serves it."""

    def __init__(self, relay: "_Relay") -> None:
        self._relay = relay
        # Bound here, so that the port is known, and takes connections, before the loop runs.
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self.port: int = self._socket.getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._loop: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Returns when the port and every connection are closed."""
        self._loop.result(_START_SECONDS).call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    async def _run(self) -> None:
        server = await asyncio.start_server(
            self._connected, sock=self._socket, limit=MAX_HEAD, backlog=_BACKLOG
        )
        self._loop.set_result(asyncio.get_running_loop())
        await self._stopping.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._relay.close()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: asyncio logs those that it makes itself when they are cancelled.
        task = asyncio.create_task(self._relay.serve(Connection(reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _HookFailed(Exception):
    """A hook raised; what it raised is among the proxy's errors."""


class _Relay:
    """What all connections share: the way to the server, the rate, the hooks' threads."""

    def __init__(self, proxy: FaultProxy, upstream: Upstream) -> None:
        self.proxy = proxy
        self.upstream = upstream
        self._bucket: Bucket | None = None
        self._threads = ThreadPoolExecutor(_HOOK_THREADS, "fault-proxy-hook")

    async def serve(self, client: Connection) -> None:
        """Answers one client's requests until one of the two closes the connection."""
        try:
            while not client.closed:
                request = await client.read_request()
                await _Exchange(self, client, request).run()
                if not request.keeps_open:
                    break
        except GONE:
            pass
        except _HookFailed:
            client.reset()
        except Exception as error:  # noqa: BLE001
            # The outermost boundary: the test is to hear of a fault of the proxy's own.
            self.proxy.errors.append(error)
            client.reset()
        finally:
            client.close()

    def close(self) -> None:
        """Lets go of the server, and of hooks that have not returned."""
        self.upstream.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def rate_exceeded(self) -> Fault | None:
        """Counts one request; the fault if it is one too many."""
        rate, now = self.proxy.rate, time.monotonic()
        if rate is None:
            return None
        if self._bucket is None or self._bucket.rate != rate:
            self._bucket = Bucket(rate, max(1.0, rate), now)
        return None if self._bucket.take(now) else RATE_EXCEEDED

    async def hooked(self, hook: Callable[[str, int], _Answer], entry: LoggedRequest) -> _Answer:
        """What the hook returns. Raises _HookFailed."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._call_hook, hook, entry)

    def _call_hook(self, hook: Callable[[str, int], _Answer], entry: LoggedRequest) -> _Answer:
        try:
            return hook(entry.operation, entry.number)
        except BaseException as error:
            # pytest.fail() raises no Exception; it must reach the test all the same.
            self.proxy.errors.append(error)
            raise _HookFailed from error


class _Exchange:
    """One request, and what becomes of it."""

    def __init__(self, relay: _Relay, client: Connection, request: Message) -> None:
        self._relay = relay
        self._proxy = relay.proxy
        self._client = client
        self._request = request
        self._call = called(request)
        self._ticket, self._entry, self._due = relay.proxy.ledger.arrive(self._call)

    async def run(self) -> None:
        """Sends the request on and answers it, or not, as the fault has it.

        The client's going away ends none of this but the answer: a network, too, delivers what
        it has taken.
        """
        try:
            fault = await self._fault()
            self._note(fault=fault)
            await self._deliver(fault, await self._answer(fault))
        finally:
            self._proxy.ledger.leave(self._ticket)

    def _note(self, **known: Any) -> None:
        self._proxy.ledger.note(self._ticket, **known)

    async def _fault(self) -> Fault | None:
        exceeded = self._relay.rate_exceeded()  # first: a request that fails is counted, too
        chosen = None
        if self._proxy.before is not None:
            chosen = await self._relay.hooked(self._proxy.before, self._entry)
        return chosen or self._due or exceeded

    async def _answer(self, fault: Fault | None) -> Message | None:
        """What the client is to be answered; None: nothing, ever."""
        if fault is None:
            return await self._forwarded()
        error = error_answer(fault, self._call.protocol)
        if fault.kind in NOT_FORWARDED:
            return error
        if fault.kind is FaultKind.DELAY:
            await asyncio.sleep(fault.seconds)
        answer = await self._forwarded()
        return answer if error is None else error

    async def _forwarded(self) -> Message:
        """The server's answer; of the proxy's own if there is no server."""
        upstream = self._relay.upstream
        try:
            connection = await upstream.connection()
        except OSError as error:
            return _bad_gateway(error)
        self._note(committed=None)
        try:
            answer = await upstream.exchange(connection, self._request)
        except GONE as error:
            return _bad_gateway(error)
        self._note(upstream_status=answer.status, committed=answer.status // 100 == 2)
        if self._proxy.after is not None:
            await self._relay.hooked(self._proxy.after, self._entry)
        return answer

    async def _deliver(self, fault: Fault | None, answer: Message | None) -> None:
        if answer is not None:
            self._note(request_id=answer.header("x-amzn-requestid") or None)
        kind = None if fault is None else fault.kind
        if kind in _HANGS:
            await self._client.wait_closed_by_peer()
            self._client.close()
        elif kind in _RESETS or answer is None:
            self._client.reset()
        else:
            if self._proxy.latency:
                await asyncio.sleep(self._proxy.latency)
            await self._send(kind, answer)

    async def _send(self, kind: FaultKind | None, answer: Message) -> None:
        if kind is FaultKind.CUT:
            await self._client.send(answer.first_half())
            self._client.close()
        elif kind in _DRIPS:
            await self._drip(kind, answer.encoded())
        else:
            await self._client.send(answer.encoded())

    async def _drip(self, kind: FaultKind, answer: bytes) -> None:
        head = answer.index(b"\r\n\r\n") + 4 if kind is FaultKind.DRIP_BODY else 0
        await self._client.send(answer[:head])
        for byte in answer[head:]:
            await asyncio.sleep(_DRIP_SECONDS)
            await self._client.send(bytes([byte]))


def _bad_gateway(error: Exception) -> Message:
    said = f"the fault proxy has no answer of its server: {error!r}"
    return Message.answer(502, [("Content-Type", "text/plain")], said.encode())
