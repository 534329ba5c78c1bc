"""wsecho-echo's memory when many connections have come and gone."""

import pathlib
import socket
import time
from collections.abc import Callable

from echo_process import DEADLINE, EchoProcess, running_echo

CROWD = 3000
REQUEST = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def resident_bytes(echo: EchoProcess) -> int:
    status = pathlib.Path(f"/proc/{echo.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def come_and_go(echo: EchoProcess, count: int, meanwhile: Callable[[], None]) -> None:
    """So many connections; at the end all are hung up on at once."""
    sockets = []
    try:
        for _ in range(count):
            sockets.append(socket.create_connection(("127.0.0.1", echo.port), DEADLINE))
            sockets[-1].sendall(REQUEST)
        for connection in sockets:
            assert b" 101 " in connection.recv(4096)
        meanwhile()
    finally:
        for connection in sockets:
            connection.close()


def test_what_a_crowd_took_is_given_back_when_it_has_left() -> None:
    held: list[int] = []
    with running_echo("--event-loop", "epoll") as echo:
        come_and_go(echo, 10, lambda: None)
        before = resident_bytes(echo)
        come_and_go(echo, CROWD, lambda: held.append(resident_bytes(echo)))
        assert held[0] > before * 1.3, "or it shows nothing"
        deadline = time.monotonic() + DEADLINE
        while resident_bytes(echo) > before * 1.1 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert resident_bytes(echo) <= before * 1.1
