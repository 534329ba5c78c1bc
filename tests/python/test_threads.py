"""Calls from any thread, and the interpreter's lock beside loops that are busy."""

from __future__ import annotations

import threading
import time

import pytest
from conftest import PATIENCE, echo

import wsecho


def on_threads(number, work):
    threads = [threading.Thread(target=work, args=(which,)) for which in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_messages_of_each_thread_come_in_its_order(make_server, connect, told):
    of_open = told()
    server = make_server(on_open=of_open)
    client = connect(server)
    connection = of_open.next()

    def send(which):
        for number in range(200):
            connection.send(f"{which} {number}")

    on_threads(4, send)
    seen = {str(which): [] for which in range(4)}
    for _ in range(800):
        which, number = client.recv(timeout=PATIENCE).split()
        seen[which].append(int(number))
    assert all(numbers == list(range(200)) for numbers in seen.values())


def test_whatever_threads_call_at_once_nothing_is_lost(make_server, connect, told):
    of_open = told()
    server = make_server(on_open=of_open, on_message=echo, threads=2)
    clients = [connect(server) for _ in range(4)]
    connections = [of_open.next() for _ in clients]

    def call(which):
        connection = connections[which]
        for number in range(50):
            connection.subscribe(f"channel {number % 5}")
            server.publish(f"channel {number % 5}", "published")
            assert connection.uri == "/"
            connection.user = number
            assert connection in server.connections
            server.statistics()
            connection.send("last" if number == 49 else "sent")

    on_threads(4, call)
    for client in clients:
        while client.recv(timeout=PATIENCE) != "last":
            pass


def test_other_threads_go_on_while_a_loop_is_busy(make_server, told):
    # Two servers that talk to each other as fast as they can.
    loop = make_server(on_message=echo)
    of_open = told()
    other = make_server(port=-1)
    dialer = wsecho.Dialer(
        other,
        f"ws://127.0.0.1:{loop.port}/",
        connections=50,
        on_open=lambda connection: (connection.send("x"), of_open(connection)),
        on_message=echo,
    )
    with dialer:
        for _ in range(50):
            of_open.next()
        begin = time.monotonic()
        enough = loop.statistics().messages_received + 1000
        while loop.statistics().messages_received < enough:
            time.sleep(0.001)  # to get the lock back is what it is about
            assert time.monotonic() - begin < PATIENCE


def test_a_callback_may_give_up_the_lock(make_server, connect):
    lock = threading.Lock()

    def on_message(connection, message):
        with lock:
            time.sleep(0.001)
        connection.send(message)

    server = make_server(on_message=on_message, threads=2)
    clients = [connect(server) for _ in range(4)]
    for number in range(10):
        for client in clients:
            client.send(str(number))
        for client in clients:
            assert client.recv(timeout=PATIENCE) == str(number)


def test_a_callback_may_wait_for_another_thread_that_sends(make_server, connect):
    def on_message(connection, message):
        thread = threading.Thread(target=connection.send, args=(message,))
        thread.start()
        thread.join()

    client = connect(make_server(on_message=on_message))
    client.send("from elsewhere")
    assert client.recv(timeout=PATIENCE) == "from elsewhere"


def test_servers_stop_on_several_threads_at_once(make_server):
    server = make_server(threads=2)
    on_threads(4, lambda which: server.stop())
    assert not server.is_running


def test_a_stop_cuts_a_drain_of_another_thread_short(make_server, unread_peer, told):
    of_open = told()
    server = make_server(on_open=of_open)
    unread_peer(server)
    of_open.next()
    reports = []
    drainer = threading.Thread(target=lambda: reports.append(server.drain(deadline_ms=1_000_000)))
    drainer.start()
    while server.port != -1:  # it listens no more
        time.sleep(0.001)
    server.stop()
    drainer.join(PATIENCE)
    assert reports[0].forced == 1


@pytest.mark.parametrize("threads", [1, 2])
def test_callbacks_of_many_loops_see_one_interpreter(make_server, connect, threads):
    counts = {}

    def on_message(connection, message):
        counts[threading.get_ident()] = counts.get(threading.get_ident(), 0) + 1
        connection.send(str(sum(counts.values())))

    server = make_server(on_message=on_message, threads=threads)
    clients = [connect(server) for _ in range(8)]
    for client in clients:
        client.send("")
        client.recv(timeout=PATIENCE)
    assert sum(counts.values()) == 8
    assert len(counts) <= threads
