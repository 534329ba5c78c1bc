"""The hook for handshakes."""

from __future__ import annotations

import threading

import pytest
import websockets.exceptions
from conftest import PATIENCE

import wsecho


def refusal(connect, server, path="/"):
    with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
        connect(server, path)
    return refused.value.response


def test_it_tells_all_of_the_request(make_server, connect, told):
    asked = told()

    def on_handshake(handshake):
        asked(handshake)
        handshake.accept()

    client = connect(
        make_server(on_handshake=on_handshake),
        "/room?a=1",
        subprotocols=["chat", "raw"],
        additional_headers={"X-Name": "me"},
    )
    handshake = asked.next()
    assert (handshake.method, handshake.uri, handshake.query) == ("GET", "/room", "a=1")
    assert handshake.remote_address == "127.0.0.1:%d" % client.local_address[1]
    assert handshake.subprotocols == ["chat", "raw"]
    assert ("X-Name", "me") in handshake.headers
    assert handshake.header("x-name") == "me"
    assert handshake.header("x-other") is None
    assert handshake.header("x-other", default=1) == 1


def test_an_acceptance_has_a_subprotocol_headers_and_the_connections_user(make_server, connect, told):
    of_open = told()

    def on_handshake(handshake):
        handshake.accept(subprotocol="raw", headers={"X-Answer": "yes"}, user=["session"])

    server = make_server(on_handshake=on_handshake, on_open=of_open)
    client = connect(server, subprotocols=["chat", "raw"])
    assert client.subprotocol == "raw"
    assert client.response.headers["X-Answer"] == "yes"
    assert of_open.next().user == ["session"]


def test_a_rejection_has_a_status_headers_and_a_body(make_server, connect):
    def on_handshake(handshake):
        handshake.reject(401, headers=[("WWW-Authenticate", "Basic")], body="who are you?")

    response = refusal(connect, make_server(on_handshake=on_handshake))
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Basic"
    assert response.body == b"who are you?"


def test_a_rejection_is_403_by_itself(make_server, connect):
    server = make_server(on_handshake=lambda handshake: handshake.reject())
    assert refusal(connect, server).status_code == 403


def test_it_may_be_answered_later_from_another_thread(make_server, connect, told):
    asked = told()
    server = make_server(on_handshake=asked, on_open=lambda connection: connection.send("in"))
    later = threading.Thread(target=lambda: asked.next().accept())
    later.start()
    assert connect(server).recv() == "in"
    later.join()


def test_who_has_no_answer_in_time_gets_503(make_server, connect, told):
    asked = told()
    server = make_server(on_handshake=asked, handshake_timeout_ms=1000)
    assert refusal(connect, server).status_code == 503
    with pytest.raises((wsecho.GoneError, wsecho.WrongStateError)):
        asked.next().accept()


def test_what_the_hook_raises_is_500_for_the_peer(make_server, connect, told):
    of_error = told()

    def on_handshake(handshake):
        raise ZeroDivisionError

    server = make_server(on_handshake=on_handshake, on_error=of_error)
    assert refusal(connect, server).status_code == 500
    connection, error = of_error.next()
    assert connection is None
    assert isinstance(error, ZeroDivisionError)


def test_an_answer_before_it_raises_stands(make_server, connect, told):
    of_error = told()

    def on_handshake(handshake):
        handshake.accept()
        raise ZeroDivisionError

    connect(make_server(on_handshake=on_handshake, on_error=of_error))
    of_error.next()


def test_it_is_answered_once(make_server, connect, told):
    asked = told()

    def on_handshake(handshake):
        handshake.accept()
        asked(handshake)

    connect(make_server(on_handshake=on_handshake))
    handshake = asked.next()
    for answer in (handshake.accept, handshake.reject):
        with pytest.raises((wsecho.WrongStateError, wsecho.GoneError)):
            answer()


@pytest.mark.parametrize(
    "answer, error",
    [
        (lambda handshake: handshake.accept(subprotocol="not offered"), wsecho.InvalidArgumentError),
        (lambda handshake: handshake.accept(headers={"Upgrade": "x"}), wsecho.InvalidArgumentError),
        (lambda handshake: handshake.accept(headers={"X": 1}), TypeError),
        (lambda handshake: handshake.accept(headers=["X"]), ValueError),
        (lambda handshake: handshake.accept(headers=[1]), TypeError),
        (lambda handshake: handshake.accept(headers={"X": "a\0b"}), ValueError),
        (lambda handshake: handshake.reject(200), wsecho.InvalidArgumentError),
        (lambda handshake: handshake.reject(body=1), TypeError),
    ],
)
def test_a_wrong_answer_is_an_error_and_another_may_follow(make_server, connect, told, answer, error):
    of_error = told()

    def on_handshake(handshake):
        try:
            answer(handshake)
        except Exception as raised:
            of_error(raised)
        handshake.accept()

    connect(make_server(on_handshake=on_handshake))
    assert isinstance(of_error.next(), error)


def test_what_is_no_utf8_is_told_all_the_same(make_server, told):
    import socket

    asked = told()

    def on_handshake(handshake):
        handshake.accept()
        asked(handshake.header("X-Name"))

    server = make_server(on_handshake=on_handshake)
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as peer:
        peer.sendall(
            b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Name: \xff\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert peer.recv(15) == b"HTTP/1.1 101 Sw"
    assert asked.next().encode("utf-8", "surrogateescape") == b"\xff"


def test_who_leaves_before_the_answer_leaves_nothing_behind(make_server, told):
    import socket

    asked, of_close = told(), told()
    server = make_server(on_handshake=asked, on_close=of_close)
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as peer:
        peer.sendall(
            b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        handshake = asked.next()
    server.stop()
    with pytest.raises((wsecho.GoneError, wsecho.WrongStateError)):
        handshake.accept(user=object())
    assert server.connections == []
