"""zero_copy: binary messages as views of the engine's own memory, for the callback only."""

from __future__ import annotations

import gc

import pytest
from conftest import echo

import wsecho


def test_a_binary_message_is_a_read_only_view_and_a_text_is_str(make_server, connect, told):
    of_type = told()

    def on_message(connection, message):
        of_type(type(message), getattr(message, "readonly", None))
        connection.send(message)

    client = connect(make_server(on_message=on_message, zero_copy=True))
    client.send(b"binary")
    assert client.recv() == b"binary"
    assert of_type.next() == (memoryview, True)
    client.send("text")
    assert client.recv() == "text"
    assert of_type.next() == (str, None)


@pytest.mark.parametrize("keep", [lambda view: view, lambda view: view[1:3], lambda view: view.cast("b")])
def test_what_is_kept_of_it_is_revoked_when_the_callback_returns(make_server, connect, keep):
    kept = []

    def on_message(connection, message):
        kept.append(keep(message))
        connection.send("kept")

    client = connect(make_server(on_message=on_message, zero_copy=True))
    client.send(b"abcd")
    client.recv()
    client.send(b"efgh")
    client.recv()
    for view in kept:
        with pytest.raises(ValueError, match="released"):
            bytes(view)
        with pytest.raises(ValueError, match="released"):
            view[0]
    del view
    kept.clear()
    gc.collect()


def test_a_copy_stays(make_server, connect, told):
    of_message = told()
    client = connect(
        make_server(on_message=lambda connection, message: of_message(bytes(message)), zero_copy=True)
    )
    client.send(b"abcd")
    assert of_message.next() == b"abcd"


def test_what_refers_to_its_memory_still_is_an_error_of_the_application(make_server, connect, told):
    # As numpy.frombuffer() does: it cannot be revoked.
    of_error, kept = told(), []

    class Holder:
        def __init__(self, view):
            self.view = view
            self.held = memoryview(view)

    def on_message(connection, message):
        import ctypes

        kept.append((ctypes.c_char * 0).from_buffer_copy(message))
        kept.append(memoryview(message))

    client = connect(make_server(on_message=on_message, on_error=of_error, zero_copy=True))
    client.send(b"abcd")
    client.send("behind it")
    with pytest.raises(ValueError, match="released"):
        while True:
            if len(kept) >= 2:
                kept[1][0]


def test_large_messages_in_many_parts_are_one_view(make_server, connect):
    client = connect(make_server(on_message=echo, zero_copy=True), max_size=None)
    client.send([b"a" * 300_000, b"b" * 300_000])
    assert client.recv() == b"a" * 300_000 + b"b" * 300_000


def test_it_is_said_for_each_path(make_server, connect, told):
    of_type = told()

    def on_message(connection, message):
        of_type(type(message))

    server = wsecho.Server(on_message=on_message)
    server.add_path("/views", on_message=on_message, zero_copy=True)
    with server:
        for path, expected in (("/", bytes), ("/views", memoryview)):
            connect(server, path).send(b"a")
            assert of_type.next() is expected
