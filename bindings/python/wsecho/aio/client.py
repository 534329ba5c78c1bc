"""The client side: one connection, or one after the other."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import (
    Any,
    AsyncGenerator,
    Dict,
    Generator,
    Iterable,
    Optional,
    Type,
    Union,
    cast,
)
from urllib.parse import urlsplit

from .._wsecho import Connection as Peer
from ..constants import BackpressurePolicy
from ..errors import GoneError
from ..records import CloseEvent
from .address import address_of
from .connection import Connection
from .dialing import Dial, Dialing
from .flow import Limits, Watermarks
from .http import Headers, Request

__all__ = ["ClientConnection", "connect"]

# Where there is to be no second connection, none may come before the first one's end is noticed.
_NO_RETRY_MS = 600_000


class ClientConnection(Connection):
    """A connection to a server, on the client's side."""

    __slots__ = ("_dial",)

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        limits: Limits,
        request: Request,
        peer: Peer,
        dial: Optional[Dial],
    ) -> None:
        super().__init__(loop, limits, request)
        with suppress(GoneError):  # it is told of late
            self.remote_address = address_of(peer.remote_address)
            self.subprotocol = peer.header("Sec-WebSocket-Protocol")
        self._dial = dial  # to be ended with it
        self._begin(peer)

    def _on_close(self, event: CloseEvent) -> None:
        super()._on_close(event)
        if self._dial is not None:
            self._dial.end()
            self._dial = None


class connect:
    """Connects to a WebSocket server.

        async with wsecho.connect("ws://localhost:9001/") as connection:
            await connection.send("hello")
            print(await connection.recv())

    Awaited, it returns the connection, to be closed by hand. Iterated over, it connects again and
    again, after growing pauses:

        async for connection in wsecho.connect("wss://example.com/feed"):
            try:
                async for message in connection:
                    print(message)
            except wsecho.ConnectionClosed:
                continue

    Options are those of wsecho.Dialer, by their names, besides max_queue and max_queue_bytes. For a
    single connection max_attempts is 1 for each URL, for an iteration it has no end.
    """

    def __init__(
        self,
        uri: Union[str, Iterable[str]],
        *,
        create_connection: Type[ClientConnection] = ClientConnection,
        max_queue: Optional[int] = 64,
        max_queue_bytes: int = 1 << 20,
        **options: Any,
    ) -> None:
        if "connections" in options:
            raise TypeError("connect() got an unexpected keyword argument 'connections'")
        self._urls = tuple(uri.split() if isinstance(uri, str) else uri)
        self._create_connection = create_connection
        self._options = options
        self._limits = Limits(max_queue, max_queue_bytes, Watermarks.of(options))
        self._policy = options.get("backpressure_policy") or BackpressurePolicy.REFUSE
        self._connection: Optional[ClientConnection] = None

    async def __aiter__(self) -> AsyncGenerator[ClientConnection, None]:
        dial = await self._dial({}, is_single=False)
        try:
            while True:
                connection = await dial.next()
                try:
                    yield cast(ClientConnection, connection)
                except BaseException:  # it is left: before the close lets it dial again
                    connection.start_close()
                    dial.end()
                    raise
                finally:
                    await connection.close()
        finally:
            dial.end()

    def __await__(self) -> Generator[Any, None, ClientConnection]:
        return self._connect().__await__()

    async def __aenter__(self) -> ClientConnection:
        self._connection = await self._connect()
        return self._connection

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        assert self._connection is not None
        await self._connection.close()

    async def _connect(self) -> ClientConnection:
        defaults: Dict[str, Any] = {}
        if not self._options.get("max_attempts"):
            defaults["max_attempts"] = max(1, len(self._urls))
            defaults["retry_first_ms"] = defaults["retry_max_ms"] = _NO_RETRY_MS
        dial = await self._dial(defaults, is_single=True)
        try:
            return cast(ClientConnection, await dial.next())
        except BaseException:
            dial.end()
            raise

    async def _dial(self, defaults: Dict[str, Any], *, is_single: bool) -> Dial:
        dialing = await Dialing.of_running_loop()

        def make_connection(dial: Dial, peer: Peer, url: str) -> Connection:
            request = Request(_path_of(url), Headers(self._options.get("headers")))
            connection = self._create_connection(
                dialing.loop, self._limits, request, peer, dial if is_single else None
            )
            if self._policy != BackpressurePolicy.REFUSE:
                connection._use_policy(self._policy)
            return connection

        return Dial(dialing, self._urls, make_connection, {**self._options, **defaults})


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
