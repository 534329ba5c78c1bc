"""What is reported is what the server has in its own books, to the last byte."""

import pytest
from accounting_server import AccountingServer
from bench import Ran, measure
from misbehaving_server import PING, frame

LOADS = [
    pytest.param(("--connections", 1), id="one connection"),
    pytest.param(("--connections", 5, "--in-flight", 8), id="eight in flight"),
    pytest.param(("--connections", 5, "--threads", 2, "--binary"), id="two threads, binary"),
    pytest.param(("--connections", 4, "--threads", 2, "--rate", 300), id="open loop"),
    pytest.param(("--connections", 2, "--size", 10), id="short messages"),
    pytest.param(("--connections", 2, "--size", 70000), id="large messages"),
    pytest.param(("--connections", 3, "--in-flight", 8, "--size", "10-1000"), id="many sizes"),
]


def answered(ran: Ran) -> int:
    return sum(count for _, count in ran.results["histogram"])


@pytest.mark.parametrize("load", LOADS)
def test_messages_and_bytes_are_those_that_the_server_saw(load: tuple[object, ...]) -> None:
    with AccountingServer() as server:
        ran = measure(server.url, *load)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    assert ran.results["sent"] == server.books.messages == answered(ran) > 0
    assert ran.results["bytes_sent"] == server.books.bytes_in
    assert ran.results["bytes_received"] == server.books.bytes_out
    attempts = ran.results["attempts"]
    assert attempts["started"] == attempts["opened"] == server.books.connections
    assert ran.results["connections"] == load[1]


def test_each_ping_is_answered_once_and_counted_once() -> None:
    with AccountingServer(greeting=3 * frame(b"still there?", PING)) as server:
        ran = measure(server.url, "--scenario", "idle", "--connections", 7, "--threads", 2)
    assert ran.status == 0, ran.err
    assert ran.results["idle"]["pings_answered"] == server.books.pongs == 3 * 7
    assert ran.results["bytes_sent"] == server.books.bytes_in


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    "scenario",
    [("connect",), ("connect", "--churn"), ("storm",), ("mixed",)],
    ids=["connect", "churn", "storm", "mixed"],
)
def test_handshakes_are_as_many_as_the_server_was_asked_for(
    scenario: tuple[str, ...], threads: int
) -> None:
    with AccountingServer() as server:
        ran = measure(
            server.url, "--scenario", *scenario, "--connections", 25, "--threads", threads
        )
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    attempts = ran.results["attempts"]
    assert attempts["started"] == server.books.connections
    assert attempts["started"] == attempts["opened"] + sum(attempts["failed"].values())
    assert attempts["failed"] == {}
    assert ran.results["handshakes"] <= attempts["opened"] - (25 if scenario[0] != "connect" else 0)
    if scenario[0] == "mixed":
        assert ran.results["sent"] == server.books.messages == answered(ran) > 0


@pytest.mark.parametrize("threads", [1, 2])
def test_an_open_loop_sends_no_more_than_was_asked_for(threads: int) -> None:
    with AccountingServer() as server:
        ran = measure(
            server.url, "--rate", 300, "--connections", 6, "--threads", threads, "--duration", 1.5
        )
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    # The first message of each thread is due at once.
    assert 0 < server.books.messages <= 300 * ran.results["seconds"] + threads
    assert ran.results["rate_asked"] == 300


def test_what_belongs_to_the_warm_up_is_not_in_the_measured_messages() -> None:
    with AccountingServer() as server:
        ran = measure(server.url, "--connections", 3, "--warm-up", 0.5)
    assert ran.status == 0, ran.err
    phases = {"warm-up": 0, "measured": 0, "drain": 0}
    for second in ran.results["series"]:
        phases[second["phase"]] += second["messages"]
    assert phases["warm-up"] > 0
    assert ran.results["messages"] == phases["measured"] > 0
    assert sum(phases.values()) <= server.books.messages
    assert ran.results["sent"] < server.books.messages

