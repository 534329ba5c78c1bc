"""No time is reported that is shorter than what the server is known to have taken.

A slow machine only makes the reported times longer: nothing here asks for speed.
"""

import asyncio
import json
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest
from accounting_server import (
    AccountingServer,
    held_back,
    one_at_a_time,
    second_half_held_back,
)
from bench import DEADLINE, binary, measure
from misbehaving_server import PING, MisbehavingServer, Peer, frame

DELAY = 0.08  # seconds
# The loop's clock may fire by its resolution early, and the histogram's buckets have a width.
LEAST_MS = 1000 * DELAY * 0.98

LOADS = [
    pytest.param(("--connections", 2), id="closed loop"),
    pytest.param(("--connections", 2, "--in-flight", 8, "--binary"), id="eight in flight"),
    pytest.param(("--connections", 4, "--threads", 2, "--rate", 100), id="open loop"),
    pytest.param(("--connections", 2, "--size", 70000), id="large messages"),
    pytest.param(("--connections", 40, "--scenario", "mixed"), id="mixed"),
]


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("behaviour", [held_back, second_half_held_back], ids=["whole", "half"])
def test_no_echo_is_reported_before_all_of_it_was_there(
    behaviour: object, load: tuple[object, ...]
) -> None:
    if behaviour is second_half_held_back and "--in-flight" in load:
        load = ("--connections", 16)  # halves of several echoes would be mixed up
    if behaviour is second_half_held_back and "--rate" in load:
        load = (*load, "--in-flight", 1)
    with AccountingServer(behaviour(DELAY)) as server:  # type: ignore[operator]
        ran = measure(server.url, *load)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    assert ran.results["latency_ms"]["min"] >= LEAST_MS
    assert ran.results["histogram"][0][0] >= LEAST_MS


@pytest.mark.parametrize("threads", [1, 2])
def test_a_handshake_takes_as_long_as_the_server_lets_it_wait(threads: int) -> None:
    with AccountingServer(handshake_delay=DELAY) as server:
        load = ("--connections", 10, "--threads", threads)
        opened = measure(server.url, "--scenario", "connect", *load)
        stormed = measure(server.url, "--scenario", "storm", *load)
    for ran in (opened, stormed):
        assert ran.status == 0, ran.err
        assert ran.results["latency_from"] == "handshake"
        assert ran.results["latency_ms"]["min"] >= LEAST_MS
        assert ran.results["handshake_ms"]["min"] >= LEAST_MS
        assert ran.results["connect"]["seconds"] >= LEAST_MS / 1000
    assert min(stormed.results["storm"]["recovery_seconds"]) >= LEAST_MS / 1000


def test_what_waited_for_its_turn_in_the_generator_has_waited() -> None:
    # Four times as many fall due as are answered: after a second, the one that leaves was due
    # three quarters of a second ago.
    with AccountingServer(one_at_a_time(0.02)) as server:
        ran = measure(
            server.url, "--connections", 1, "--rate", 200, "--in-flight", 1, "--duration", 1
        )
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    assert ran.results["latency_from"] == "intended"
    assert ran.results["latency_ms"]["max"] >= 600
    assert ran.results["latency_ms"]["p50"] >= 250
    assert any("200 messages/s were asked for" in each for each in ran.results["warnings"])


def test_a_capacity_is_not_above_what_the_server_can_do() -> None:
    with AccountingServer(one_at_a_time(0.005)) as server:
        ran = measure(
            server.url, "--capacity", "p99<30s", "--rate", 25, "--connections", 4,
            "--duration", 1, "--timeout", 60,
        )  # fmt: skip
    assert not ran.wrongs, ran.err
    capacity = ran.results["capacity"]
    assert capacity["knee_rate"] is not None
    # A step passes with 98 % of its rate, and its ends may cut off a message or add one.
    assert capacity["knee_rate"] <= 200 / 0.98 + 5
    for step in capacity["steps"]:
        assert step["messages_per_second"] <= 200 + 5
        assert step["passed"] == (step["rate"] <= capacity["knee_rate"])


def silent_but_pinging(number: int, seconds: float) -> object:
    """That message is answered late; until then there are pings, as of a heartbeat."""

    def behaviour(server: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        if peer.number != number:
            peer.send(frame(payload, opcode))
            return
        server.count("silences")
        loop = asyncio.get_running_loop()
        for part in range(1, 10):
            loop.call_later(seconds * part / 10, peer.send, frame(b"", PING))
        loop.call_later(seconds, peer.send, frame(payload, opcode))

    return behaviour


def test_pings_do_not_break_the_silence_of_a_server_that_does_not_echo() -> None:
    with AccountingServer(silent_but_pinging(20, 0.5)) as server:  # type: ignore[arg-type]
        ran = measure(server.url, "--connections", 1, "--duration", 2)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    assert server.counts["silences"] == 1
    assert ran.results["latency_ms"]["max"] >= 490
    assert ran.results["longest_silence_ms"] >= 490


def test_a_generator_that_is_late_says_so() -> None:
    with AccountingServer() as server, tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "results.json")
        bench = subprocess.Popen(
            [binary(), server.url, "--connections", "4", "--rate", "200", "--warm-up", "0",
             "--duration", "3", "--json", str(file)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert bench.stderr is not None
        while "echo 1 s" not in bench.stderr.readline():
            assert bench.poll() is None
        bench.send_signal(signal.SIGSTOP)
        threading.Event().wait(0.4)  # the lateness itself
        bench.send_signal(signal.SIGCONT)
        _, err = bench.communicate(timeout=DEADLINE)
        ran = json.loads(file.read_text())
    assert bench.returncode == 0, err
    assert ran["schedule_lag_ms"]["max"] >= 390
    # From when it was due, which the generator's own lateness is part of.
    assert ran["latency_ms"]["max"] >= 390
    assert any("the generator sent late" in each for each in ran["warnings"])
