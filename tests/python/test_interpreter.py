"""The interpreter's life around a server: its end, Ctrl-C, the collector. Each in a process of its
own, which has to end by itself and to say nothing."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from conftest import PATIENCE
from programs import Program, closed_with, connect


def test_at_the_interpreters_end_peers_are_told_and_nothing_is_left_behind():
    text = """
        server = wsecho.Server(on_message=echo, on_close=lambda connection, event: say(event.code))
        server.start()
        say(server.port)
        sys.stdin.readline()
    """
    with Program(text) as program, connect(program.line()) as client:
        client.send("hello")
        assert client.recv(timeout=PATIENCE) == "hello"
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
    text = f"""
        opened = threading.Event()
        server = wsecho.Server(on_open=lambda connection: opened.set(), close_timeout_ms=1000000)
        server.start()
        peer = silent_peer_of(server)
        opened.wait()
        def interrupt_the_end():
            peer.recv(1)  # it is told: the end has begun
            interrupt()
        threading.Thread(target=interrupt_the_end).start()
        try:
            {end}
        except KeyboardInterrupt:
            say("interrupted", server.is_running, server.wait(0))
        peer.close()
    """
    with Program(text) as program:
        assert program.end() == "interrupted False True\n"


def test_ctrl_c_leaves_the_close_of_a_dialer_to_itself():
    text = """
        busy = threading.Event()
        interrupted = threading.Event()
        def on_message(connection, message):
            busy.set()
            interrupted.wait()  # before it answers the close
        server = wsecho.Server(on_message=on_message)
        server.start()
        loops = wsecho.Server(port=-1)
        loops.start()
        dialer = wsecho.Dialer(loops, f"ws://127.0.0.1:{server.port}/",
                               on_open=lambda connection: connection.send("x"))
        dialer.start()
        busy.wait()
        def interrupt_the_close():
            while dialer.connection().is_open:
                pass
            interrupt()
        threading.Thread(target=interrupt_the_close).start()
        try:
            dialer.close()
        except KeyboardInterrupt:
            say("interrupted")
        interrupted.set()
        dialer.close()
        try:
            dialer.stop()
        except wsecho.WrongStateError as error:
            say(error)
        del dialer
        loops.stop()
        del loops
        gc.collect()
    """
    with Program(text) as program:
        assert program.end() == "interrupted\nthe dialer is closed\n"


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
                    assert client.recv(timeout=PATIENCE) == str(number)
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


# Peers that never answer a close: without a signal, the program would end in half an hour.
SILENT_PEERS = """
    import select
    def start_with_silent_peer():
        opened = threading.Event()
        server = wsecho.Server(on_open=lambda connection: opened.set(), close_timeout_ms=1000000,
                               on_close=lambda connection, event: say("closed"))
        server.start()
        servers.append(server)
        peer = silent_peer_of(server)
        opened.wait()
        return peer
    def on_a_thread(call):
        threading.Thread(target=call, daemon=True).start()
    servers = []
    peers = [start_with_silent_peer() for _ in range(3)]
"""


@pytest.mark.parametrize("times", [1, 2, 20])
def test_ctrl_c_at_the_interpreters_end_cuts_short_what_is_left_of_all_servers(times):
    text = SILENT_PEERS + f"""
    def interrupt_the_end():
        select.select(peers, [], [])  # one is told: the end has begun
        for _ in range({times}):
            interrupt()
            time.sleep(0.001)
    on_a_thread(interrupt_the_end)
    """
    with Program(text) as program:
        # Of many interruptions, one may come while Python tells of the first.
        complaint = "KeyboardInterrupt" if times == 1 else None
        assert program.end(complaint=complaint) == "closed\n" * 3


def test_so_it_does_where_a_thread_is_at_it_already():
    text = SILENT_PEERS + """
    def interrupt_the_end():
        threading.main_thread().join()
        interrupt()
    for server in servers:
        on_a_thread(server.stop)
    while len(select.select(peers, [], [])[0]) < len(peers):
        pass
    on_a_thread(interrupt_the_end)
    """
    with Program(text) as program:
        assert program.end(complaint="KeyboardInterrupt") == "closed\n" * 3


def test_the_interpreters_end_waits_for_a_server_that_starts_and_stops_it():
    text = """
        ready = threading.Event()
        def log(level, text):
            if text.startswith("listening"):
                ready.set()
                threading.main_thread().join()
            say(text.split()[0])
        threading.Thread(target=wsecho.Server(log=log).start, daemon=True).start()
        ready.wait()
    """
    with Program(text) as program:
        assert program.end() == "listening\nstopped\n"


def test_servers_that_threads_start_at_the_interpreters_end_are_stopped_or_refused():
    text = """
        def start():
            while True:
                wsecho.Server(threads=2).start()
        for _ in range(3):
            threading.Thread(target=start, daemon=True).start()
        sys.excepthook = threading.excepthook = lambda *_: None
        time.sleep(0.1)
    """
    with Program(text) as program:
        program.end()


@pytest.mark.parametrize(
    "call",
    [
        "server.wait(0.0001)",
        "wsecho.Dialer(server, 'ws://127.0.0.1:1/').close()",
        "wsecho.Dialer(server, 'ws://127.0.0.1:1/')",
        "wsecho.Server()",
        "wsecho.Server().add_path('/a')",
    ],
)
def test_the_interpreter_ends_while_daemon_threads_wait_in_a_call(call):
    text = f"""
        server = wsecho.Server()
        server.start()
        def work():
            while True:
                {call}
        for _ in range(4):
            threading.Thread(target=work, daemon=True).start()
        time.sleep(0.1)
    """
    with Program(text) as program:
        program.end()


@pytest.mark.parametrize("before", ["", "import wsecho"], ids=["alone", "beside"])
def test_another_interpreter_of_the_process_is_refused(before):
    program = f"""
import _xxsubinterpreters as interpreters
{before}
other = interpreters.create()
interpreters.run_string(other, '''
try:
    import wsecho
except ImportError as error:
    print(error, flush=True)
''')
interpreters.destroy(other)
"""
    pytest.importorskip("_xxsubinterpreters")  # until Python 3.12: later ones refuse by themselves
    outcome = subprocess.run(
        [sys.executable, "-X", "dev", "-c", program],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert "interpreter" in outcome.stdout, outcome.stderr  # Python 3.12 may refuse by itself
    assert (outcome.returncode, outcome.stderr) == (0, "")
