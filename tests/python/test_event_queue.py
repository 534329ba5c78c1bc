"""Events in batches."""

from __future__ import annotations

import gc
import select
import time
import weakref

import pytest
from conftest import PATIENCE

import wsecho
from wsecho import EventType


def take_until(queue, enough):
    """All events up to the one that is enough; each wait is for the descriptor."""
    events = []
    poll = select.poll()
    poll.register(queue.fileno(), select.POLLIN)
    deadline = time.monotonic() + PATIENCE
    while True:
        assert time.monotonic() < deadline, events
        poll.poll(1000)
        taken = queue.take()
        events += taken
        if any([enough(event) for event in taken]):
            return events


def of_type(kind, number=1):
    seen = []
    return lambda event: event[0] == kind and (seen.append(event) or len(seen) >= number)


def test_events_come_in_their_order_with_their_connection(make_server, connect):
    queue = wsecho.EventQueue()
    server = make_server(event_queue=queue)
    client = connect(server)
    client.send("text")
    client.send(b"binary")
    client.close(4000, "bye")
    events = take_until(queue, of_type(EventType.CLOSE))
    assert [kind for kind, _, _ in events] == [1, 2, 2, 3]
    assert len({connection for _, connection, _ in events}) == 1
    assert [value for _, _, value in events[:3]] == [None, "text", b"binary"]
    assert isinstance(events[3][2], wsecho.CloseEvent)
    assert events[3][2].code == 4000
    assert server.connections == []


def test_a_connection_may_be_sent_to_at_once(make_server, connect):
    queue = wsecho.EventQueue()
    server = make_server(event_queue=queue)
    client = connect(server)
    for number in range(3):
        client.send(str(number))
        (_, connection, message) = take_until(queue, of_type(EventType.MESSAGE))[-1]
        connection.user = number
        connection.send(message)
        assert client.recv() == str(number)
        assert server.connections[0].user == number


def test_take_takes_no_more_than_is_wanted_and_does_not_wait(make_server, connect):
    queue = wsecho.EventQueue()
    assert queue.take() == []
    client = connect(make_server(event_queue=queue))
    take_until(queue, of_type(EventType.OPEN))
    for _ in range(3):
        client.send("")
    take_until(queue, of_type(EventType.MESSAGE))
    client.send("")
    client.send("")
    poll = select.poll()
    poll.register(queue.fileno(), select.POLLIN)
    poll.poll(PATIENCE * 1000)
    assert len(queue.take(1)) == 1
    assert queue.take(0) == []


def test_heartbeats_and_watermarks_are_events(make_server, unread_peer, connect):
    queue = wsecho.EventQueue()
    server = make_server(event_queue=queue, high_watermark_bytes=1000, max_queued_bytes=64 << 20)
    connect(server)
    (_, connection, _) = take_until(queue, of_type(EventType.OPEN))[-1]
    connection.ping()
    (_, pinged, round_trip_ns) = take_until(queue, of_type(EventType.HEARTBEAT))[-1]
    assert pinged is connection and round_trip_ns > 0
    unread_peer(server)
    (_, slow, _) = take_until(queue, of_type(EventType.OPEN))[-1]
    slow.send(b"x" * (32 << 20))
    (_, told_of, (is_high, queued)) = take_until(queue, of_type(EventType.WATERMARK))[-1]
    assert told_of is slow and is_high is True and queued > 1000


def test_who_is_gone_before_its_open_event_is_taken_is_told_in_whole(make_server, connect):
    queue = wsecho.EventQueue()
    server = make_server(event_queue=queue)
    for _ in range(3):
        with connect(server) as client:
            client.send("hello")
    server.stop()
    events = take_until(queue, of_type(EventType.CLOSE, 3))
    by_connection = {}
    for kind, connection, _ in events:
        by_connection.setdefault(connection, []).append(kind)
        with pytest.raises(wsecho.GoneError):
            connection.send("late")
    assert list(by_connection.values()) == [[1, 2, 3]] * 3
    assert server.connections == []


def test_the_user_of_an_acceptance_is_there_from_the_open_event_on(make_server, connect):
    queue = wsecho.EventQueue()
    server = make_server(
        event_queue=queue, on_handshake=lambda handshake: handshake.accept(user="session")
    )
    connect(server).close()
    events = take_until(queue, of_type(EventType.CLOSE))
    assert {connection.user for _, connection, _ in events} == {"session"}
    assert len({connection for _, connection, _ in events}) == 1


def test_one_queue_tells_of_several_servers(make_server, connect):
    queue = wsecho.EventQueue()
    servers = [make_server(event_queue=queue) for _ in range(2)]
    for server in servers:
        connect(server)
    events = take_until(queue, of_type(EventType.OPEN, 2))
    assert {connection.server for _, connection, _ in events} == set(servers)


@pytest.mark.parametrize("name", ["on_open", "on_message", "on_close", "on_heartbeat", "on_watermark"])
def test_a_callback_for_what_the_queue_has_is_a_type_error(name):
    with pytest.raises(TypeError, match=name):
        wsecho.Server(event_queue=wsecho.EventQueue(), **{name: print})


def test_what_is_no_queue_is_a_type_error():
    with pytest.raises(TypeError, match="event_queue must be wsecho.EventQueue, not int"):
        wsecho.Server(event_queue=1)


@pytest.mark.parametrize("bytes", [0, (1 << 32) + 1])
def test_a_bound_that_is_none_is_an_error(bytes):
    with pytest.raises(wsecho.InvalidArgumentError):
        wsecho.EventQueue(max_bytes=bytes)


def test_what_nobody_takes_holds_its_senders_back(make_server, connect):
    queue = wsecho.EventQueue(max_bytes=10_000)
    client = connect(make_server(event_queue=queue))
    for _ in range(100):
        client.send("x" * 1000)
    messages = [event for event in take_until(queue, of_type(EventType.MESSAGE, 100)) if event[0] == 2]
    assert len(messages) == 100


def test_a_closed_queue_says_so(make_server, connect):
    queue = wsecho.EventQueue()
    server = make_server(event_queue=queue)
    connect(server)
    queue.close()
    queue.close()
    for call in (queue.fileno, queue.take, lambda: wsecho.Server(event_queue=queue)):
        with pytest.raises(wsecho.WrongStateError):
            call()
    server.stop()


def test_queue_and_server_are_collected_with_what_nobody_took(connect):
    queue = wsecho.EventQueue()
    server = wsecho.Server(event_queue=queue)
    with server:
        client = connect(server)
        (_, connection, _) = take_until(queue, of_type(EventType.OPEN))[-1]
        connection.user = connection
        client.send("never taken")
        client.close()
    weak = [weakref.ref(it) for it in (queue, server, connection)]
    del queue, server, connection
    gc.collect()
    assert [it() for it in weak] == [None] * 3
