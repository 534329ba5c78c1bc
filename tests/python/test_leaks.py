"""100,000 connections that come and go leave nothing behind."""

from __future__ import annotations

import gc
import os
import select
import socket
from pathlib import Path

import pytest
from conftest import shake_hands

import wsecho

ROUNDS = 10
CONNECTIONS = int(os.environ.get("WSECHO_LEAK_CONNECTIONS", "100000")) // ROUNDS
# What an allocator keeps between rounds varies by so much; a leak of a byte for each would be less
# than one of an object, which has at least 16.
SLACK_BYTES = 16 * CONNECTIONS


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


CLOSE = b"\x88\x82\0\0\0\0" + (1000).to_bytes(2, "big")
HELLO = b"\x81\x85\0\0\0\0hello"


def come_and_go(place: str) -> None:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(place)
        shake_hands(peer)
        peer.sendall(HELLO + CLOSE)
        while peer.recv(4096):
            pass


class Session:
    def __init__(self, connection: wsecho.Connection) -> None:
        self.connection = connection
        connection.user = self


def callbacks(place: str):
    server = wsecho.Server(
        port=-1,
        unix_path=place,
        on_open=Session,
        on_message=lambda connection, message: connection.send(message),
        on_close=lambda connection, event: None,
        on_handshake=lambda handshake: handshake.accept(user=[handshake.uri]),
    )
    return server, lambda: None


def event_queue(place: str):
    queue = wsecho.EventQueue()
    server = wsecho.Server(port=-1, unix_path=place, event_queue=queue)

    def take() -> None:
        while events := queue.take():
            for kind, connection, value in events:
                if kind == wsecho.EventType.OPEN:
                    Session(connection)

    return server, take


@pytest.mark.parametrize("manner", [callbacks, event_queue])
def test_memory_objects_and_descriptors_stay(manner, tmp_path):
    place = str(tmp_path / "socket")
    server, after_each = manner(place)
    with server:
        resident, objects, open_files = [], [], []
        for _ in range(ROUNDS):
            for number in range(CONNECTIONS):
                come_and_go(place)
                if number % 100 == 0:
                    after_each()
            while server.statistics().connections > 0:
                select.select([], [], [], 0.001)
            after_each()
            gc.collect()
            resident.append(resident_bytes())
            objects.append(len(gc.get_objects()))
            open_files.append(descriptors())
    # The first rounds fill caches.
    assert resident[-1] - resident[2] < SLACK_BYTES, resident
    assert objects[-1] - objects[2] < CONNECTIONS / 10, objects
    assert open_files[-1] == open_files[2], open_files
    assert server.statistics().connections_total == ROUNDS * CONNECTIONS
    assert sum(server.statistics().closes.values()) == ROUNDS * CONNECTIONS
