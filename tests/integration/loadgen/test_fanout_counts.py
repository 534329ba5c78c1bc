"""What a broadcasting server does to one delivery is counted as that, and for that one alone."""

import pytest
from bench import measure
from misbehaving_server import (
    Behaviour,
    MisbehavingServer,
    Peer,
    add_a_stranger,
    change_type,
    double,
    drop,
    echo,
    tamper,
    truncate,
)
from strange_behaviours import broadcast, reset

CONNECTIONS, BATCH = 4, 3
FANOUT = ("--scenario", "fanout", "--connections", CONNECTIONS, "--batch", BATCH)


def answered(results: dict[str, list[list[float]]]) -> float:
    """Deliveries whose latency was recorded."""
    return sum(count for _, count in results["histogram"])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("victim", [0, CONNECTIONS - 1], ids=["publisher", "listener"])
@pytest.mark.parametrize(
    ("what", "misbehave"),
    [
        ("changed", tamper),
        ("changed", truncate),
        ("changed", change_type),
        ("duplicated", double),
        ("unsolicited", add_a_stranger),
    ],
    ids=["tampered", "cut short", "of the other type", "doubled", "never asked for"],
)  # fmt: skip
def test_what_was_done_to_one_delivery_is_what_is_counted(
    what: str, misbehave: Behaviour, victim: int, threads: int
) -> None:
    with MisbehavingServer(broadcast(victim, 5, what, misbehave)) as server:
        ran = measure(server.url, *FANOUT, "--threads", threads, "--duration", 0.3)
    assert ran.status == 1
    assert server.counts[what] == 1
    assert ran.wrongs == {what: 1}
    assert ran.results["sent"] == server.counts["messages"]
    assert answered(ran.results) == server.counts["messages"] * CONNECTIONS


@pytest.mark.parametrize("threads", [1, 2])
def test_a_delivery_that_is_missing_is_one_lost_and_ends_the_run(threads: int) -> None:
    with MisbehavingServer(broadcast(CONNECTIONS - 1, 5, "lost", drop)) as server:
        ran = measure(server.url, *FANOUT, "--threads", threads, "--duration", 30)
    assert ran.status == 1
    assert ran.wrongs == {"lost": 1} == {"lost": server.counts["lost"]}
    assert "ended early: the server did not deliver" in ran.err
    assert answered(ran.results) == server.counts["delivered"]


def test_what_a_listener_misses_after_it_was_reset_is_lost_and_the_others_go_on() -> None:
    gone: list[Peer] = []

    def reset_and_remember(server: MisbehavingServer, peer: Peer, data: bytes, kind: int) -> None:
        gone.append(peer)
        server.peers.remove(peer)
        reset(server, peer, data, kind)

    last = CONNECTIONS - 1
    with MisbehavingServer(broadcast(last, 2 * BATCH, "lost", reset_and_remember)) as server:
        ran = measure(server.url, *FANOUT)
    assert ran.status == 1
    assert len(gone) == 1
    assert set(ran.wrongs) == {"lost"}
    # The reset may overtake what was delivered just before, but not an earlier batch.
    assert 1 <= ran.results["lost"] <= BATCH
    assert ran.results["connections_at_end"] == last
    assert ran.results["fanout"]["rounds"] > 2


@pytest.mark.parametrize("load", [(), ("--threads", 2), ("--binary", "--size", 10)])
def test_a_good_broadcast_is_found_good(load: tuple[object, ...]) -> None:
    with MisbehavingServer(broadcast(0, 0, "nothing", echo)) as server:
        ran = measure(server.url, *FANOUT, *load)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    assert ran.results["sent"] == server.counts["messages"] > 0
    assert answered(ran.results) == server.counts["delivered"]
