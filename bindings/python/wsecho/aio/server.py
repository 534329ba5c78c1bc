"""Servers whose connections are handled by coroutines."""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import (
    Any,
    Awaitable,
    Callable,
    Coroutine,
    Dict,
    Generator,
    List,
    Optional,
    Sequence,
    Set,
    Type,
)

from .._wsecho import Connection as Peer
from .._wsecho import Server as Engine
from ..constants import BackpressurePolicy
from ..errors import WrongStateError
from ..records import CloseEvent, DrainReport, Statistics
from .connection import Connection, Sendable
from .events import EventReader
from .exceptions import ConnectionClosed
from .flow import Limits, Watermarks
from .handshakes import Handshakes, ProcessRequest, ProcessResponse, SelectSubprotocol
from .http import Headers, Request, Response
from .lifetime import EndWithLoop, in_thread

__all__ = ["Server", "ServerConnection", "serve"]

Handler = Callable[["ServerConnection"], Awaitable[None]]

_GOING_AWAY = 1001
_INTERNAL_ERROR = 1011
_LONGEST_MS = 49 * 24 * 3600 * 1000


class ServerConnection(Connection):
    """A client's connection, on the server's side."""

    __slots__ = ("server", "response")

    def __init__(
        self, server: Server, limits: Limits, request: Request, remote_address: str
    ) -> None:
        super().__init__(server.get_loop(), limits, request, remote_address)
        self.server = server
        #: What the client was let in with.
        self.response: Optional[Response] = None

    def _on_close(self, event: CloseEvent) -> None:
        super()._on_close(event)
        self.server._connections.discard(self)

    def respond(self, status: int, text: str) -> Response:
        """An answer in plain text, for process_request() to return."""
        return Response(
            status, Headers({"Content-Type": "text/plain; charset=utf-8"}), text.encode()
        )


class Server:
    """What :func:`serve` returns. It listens from the begin; closing it closes its connections."""

    def __init__(
        self,
        handler: Handler,
        *,
        subprotocols: Optional[Sequence[str]] = None,
        select_subprotocol: Optional[SelectSubprotocol] = None,
        process_request: Optional[ProcessRequest] = None,
        process_response: Optional[ProcessResponse] = None,
        create_connection: Type[ServerConnection] = ServerConnection,
        max_queue: Optional[int] = 64,
        max_queue_bytes: int = 1 << 20,
        logger: Optional[logging.Logger] = None,
        **options: Any,
    ) -> None:
        self.logger = logging.getLogger("wsecho.server") if logger is None else logger
        self._loop = asyncio.get_running_loop()
        self._handler = handler
        self._create_connection = create_connection
        self._limits = Limits(max_queue, max_queue_bytes, Watermarks.of(options))
        self._policy = options.get("backpressure_policy") or BackpressurePolicy.REFUSE
        self._handshakes = Handshakes(
            self._loop,
            self._make_connection,
            self.logger,
            subprotocols=subprotocols,
            select_subprotocol=select_subprotocol,
            process_request=process_request,
            process_response=process_response,
        )
        self._reader = EventReader(self._loop, self._on_open)
        try:
            self._engine = Engine(
                event_queue=self._reader.queue,
                on_handshake=self._handshakes.on_handshake,
                **options,
            )
        except BaseException:
            self._reader.close()
            raise
        self._handled: Dict[asyncio.Task[Any], ServerConnection] = {}
        self._connections: Set[ServerConnection] = set()
        self._closing: Optional[asyncio.Task[None]] = None
        self._cutting_short: Optional[asyncio.Task[None]] = None
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._lifetime = EndWithLoop(self._end_with_loop)

    # --- Its life ---

    async def start_serving(self) -> None:
        """Listens. serve() has done it, but with start_serving=False."""
        if self._engine.is_running:
            return
        self._engine.start()
        await self._lifetime.begin()

    async def serve_forever(self) -> None:
        """Serves until it is cancelled; then closes the server."""
        await self.start_serving()
        try:
            await self._loop.create_future()
        finally:
            self.close()
            await self.wait_closed()

    def is_serving(self) -> bool:
        return self._closing is None and self._engine.is_running

    def close(
        self, close_connections: bool = True, code: int = _GOING_AWAY, reason: str = ""
    ) -> None:
        """Stops listening, and closes the connections, which have close_timeout_ms for the answer.
        With close_connections=False they go on until they end by themselves; to close them then,
        call it again. Returns at once: wait_closed() waits."""
        if close_connections and (code != _GOING_AWAY or reason):
            for connection in self._connections:
                connection.start_close(code, reason)
        if self._closing is None:
            end = self._engine.stop if close_connections else self._let_end
            self._closing = self._loop.create_task(self._close(end))
        elif close_connections and not self._closed.done():
            self._cutting_short = self._loop.create_task(in_thread(self._engine.stop))

    async def drain(
        self,
        *,
        deadline_ms: int = 30_000,
        spread_ms: int = 0,
        code: int = _GOING_AWAY,
        reason: str = "server stops",
    ) -> Optional[DrainReport]:
        """A close with time: clients are told with 1001, or 1012 (service restart), spread over a
        time, and have until the deadline to leave. None: it was closed already."""
        reports: List[DrainReport] = []

        def end() -> None:
            report = self._engine.drain(
                deadline_ms=deadline_ms, spread_ms=spread_ms, code=code, reason=reason
            )
            reports.append(report)

        if self._closing is None:
            self._closing = self._loop.create_task(self._close(end))
        await self.wait_closed()
        return reports[0] if reports else None

    async def wait_closed(self) -> None:
        """Waits until it is closed, all connections are, and their handlers have returned."""
        await asyncio.shield(self._closed)

    def _let_end(self) -> None:
        if self._engine.is_running:
            self._engine.drain(deadline_ms=_LONGEST_MS, code=0)

    async def _close(self, end: Callable[[], object]) -> None:
        self.logger.info("server closing")
        try:
            self._handshakes.cancel()
            await in_thread(end)
            self._reader.close()
            if self._handled:
                await asyncio.wait(self._handled)
            await self._lifetime.dismiss()
        except BaseException as error:
            if not self._closed.done():
                self._closed.set_exception(error)
                self._closed.exception()  # it may be that nobody waits
            raise
        self._closed.set_result(None)
        self.logger.info("server closed")

    async def _end_with_loop(self) -> None:
        await in_thread(self._engine.stop)
        self._reader.close()

    # --- Its connections ---

    def _make_connection(self, request: Request, remote_address: str) -> ServerConnection:
        return self._create_connection(self, self._limits, request, remote_address)

    def _on_open(self, peer: Peer) -> Optional[ServerConnection]:
        connection: ServerConnection = peer.user
        connection._begin(peer)
        if self._policy != BackpressurePolicy.REFUSE:
            connection._use_policy(self._policy)
        self._connections.add(connection)
        task = self._loop.create_task(_coroutine_of(self._handler, connection))
        self._handled[task] = connection
        task.add_done_callback(self._on_handled)
        return connection

    def _on_handled(self, task: asyncio.Task[Any]) -> None:
        connection = self._handled.pop(task)
        code = 1000
        if task.cancelled():
            code = _GOING_AWAY
        elif task.exception() is not None:
            code = _INTERNAL_ERROR
            self._report(connection, task.exception())
        connection.start_close(code)

    # Of one that ends because its connection has ended, there is nothing to report.
    def _report(self, connection: ServerConnection, error: Optional[BaseException]) -> None:
        if isinstance(error, ConnectionClosed) and error.event is connection.close_event:
            self.logger.debug("connection handler ended by %r", error)
        else:
            self.logger.error("connection handler failed", exc_info=error)

    @property
    def connections(self) -> Set[ServerConnection]:
        """Those that are open."""
        return set(self._connections)

    def broadcast(
        self,
        message: Sendable,
        *,
        text: Optional[bool] = None,
        exclude: Optional[Connection] = None,
    ) -> None:
        """Sends a message to every open connection, without waiting for any. While the server
        closes, it may reach nobody any more."""
        try:
            self._engine.broadcast(message, text=text, exclude=_peer_of(exclude))
        except WrongStateError:
            self._raise_unless_closing()

    def publish(
        self,
        channel: str,
        message: Sendable,
        *,
        text: Optional[bool] = None,
        exclude: Optional[Connection] = None,
    ) -> int:
        """Sends a message to every member of a channel, without waiting for any; returns its number
        there, 0: nobody is in it. While the server closes, it may reach nobody any more."""
        try:
            return self._engine.publish(channel, message, text=text, exclude=_peer_of(exclude))
        except WrongStateError:
            self._raise_unless_closing()
            return 0

    def channel_size(self, channel: str) -> int:
        """How many members a channel has."""
        return self._engine.channel_size(channel)

    # Handlers that end with their server may have something to tell the others still.
    def _raise_unless_closing(self) -> None:
        if self._closing is None or self._closed.done():
            raise  # what is being handled

    # --- About it ---

    @property
    def port(self) -> int:
        """The TCP port; -1 while there is none."""
        return self._engine.port

    @property
    def engine(self) -> Engine:
        """What the callback API has for this server: statistics, histories, heartbeats."""
        return self._engine

    def statistics(self) -> Statistics:
        return self._engine.statistics()

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    async def __aenter__(self) -> Server:
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()
        await self.wait_closed()


class serve:
    """Serves WebSocket connections: each is handled by a coroutine of its own, and closed when
    that returns.

        async def echo(connection):
            async for message in connection:
                await connection.send(message)

        async with wsecho.serve(echo, "127.0.0.1", 9001) as server:
            await server.wait_closed()

    Awaited, it returns the :class:`Server`, to be closed by hand. ``host`` is None for this machine
    only, "" for every address. Options are those of wsecho.Server, by their names, and of Server.
    """

    def __init__(
        self,
        handler: Handler,
        host: Optional[str] = None,
        port: Optional[int] = None,
        *,
        start_serving: bool = True,
        **options: Any,
    ) -> None:
        self._handler = handler
        self._options = {"host": host, "port": port, **options}
        self._start_serving = start_serving
        self._server: Optional[Server] = None

    async def _serve(self) -> Server:
        server = Server(self._handler, **self._options)
        if self._start_serving:
            try:
                await server.start_serving()
            except BaseException:
                server._reader.close()
                raise
        self._server = server
        return server

    def __await__(self) -> Generator[Any, None, Server]:
        return self._serve().__await__()

    async def __aenter__(self) -> Server:
        return await self._serve()

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        assert self._server is not None
        await self._server.__aexit__(kind, error, traceback)


# Without a frame of ours in each of its steps.
def _coroutine_of(handler: Handler, connection: ServerConnection) -> Coroutine[Any, Any, Any]:
    try:
        handling = handler(connection)
    except Exception as error:
        return _raise(error)
    return handling if asyncio.iscoroutine(handling) else _await(handling)


async def _raise(error: Exception) -> None:
    raise error


async def _await(handling: Awaitable[Any]) -> None:
    await handling


def _peer_of(connection: Optional[Connection]) -> Optional[Peer]:
    return None if connection is None else connection.peer
