"""How many system calls an echo costs, counted by strace on every event loop: the writes of a
batch are gathered, and a single message costs one read, one write, and nothing else."""

import contextlib
import pathlib
import re
import select
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator

import pytest
from echo_process import DEADLINE, EVENT_LOOPS, EchoProcess, running_echo

PAYLOAD = b"x" * 256
KEY = bytes(4)  # a mask of zeros: the payload stays as it is
CLIENT_FRAME = b"\x81\xfe" + len(PAYLOAD).to_bytes(2, "big") + KEY + PAYLOAD
ECHO = b"\x81\x7e" + len(PAYLOAD).to_bytes(2, "big") + PAYLOAD
PING, PONG = b"\x89\x80" + KEY, b"\x8a\x00"

READS = ("read", "readv", "recvfrom", "recvmsg", "recvmmsg")
WRITES = ("write", "writev", "sendto", "sendmsg", "sendmmsg")
# Many messages share one, or it is another thread's.
WAITS = ("epoll_wait", "epoll_pwait", "poll", "rt_sigtimedwait", "restart_syscall")

on_every_event_loop = pytest.mark.parametrize("event_loop", EVENT_LOOPS)
REQUEST = (
    b"GET / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def open_connection(echo: EchoProcess) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", echo.port), timeout=DEADLINE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(REQUEST)
    response = b""
    while not response.endswith(b"\r\n\r\n"):
        response += connection.recv(4096)
    assert response.startswith(b"HTTP/1.1 101 ")
    return connection


def expect(connection: socket.socket, expected: bytes) -> None:
    received = b""
    while len(received) < len(expected):
        more = connection.recv(1 << 20)
        assert more, "the server hung up"
        received += more
    assert received == expected


def ping(connection: socket.socket) -> None:
    connection.sendall(PING)
    expect(connection, PONG)


@contextlib.contextmanager
def counted(echo: EchoProcess, trace: pathlib.Path) -> Iterator[Counter[str]]:
    """The calls that the server made in the meantime, by name, without waits; filled in at the
    end."""
    calls: Counter[str] = Counter()
    with open_connection(echo) as marker:
        ping(marker)  # its opening is over: what comes of it is not counted
        command = ["strace", "--follow-forks", "--decode-fds=socket", "--string-limit=1"]
        command += [f"--output={trace}", "--attach", str(echo.pid)]
        strace = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            assert strace.stderr is not None
            readable, _, _ = select.select([strace.stderr], [], [], DEADLINE)
            said = strace.stderr.readline() if readable else "nothing"
            assert "attached" in said, f"strace says: {said}"
            yield calls
            # strace writes a call down once it has returned: behind this ping, all of them have.
            ping(marker)
        finally:
            strace.send_signal(signal.SIGINT)
            strace.communicate(timeout=DEADLINE)
        markers = f":{marker.getsockname()[1]}]>"
    for line in trace.read_text().splitlines():
        call = re.match(r"\d+ +(\w+)\(", line)
        if call and call[1] not in WAITS and markers not in line:
            calls[call[1]] += 1


def total(calls: Counter[str], names: tuple[str, ...]) -> int:
    return sum(calls[name] for name in names)


def running(event_loop: str) -> contextlib.AbstractContextManager[EchoProcess]:
    return running_echo("--heartbeat-interval", "0", "--event-loop", event_loop)


@on_every_event_loop
def test_one_message_in_flight_costs_one_read_one_write_and_nothing_else(
    event_loop: str, tmp_path: pathlib.Path
) -> None:
    with running(event_loop) as echo, contextlib.ExitStack() as open_ones:
        connections = [open_ones.enter_context(open_connection(echo)) for _ in range(10)]
        with counted(echo, tmp_path / "trace") as calls:
            for _ in range(20):
                for connection in connections:
                    connection.sendall(CLIENT_FRAME)
                    expect(connection, ECHO)
    assert total(calls, READS) == 200, calls
    assert total(calls, WRITES) == 200, calls
    assert calls.total() == 400, calls


@on_every_event_loop
def test_32_messages_in_flight_leave_in_one_write_for_each_read(
    event_loop: str, tmp_path: pathlib.Path
) -> None:
    batches, connected = 20, 20
    with running(event_loop) as echo, contextlib.ExitStack() as open_ones:
        connections = [open_ones.enter_context(open_connection(echo)) for _ in range(connected)]
        with counted(echo, tmp_path / "trace") as calls:
            for _ in range(batches):
                for connection in connections:
                    connection.sendall(32 * CLIENT_FRAME)
                for connection in connections:
                    expect(connection, 32 * ECHO)
    reads, writes = total(calls, READS), total(calls, WRITES)
    # A batch may be cut by the kernel; what the server reads at once it answers at once.
    assert batches * connected <= reads <= 1.2 * batches * connected, calls
    assert writes <= 1.05 * reads, calls
