"""Servers on ports from the system that end with their test, and clients of another hand."""

from __future__ import annotations

import contextlib
import gc
import os
import queue
import socket
import sys
from typing import Any, Callable, Iterator

import pytest
import websockets.sync.client

import wsecho

PATIENCE = 20  # seconds for what comes at once, on a machine that is busy


@pytest.fixture
def own_host() -> str:
    """An address of this machine whose ports the system gives to nobody else: a server that comes back
    to its port finds it free."""
    process = os.getpid()
    return f"127.{1 + process // 65536 % 254}.{process // 256 % 256}.{process % 256}"


class Told:
    """What callbacks were called with, in their order."""

    def __init__(self) -> None:
        self._calls: "queue.Queue[tuple]" = queue.Queue()

    def __call__(self, *arguments: object) -> None:
        self._calls.put(arguments)

    def next(self) -> Any:
        """The one argument of the next call, or all of them; waits for it."""
        arguments = self._calls.get(timeout=PATIENCE)
        return arguments[0] if len(arguments) == 1 else arguments

    @property
    def is_empty(self) -> bool:
        return self._calls.empty()


@pytest.fixture
def told() -> Callable[[], Told]:
    return Told


@pytest.fixture
def make_server() -> Iterator[Callable[..., wsecho.Server]]:
    """Servers that run, until the test is over."""
    with contextlib.ExitStack() as running:

        def make(**options: Any) -> wsecho.Server:
            return running.enter_context(wsecho.Server(**options))

        yield make
    gc.collect()  # what a test left shows in it, and not in another


@pytest.fixture
def connect() -> Iterator[Callable[..., Any]]:
    """Clients of Python's websockets package."""
    with contextlib.ExitStack() as connected:

        def make(server: wsecho.Server, path: str = "/", **options: Any) -> Any:
            options.setdefault("compression", None)
            options.setdefault("max_queue", None)  # it closes whether it has read all or not
            url = f"ws://127.0.0.1:{server.port}{path}"
            client = websockets.sync.client.connect(url, **options)
            return connected.enter_context(client)

        yield make


@pytest.fixture(autouse=True)
def no_lost_exceptions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a callback raises unexpectedly fails the test that it happens in."""
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    yield
    assert not lost, lost[0].exc_value


def echo(connection: wsecho.Connection, message: Any) -> None:
    connection.send(message)


@pytest.fixture
def unread_peer() -> Iterator[Callable[[wsecho.Server], socket.socket]]:
    """Peers that shake hands and then read nothing."""
    with contextlib.ExitStack() as connected:

        def make(server: wsecho.Server) -> socket.socket:
            peer = connected.enter_context(socket.socket())
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            peer.settimeout(PATIENCE)
            peer.connect(("127.0.0.1", server.port))
            shake_hands(peer)
            return peer

        yield make


def shake_hands(peer: socket.socket) -> None:
    """By hand, over whatever socket, without a byte beyond the answer."""
    peer.sendall(
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += peer.recv(1)
    assert answer.startswith(b"HTTP/1.1 101 "), answer
