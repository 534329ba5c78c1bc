"""The client side."""

from __future__ import annotations

import gc
import socket
import weakref

import pytest
import websockets.sync.server
from conftest import PATIENCE, echo

import threading
import wsecho
from wsecho import DialerState, DialFailure


@pytest.fixture
def loops(make_server):
    """A server that listens on nothing."""
    return make_server(port=-1)


def url_of(server, path="/"):
    return f"ws://127.0.0.1:{server.port}{path}"


def test_it_connects_and_its_connection_is_one_like_all(make_server, loops, told):
    opened, received, closed = told(), told(), told()
    server = make_server(on_message=echo)
    dialer = wsecho.Dialer(
        loops, url_of(server, "/chat"), on_open=opened, on_message=received, on_close=closed
    )
    with dialer:
        connection = opened.next()
        assert connection.uri == "/chat"
        assert connection.server is loops
        assert dialer.connection() is connection
        assert dialer.connections == [connection]
        assert dialer.state is DialerState.CONNECTED
        connection.send("hello")
        assert received.next() == (connection, "hello")
    assert closed.next()[0] is connection
    assert dialer.state is DialerState.IDLE


def test_it_talks_to_a_server_of_another_hand(loops, told):
    received = told()

    def answer(peer):
        for message in peer:
            peer.send(message)

    with websockets.sync.server.serve(answer, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.socket.getsockname()[1]
        with wsecho.Dialer(
            loops,
            f"ws://127.0.0.1:{port}/",
            on_open=lambda connection: connection.send("ünï"),
            on_message=received,
        ):
            assert received.next()[1] == "ünï"
        server.shutdown()
        thread.join()


def test_it_sends_headers_and_subprotocols_and_reads_the_answers(make_server, loops, told):
    asked, opened = told(), told()

    def on_handshake(handshake):
        asked(handshake.subprotocols, handshake.header("x-me"))
        handshake.accept(subprotocol="b", headers={"X-Answer": "yes"})

    server = make_server(on_handshake=on_handshake)
    with wsecho.Dialer(
        loops, [url_of(server)], subprotocols=["a", "b"], headers={"X-Me": "1"}, on_open=opened
    ):
        assert asked.next() == (["a", "b"], "1")
        connection = opened.next()
        assert connection.header("sec-websocket-protocol") == "b"
        assert connection.header("x-answer") == "yes"


def test_it_tells_of_each_state(make_server, loops, told):
    states = told()
    server = make_server()
    dialer = wsecho.Dialer(loops, url_of(server), on_state=states)
    with dialer:
        told_of, event = states.next()
        assert told_of is dialer
        assert event.state is DialerState.CONNECTING
        event = states.next()[1]
        assert event.state is DialerState.CONNECTED
        assert event.connection_id == dialer.connection().id
        assert event.url == url_of(server)
        assert event.failure is DialFailure.OK
    assert states.next()[1].state is DialerState.IDLE


def test_it_comes_back_with_what_it_remembers(make_server, loops, told):
    received = told()
    server = make_server(on_message=received)
    dialer = wsecho.Dialer(loops, url_of(server), retry_first_ms=1, retry_max_ms=1)
    dialer.remember("a", "subscribe a")
    dialer.remember("b", b"subscribe b")
    dialer.remember("c", "subscribe c")
    dialer.forget("c")
    with pytest.raises(wsecho.NotFoundError):
        dialer.forget("c")
    with dialer:
        for _ in range(2):
            connection, message = received.next()
            assert message == "subscribe a"
            assert received.next() == (connection, b"subscribe b")
            connection.close(1012)


def test_why_it_failed_is_told(loops, told):
    states = told()
    with socket.socket() as closed_port:
        closed_port.bind(("127.0.0.1", 0))
        port = closed_port.getsockname()[1]
        with wsecho.Dialer(loops, f"ws://127.0.0.1:{port}/", on_state=states, max_attempts=1):
            assert states.next()[1].state is DialerState.CONNECTING
            event = states.next()[1]
    assert event.state is DialerState.DISCONNECTED
    assert event.failure is DialFailure.CONNECT
    assert "refused" in event.detail
    assert event.has_given_up is True
    assert event.failed_attempts == 1


def test_a_refusal_is_permanent(make_server, loops, told):
    states = told()
    server = make_server(on_handshake=lambda handshake: handshake.reject(401))
    with wsecho.Dialer(loops, url_of(server), on_state=states):
        states.next()
        event = states.next()[1]
        assert (event.failure, event.http_status) == (DialFailure.STATUS, 401)
        assert event.has_given_up is True


def test_it_keeps_several_connections(make_server, loops, told):
    opened = told()
    server = make_server()
    with wsecho.Dialer(loops, url_of(server), connections=3, on_open=opened) as dialer:
        connections = {opened.next() for _ in range(3)}
        assert set(dialer.connections) == connections
        assert {dialer.connection(index) for index in range(3)} == connections
        assert dialer.connection(3) is None
        loops.broadcast("counts for dialed ones, too")


def test_what_its_callbacks_raise_goes_to_the_servers_hook(make_server, told):
    errors, closed = told(), told()
    server = make_server(on_close=closed)
    loops = make_server(port=-1, on_error=errors)

    def fail(*_):
        raise ZeroDivisionError

    with wsecho.Dialer(loops, url_of(server), on_open=fail, on_state=fail):
        for _ in range(3):  # of the states Connecting and Connected, and of the open event
            assert isinstance(errors.next()[1], ZeroDivisionError)
        assert closed.next()[1].code == 1011


@pytest.mark.parametrize(
    "options, error, words",
    [
        ({"urls": "http://a"}, wsecho.InvalidOptionError, "urls"),
        ({"urls": []}, wsecho.InvalidOptionError, "urls"),
        ({"urls": [1]}, TypeError, "urls"),
        ({"urls": 1}, TypeError, "urls"),
        ({"connections": 0}, wsecho.InvalidOptionError, "connections"),
        ({"headers": {"Upgrade": "x"}}, wsecho.InvalidOptionError, "header"),
        ({"on_handshake": print}, TypeError, "on_handshake"),
        ({"on_state": 1}, TypeError, "on_state"),
        ({"subprotocols": 1}, TypeError, "subprotocols"),
        ({"urls": "wss://a/", "tls_ca_file": "/nowhere"}, wsecho.InvalidOptionError, "tls_ca_file"),
    ],
)
def test_a_wrong_option_is_an_error_that_names_it(loops, options, error, words):
    given = {"urls": "ws://127.0.0.1:1/", **options}
    with pytest.raises(error, match=words):
        wsecho.Dialer(loops, **given)


def test_what_is_no_server_is_a_type_error():
    with pytest.raises(TypeError, match="server must be wsecho.Server, not int"):
        wsecho.Dialer(1, "ws://127.0.0.1:1/")


def test_it_starts_when_its_server_runs():
    dialer = wsecho.Dialer(wsecho.Server(port=-1), "ws://127.0.0.1:1/")
    with pytest.raises(wsecho.WrongStateError):
        dialer.start()


def test_when_it_is_closed_it_says_so(loops):
    dialer = wsecho.Dialer(loops, "ws://127.0.0.1:1/")
    dialer.close()
    dialer.close()
    assert dialer.state is DialerState.IDLE
    for call in (
        dialer.start,
        dialer.stop,
        dialer.connection,
        lambda: dialer.connections,
        lambda: dialer.remember("a", "b"),
        lambda: dialer.forget("a"),
    ):
        with pytest.raises(wsecho.WrongStateError):
            call()


def test_closing_it_from_a_callback_is_an_error(make_server, loops, told):
    errors = told()
    server = make_server()
    dialer = wsecho.Dialer(
        loops, url_of(server), on_open=lambda connection: dialer.close(), on_error=errors
    )
    with dialer:
        assert isinstance(errors.next()[1], wsecho.InCallbackError)


def test_its_events_go_to_the_servers_queue(make_server, told):
    from test_event_queue import of_type, take_until

    states = told()
    server = make_server(on_message=echo)
    queue = wsecho.EventQueue()
    loops = make_server(port=-1, event_queue=queue)
    dialer = wsecho.Dialer(loops, url_of(server), on_state=states)
    with dialer:
        (_, connection, _) = take_until(queue, of_type(wsecho.EventType.OPEN))[-1]
        connection.send("hello")
        assert take_until(queue, of_type(wsecho.EventType.MESSAGE))[-1][1:] == (connection, "hello")
        assert states.next()[0] is dialer
    while not states.is_empty:
        states.next()
    weak = weakref.ref(dialer)
    del dialer
    gc.collect()
    assert weak() is None
    # What was told before its end is taken after it.
    assert take_until(queue, of_type(wsecho.EventType.CLOSE))[-1][1] is connection


def test_one_that_is_at_work_needs_no_name(make_server, loops, told):
    opened = told()
    server = make_server()
    wsecho.Dialer(loops, url_of(server), on_open=opened).start()
    gc.collect()
    assert opened.next().is_open


def test_one_that_was_never_started_or_is_closed_is_collected(make_server, loops):
    server = make_server()
    never = wsecho.Dialer(loops, url_of(server))
    closed = wsecho.Dialer(loops, url_of(server))
    closed.start()
    closed.close()
    weak = [weakref.ref(it) for it in (never, closed)]
    del never, closed
    gc.collect()
    assert [it() for it in weak] == [None, None]


def test_it_ends_with_its_server(make_server, told):
    closed = told()
    server = make_server()
    loops = make_server(port=-1)
    opened = told()
    dialer = wsecho.Dialer(loops, url_of(server), on_open=opened, on_close=closed)
    dialer.start()
    opened.next()
    loops.stop()
    closed.next()
    weak = [weakref.ref(loops), weakref.ref(dialer)]
    dialer.close()
    del dialer
    gc.collect()
    assert weak[1]() is None
