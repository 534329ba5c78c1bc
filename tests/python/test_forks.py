"""fork() beside a server: what the child may do, and that the parent goes on."""

from __future__ import annotations

import os

import pytest
from conftest import PATIENCE
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
        assert client.recv(timeout=PATIENCE) == "still served"
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
                assert client.recv(timeout=PATIENCE) == "hello"
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


# A child that is forked in a callback has a copy of the loop, with the parent's sockets.
FORK_IN_A_CALLBACK = """
    import atexit, warnings
    warnings.simplefilter("ignore", DeprecationWarning)
    children = []
    def fork(connection, message):
        child = os.fork()
        if child == 0:
            {child}
        children.append(child)
        connection.send(message)
    server = wsecho.Server(on_message=fork)
    server.start()
    atexit.register(say, "parent's atexit")
    say(server.port)
    sys.stdin.readline()
    child, = children
    server.stop()
    say(os.WEXITSTATUS(os.waitpid(child, 0)[1]))
"""


def printed_by_the_parent_of(child: str, complaint: str = "") -> str:
    """The parent is unharmed, and closes its connection as ever."""
    with Program(FORK_IN_A_CALLBACK.format(child=child)) as program:
        with connect(program.line()) as client:
            client.send("fork")
            assert client.recv(timeout=PATIENCE) == "fork"
            program.tell()
            assert closed_with(client) == 1001
        return program.end(complaint=complaint)


@pytest.mark.parametrize("child", ["return", "sys.exit(0)", "gc.collect(); return"])
def test_a_child_that_returns_into_the_loop_ends_at_once_and_the_parent_is_unharmed(child):
    out = printed_by_the_parent_of(child, "a callback returned in a child process")
    assert out == f"{os.EX_SOFTWARE}\nparent's atexit\n"


def test_what_such_a_child_raises_is_shown():
    out = printed_by_the_parent_of("raise ZeroDivisionError", "ZeroDivisionError")
    assert out.startswith(str(os.EX_SOFTWARE))


@pytest.mark.parametrize("child", ["os._exit(3)", 'os.execl("/bin/sh", "sh", "-c", "exit 3")'])
def test_a_child_that_ends_inside_the_callback_ends_as_it_wants_to(child):
    assert printed_by_the_parent_of(child) == "3\nparent's atexit\n"


@pytest.mark.parametrize("where", ["on_open", "on_close", "on_handshake", "on_error", "log", "on_state"])
def test_whichever_callback_it_returns_from(where):
    text = f"""
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        children = []
        def fork(*arguments):
            if not children:
                children.append(os.fork())
            if hasattr(arguments[0], "accept"):
                arguments[0].accept()
        of_server = dict(on_open=lambda connection: 1 / 0, on_error=lambda *_: None)
        of_dialer = dict(on_open=lambda connection: connection.close())
        (of_dialer if {where!r} == "on_state" else of_server)[{where!r}] = fork
        closed = threading.Event()
        with wsecho.Server(**of_server) as server:
            dialer = wsecho.Dialer(server, f"ws://127.0.0.1:{{server.port}}/", max_attempts=1, **of_dialer,
                                   on_close=lambda *_: closed.set())
            with dialer:
                closed.wait()
        say(os.WEXITSTATUS(os.waitpid(children[0], 0)[1]))
    """
    with Program(text) as program:
        out = program.end(complaint="a callback returned in a child process")
        assert out == f"{os.EX_SOFTWARE}\n"


def test_a_process_of_multiprocessing_may_be_forked_in_a_callback():
    text = """
        import multiprocessing, warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        fork = multiprocessing.get_context("fork")
        def on_message(connection, message):
            results = fork.Queue()
            process = fork.Process(target=lambda: results.put(message.upper()))
            process.start()
            result = results.get()
            process.join()
            connection.send(f"{result} {process.exitcode}")
        closed = threading.Event()
        server = wsecho.Server(on_message=on_message, on_close=lambda *_: closed.set())
        server.start()
        say(server.port)
        closed.wait()  # and not for a line: the child closes the standard input
    """
    with Program(text) as program:
        with connect(program.line()) as client:
            for _ in range(3):
                client.send("x")
                assert client.recv(timeout=PATIENCE) == "X 0"
        program.end()
