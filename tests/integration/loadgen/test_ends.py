"""However a run ends, what it says of its end is true: for every thread, and to the last answer."""

import asyncio
import json
import pathlib
import re
import signal
import subprocess

import pytest
from bench import DEADLINE, Ran, binary, measure
from echo_process import EchoProcess
from misbehaving_server import (
    CLOSE,
    Behaviour,
    MisbehavingServer,
    Peer,
    delayed,
    drop,
    echo,
    frame,
)


def interrupted(said: str, *options: object) -> Ran:
    """A run that gets Ctrl-C as from a terminal, once its standard error has said `said`."""
    bench = subprocess.Popen(
        [binary(), *map(str, options)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background has the signal ignored; and a terminal sends it
        # to the whole group.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        process_group=0,
    )
    assert bench.stderr is not None
    try:
        while said not in (line := bench.stderr.readline()):
            assert line, "it ended before it said so"
        subprocess.run(["kill", "-INT", "--", f"-{bench.pid}"], check=True)
        out, err = bench.communicate(timeout=DEADLINE)
    finally:
        if bench.poll() is None:
            bench.kill()
            bench.communicate()
    return Ran(bench.returncode, out, err)


def hang_up_on_those_below(limit: int) -> Behaviour:
    """Ends the connections whose number in the stamp is below the limit, and echoes to others."""

    def behaviour(server: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        stamped = re.search(rb'"connection":"([0-9a-f]{8})"', payload)
        assert stamped
        if int(stamped[1], 16) < limit:
            peer.writer.close()
        else:
            echo(server, peer, payload, opcode)

    return behaviour


def test_a_run_whose_first_thread_has_nothing_left_still_hears_ctrl_c(
    tmp_path: pathlib.Path,
) -> None:
    file = tmp_path / "run.json"
    with MisbehavingServer(hang_up_on_those_below(3)) as server:
        ran = interrupted("msg/s", server.url, "--connections", 6, "--threads", 2, "--warm-up", 0,
                          "--duration", 3600, "--json", file)
    results = json.loads(file.read_text())
    assert results["interrupted"] is True
    assert results["connections_at_end"] == 3
    assert (ran.status, results["errors"], results["lost"]) == (1, 3, 3)


def test_errors_are_not_forgotten_when_a_threads_connections_have_ended() -> None:
    with MisbehavingServer(hang_up_on_those_below(3)) as server:
        ran = measure(server.url, "--connections", 6, "--threads", 2, "--duration", 3.5)
    seconds = ran.results["series"]
    assert len(seconds) >= 3
    # Three connections that ended, and the message that each of them lost.
    assert [second["errors"] for second in seconds] == [6] * len(seconds)
    assert [second["open"] for second in seconds] == [3] * len(seconds)
    assert sum(s["messages"] for s in seconds if s["phase"] == "measured") == (
        ran.results["messages"]
    )


def test_a_fanout_that_is_stuck_ends_for_all_threads(echo: EchoProcess) -> None:
    # A server that echoes does not broadcast: the others wait in vain.
    ran = measure(echo.url(), "--scenario", "fanout", "--connections", 6, "--batch", 2,
                  "--threads", 2, "--duration", 100)
    assert ran.status == 1
    assert ran.wrongs == {"lost": 10}
    assert "did not deliver" in ran.results["ended_early"]
    assert "ended early: " in ran.err


def test_an_answer_that_is_in_time_is_not_lost_because_the_run_is_over() -> None:
    def late(server: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        if peer.number == 3:
            asyncio.get_running_loop().call_later(6, peer.send, frame(payload, opcode))
        else:
            echo(server, peer, payload, opcode)

    with MisbehavingServer(late) as server:
        ran = measure(server.url, "--connections", 1, "--timeout", 60)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    assert ran.results["latency_ms"]["max"] > 5900
    assert ran.results["longest_silence_ms"] > 5900


@pytest.mark.parametrize("loop", [("--in-flight", 3), ("--rate", 100)])
def test_a_server_that_answers_nothing_meets_no_requirement(loop: tuple[object, ...]) -> None:
    with MisbehavingServer(drop) as server:
        ran = measure(server.url, "--connections", 2, "--timeout", 0.5, *loop,
                      "--require", "p99<60s,mean<60s")
    assert ran.status == 1
    assert [each["met"] for each in ran.results["requirements"]] == [False, False]
    assert [each["value"] for each in ran.results["requirements"]] == [None, None]
    assert ran.wrongs == {"lost": ran.results["sent"]} == {"lost": server.counts["messages"]}


def test_an_open_loop_sends_what_is_due_to_a_slow_server_too() -> None:
    with MisbehavingServer(delayed(0.5, 0.5)) as server:
        ran = measure(server.url, "--connections", 4, "--rate", 300, "--duration", 2)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    # All that fell due within two seconds, but what a busy machine kept from leaving at the end.
    assert 540 <= ran.results["sent"] <= 601
    assert sum(count for _, count in ran.results["histogram"]) == ran.results["sent"]
    assert ran.results["latency_ms"]["min"] >= 500


def test_ctrl_c_ends_a_calibration_well(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "run.json"
    ran = interrupted("echo ", "--calibrate", "--connections", 5, "--warm-up", 0, "--duration",
                      3600, "--json", file)
    assert ran.status == 0, ran.err
    results = json.loads(file.read_text())
    assert results["interrupted"] is True
    assert (results["errors"], results["lost"]) == (0, 0)


def test_a_close_reason_cannot_leave_the_script_of_the_page(tmp_path: pathlib.Path) -> None:
    hostile = b"</script><!--<img src=x onerror=alert(1)>"

    def close(_: MisbehavingServer, peer: Peer, __: bytes, ___: int) -> None:
        peer.send(frame(b"\x03\xe8" + hostile, CLOSE))

    pages = []
    for behaviour in (echo, close):
        file = tmp_path / "run.html"
        with MisbehavingServer(behaviour) as server:
            ran = measure(server.url, "--connections", 2, "--html", file)
        pages.append(file.read_text())
    assert hostile.decode() in ran.results["first_error"]
    clean, attacked = pages
    for mark in ("</script", "<!--", "<img"):
        assert attacked.count(mark) == clean.count(mark), mark
