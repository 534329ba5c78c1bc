"""Whom a server lets in, and with which subprotocol."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from inspect import isawaitable
from typing import (
    TYPE_CHECKING,
    Any,
    Awaitable,
    Callable,
    Optional,
    Sequence,
    Set,
    Union,
)

from .._wsecho import Handshake
from ..errors import GoneError, WrongStateError
from .exceptions import NegotiationError
from .http import Headers, Request, Response

if TYPE_CHECKING:
    from .server import ServerConnection

__all__ = ["Handshakes", "ProcessRequest", "ProcessResponse", "SelectSubprotocol"]

ProcessRequest = Callable[
    ["ServerConnection", Request], Union[Optional[Response], Awaitable[Optional[Response]]]
]
ProcessResponse = Callable[
    ["ServerConnection", Request, Response],
    Union[Optional[Response], Awaitable[Optional[Response]]],
]
SelectSubprotocol = Callable[["ServerConnection", Sequence[str]], Optional[str]]

_FAILED = Response(
    500,
    body=b"Failed to open a WebSocket connection.\nSee server log for more information.\n",
)


class Handshakes:
    """Answers them: at once on the engine's thread, or, where the application is to be asked, on
    that of the event loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        make_connection: Callable[[Request, str], ServerConnection],
        logger: logging.Logger,
        *,
        subprotocols: Optional[Sequence[str]],
        select_subprotocol: Optional[SelectSubprotocol],
        process_request: Optional[ProcessRequest],
        process_response: Optional[ProcessResponse],
    ) -> None:
        self._loop = loop
        self._make_connection = make_connection
        self._logger = logger
        self._subprotocols = tuple(subprotocols or ())
        self._select = select_subprotocol
        self._process_request = process_request
        self._process_response = process_response
        self._is_asked = bool(select_subprotocol or process_request or process_response)
        self._tasks: Set[asyncio.Task[None]] = set()

    def on_handshake(self, handshake: Handshake) -> None:
        """On the engine's thread."""
        path = f"{handshake.uri}?{handshake.query}" if handshake.query else handshake.uri
        request = Request(path, Headers(handshake.headers), handshake.subprotocols)
        connection = self._make_connection(request, handshake.remote_address)
        if self._is_asked:
            self._loop.call_soon_threadsafe(self._ask, handshake, connection)
        else:
            self._accept(handshake, connection, Response(101))

    def cancel(self) -> None:
        """Nobody waits for the answers any more."""
        for task in self._tasks:
            task.cancel()

    def _ask(self, handshake: Handshake, connection: ServerConnection) -> None:
        task = self._loop.create_task(self._answer(handshake, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, handshake: Handshake, connection: ServerConnection) -> None:
        try:
            response = await self._response_to(connection)
            if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
                self._accept(handshake, connection, response)
            else:
                _reject(handshake, response)
        except (GoneError, WrongStateError):
            pass  # the client has left, or its time is over
        except asyncio.CancelledError:
            _reject(handshake, Response(503, body=b"Server is shutting down.\n"))
            raise
        except Exception:
            self._logger.error("opening handshake failed", exc_info=True)
            _reject(handshake, _FAILED)

    async def _response_to(self, connection: ServerConnection) -> Response:
        response: Optional[Response] = None
        if self._process_request is not None:
            response = await _result(self._process_request(connection, connection.request))
        if response is None:
            response = Response(101)
        if self._process_response is not None:
            changed = self._process_response(connection, connection.request, response)
            response = await _result(changed) or response
        return response

    def _accept(
        self, handshake: Handshake, connection: ServerConnection, response: Response
    ) -> None:
        try:
            connection.subprotocol = self._subprotocol_for(connection)
        except NegotiationError as error:
            return _reject(handshake, connection.respond(400, f"{error}.\n"))
        connection.response = response
        handshake.accept(
            subprotocol=connection.subprotocol,
            headers=list(response.headers.raw_items()),
            user=connection,
        )

    def _subprotocol_for(self, connection: ServerConnection) -> Optional[str]:
        offered = connection.request.subprotocols
        if self._select is not None:
            return self._select(connection, offered)
        if not self._subprotocols:
            return None
        for wanted in self._subprotocols:
            if wanted in offered:
                return wanted
        raise NegotiationError(
            f"invalid subprotocol; expected one of {', '.join(self._subprotocols)}"
            if offered
            else "missing subprotocol"
        )


async def _result(given: Union[Optional[Response], Awaitable[Optional[Response]]]) -> Any:
    return await given if isawaitable(given) else given


def _reject(handshake: Handshake, response: Response) -> None:
    try:
        handshake.reject(
            response.status_code,
            headers=list(response.headers.raw_items()),
            body=response.body,
        )
    except (GoneError, WrongStateError):
        pass
