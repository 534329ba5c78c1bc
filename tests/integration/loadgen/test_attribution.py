"""What goes wrong with one message is not blamed on another, however long ago it was sent."""

from typing import Any

import pytest
from bench import Ran, measure
from misbehaving_server import Behaviour, MisbehavingServer, in_fragments
from strange_behaviours import (
    again_after,
    at_message,
    byte_by_byte,
    crossed_wires,
    hang_up,
    in_drops,
    one_after,
    reset,
    stranger,
    tamper_at,
)

STAMP = 16  # where the stamp of a message of 64 bytes or more begins
STAMPS = (10, 256)  # a message that is nothing but its stamp, and one that is JSON


def answered(ran: Ran) -> int:
    """Messages whose latency was recorded."""
    return sum(count for _, count in ran.results["histogram"])


def adds_up(ran: Ran) -> bool:
    """What was sent came back, or was lost. True without a warm-up only."""
    results: dict[str, Any] = ran.results
    return bool(results["sent"] == answered(ran) + results["lost"])


@pytest.mark.parametrize("before_its_echo", [True, False], ids=["before", "behind"])
@pytest.mark.parametrize("gap", [1, 64, 65])
@pytest.mark.parametrize("size", STAMPS)
def test_an_echo_that_comes_again_much_later_is_duplicated(
    size: int, gap: int, before_its_echo: bool
) -> None:
    behaviour = again_after(gap, before_its_echo=before_its_echo)
    with MisbehavingServer(behaviour) as server:
        ran = measure(server.url, "--connections", 2, "--size", size)
    assert server.counts["duplicated"] == 2
    assert ran.wrongs == {"duplicated": 2}
    assert adds_up(ran)


def test_a_late_one_changes_no_other_message() -> None:
    with MisbehavingServer(one_after(2.5, 20)) as server:
        ran = measure(
            server.url, "--connections", 1, "--in-flight", 4, "--timeout", 0.3, "--duration", 4
        )
    assert server.counts["late"] == 1
    assert server.counts["messages"] > 1000  # between it and its echo
    assert sum(ran.wrongs.values()) == 1, ran.wrongs
    assert set(ran.wrongs) <= {"lost", "reordered"}


@pytest.mark.parametrize("place", ["in the stamp", "anywhere"])
@pytest.mark.parametrize("load", [("--connections", 1), ("--connections", 3, "--in-flight", 8)])
def test_one_byte_makes_one_message_changed_wherever_it_is(
    place: str, load: tuple[object, ...]
) -> None:
    # 0x80 leaves no hexadecimal digit: the stamp cannot become another message's.
    position = (lambda turn: STAMP + turn % 8) if place == "in the stamp" else (lambda turn: turn)
    with MisbehavingServer(tamper_at(position, 0x80)) as server:
        ran = measure(server.url, *load)
    assert server.counts["changed"] > 0
    assert ran.wrongs == {"changed": server.counts["changed"]}
    assert adds_up(ran)


@pytest.mark.parametrize(
    "payload", [b"", b"{", b'{ "sequence" : "', b"\xff" * 300, b"z" * 70000],
    ids=["empty", "one byte", "the beginning of any message", "no text", "large"],
)  # fmt: skip
def test_what_nobody_asked_for_is_unsolicited(payload: bytes) -> None:
    with MisbehavingServer(stranger(payload)) as server:
        ran = measure(server.url, "--connections", 1)
    assert server.counts["unsolicited"] > 0
    assert ran.wrongs == {"unsolicited": server.counts["unsolicited"]}


def test_an_echo_that_goes_to_another_connection_is_lost_here_and_unsolicited_there() -> None:
    # So seldom that nothing is awaited where it arrives.
    with MisbehavingServer(crossed_wires(3)) as server:
        ran = measure(
            server.url, "--connections", 2, "--rate", 10, "--duration", 1.5, "--timeout", 3
        )
    assert server.counts["strayed"] == 1
    assert ran.wrongs == {"lost": 1, "unsolicited": 1}


@pytest.mark.parametrize("size", [1, 64, "10-400"])
@pytest.mark.parametrize(
    "behaviour", [byte_by_byte, in_drops, in_fragments], ids=["frames", "packets", "thirds"]
)
def test_in_whatever_pieces_an_echo_comes_it_is_an_echo(
    behaviour: Behaviour, size: object
) -> None:
    with MisbehavingServer(behaviour) as server:
        ran = measure(server.url, "--connections", 2, "--in-flight", 3, "--size", size)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    assert ran.results["sent"] == server.counts["messages"] == answered(ran)


def test_a_reset_loses_what_was_in_flight_and_says_so() -> None:
    with MisbehavingServer(at_message(5, "lost", reset)) as server:
        ran = measure(server.url, "--connections", 3)
    assert ran.status == 1
    assert ran.wrongs == {"lost": server.counts["lost"]} == {"lost": 3}
    assert ran.results["errors"] == sum(ran.results["attempts"]["closed"].values()) == 3
    assert "ended early: the last connection was closed" in ran.err
    assert adds_up(ran)


def test_one_that_is_hung_up_on_leaves_the_others_at_work() -> None:
    def only_the_first(server: MisbehavingServer, peer: Any, payload: bytes, opcode: int) -> None:
        if server.counts.get("hung up", 0) == 0:
            server.count("hung up")
            hang_up(server, peer, payload, opcode)
        else:
            at_message(0, "nothing", hang_up)(server, peer, payload, opcode)

    with MisbehavingServer(only_the_first) as server:
        ran = measure(server.url, "--connections", 3)
    assert ran.status == 1
    assert ran.wrongs == {"lost": 1}
    assert ran.results["attempts"]["closed"] == {"closed by the server: 1001 gone": 1}
    assert ran.results["connections_at_end"] == 2
    assert ran.results["ended_early"] == ""
    assert ran.results["messages"] > 0
    assert adds_up(ran)
