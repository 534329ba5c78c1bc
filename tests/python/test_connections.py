"""What a connection tells of itself, and how it ends."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import pytest
import websockets.exceptions
from conftest import PATIENCE, echo

import wsecho


@pytest.fixture
def opened(make_server, connect, told):
    """A server's connection, and its client."""
    of_open = told()
    server = make_server(on_open=of_open, on_message=echo)
    client = connect(server, "/chat?room=1", additional_headers={"X-Name": "me"})
    return of_open.next(), client


def test_it_tells_what_was_asked_for(opened):
    connection, client = opened
    assert connection.uri == "/chat"
    assert connection.query == "room=1"
    assert connection.header("x-NAME") == "me"
    assert connection.remote_address == "127.0.0.1:%d" % client.local_address[1]


def test_a_header_that_is_not_there_is_none_or_what_is_given(opened):
    connection, _ = opened
    assert connection.header("x-other") is None
    assert connection.header("x-other", "none") == "none"
    assert connection.header(name="x-other", default=3) == 3


def test_a_header_longer_than_most_is_told_whole(make_server, connect, told):
    of_open = told()
    connect(make_server(on_open=of_open), additional_headers={"X-Long": "x" * 4000})
    assert of_open.next().header("X-Long") == "x" * 4000


def test_it_keeps_an_object_of_the_application(opened):
    connection, _ = opened
    assert connection.user is None
    connection.user = {"name": "me"}
    assert connection.server.connections == [connection]
    assert connection.server.connections[0].user == {"name": "me"}


def test_its_repr_names_its_id_and_its_state(opened):
    connection, _ = opened
    assert repr(connection) == f"<wsecho.Connection {connection.id:x}, open>"


def test_it_cannot_be_made_by_hand():
    with pytest.raises(TypeError):
        wsecho.Connection()


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_there_is_no_copy_of_it(opened, duplicate):
    with pytest.raises(TypeError, match="pickle"):
        duplicate(opened[0])


def test_its_attributes_but_user_are_read_only(opened):
    connection, _ = opened
    for name in ("id", "server", "uri", "state", "round_trips"):
        with pytest.raises(AttributeError):
            setattr(connection, name, 1)


def test_round_trips_are_none_until_a_ping_is_answered(make_server, connect, told):
    of_open, of_heartbeat = told(), told()
    client = connect(make_server(on_open=of_open, on_heartbeat=of_heartbeat))
    connection = of_open.next()
    assert connection.round_trips is None
    connection.ping()
    answered, round_trip_ns = of_heartbeat.next()
    assert answered is connection
    assert round_trip_ns > 0
    times = connection.round_trips
    assert times.minimum_ns <= times.last_ns
    assert times.smoothed_ns > 0 and times.variation_ns >= 0
    client.close()


def test_a_close_from_this_side_comes_with_code_and_reason(opened, told):
    connection, client = opened
    connection.close(4001, "enough")
    with pytest.raises(websockets.exceptions.ConnectionClosedError) as closed:
        client.recv(timeout=PATIENCE)
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "enough")


def test_closing_twice_is_no_error(opened):
    connection, client = opened
    connection.close()
    connection.close()
    with pytest.raises(websockets.exceptions.ConnectionClosedOK):
        client.recv(timeout=PATIENCE)
    connection.close()


@pytest.mark.parametrize("code", [0, 999, 1005, 1006, 1015, 2999, 5000])
def test_a_code_that_may_not_be_sent_is_a_value_error(opened, code):
    connection, _ = opened
    with pytest.raises(ValueError, match="code") as error:
        connection.close(code)
    assert isinstance(error.value, wsecho.InvalidArgumentError)


@pytest.mark.parametrize("code", [-1, 65536, 1 << 70])
def test_a_code_that_is_no_16_bits_is_a_value_error_that_names_it(opened, code):
    connection, _ = opened
    with pytest.raises(ValueError, match=f"code: {code}"):
        connection.close(code)


def test_a_reason_is_no_longer_than_123_bytes(opened):
    connection, _ = opened
    with pytest.raises(wsecho.InvalidArgumentError, match="123"):
        connection.close(1000, "ä" * 62)


def test_a_close_event_tells_all_of_the_connection(make_server, connect, told):
    of_close = told()
    server = make_server(on_message=echo, on_close=of_close)
    client = connect(server)
    client.send("four")
    client.recv()
    client.close(4002, "bye")
    _, event = of_close.next()
    assert (event.code, event.reason) == (4002, "bye")
    assert event.cause is wsecho.CloseCause.PEER
    assert event.initiator is wsecho.Initiator.PEER
    assert (event.messages_received, event.messages_sent) == (1, 1)
    assert event.bytes_received > 0 and event.bytes_sent > 0
    assert event.bytes_unsent == 0


def test_in_the_close_callback_it_can_be_asked_still(make_server, connect, told):
    of_close = told()
    server = make_server(
        on_close=lambda connection, _: of_close(connection.uri, connection.state, connection.is_open)
    )
    connect(server, "/late").close()
    assert of_close.next() == ("/late", wsecho.ConnectionState.CLOSED, False)


def test_after_its_end_every_call_is_an_error_and_none_a_crash(make_server, connect, told):
    of_close = told()
    server = make_server(on_close=of_close)
    connect(server).close()
    connection, _ = of_close.next()
    server.stop()
    calls = [
        lambda: connection.send("late"),
        lambda: connection.send("late", key=1),
        lambda: connection.send(wsecho.PreparedMessage("late")),
        connection.ping,
        connection.pause_reading,
        connection.resume_reading,
        lambda: connection.subscribe("news"),
        lambda: connection.subscribe_after("news", 1),
        lambda: connection.unsubscribe("news"),
        connection.set_heartbeat,
        lambda: connection.set_backpressure_policy(1),
        lambda: connection.header("host"),
        lambda: connection.uri,
        lambda: connection.query,
        lambda: connection.channels,
        lambda: connection.remote_address,
        lambda: connection.round_trips,
    ]
    for call in calls:
        with pytest.raises(wsecho.GoneError):
            call()
    connection.close()
    assert connection.queued_bytes == 0
    assert connection.state is wsecho.ConnectionState.GONE
    assert "gone" in repr(connection)


def test_what_the_application_kept_is_let_go_with_it(make_server, connect, told):
    class Session:
        pass

    of_open, of_close = told(), told()
    server = make_server(
        on_open=lambda connection: (setattr(connection, "user", Session()), of_open(connection)),
        on_close=lambda connection, event: of_close(event),
    )
    client = connect(server)
    session = weakref.ref(of_open.next().user)
    client.close()
    of_close.next()
    server.stop()
    gc.collect()
    assert session() is None


def test_reading_is_paused_and_resumed(make_server, connect, told):
    of_message = told()

    def on_message(connection, message):
        if message == "first":
            connection.pause_reading()
        of_message(connection, message)

    client = connect(make_server(on_message=on_message))
    client.send("first")
    client.send("second")
    connection, message = of_message.next()
    assert message == "first"
    assert of_message.is_empty
    connection.resume_reading()
    assert of_message.next()[1] == "second"


def test_a_heartbeat_of_its_own_holds_at_once(make_server, connect, told):
    of_open, of_heartbeat = told(), told()
    server = make_server(on_open=of_open, on_heartbeat=of_heartbeat, heartbeat_interval_ms=0)
    client = connect(server)
    of_open.next().set_heartbeat(interval_ms=20)
    of_heartbeat.next()
    of_heartbeat.next()
    client.close()


@pytest.mark.parametrize(
    "given, error",
    [({"interval_ms": "x"}, TypeError), ({"misses": 0}, wsecho.InvalidOptionError), ({"x": 1}, TypeError)],
)
def test_a_wrong_heartbeat_is_an_error_that_names_it(opened, given, error):
    connection, _ = opened
    with pytest.raises(error, match=next(iter(given))):
        connection.set_heartbeat(**given)
