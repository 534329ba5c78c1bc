"""What cannot be run is refused in one clear line, with status 2, and nothing hangs."""

import os
import socket
import subprocess
from typing import Iterator

import pytest
from bench import binary, measure, refusal, run_bench
from echo_process import running_echo
from misbehaving_server import SWITCHING, MisbehavingServer, echo


@pytest.fixture
def unused_port() -> Iterator[int]:
    with socket.socket() as bound:  # and so nobody else's
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_a_port_where_nobody_listens_is_refused_in_one_line(unused_port: int) -> None:
    line = refusal(run_bench(f"ws://127.0.0.1:{unused_port}/", "--connections", 10000))
    assert "Connection refused" in line


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "403 Forbidden"),
        (SWITCHING.replace(b"s3pPL", b"xxxxx"), "Sec-WebSocket-Accept"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "SSH-2.0"),
        (b"HTTP/1.1 101 \x1b[2J\r\n\r\n", "Sec-WebSocket-Accept"),
    ],
    ids=["forbidden", "wrong accept", "another protocol", "terminal commands"],
)
def test_a_refused_handshake_is_told_in_the_servers_words(response: bytes, words: str) -> None:
    with MisbehavingServer(echo, response=response) as server:
        line = refusal(run_bench(server.url, "--connections", 3))
        assert server.counts["connections"] == 1  # the others were not tried
    assert words in line
    assert "\x1b" not in line


def test_a_server_that_never_answers_the_handshake_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        line = refusal(run_bench(f"ws://127.0.0.1:{silent.getsockname()[1]}/"))
    assert "no handshake answer within 10 s" in line


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "ADDRESS"),
        (("http://127.0.0.1/",), "ws://"),
        (("ws://127.0.0.1:99999/",), "99999"),
        (("ws://no-such-host.invalid/",), "no-such-host.invalid"),
        (("ws://127.0.0.1/", "--nope"), "--nope"),
        (("ws://127.0.0.1/", "surplus"), "surplus"),
        (("ws://127.0.0.1/", "--scenario", "party"), "party"),
        (("ws://127.0.0.1/", "--connections", "0"), "--connections"),
        (("ws://127.0.0.1/", "--size", "9-3"), "9-3"),
        (("ws://127.0.0.1/", "--size", "big"), "big"),
        (("ws://127.0.0.1/", "--require", "p98<1ms"), "--require: 'p98'"),
        (("ws://127.0.0.1/", "--capacity", "lost=0"), "--capacity"),
        (("ws://127.0.0.1/", "--capacity", "fast"), "--capacity: 'fast'"),
        (("ws://127.0.0.1/", "--header", "no colon"), "no colon"),
        (("ws://127.0.0.1/", "--header", "A: b\r\nC: d"), "--header"),
        (("ws://127.0.0.1/", "--source-ip", "127.0.0.x"), "127.0.0.x"),
        (("ws://127.0.0.1/", "--source-ip", "::1"), "::1"),
        (("ws://127.0.0.1/", "--server-pid", "999999999"), "999999999"),
        (("ws://127.0.0.1/", "--batch", "4"), "fanout"),
        (("ws://127.0.0.1/", "--churn"), "connect"),
        (("ws://127.0.0.1/", "--in-flight", "0"), "--in-flight"),
        (("ws://127.0.0.1/", "--in-flight", "65536", "--connections", "9999"), "--in-flight"),
        (("wss://127.0.0.1/", "--ca", "/nonexistent.pem"), "/nonexistent.pem"),
        (("ws://127.0.0.1/", "--calibrate"), "--calibrate"),
        (("suite",), "reference"),
        (("suite", "nonsense"), "nonsense"),
        (("compare", "/nonexistent.json", "/nonexistent.json"), "/nonexistent.json"),
        (("compare", "one.json"), "B"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_wrong_command_line_is_refused_with_the_word_that_is_wrong(
    options: tuple[str, ...], words: str
) -> None:
    assert words in refusal(run_bench(*options))


def test_a_file_that_cannot_be_written_is_found_out_before_the_run(unused_port: int) -> None:
    ran = run_bench(f"ws://127.0.0.1:{unused_port}/", "--json", "/nonexistent/results.json")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("wsecho-bench: cannot write /nonexistent/results.json: ")


def test_too_low_a_descriptor_limit_is_told_with_the_way_out(unused_port: int) -> None:
    wrapper = ("prlimit", "--nofile=300:300")
    line = refusal(
        run_bench(f"ws://127.0.0.1:{unused_port}/", "--connections", 1000, wrapper=wrapper)
    )
    assert "descriptors" in line
    assert "ulimit -Hn" in line


def test_too_few_ports_are_told_with_the_way_out() -> None:
    # In a network of its own, where the range may be as small as this test wants it.
    narrow = "echo 40000 40099 > /proc/sys/net/ipv4/ip_local_port_range && exec \"$@\""
    wrapper = ("unshare", "--net", "sh", "-c", narrow, "sh")
    line = refusal(
        run_bench("ws://127.0.0.1:9/", "--connections", 301, "--source-ip",
                  "127.0.0.2,127.0.0.3,127.0.0.4", wrapper=wrapper)
    )
    assert "the 3 source addresses have 300" in line
    assert "--source-ip" in line


def test_a_server_that_dies_midway_leaves_a_report_that_says_when_and_what_was_lost() -> None:
    with running_echo() as echo:
        bench = subprocess.Popen(
            [binary(), echo.url(), "--connections", "50", "--in-flight", "4", "--duration", "60"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert bench.stderr is not None
        while "echo" not in bench.stderr.readline():  # the first second of the measured time
            assert bench.poll() is None
        os.kill(echo.pid, 9)
        out, err = bench.communicate(timeout=60)
        echo.wait()
    assert bench.returncode == 1
    assert "ended early: the last connection was closed" in err
    assert "s after the load began" in err
    lost = next(line for line in out.splitlines() if line.split()[:1] == ["lost"])
    assert int(lost.split()[1]) > 0


def test_some_that_are_refused_do_not_keep_the_others_from_running() -> None:
    with running_echo("--max-connections", "5") as echo:
        ran = measure(echo.url(), "--connections", 8)
    assert ran.status == 1
    assert ran.results["connections"] == 5
    assert ran.results["attempts"]["started"] == 8
    assert sum(ran.results["attempts"]["failed"].values()) == 3
    assert "503" in ran.results["first_error"]
    assert not ran.wrongs
