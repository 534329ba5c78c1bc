"""wsecho-echo as a program: its flags, its one line, its exit status, its signals."""

import asyncio
import contextlib
import json
import pathlib
import re
import signal
import socket
import subprocess

import pytest
from echo_process import (
    DEADLINE,
    EVENT_LOOPS,
    EchoProcess,
    binary,
    run_echo,
    running_echo,
    without_drain,
)
from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect as connect_sync
from websockets.typing import Origin


def test_it_says_in_one_line_where_it_listens(echo: EchoProcess) -> None:
    assert re.fullmatch(r"listening on 127\.0\.0\.1:[1-9][0-9]*", echo.first_line)
    with connect_sync(echo.url()) as connection:
        connection.send("hello")
        assert connection.recv(DEADLINE) == "hello"


def test_an_ipv6_host_is_named_in_brackets() -> None:
    with running_echo("--host", "::1") as echo:
        assert re.fullmatch(r"listening on \[::1\]:[1-9][0-9]*", echo.first_line)
        with connect_sync(echo.url()) as connection:
            connection.send("hello")
            assert connection.recv(DEADLINE) == "hello"


def test_a_unix_socket_is_served_and_its_file_removed(tmp_path: pathlib.Path) -> None:
    async def talk() -> None:
        async with unix_connect(str(path)) as connection:
            await connection.send("hello")
            assert await asyncio.wait_for(connection.recv(), DEADLINE) == "hello"

    path = tmp_path / "echo.sock"
    with running_echo("--port", "-1", "--unix", str(path)) as echo:
        assert echo.first_line == f"listening on {path}"
        asyncio.run(talk())
    assert not path.exists()


@pytest.mark.parametrize("name", EVENT_LOOPS)
def test_each_event_loop_serves_and_the_statistics_name_it(name: str) -> None:
    with running_echo("--event-loop", name, "--stats") as echo:
        with connect_sync(echo.url()) as connection:
            connection.send("hello")
            assert connection.recv(DEADLINE) == "hello"
        ended = echo.stop()
    assert json.loads(ended.out)["event_loop"] == name


def test_an_event_loop_that_is_not_there_is_refused_with_those_that_are() -> None:
    ended = run_echo("--event-loop", "kqueue")
    assert ended.status == 2
    assert ended.out == ""
    names = ", ".join(["auto", *EVENT_LOOPS])
    assert re.fullmatch(rf"wsecho-echo: event_loop: .*{names}\n", ended.err)


def test_another_path_gets_404() -> None:
    with running_echo("--path", "/chat") as echo:
        with pytest.raises(InvalidStatus) as refused:
            connect_sync(echo.url("/elsewhere"))
        assert refused.value.response.status_code == 404
        assert refused.value.response.body
        connect_sync(echo.url("/chat?room=1")).close()


def test_one_connection_too_many_gets_503_and_when_to_try_again() -> None:
    with running_echo("--max-connections", "1") as echo, connect_sync(echo.url()) as connection:
        with pytest.raises(InvalidStatus) as refused:
            connect_sync(echo.url())
        assert refused.value.response.status_code == 503
        assert int(refused.value.response.headers["Retry-After"]) > 0
        connection.send("undisturbed")
        assert connection.recv(DEADLINE) == "undisturbed"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_says_1001_to_every_client_and_exits_with_0(number: signal.Signals) -> None:
    async def code_of_end(connection: ClientConnection) -> int:
        try:
            await asyncio.wait_for(connection.recv(), DEADLINE)
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, "no close frame came"
            return closed.rcvd.code
        raise AssertionError("a message came instead of the end")

    async def talk(echo: EchoProcess) -> list[int]:
        clients = [await connect(echo.url()) for _ in range(20)]
        echo.signal(number)
        return await asyncio.gather(*(code_of_end(client) for client in clients))

    with running_echo("--threads", "2") as echo:
        assert asyncio.run(talk(echo)) == [1001] * 20
        ended = echo.wait()
        assert (ended.status, ended.out) == (0, "")
        assert ended.err == (
            "wsecho-echo: of 20 connections 20 answered, 0 left, 0 broke, 0 were cut off "
            "(0 bytes unsent)\n"
        )


def test_without_connections_a_signal_ends_it_without_a_word() -> None:
    with running_echo() as echo:
        ended = echo.stop()
    assert (ended.status, ended.out, ended.err) == (0, "", "")


def silent_peer(echo: EchoProcess) -> socket.socket:
    """Lets itself be told whatever it is, and answers nothing."""
    peer = socket.create_connection(("127.0.0.1", echo.port), DEADLINE)
    peer.sendall(
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert read_until(peer, b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")
    return peer


def read_until(peer: socket.socket, end: bytes) -> bytes:
    got = b""
    while end not in got:
        more = peer.recv(4096)
        assert more, got
        got += more
    return got


CLOSE_1001 = b"\x03\xe9"


def test_who_does_not_answer_is_cut_off_when_the_drain_is_over() -> None:
    with running_echo("--drain", "0.2") as echo, silent_peer(echo) as peer:
        ended = echo.stop()
        assert CLOSE_1001 in read_until(peer, CLOSE_1001)
    assert ended.status == 0
    assert "of 1 connections 0 answered, 0 left, 0 broke, 1 were cut off" in ended.err


def test_a_full_disk_under_its_log_ends_nothing() -> None:
    full = ("sh", "-c", 'exec "$@" 2>/dev/full', "sh")
    with running_echo("--verbose", wrapper=full) as echo, connect_sync(echo.url()) as connection:
        connection.send("hello")
        assert connection.recv(DEADLINE) == "hello"
        ended = echo.stop()
    assert ended.status == 0


def test_a_second_signal_cuts_the_drain_short() -> None:
    with running_echo("--drain", "4000000") as echo, silent_peer(echo) as peer:
        echo.signal(signal.SIGTERM)
        read_until(peer, CLOSE_1001)
        echo.signal(signal.SIGINT)
        ended = echo.wait()
    assert ended.status == 0
    assert "1 were cut off" in ended.err


def test_its_statistics_are_json_that_adds_up() -> None:
    with running_echo("--stats", "--threads", "2", "--path", "/") as echo:
        for number in range(6):
            with connect_sync(echo.url()) as connection:
                connection.send("x" * number)
                assert connection.recv(DEADLINE) == "x" * number
        with pytest.raises(InvalidStatus):
            connect_sync(echo.url("/elsewhere"))
        ended = echo.stop()
    assert ended.status == 0
    statistics = json.loads(ended.out)
    assert statistics["connections"] == 0
    assert statistics["connections_total"] == 6
    assert statistics["messages_received"] == statistics["messages_sent"] == 6
    assert statistics["bytes_queued"] == 0
    assert statistics["closes"]["peer"] == 6
    assert statistics["refusals"]["not_found"] == 1
    assert len(statistics["loops"]) == 2
    for name, total in statistics.items():
        if isinstance(total, int):
            assert sum(loop[name] for loop in statistics["loops"]) == total, name


def test_who_sends_more_than_the_rate_waits_or_is_closed() -> None:
    rate = ("--max-messages-per-second", "10", "--max-bytes-per-second", "10000", "--stats")
    for policy, slowed in (("slow", True), ("close", False)):
        with running_echo(*rate, "--rate-policy", policy) as echo:
            with connect_sync(echo.url()) as connection, contextlib.suppress(ConnectionClosed):
                for _ in range(15):
                    connection.send("word")
                for _ in range(15):
                    connection.recv(DEADLINE)
            statistics = json.loads(echo.stop().out)
        assert statistics["closes"]["peer" if slowed else "limit"] == 1
        assert (statistics["rate_pauses"] > 0) == slowed
        assert statistics["rate_closes"] == (0 if slowed else 1)


LIMITS = [
    "--max-connections-per-address",
    "--max-handshakes-per-address",
    "--max-messages-per-second",
    "--max-bytes-per-second",
    "--idle-timeout",
]


def limits_told(ended_with: str) -> list[str]:
    return [flag for flag in LIMITS for line in ended_with.splitlines() if flag in line]


@pytest.mark.parametrize(
    ("host", "reached"), [("0.0.0.0", "127.0.0.1"), ("", "127.0.0.1"), ("::", "[::1]")]
)
def test_an_open_port_has_limits_and_says_so(host: str, reached: str) -> None:
    with running_echo("--host", host) as echo:
        with connect_sync(f"ws://{reached}:{echo.port}/") as connection:
            connection.send("hello")
            assert connection.recv(DEADLINE) == "hello"
        assert limits_told(echo.stop().err) == LIMITS


def test_the_limit_of_an_open_port_holds() -> None:
    with running_echo("--host", "0.0.0.0", "--max-handshakes-per-address", "0") as echo:
        url = f"ws://127.0.0.1:{echo.port}/"
        with contextlib.ExitStack() as connections:
            for _ in range(100):
                connections.enter_context(connect_sync(url))
            with pytest.raises(InvalidStatus) as refused:
                connect_sync(url)
            assert refused.value.response.status_code == 429
        assert echo.stop().status == 0


def test_on_an_open_port_what_the_command_line_says_stands() -> None:
    given = [word for flag in LIMITS for word in (flag, "0")]
    with running_echo("--host", "0.0.0.0", *given) as echo:
        url = f"ws://127.0.0.1:{echo.port}/"
        with contextlib.ExitStack() as connections:
            for _ in range(101):
                connections.enter_context(connect_sync(url))
        assert without_drain(echo.stop().err) == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1"])
def test_on_this_machine_alone_there_are_no_limits(host: str) -> None:
    with running_echo("--host", host) as echo:
        assert echo.stop().err == ""


def test_a_page_by_a_foreign_name_is_refused_and_the_log_tells_the_way_out() -> None:
    def status_of(host: str) -> int:
        reached = socket.create_connection(("127.0.0.1", echo.port))
        try:
            connect_sync(f"ws://{host}/", sock=reached, origin=Origin(f"http://{host}")).close()
        except InvalidStatus as refused:
            return refused.response.status_code
        return 101

    with running_echo() as echo:
        assert status_of("evil.example") == 421
        assert "allowed_hosts" in echo.stop().err
    with running_echo("--allowed-hosts", "good.example,*.fine.example") as echo:
        assert status_of("good.example") == 101
        assert status_of("a.fine.example") == 101
        assert status_of("evil.example") == 421
        assert echo.stop().status == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--allowed-hosts", "http://a"], "allowed_hosts"),
        (["--nope"], "--nope"),
        (["surplus"], "surplus"),
        (["--port", "http"], "--port"),
        (["--port"], "--port"),
        (["--port", "99999"], "port"),
        (["--port", "-1"], "port"),
        (["--mode", "shout"], "shout"),
        (["--threads", "1000"], "threads"),
        (["--path", "chat"], "path"),
        (["--max-queued", "1"], "max_queued_bytes"),
        (["--heartbeat-interval", "-1"], "--heartbeat-interval"),
        (["--heartbeat-max-interval", "1"], "heartbeat_max_interval_ms"),
        (["--heartbeat-misses", "0"], "--heartbeat-misses"),
        (["--max-bytes-per-second", "10000000001"], "max_bytes_per_second"),
        (["--rate-policy", "shout"], "--rate-policy"),
        (["--handshake-timeout", "0"], "handshake_timeout_ms"),
        (["--drain", "0"], "--drain"),
    ],
)
def test_a_wrong_flag_exits_with_2_and_one_line_that_names_it(
    options: list[str], words: str
) -> None:
    ended = run_echo(*options)
    assert (ended.status, ended.out) == (2, "")
    lines = ended.err.splitlines()
    assert len(lines) == 1, ended.err
    assert lines[0].startswith("wsecho-echo: ")
    assert words in lines[0]


def test_a_port_that_is_taken_exits_with_1_and_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run_echo("--port", str(port))
    assert (ended.status, ended.out) == (1, "")
    assert len(ended.err.splitlines()) == 1
    assert f"127.0.0.1:{port}" in ended.err


def test_too_low_a_descriptor_limit_exits_with_1_and_what_is_needed() -> None:
    # prlimit sets the hard limit, too, which the program cannot raise.
    done = subprocess.run(
        ["prlimit", "--nofile=500:500", str(binary()), "--port", "0", "--max-connections", "1000"],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "ulimit -n" in done.stderr
    assert "500" in done.stderr


def test_it_raises_its_own_soft_descriptor_limit() -> None:
    with running_echo("--max-connections", "1000", wrapper=("prlimit", "--nofile=256:")) as echo:
        connect_sync(echo.url()).close()


def test_help_explains_itself_with_examples() -> None:
    ended = run_echo("--help")
    assert (ended.status, ended.err) == (0, "")
    for words in ("--mode", "--max-connections", "Examples:", "wsecho-echo --mode broadcast"):
        assert words in ended.out


def test_version_is_that_of_the_library() -> None:
    ended = run_echo("--version")
    assert ended.status == 0
    assert re.fullmatch(r"wsecho-echo \d+\.\d+\.\d+\n", ended.out)
