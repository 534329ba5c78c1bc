"""fork() beside a server: what the child may do, and that the parent goes on."""

from __future__ import annotations

import os

import pytest
from programs import Program, closed_with, connect

FORK = """
    import warnings
    warnings.simplefilter("ignore", DeprecationWarning)  # of Python 3.12: threads and fork
    opened = threading.Event()
    server = wsecho.Server(on_message=echo, on_open=lambda connection: opened.set())
    server.start()
    say(server.port)
    sys.stdin.readline()
    opened.wait()  # the client may know of it sooner
    connection, = server.connections
    child = os.fork()
    if child == 0:
"""


def test_in_a_forked_child_a_server_of_the_parent_says_so_and_the_parent_goes_on():
    text = FORK + """
        calls = [server.start, server.drain, server.wait, server.statistics, lambda: server.port,
                 lambda: server.connections, lambda: server.broadcast("x"), lambda: connection.send("x"),
                 lambda: connection.uri, lambda: connection.close(), lambda: server.publish("a", "b")]
        refused = 0
        for call in calls:
            try:
                call()
            except wsecho.WrongStateError:
                refused += 1
        say(refused == len(calls), server.is_running, connection.is_open)
        server.stop()
        del server, connection
        gc.collect()
        sys.exit(0)
    _, status = os.waitpid(child, 0)
    say(status)
    sys.stdin.readline()
    """
    with Program(text) as program, connect(program.line()) as client:
        program.tell()
        assert program.line() == "True False False"
        assert program.line() == "0"
        client.send("still served")
        assert client.recv() == "still served"
        program.tell()
        assert closed_with(client) == 1001
        program.end()


def test_a_forked_child_may_have_a_server_of_its_own():
    text = FORK + """
        with wsecho.Server(on_message=echo) as own:
            say(own.port)
            sys.stdin.readline()
        say("child done")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    say(status)
    """
    with Program(text) as program, connect(program.line()) as of_parent:
        program.tell()
        with connect(program.line()) as of_child:
            for client in (of_parent, of_child):
                client.send("hello")
                assert client.recv() == "hello"
            program.tell()
            assert closed_with(of_child) == 1001
        assert program.line() == "child done"
        assert program.line() == "0"
        program.end()


def test_a_fork_while_messages_come_goes_well_many_times():
    text = """
        server = wsecho.Server(on_message=echo, threads=2)
        server.start()
        client = wsecho.Server(port=-1)
        client.start()
        dialer = wsecho.Dialer(client, f"ws://127.0.0.1:{server.port}/", connections=10, on_message=echo,
                               on_open=lambda connection: connection.send("x"))
        dialer.start()
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        for _ in range(20):
            child = os.fork()
            if child == 0:
                gc.collect()
                sys.exit(0)
            assert os.waitpid(child, 0)[1] == 0
        say("all ended")
    """
    with Program(text) as program:
        assert program.end() == "all ended\n"


@pytest.mark.skipif(not hasattr(os, "register_at_fork"), reason="no fork here")
def test_a_pool_of_processes_by_fork_works_beside_a_server():
    text = """
        import multiprocessing, warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        with wsecho.Server(on_message=echo) as server:
            with multiprocessing.get_context("fork").Pool(2) as pool:
                say(sum(pool.map(abs, range(-10, 0))))
    """
    with Program(text) as program:
        assert program.end() == "55\n"
