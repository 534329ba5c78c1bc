"""Callbacks: what becomes of what they raise, and of what they are not."""

from __future__ import annotations

import sys
import threading

import pytest
import websockets.exceptions
from conftest import PATIENCE, echo

import wsecho


def fail(*_):
    raise ZeroDivisionError("of the application")


def closed_with(client) -> int:
    with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
        client.recv(timeout=PATIENCE)
    return closed.value.rcvd.code


@pytest.mark.parametrize("name", ["on_open", "on_message"])
def test_what_a_callback_raises_goes_to_the_hook_and_closes_with_1011(make_server, connect, told, name):
    of_error = told()
    client = connect(make_server(on_error=of_error, **{name: fail}))
    if name == "on_message":
        client.send("provoke it")
    connection, error = of_error.next()
    assert isinstance(connection, wsecho.Connection)
    assert isinstance(error, ZeroDivisionError)
    assert error.__traceback__ is not None
    assert closed_with(client) == 1011


def test_what_the_heartbeat_callback_raises_does_the_same(make_server, connect, told):
    of_error = told()
    client = connect(
        make_server(on_heartbeat=fail, on_error=of_error, on_open=lambda connection: connection.ping())
    )
    assert closed_with(client) == 1011
    of_error.next()


def test_what_the_close_callback_raises_goes_to_the_hook(make_server, connect, told):
    of_error = told()
    connect(make_server(on_close=fail, on_error=of_error)).close()
    assert isinstance(of_error.next()[1], ZeroDivisionError)


def test_the_loop_and_the_others_go_on(make_server, connect, told):
    of_error = told()

    def on_message(connection, message):
        if message == "fail":
            fail()
        connection.send(message)

    server = make_server(on_message=on_message, on_error=of_error)
    bad, good = connect(server), connect(server)
    for _ in range(3):
        bad.send("fail")
        assert closed_with(bad) == 1011
        good.send("still here")
        assert good.recv() == "still here"
        bad = connect(server)


def test_without_a_hook_it_goes_to_pythons(make_server, connect, monkeypatch, told):
    unraisable = told()
    monkeypatch.setattr(sys, "unraisablehook", unraisable)
    client = connect(make_server(on_message=fail))
    client.send("provoke it")
    seen = unraisable.next()
    assert isinstance(seen.exc_value, ZeroDivisionError)
    assert seen.object is fail
    assert closed_with(client) == 1011


def test_a_hook_that_raises_goes_to_pythons(make_server, connect, monkeypatch, told):
    unraisable = told()
    monkeypatch.setattr(sys, "unraisablehook", unraisable)
    client = connect(make_server(on_message=fail, on_error=fail))
    client.send("provoke it")
    assert unraisable.next().object is fail
    assert closed_with(client) == 1011


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
def test_not_even_what_ends_a_program_ends_the_loop(make_server, connect, told, error):
    of_error = told()

    def on_message(connection, message):
        raise error

    server = make_server(on_message=on_message, on_error=of_error)
    client = connect(server)
    client.send("provoke it")
    assert isinstance(of_error.next()[1], error)
    assert closed_with(client) == 1011
    assert server.is_running


def test_each_server_has_a_thread_of_its_own_for_them(make_server, connect, told):
    of_open = told()
    server = make_server(on_open=lambda connection: of_open(threading.get_ident()))
    connect(server)
    connect(server)
    first, second = of_open.next(), of_open.next()
    assert first == second != threading.get_ident()


def test_thread_locals_last_as_long_as_the_loop(make_server, connect):
    of_thread = threading.local()

    def count(connection, _):
        of_thread.count = getattr(of_thread, "count", 0) + 1
        connection.send(str(of_thread.count))

    client = connect(make_server(on_message=count))
    for expected in "123":
        client.send("")
        assert client.recv() == expected


@pytest.mark.parametrize(
    "name",
    ["on_open", "on_message", "on_close", "on_heartbeat", "on_watermark", "on_handshake", "on_error", "log"],
)
def test_what_cannot_be_called_is_a_type_error_that_names_it(name):
    with pytest.raises(TypeError, match=f"{name} must be callable, not int"):
        wsecho.Server(**{name: 1})


def test_a_coroutine_function_is_a_type_error_since_nobody_would_await_it():
    async def on_message(connection, message):
        pass

    with pytest.raises(TypeError, match="on_message must be an ordinary function"):
        wsecho.Server(on_message=on_message)


def test_none_is_no_callback(make_server, connect):
    client = connect(make_server(on_open=None, on_message=echo, on_close=None))
    client.send("a")
    assert client.recv() == "a"


def test_watermarks_are_told_when_a_peer_reads_too_slowly_and_when_it_has_read(
    make_server, unread_peer, told
):
    of_open, of_watermark = told(), told()
    server = make_server(
        on_open=of_open,
        on_watermark=of_watermark,
        high_watermark_bytes=100_000,
        max_queued_bytes=64 << 20,
    )
    peer = unread_peer(server)
    connection = of_open.next()
    for _ in range(200):
        connection.send(b"x" * 100_000)
    told_of, is_high, queued = of_watermark.next()
    assert told_of is connection and is_high is True and queued >= 100_000
    received = 0
    while received < 200 * 100_000:
        received += len(peer.recv(1 << 20))
    told_of, is_high, queued = of_watermark.next()
    assert told_of is connection and is_high is False and queued == 0


def test_the_log_tells_of_the_server(make_server, told):
    of_log = told()
    server = make_server(log=of_log)
    level, text = of_log.next()
    assert level == wsecho.LogLevel.INFO
    assert str(server.port) in text
    server.stop()
    assert of_log.next()[1] == "stopped"
