"""Messages there and back: every type of Python's that is one."""

from __future__ import annotations

import array

import pytest
from conftest import echo

import wsecho


@pytest.mark.parametrize(
    "message",
    ["", "text", "ünïcödé 🎉", "a" * 125, "a" * 126, "ä" * 65536, b"", b"\x00\xff", b"b" * 65536],
    ids=lambda message: f"{type(message).__name__}-{len(message)}",
)
def test_a_message_comes_back_as_it_was(make_server, connect, message):
    client = connect(make_server(on_message=echo))
    client.send(message)
    assert client.recv() == message


@pytest.mark.parametrize(
    "message", [bytearray(b"abc"), memoryview(b"abc"), memoryview(b"xabc")[1:], array.array("B", b"abc")]
)
def test_whatever_has_a_buffer_is_sent_as_binary(make_server, connect, message):
    client = connect(make_server(on_message=lambda connection, _: connection.send(message)))
    client.send("")
    assert client.recv() == b"abc"


def test_text_says_what_a_message_is_whatever_its_type(make_server, connect):
    def answer(connection, _):
        connection.send(b"bytes", text=True)
        connection.send("text", text=False)

    client = connect(make_server(on_message=answer))
    client.send("")
    assert client.recv() == "bytes"
    assert client.recv() == b"text"


@pytest.mark.parametrize("message", [None, 1, 1.5, ["a"], object()])
def test_what_is_no_message_is_a_type_error_that_names_it(make_server, connect, told, message):
    opened = told()
    connect(make_server(on_open=opened))
    with pytest.raises(TypeError, match=f"message must be .*, not {type(message).__name__}"):
        opened.next().send(message)


def test_a_lone_surrogate_is_an_error_here_and_not_at_the_peer(make_server, connect, told):
    opened = told()
    connect(make_server(on_open=opened))
    with pytest.raises(UnicodeEncodeError):
        opened.next().send("\ud800")


def test_a_buffer_that_is_not_contiguous_is_a_buffer_error(make_server, connect, told):
    opened = told()
    connect(make_server(on_open=opened))
    with pytest.raises(BufferError):
        opened.next().send(memoryview(b"abcd")[::2])


@pytest.mark.parametrize("arguments", [(), ("a", "b")])
def test_send_takes_one_message(make_server, connect, told, arguments):
    opened = told()
    connect(make_server(on_open=opened))
    with pytest.raises(TypeError, match="one message"):
        opened.next().send(*arguments)


def test_send_names_a_keyword_that_it_does_not_know(make_server, connect, told):
    opened = told()
    connect(make_server(on_open=opened))
    with pytest.raises(TypeError, match="unexpected keyword argument 'binary'"):
        opened.next().send("a", binary=True)


def test_a_method_of_connection_is_a_callback_like_any_other(make_server, connect):
    client = connect(make_server(on_message=wsecho.Connection.send))
    client.send("there and back")
    assert client.recv() == "there and back"


def test_messages_are_compressed_with_peers_that_offer_it(make_server, connect):
    server = make_server(on_message=echo, deflate=1, deflate_threshold_bytes=1)
    client = connect(server, compression="deflate")
    client.send("a" * 10000)
    assert client.recv() == "a" * 10000
    assert server.statistics().bytes_sent < 2000
