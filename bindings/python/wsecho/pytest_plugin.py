"""For pytest: servers for the tests of WebSocket clients. Installed with the package; nothing is to be
imported.

    def test_the_client_says_hello(wsecho_server):
        client = Client(wsecho_server.url)                 # a server that echoes
        ...

    def test_the_client_survives_a_close(wsecho_server):
        server = wsecho_server(on_message=lambda connection, message: connection.close(1011))
        client = Client(server.url)
        ...
"""

from __future__ import annotations

from typing import Any, Iterator, List, Optional, Tuple, Union

import pytest

import wsecho

__all__ = ["RunningServer", "ServerFactory", "wsecho_server"]


class RunningServer:
    """A server on a free port of 127.0.0.1, from its making until stop() or the end of the test."""

    def __init__(self, **options: Any) -> None:
        self.received: List[Union[str, bytes]] = []
        """What came, if no on_message was given: each message, before it goes back."""
        self.errors: List[Tuple[Optional[wsecho.Connection], BaseException]] = []
        """What callbacks raised, if no on_error was given. What is left of it fails the test."""
        settings = {"host": "127.0.0.1", "port": 0, "on_message": self._echo,
                    "on_error": self._keep, **options}
        self.server = wsecho.Server(**settings)
        self.server.start()
        self.port: int = self.server.port
        host = settings["host"]
        self.url = f"ws://{f'[{host}]' if ':' in host else host}:{self.port}/"

    def stop(self) -> None:
        """Closes all connections with 1001, and the port. What is stopped stays so."""
        self.server.stop()

    def _echo(self, connection: wsecho.Connection, message: Union[str, bytes]) -> None:
        self.received.append(message)
        connection.send(message)

    def _keep(self, connection: Optional[wsecho.Connection], error: BaseException) -> None:
        self.errors.append((connection, error))


class ServerFactory:
    """The fixture's value. Called, it starts another server, with the options and callbacks of
    wsecho.Server; its own attributes are those of one that echoes, started when first asked for."""

    def __init__(self) -> None:
        self._servers: List[RunningServer] = []
        self._echo: Optional[RunningServer] = None

    def __call__(self, **options: Any) -> RunningServer:
        self._servers.append(RunningServer(**options))
        return self._servers[-1]

    @property
    def echo(self) -> RunningServer:
        if self._echo is None:
            self._echo = self()
        return self._echo

    @property
    def url(self) -> str:
        return self.echo.url

    @property
    def port(self) -> int:
        return self.echo.port

    @property
    def received(self) -> List[Union[str, bytes]]:
        return self.echo.received

    def stop_all(self) -> None:
        """Raises the first of what callbacks raised and the test did not take."""
        for server in self._servers:
            server.stop()
        for server in self._servers:
            for _, error in server.errors:
                raise error


@pytest.fixture
def wsecho_server() -> Iterator[ServerFactory]:
    """WebSocket servers on free ports, ended after the test.

    wsecho_server.url is the address of one that echoes. wsecho_server(on_message=..., ...) starts
    another one, with any option of wsecho.Server, and returns it: it has url, port, received,
    errors, stop() and server. An exception in a callback fails the test, unless the test takes it
    from errors or gives an on_error of its own.
    """
    factory = ServerFactory()
    try:
        yield factory
    finally:
        factory.stop_all()
