"""The interpreter's life around a server: its end, Ctrl-C, fork, the collector. Each in a process of
its own, which has to end by itself and to say nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import pytest
import websockets.exceptions
import websockets.sync.client
from conftest import PATIENCE

BEGIN = """
import os, signal, sys, threading, time, gc
import wsecho
def echo(connection, message):
    connection.send(message)
def say(*words):
    print(*words, flush=True)
"""


class Program:
    """A Python process that prints what it does."""

    def __init__(self, text: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-X", "faulthandler", "-c", BEGIN + textwrap.dedent(text)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def line(self) -> str:
        line = self._process.stdout.readline()
        assert line, self._process.communicate()[1]
        return line.rstrip("\n")

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def tell(self, line: str = "") -> None:
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def end(self, status: int = 0, complaint: str = "") -> str:
        """What it printed until it ended; with this status, and this on its standard error."""
        try:
            out, errors = self._process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGABRT)  # for faulthandler's words
            out, errors = self._process.communicate()
            pytest.fail(f"it does not end: {out}{errors}")
        assert (self._process.returncode, complaint in errors) == (status, True), out + errors
        if not complaint:
            assert errors == ""
        return out

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def connect(port: str):
    return websockets.sync.client.connect(f"ws://127.0.0.1:{port}/", compression=None)


def closed_with(client) -> int:
    with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
        while True:
            client.recv(timeout=PATIENCE)
    return closed.value.rcvd.code if closed.value.rcvd else 1006


def test_at_the_interpreters_end_peers_are_told_and_nothing_is_left_behind():
    text = """
        server = wsecho.Server(on_message=echo, on_close=lambda connection, event: say(event.code))
        server.start()
        say(server.port)
        sys.stdin.readline()
    """
    with Program(text) as program, connect(program.line()) as client:
        client.send("hello")
        assert client.recv() == "hello"
        program.tell()
        assert closed_with(client) == 1001
        assert program.end() == "1001\n"


def test_an_exception_that_ends_the_program_ends_it():
    text = """
        wsecho.Server(on_message=echo).start()
        raise ZeroDivisionError
    """
    with Program(text) as program:
        program.end(status=1, complaint="ZeroDivisionError")


def test_while_messages_come_the_interpreter_ends_as_well():
    text = """
        server = wsecho.Server(on_message=echo, threads=2)
        server.start()
        client = wsecho.Server(port=-1)
        client.start()
        def answer(connection, message):
            if message == "x":  # and not the broadcasts: they would be ever more
                connection.send(message)
        dialer = wsecho.Dialer(client, f"ws://127.0.0.1:{server.port}/", connections=20,
                               on_open=lambda connection: connection.send("x"), on_message=answer)
        dialer.start()
        def send():
            try:
                while True:
                    server.broadcast("y")
            except wsecho.WrongStateError:
                pass  # it has stopped
        threading.Thread(target=send, daemon=True).start()
        time.sleep(0.3)
    """
    with Program(text) as program:
        program.end()


def test_a_server_cannot_start_once_the_interpreter_ends():
    text = """
        import atexit
        class Late:
            def __del__(self):
                try:
                    self.server.start()
                except RuntimeError as error:
                    print(error)
        late = Late()
        late.server = wsecho.Server()
        late.me = late
    """
    with Program(text) as program:
        assert program.end() in ("", "a server cannot start while the interpreter ends\n")


@pytest.mark.parametrize("wait", ["server.wait()", "server.wait(1000)", "time.sleep(1000)"])
def test_ctrl_c_ends_a_wait_and_the_server_with_it(wait):
    text = f"""
        try:
            with wsecho.Server(on_message=echo) as server:
                say(server.port)
                {wait}
        except KeyboardInterrupt:
            say("interrupted", server.is_running)
    """
    with Program(text) as program, connect(program.line()) as client:
        program.signal(signal.SIGINT)
        assert closed_with(client) == 1001
        assert program.end() == "interrupted False\n"


@pytest.mark.parametrize("end", ["server.stop()", "server.drain(deadline_ms=1000000)"])
def test_ctrl_c_cuts_a_long_end_short(end):
    # The peer never answers the close.
    text = f"""
        opened = threading.Event()
        server = wsecho.Server(on_open=lambda connection: opened.set(), close_timeout_ms=1000000)
        server.start()
        import socket
        peer = socket.create_connection(("127.0.0.1", server.port))
        peer.sendall(b"GET / HTTP/1.1\\r\\nHost: a\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
                     b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n")
        opened.wait()
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            {end}
        except KeyboardInterrupt:
            say("interrupted", server.is_running, server.wait(0))
        peer.close()
    """
    with Program(text) as program:
        assert program.end() == "interrupted False True\n"


def test_signal_handlers_run_while_it_waits():
    text = """
        server = wsecho.Server()
        server.start()
        def handle(number, frame):
            say("handled")
            threading.Thread(target=server.stop).start()
        signal.signal(signal.SIGUSR1, handle)
        say("ready")
        say(server.wait())
    """
    with Program(text) as program:
        assert program.line() == "ready"
        program.signal(signal.SIGUSR1)
        assert program.end() == "handled\nTrue\n"


def test_what_an_exit_in_a_callback_ends_is_its_connection():
    text = """
        errors = []
        server = wsecho.Server(on_message=lambda *_: sys.exit(3), on_error=lambda *it: errors.append(it))
        server.start()
        say(server.port)
        sys.stdin.readline()
        say(type(errors[0][1]).__name__)
    """
    with Program(text) as program, connect(program.line()) as client:
        client.send("exit")
        assert closed_with(client) == 1011
        program.tell()
        assert program.end() == "SystemExit\n"


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


def test_the_collector_runs_beside_loops_and_takes_nothing_that_lives():
    text = """
        class Session:
            def __init__(self, connection):
                self.connection = connection
        def on_open(connection):
            connection.user = Session(connection)
        def on_message(connection, message):
            gc.collect()
            assert connection.user.connection is connection
            connection.send(message)
        server = wsecho.Server(on_open=on_open, on_message=on_message, threads=2)
        server.start()
        port = server.port
        del server
        say(port)
        for _ in range(50):
            gc.collect()
        sys.stdin.readline()
    """
    with Program(text) as program:
        port = program.line()
        with connect(port) as one, connect(port) as other:
            for number in range(20):
                for client in (one, other):
                    client.send(str(number))
                    assert client.recv() == str(number)
        program.tell()
        program.end()


def test_a_server_may_be_made_started_and_stopped_on_different_threads():
    text = """
        def on_a_thread(call):
            results = []
            thread = threading.Thread(target=lambda: results.append(call()))
            thread.start()
            thread.join()
            return results[0]
        server = on_a_thread(lambda: wsecho.Server(on_message=echo))
        on_a_thread(server.start)
        port = on_a_thread(lambda: server.port)
        on_a_thread(server.stop)
        say(port > 0, server.is_running)
    """
    with Program(text) as program:
        assert program.end() == "True False\n"


def test_importing_it_starts_no_thread_and_opens_nothing():
    text = """
        say(threading.active_count(), len(os.listdir("/proc/self/task")))
    """
    with Program(text) as program:
        assert program.end() == "1 1\n"


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
