"""Channels, what they keep, and messages that are prepared."""

from __future__ import annotations

import time

import pytest
from conftest import PATIENCE

import wsecho


def test_who_is_in_a_channel_gets_what_is_published(make_server, connect, told):
    of_open = told()
    server = make_server(on_open=of_open)
    inside, outside = connect(server), None
    connection = of_open.next()
    outside = connect(server)
    connection.subscribe("news")
    connection.subscribe("news")
    assert connection.channels == ["news"]
    assert server.channel_size("news") == 1
    assert server.publish("news", "first") == 1
    assert server.publish("news", b"second") == 2
    assert (inside.recv(), inside.recv()) == ("first", b"second")
    with pytest.raises(TimeoutError):
        outside.recv(timeout=0.05)
    assert server.publish("news", "to nobody", exclude=connection) == 3
    connection.unsubscribe("news")
    assert server.channel_size("news") == 0
    assert server.publish("news", "nobody") == 0
    with pytest.raises(wsecho.NotFoundError):
        connection.unsubscribe("news")


def test_a_channel_ends_with_its_members(make_server, connect, told):
    of_close = told()
    server = make_server(on_open=lambda connection: connection.subscribe("news"), on_close=of_close)
    client = connect(server)
    server.broadcast("opened")
    client.recv()
    client.close()
    of_close.next()
    server.stop()
    assert server.channel_size("news") == 0


@pytest.mark.parametrize("name", ["", "x" * 256, "a\nb"])
def test_a_name_that_is_none_is_an_error(make_server, connect, told, name):
    of_open = told()
    server = make_server(on_open=of_open)
    connect(server)
    connection = of_open.next()
    with pytest.raises(wsecho.InvalidArgumentError):
        connection.subscribe(name)
    assert server.publish(name, "to nobody: it is never there") == 0


def test_bounds_on_channels_are_errors(make_server, connect, told):
    of_open = told()
    server = make_server(on_open=of_open, max_subscriptions=1)
    connect(server)
    connection = of_open.next()
    connection.subscribe("one")
    with pytest.raises(wsecho.LimitError):
        connection.subscribe("two")


def test_who_comes_back_gets_what_it_missed(make_server, connect, told):
    of_open = told()
    server = make_server(on_open=of_open)
    server.set_history("news", max_messages=10)
    for number in range(1, 6):
        assert server.publish("news", str(number)) == number
    client = connect(server)
    connection = of_open.next()
    missed = connection.subscribe_after("news", 3)
    assert (missed.newest, missed.first, missed.is_complete) == (5, 4, True)
    assert missed.epoch != 0
    assert (client.recv(), client.recv()) == ("4", "5")
    with pytest.raises(wsecho.WrongStateError):
        connection.subscribe_after("news", 3, missed.epoch)
    server.end_history("news")
    connection.unsubscribe("news")
    assert connection.subscribe_after("news", number=0, epoch=missed.epoch).is_complete is False


def test_a_number_is_written_into_the_message(make_server, connect, told):
    of_open = told()
    server = make_server(on_open=of_open)
    client = connect(server)
    of_open.next().subscribe("news")
    text = '{"number":' + " " * 20 + "}"
    assert server.publish_numbered("news", text, text.index(" ")) == 1
    assert client.recv() == '{"number":' + " " * 19 + "1}"
    assert server.publish_numbered("news", b"\xff" * 8, number_at=0) == 2
    assert client.recv() == b"\0\0\0\0\0\0\0\2"
    with pytest.raises(wsecho.InvalidArgumentError):
        server.publish_numbered("news", "short", 0)
    with pytest.raises(TypeError, match="PreparedMessage"):
        server.publish_numbered("news", wsecho.PreparedMessage("a"), 0)


@pytest.mark.parametrize(
    "bounds, error", [({"max_messages": 0}, wsecho.InvalidOptionError), ({"max_age": 1}, TypeError)]
)
def test_wrong_bounds_of_a_history_are_an_error_that_names_them(make_server, bounds, error):
    with pytest.raises(error, match=next(iter(bounds))):
        make_server().set_history("news", **bounds)


def test_a_prepared_message_goes_wherever_a_message_goes(make_server, connect, told):
    of_open = told()
    server = make_server(on_open=of_open)
    client = connect(server)
    connection = of_open.next()
    connection.subscribe("news")
    prepared = wsecho.PreparedMessage("prepared")
    assert len(prepared) == 8
    connection.send(prepared)
    server.broadcast(prepared)
    assert server.publish("news", prepared) == 1
    assert [client.recv() for _ in range(3)] == ["prepared"] * 3


@pytest.mark.parametrize(
    "keywords, expected", [({}, b"a"), ({"text": True}, "a"), ({"text": False}, b"a")]
)
def test_its_type_is_said_as_in_a_send(make_server, connect, keywords, expected):
    prepared = wsecho.PreparedMessage(b"a", **keywords)
    client = connect(make_server(on_open=lambda connection: connection.send(prepared)))
    assert client.recv() == expected


@pytest.mark.parametrize(
    "arguments, keywords, error",
    [
        ((), {}, TypeError),
        ((1,), {}, TypeError),
        (("a",), {"key": "x"}, TypeError),
        (("a",), {"key": -1}, ValueError),
        (("a",), {"lifetime_ms": 1 << 32}, ValueError),
        (("a",), {"other": 1}, TypeError),
    ],
)
def test_what_cannot_be_prepared_is_an_error(arguments, keywords, error):
    with pytest.raises(error):
        wsecho.PreparedMessage(*arguments, **keywords)


def test_its_terms_are_its_own(make_server, connect, told):
    of_open = told()
    connect(make_server(on_open=of_open))
    with pytest.raises(TypeError, match="PreparedMessage"):
        of_open.next().send(wsecho.PreparedMessage("a"), key=1)


def test_one_whose_time_is_over_is_late(make_server, unread_peer, told):
    of_open = told()
    server = make_server(on_open=of_open, max_queued_bytes=64 << 20)
    peer = unread_peer(server)
    connection = of_open.next()
    connection.send(b"x" * (32 << 20))
    connection.send("late", lifetime_ms=1)
    received = 0
    deadline = time.monotonic() + PATIENCE
    while server.statistics().messages_late == 0 and time.monotonic() < deadline:
        received += len(peer.recv(1 << 20))
    assert server.statistics().messages_late == 1


def test_a_newer_one_with_its_key_replaces_it(make_server, unread_peer, told):
    of_open = told()
    server = make_server(on_open=of_open, max_queued_bytes=64 << 20)
    unread_peer(server)
    connection = of_open.next()
    connection.send(b"x" * (32 << 20))
    for price in range(10):
        connection.send(str(price), key=7)
    deadline = time.monotonic() + PATIENCE
    while server.statistics().messages_replaced < 9 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.statistics().messages_replaced == 9


def test_the_oldest_are_dropped_where_that_is_the_policy(make_server, unread_peer, told):
    of_open = told()
    server = make_server(on_open=of_open, max_queued_bytes=1 << 20)
    unread_peer(server)
    connection = of_open.next()
    connection.set_backpressure_policy(wsecho.BackpressurePolicy.DROP_OLDEST)
    deadline = time.monotonic() + PATIENCE
    while server.statistics().messages_dropped == 0 and time.monotonic() < deadline:
        try:
            connection.send(b"x" * 100_000)
        except wsecho.BackpressureError:
            time.sleep(0.001)  # from another thread twice the bound may wait
    assert server.statistics().messages_dropped > 0
    with pytest.raises(wsecho.InvalidArgumentError):
        connection.set_backpressure_policy(9)
    with pytest.raises(TypeError, match="policy must be int"):
        connection.set_backpressure_policy("drop")
