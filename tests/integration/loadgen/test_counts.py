"""What a server does to echoes is counted as exactly that, and as nothing else."""

import pytest
from bench import measure
from misbehaving_server import (
    SWITCHING,
    Behaviour,
    MisbehavingServer,
    add_a_stranger,
    change_type,
    drop,
    echo,
    every,
    frame,
    in_fragments,
    repeat,
    swap,
    tamper,
    truncate,
)

LOADS = [
    pytest.param(("--connections", 1), id="one connection"),
    pytest.param(("--connections", 5, "--in-flight", 8), id="five with eight in flight"),
    pytest.param(("--connections", 4, "--threads", 2, "--binary"), id="two threads, binary"),
    pytest.param(("--connections", 3, "--rate", 200), id="open loop"),
    pytest.param(("--connections", 2, "--in-flight", 2, "--size", 10), id="short messages"),
    pytest.param(("--connections", 2, "--size", 70000), id="large messages"),
    pytest.param(("--connections", 2, "--in-flight", 4, "--size", "10-1000"), id="many sizes"),
]


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize(
    ("what", "misbehave"),
    [
        ("changed", tamper),
        ("changed", truncate),
        ("changed", change_type),
        ("unsolicited", add_a_stranger),
    ],
    ids=["tampered", "cut short", "of the other type", "never asked for"],
)
def test_what_was_done_is_what_is_counted(
    what: str, misbehave: Behaviour, load: tuple[object, ...]
) -> None:
    with MisbehavingServer(every(5, what, misbehave)) as server:
        ran = measure(server.url, *load)
    assert ran.status == 1
    assert server.counts[what] > 0
    assert ran.wrongs == {what: server.counts[what]}


@pytest.mark.parametrize("load", LOADS)
def test_an_answer_that_comes_twice_is_counted_as_duplicated(load: tuple[object, ...]) -> None:
    with MisbehavingServer(repeat(5)) as server:
        ran = measure(server.url, *load)
    assert ran.status == 1
    assert server.counts["duplicated"] > 0
    assert ran.wrongs == {"duplicated": server.counts["duplicated"]}


def test_a_dropped_echo_is_lost_and_the_others_are_not() -> None:
    with MisbehavingServer(every(50, "lost", drop)) as server:
        ran = measure(server.url, "--connections", 1, "--rate", 300, "--duration", 1)
    assert ran.status == 1
    assert ran.wrongs == {"lost": server.counts["lost"]}
    assert server.counts["lost"] > 0


def test_a_lost_message_frees_its_place_after_the_timeout() -> None:
    with MisbehavingServer(every(50, "lost", drop)) as server:
        ran = measure(server.url, "--connections", 1, "--timeout", 0.2, "--duration", 4)
    assert ran.wrongs == {"lost": server.counts["lost"]}
    assert server.counts["lost"] > 1  # it went on after the first


@pytest.mark.parametrize("load", [("--connections", 1, "--in-flight", 8), ("--connections", 6, "--in-flight", 2)])
def test_two_that_changed_places_are_one_reordered(load: tuple[object, ...]) -> None:
    with MisbehavingServer(swap(7)) as server:
        ran = measure(server.url, *load)
    # One that was held when the run ended has no neighbour to change places with: it is lost.
    assert server.counts["reordered"] > 0
    assert ran.results["reordered"] == server.counts["reordered"]
    assert set(ran.wrongs) <= {"reordered", "lost"}
    assert ran.results["lost"] <= ran.results["connections"]


@pytest.mark.parametrize("load", LOADS)
def test_a_good_server_is_found_good(load: tuple[object, ...]) -> None:
    with MisbehavingServer(echo) as server:
        ran = measure(server.url, *load)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    assert ran.results["sent"] == server.counts["messages"]
    assert 0 < ran.results["messages"] <= ran.results["sent"]


def test_fragments_with_pings_between_them_are_fine_and_the_pings_are_answered() -> None:
    with MisbehavingServer(in_fragments) as server:
        ran = measure(server.url, "--connections", 2, "--in-flight", 3)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    assert server.counts["pongs"] > 0


def test_a_greeting_before_anything_was_sent_is_an_error() -> None:
    with MisbehavingServer(echo, greeting=frame(b"welcome")) as server:
        ran = measure(server.url, "--connections", 2)
    assert ran.status == 1
    assert ran.results["errors"] == 2
    assert "not asked for" in ran.results["first_error"]


def test_an_answer_that_is_no_websocket_frame_ends_its_connection_with_the_reason() -> None:
    with MisbehavingServer(lambda _, peer, __, ___: peer.send(b"\x8f\x00")) as server:
        ran = measure(server.url, "--connections", 3)
    assert ran.status == 1
    assert sum(ran.results["attempts"]["closed"].values()) == 3
    assert ran.results["lost"] == 3
    assert ran.results["ended_early"]


@pytest.mark.parametrize(
    "reason", [b"</script><b>", b"\x1b[31mred\r\n", b"\xff\xfe", b"good bye"]
)
def test_a_close_is_counted_by_its_code_whatever_its_reason(reason: bytes) -> None:
    def close(_: MisbehavingServer, peer: object, __: bytes, ___: int) -> None:
        peer.send(frame(b"\x03\xf3" + reason, 8))  # type: ignore[attr-defined]

    with MisbehavingServer(close) as server:
        ran = measure(server.url, "--connections", 2)
    assert ran.status == 1
    (cause,) = ran.results["attempts"]["closed"]
    assert cause.startswith("closed by the server: 1011")
    assert "\x1b" not in ran.out + ran.err


def test_the_response_of_a_handshake_may_carry_the_first_frame() -> None:
    ping = frame(b"first", 9)
    with MisbehavingServer(echo, response=SWITCHING, greeting=ping) as server:
        ran = measure(server.url, "--connections", 2)
    assert (ran.status, ran.wrongs) == (0, {})
    assert server.counts["pongs"] == 2
