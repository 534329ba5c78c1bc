"""The latency that is reported is the one that was."""

import pathlib
import signal
import threading

import pytest
from bench import Ran, measure
from capture import captured, latencies, percentile
from echo_process import EchoProcess, running_echo
from misbehaving_server import MisbehavingServer, delayed

STALL = 0.2  # seconds, of each second


@pytest.mark.parametrize(
    "loop", [("--in-flight", 1), ("--rate", 400)], ids=["closed loop", "open loop"]
)
def test_percentiles_agree_with_the_packets(tmp_path: pathlib.Path, loop: tuple[object]) -> None:
    packets = tmp_path / "packets.pcap"
    with MisbehavingServer(delayed(0.01, 0.06)) as server, captured(server.port, packets):
        ran = measure(server.url, "--connections", 40, "--duration", 3, *loop)
    assert ran.status == 0, ran.err
    took = latencies(packets, server.port)
    assert len(took) >= ran.results["messages"] > 500
    for name, fraction in (("p50", 0.5), ("p99", 0.99)):
        captured_ms = 1000 * percentile(took, fraction)
        assert ran.results["latency_ms"][name] == pytest.approx(captured_ms, rel=0.05), name


def stalling(echo: EchoProcess, over: threading.Event) -> None:
    """Stops the server for a while in each second, until the run is over."""
    while not over.wait(1 - STALL):
        echo.signal(signal.SIGSTOP)
        over.wait(STALL)
        echo.signal(signal.SIGCONT)


def measure_stalled(*loop: object) -> Ran:
    over = threading.Event()
    with running_echo() as echo:
        stopper = threading.Thread(target=stalling, args=(echo, over))
        stopper.start()
        try:
            return measure(echo.url(), "--connections", 20, "--duration", 4, *loop)
        finally:
            over.set()
            stopper.join()


def test_a_server_that_stalls_is_seen_in_the_open_loops_p99() -> None:
    ran = measure_stalled("--rate", 2000)
    assert ran.status == 0, ran.err
    latency = ran.results["latency_ms"]
    # A fifth of all messages falls due in a stall, and waits for its end.
    assert latency["p99"] > 1000 * STALL * 0.6
    assert latency["p50"] < latency["p99"] / 4
    assert ran.results["latency_from"] == "intended"
    assert "closed loop" not in ran.err


def test_a_closed_loop_says_what_it_leaves_out_and_shows_the_stall_all_the_same() -> None:
    ran = measure_stalled("--in-flight", 1)
    assert ran.status == 0, ran.err
    assert ran.results["latency_ms"]["max"] > 1000 * STALL * 0.9
    assert ran.results["longest_silence_ms"] > 1000 * STALL * 0.9
    assert ran.results["latency_from"] == "send"
    assert "longest silence" in ran.out
    assert "a closed loop waits for the server" in ran.err
