"""A message is lost when its --timeout has passed, and not before; nothing waits for ever."""

import asyncio

import pytest
from bench import measure
from misbehaving_server import CLOSE, Behaviour, MisbehavingServer, Peer, drop, echo, every, frame


def answered_after(seconds: float) -> Behaviour:
    def behaviour(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        late = frame(payload, opcode)
        asyncio.get_running_loop().call_later(seconds, peer.send, late)

    return behaviour


def test_what_comes_within_the_timeout_is_waited_for_after_the_run() -> None:
    with MisbehavingServer(answered_after(6)) as server:
        ran = measure(server.url, "--connections", 2, "--timeout", 60)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    assert ran.results["sent"] == server.counts["messages"] == 2
    assert sum(count for _, count in ran.results["histogram"]) == 2
    assert ran.results["latency_ms"]["min"] > 5900


def test_what_never_comes_does_not_keep_the_run_from_ending() -> None:
    with MisbehavingServer(drop) as server:
        ran = measure(server.url, "--connections", 2, "--timeout", 0.3)
    assert ran.status == 1
    assert ran.wrongs == {"lost": 2} == {"lost": server.counts["messages"]}
    assert ran.results["messages"] == ran.results["latency_ms"]["max"] == 0
    assert ran.results["connections_at_end"] == 2


@pytest.mark.parametrize("load", [("--in-flight", 4), ("--rate", 100)], ids=["closed", "open"])
def test_a_share_that_never_comes_is_lost_to_the_last_one(load: tuple[object, ...]) -> None:
    with MisbehavingServer(every(10, "lost", drop)) as server:
        ran = measure(server.url, "--connections", 4, "--timeout", 0.5, "--duration", 2.5, *load)
    assert server.counts["lost"] > 4  # it went on after the first
    assert ran.wrongs == {"lost": server.counts["lost"]}
    answered = sum(count for _, count in ran.results["histogram"])
    assert ran.results["sent"] == server.counts["messages"] == answered + server.counts["lost"]


class Deaf(MisbehavingServer):
    """Answers no close, and hangs up on nobody."""

    def hears(self, opcode: int) -> bool:
        return opcode != CLOSE


def test_churn_says_that_a_server_answers_no_close() -> None:
    with Deaf(echo) as server:
        ran = measure(server.url, "--scenario", "connect", "--churn", "--connections", 3,
                      "--duration", 5)
    assert ran.status == 1
    (cause,) = ran.results["attempts"]["closed"]
    assert cause == "no answer to the close within 2 s"
    assert ran.results["attempts"]["closed"][cause] >= 3
