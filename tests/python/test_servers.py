"""A server's life, from its options to its end."""

from __future__ import annotations

import gc
import socket
import threading
import weakref

import pytest
from conftest import PATIENCE, echo

import wsecho


def test_it_listens_on_this_machine_only_and_on_a_free_port_by_default(make_server):
    server = make_server()
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE):
        pass
    assert server.is_running
    assert (server.loops, server.event_loop) == (1, "epoll")


def test_a_block_starts_and_stops_it():
    server = wsecho.Server()
    assert (server.port, server.is_running) == (-1, False)
    with server as same:
        assert same is server and server.is_running and server.port > 0
    assert (server.port, server.is_running) == (-1, False)


def test_it_is_started_once(make_server):
    server = make_server()
    with pytest.raises(wsecho.WrongStateError):
        server.start()
    server.stop()
    with pytest.raises(wsecho.WrongStateError):
        server.start()


def test_stopping_twice_or_before_the_start_is_no_error():
    server = wsecho.Server()
    server.stop()
    server.start()
    server.stop()
    server.stop()


def test_wait_returns_when_another_thread_stops_it(make_server):
    server = make_server()
    assert server.wait(timeout=0) is False
    assert server.wait(0.01) is False
    stopper = threading.Timer(0.05, server.stop)
    stopper.start()
    assert server.wait() is True
    assert server.wait(0) is True
    stopper.join()


def test_wait_before_the_start_is_an_error():
    with pytest.raises(wsecho.WrongStateError):
        wsecho.Server().wait()


def test_the_address_may_be_in_use(make_server):
    server = make_server()
    with pytest.raises(wsecho.AddressInUseError, match=str(server.port)) as error:
        wsecho.Server(port=server.port).start()
    assert isinstance(error.value, OSError)
    assert error.value.errno == 98


def test_after_a_failed_start_it_can_be_tried_again(make_server, own_host):
    first = make_server(host=own_host)
    second = wsecho.Server(host=own_host, port=first.port)
    with pytest.raises(wsecho.AddressInUseError):
        second.start()
    first.stop()
    with second:
        assert second.is_running


@pytest.mark.parametrize(
    "option, value",
    [("port", 70000), ("threads", 257), ("max_message_bytes", 0), ("heartbeat_misses", 0),
     ("event_loop", "none"), ("path", "no-slash"), ("rate_policy", 9), ("origins", "http//:x")],
)
def test_a_value_that_the_engine_refuses_is_an_error_that_names_the_option(option, value):
    with pytest.raises(wsecho.InvalidOptionError, match=option) as error:
        wsecho.Server(**{option: value})
    assert isinstance(error.value, ValueError)


@pytest.mark.parametrize("value", [-1, 1 << 32, 1 << 64, -(1 << 70), 10**5000], ids=range(5))
def test_a_number_without_room_in_the_option_is_a_value_error_that_names_it(value):
    with pytest.raises(ValueError, match="threads: .* is not in 0 to 4294967295"):
        wsecho.Server(threads=value)


@pytest.mark.parametrize("value", ["1", 1.0, [], object()])
def test_what_is_no_number_is_a_type_error_that_names_the_option(value):
    with pytest.raises(TypeError, match=f"threads must be int, not {type(value).__name__}"):
        wsecho.Server(threads=value)


@pytest.mark.parametrize("value", [1, [], object()])
def test_what_is_no_text_is_a_type_error_that_names_the_option(value):
    with pytest.raises(TypeError, match=f"host must be str, not {type(value).__name__}"):
        wsecho.Server(host=value)


def test_a_text_with_a_nul_is_a_value_error_that_names_the_option():
    with pytest.raises(ValueError, match="host"):
        wsecho.Server(host="a\0b")


def test_an_option_that_is_none_is_named():
    with pytest.raises(TypeError, match="prt"):
        wsecho.Server(prt=9001)


def test_positional_arguments_are_not_taken():
    with pytest.raises(TypeError):
        wsecho.Server(9001)


def test_none_is_the_default_of_each_option(make_server):
    server = make_server(host=None, port=None, threads=None, max_message_bytes=None)
    assert server.loops == 1


def test_a_path_object_names_a_unix_socket(make_server, tmp_path):
    place = tmp_path / "socket"
    server = make_server(port=-1, unix_path=place, on_message=echo)
    assert place.is_socket()
    assert server.port == -1
    server.stop()
    assert not place.exists()


def test_broadcasts_reach_all_but_the_one_left_out(make_server, connect, told):
    opened = told()
    server = make_server(on_open=opened, threads=2)
    clients = [connect(server) for _ in range(3)]
    left_out = [opened.next() for _ in clients][0]
    server.broadcast("to all but one", exclude=left_out)
    server.broadcast(b"bytes as text", text=True)
    server.broadcast(wsecho.PreparedMessage(b"prepared"))
    received = [client.recv(timeout=PATIENCE) for client in clients]
    assert received.count("to all but one") == 2
    assert received.count("bytes as text") == 1


def test_a_broadcast_names_what_is_wrong(make_server):
    server = make_server()
    with pytest.raises(TypeError, match="message must be"):
        server.broadcast(3)
    with pytest.raises(TypeError, match="exclude must be"):
        server.broadcast("a", exclude="me")


def test_before_the_start_there_is_nobody_to_send_to():
    server = wsecho.Server()
    for call in (
        lambda: server.broadcast("a"),
        lambda: server.publish("channel", "a"),
        server.drain,
        server.set_heartbeat,
    ):
        with pytest.raises(wsecho.WrongStateError):
            call()
    assert server.connections == []


def test_a_full_queue_is_an_error_of_the_send(make_server, unread_peer, told):
    of_open = told()
    server = make_server(on_open=of_open, max_queued_bytes=1 << 20)
    unread_peer(server)
    connection = of_open.next()
    with pytest.raises(wsecho.BackpressureError):
        for _ in range(1000):
            connection.send(b"x" * 100_000)
    assert connection.queued_bytes > 0
    with pytest.raises(wsecho.TooBigError):
        connection.send(b"x" * (2 << 20))
    assert server.statistics().messages_refused >= 1


def test_statistics_count(make_server, connect, told):
    of_close = told()
    server = make_server(on_message=echo, on_close=of_close, threads=2)
    client = connect(server)
    client.send("a")
    client.recv()
    client.close()
    of_close.next()
    server.stop()
    statistics = server.statistics()
    assert (statistics.connections, statistics.connections_total) == (0, 1)
    assert (statistics.messages_received, statistics.messages_sent) == (1, 1)
    assert statistics.closes[wsecho.CloseCause.PEER] == 1
    assert sum(statistics.closes.values()) == 1
    assert set(statistics.refusals) == set(wsecho.Refusal)
    by_loop = [server.statistics(loop) for loop in range(2)]
    assert sum(loop.connections_total for loop in by_loop) == 1
    with pytest.raises(wsecho.InvalidArgumentError):
        server.statistics(2)


def test_paths_have_callbacks_and_limits_of_their_own(connect, told):
    of_small = told()
    server = wsecho.Server(path="/big", on_message=echo)
    server.add_path("/small", on_message=echo, on_close=of_small, max_message_bytes=3)
    with server:
        big, small = connect(server, "/big"), connect(server, "/small")
        big.send("four")
        assert big.recv() == "four"
        small.send("four")
        assert of_small.next()[1].cause is wsecho.CloseCause.TOO_BIG


@pytest.mark.parametrize(
    "path, options, error, words",
    [("no-slash", {}, wsecho.InvalidArgumentError, "path"),
     ("/a", {"threads": 1}, TypeError, "threads"),
     ("/a", {"on_open": 1}, TypeError, "on_open"),
     ("/a", {"heartbeat_misses": 1000}, wsecho.InvalidOptionError, "heartbeat_misses")],
)
def test_a_wrong_path_is_an_error_that_names_it(path, options, error, words):
    with pytest.raises(error, match=words):
        wsecho.Server().add_path(path, **options)


def test_a_path_is_added_before_the_start(make_server):
    with pytest.raises(wsecho.WrongStateError):
        make_server().add_path("/late")


def test_the_heartbeat_of_a_path_is_changed_while_it_is_served(make_server, connect, told):
    of_heartbeat = told()
    server = make_server(on_heartbeat=of_heartbeat, heartbeat_interval_ms=0)
    connect(server)
    server.set_heartbeat(interval_ms=20)
    of_heartbeat.next()
    server.set_heartbeat()
    with pytest.raises(wsecho.NotFoundError):
        server.set_heartbeat("/other", interval_ms=20)


def test_stopping_it_from_its_own_callback_is_an_error(make_server, connect, told):
    of_error = told()
    server = make_server(on_open=lambda connection: connection.server.stop(), on_error=of_error)
    connect(server)
    assert isinstance(of_error.next()[1], wsecho.InCallbackError)
    assert server.is_running


@pytest.mark.parametrize("call", ["drain", "wait"])
def test_so_is_whatever_else_waits_for_it(make_server, connect, told, call):
    of_error = told()
    server = make_server(
        on_open=lambda connection: getattr(connection.server, call)(), on_error=of_error
    )
    connect(server)
    assert isinstance(of_error.next()[1], wsecho.InCallbackError)


def test_a_drain_tells_how_it_went(make_server, connect, told):
    of_close = told()
    server = make_server(on_close=of_close)
    connect(server)
    report = server.drain(deadline_ms=5000, code=1012, reason="restart")
    assert (report.connections, report.answered, report.forced) == (1, 1, 0)
    _, event = of_close.next()
    assert (event.code, event.reason) == (1012, "restart")
    assert event.cause is wsecho.CloseCause.DRAIN
    assert not server.is_running
    with pytest.raises(wsecho.WrongStateError):
        server.drain()


@pytest.mark.parametrize(
    "options, error", [({"deadline_ms": 0}, wsecho.InvalidOptionError), ({"code": "x"}, TypeError)]
)
def test_a_wrong_drain_is_an_error_that_names_the_option(make_server, options, error):
    with pytest.raises(error, match=next(iter(options))):
        make_server().drain(**options)


def test_one_that_runs_needs_no_name(connect, told):
    of_open = told()
    wsecho.Server(on_open=of_open, on_message=echo).start()
    gc.collect()
    # There is no other way to it left than by a connection.
    running = [it for it in gc.get_objects() if isinstance(it, wsecho.Server) and it.is_running]
    assert len(running) == 1
    client = connect(running.pop())
    client.send("alive")
    assert client.recv() == "alive"
    of_open.next().server.stop()


def test_one_that_is_stopped_is_collected_with_what_refers_to_it(connect, told):
    class Application:
        def __init__(self):
            self.connections = []
            self.server = wsecho.Server(on_open=self.on_open, on_handshake=self.on_handshake)
            self.server.add_path("/other", on_open=self.on_open)

        def on_handshake(self, handshake):
            handshake.accept(user=self)
            self.handshake = handshake

        def on_open(self, connection):
            self.connections.append(connection)

    application = Application()
    with application.server as server:
        connect(server).close()
    collected = weakref.ref(application)
    del application, server
    gc.collect()
    assert collected() is None


def test_a_subclass_is_a_server(connect):
    class Echo(wsecho.Server):
        def __init__(self):
            super().__init__(on_message=self.on_message)

        def on_message(self, connection, message):
            assert connection.server is self
            connection.send(message)

    with Echo() as server:
        client = connect(server)
        client.send("a")
        assert client.recv() == "a"


def test_many_start_and_stop(make_server):
    for _ in range(50):
        make_server().stop()
    gc.collect()
