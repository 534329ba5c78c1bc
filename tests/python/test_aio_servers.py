"""Servers whose connections are handled by coroutines: their life, handlers and ends."""

from __future__ import annotations

import asyncio
import gc
import logging
import subprocess
import sys
import threading
import weakref

import pytest
from conftest import PATIENCE
from event_loops import echo, run, until, url_of  # noqa: F401

import wsecho
from wsecho import aio


def test_the_names_of_the_package_are_those_of_aio():
    assert wsecho.serve is aio.serve
    assert wsecho.connect is aio.connect
    assert wsecho.ConnectionClosed is aio.ConnectionClosed


# --- Their life ---


def test_a_server_is_a_context_that_closes_its_connections(run):
    async def main():
        async with wsecho.serve(echo, "127.0.0.1", 0) as server:
            assert server.is_serving()
            connection = await aio.connect(url_of(server))
            await connection.send("hello")
            assert await connection.recv() == "hello"
        assert not server.is_serving()
        with pytest.raises(aio.ConnectionClosedOK) as closed:
            await connection.recv()
        assert closed.value.code == 1001

    run(main())


def test_a_server_that_was_awaited_is_closed_by_hand(run):
    async def main():
        server = await aio.serve(echo)
        connection = await aio.connect(url_of(server))
        server.close()
        server.close()
        await server.wait_closed()
        await server.wait_closed()
        await connection.wait_closed()
        assert connection.close_code == 1001
        assert server.connections == set()

    run(main())


def test_it_serves_until_it_is_cancelled(run):
    async def main():
        server = await aio.serve(echo, start_serving=False)
        assert server.port == -1
        serving = asyncio.ensure_future(server.serve_forever())
        await until(lambda: server.port > 0)
        async with aio.connect(url_of(server)) as connection:
            serving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await serving
            await connection.wait_closed()
            assert connection.close_code == 1001

    run(main())


def test_the_code_of_its_close_may_be_another(run):
    async def main():
        server = await aio.serve(echo)
        connection = await aio.connect(url_of(server))
        await until(lambda: server.connections)
        server.close(code=1012, reason="update")
        await server.wait_closed()
        await connection.wait_closed()
        assert (connection.close_code, connection.close_reason) == (1012, "update")

    run(main())


def test_closing_may_leave_the_connections_to_end_by_themselves(run):
    async def main():
        server = await aio.serve(echo)
        connection = await aio.connect(url_of(server))
        server.close(close_connections=False)
        await connection.send("still served")
        assert await connection.recv() == "still served"
        await until(lambda: server.port == -1)
        await connection.close()
        await server.wait_closed()

        server = await aio.serve(echo)
        connection = await aio.connect(url_of(server))
        server.close(close_connections=False)
        await asyncio.sleep(0.01)
        server.close()
        await server.wait_closed()
        await connection.wait_closed()
        assert connection.close_code == 1001

    run(main())


def test_a_drain_tells_who_left_how(run):
    async def main():
        server = await aio.serve(echo)
        connections = [await aio.connect(url_of(server)) for _ in range(3)]
        report = await server.drain(deadline_ms=5000, code=1012, reason="update")
        assert report.connections == 3
        assert report.answered == 3
        await asyncio.gather(*[connection.wait_closed() for connection in connections])
        assert {connection.close_code for connection in connections} == {1012}
        assert await server.drain() is None

    run(main())


def test_its_end_waits_for_the_handlers(run):
    async def main():
        ended = []

        async def handler(connection):
            await connection.wait_closed()
            await asyncio.sleep(0.05)
            ended.append(connection)

        async with aio.serve(handler) as server:
            await asyncio.gather(*[aio.connect(url_of(server)) for _ in range(3)])
            await until(lambda: len(server.connections) == 3)
        assert len(ended) == 3

    run(main())


def test_what_is_wrong_is_told_at_the_start(run):
    async def main():
        async with aio.serve(echo) as server:
            with pytest.raises(wsecho.AddressInUseError):
                await aio.serve(echo, port=server.port)
        with pytest.raises(OSError):
            await aio.serve(echo, "host.invalid.")
        with pytest.raises(TypeError, match="no_such_option"):
            await aio.serve(echo, no_such_option=1)
        with pytest.raises(wsecho.InvalidOptionError, match="threads"):
            await aio.serve(echo, threads=1000)

    run(main())


def test_a_unix_socket_serves_as_well(run, tmp_path):
    async def main():
        async with aio.serve(echo, port=-1, unix_path=tmp_path / "socket") as server:
            assert server.port == -1
            reader, writer = await asyncio.open_unix_connection(str(tmp_path / "socket"))
            writer.write(
                b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                b"Sec-WebSocket-Version: 13\r\n\r\n"
            )
            assert b"101" in await reader.readuntil(b"\r\n\r\n")
            (connection,) = await until(lambda: server.connections)
            assert connection.remote_address == "unix"
            writer.close()
            await writer.wait_closed()

    run(main())


def test_several_loops_of_the_engine_serve_one_event_loop(run):
    async def main():
        async with aio.serve(echo, threads=3) as server:
            assert server.engine.loops == 3

            async def talk(number):
                async with aio.connect(url_of(server)) as connection:
                    for turn in range(20):
                        await connection.send(f"{number} {turn}")
                        assert await connection.recv() == f"{number} {turn}"

            await asyncio.gather(*[talk(number) for number in range(20)])
            assert server.statistics().messages_received == 400

    run(main())


def test_two_servers_in_one_event_loop_do_not_mix(run):
    async def main():
        async def answer(connection):
            async for message in connection:
                await connection.send(f"{connection.server.port}: {message}")

        async with aio.serve(answer) as one, aio.serve(answer) as two:
            for server in [one, two]:
                async with aio.connect(url_of(server)) as connection:
                    await connection.send("hello")
                    assert await connection.recv() == f"{server.port}: hello"

    run(main())


def test_what_nobody_closed_ends_with_the_event_loop(run):
    ended = []

    async def main():
        server = await aio.serve(echo)
        connection = await aio.connect(url_of(server))
        ended.extend([server.engine, connection.peer.server])

    run(main())
    assert [engine.is_running for engine in ended] == [False, False]
    gc.collect()


def test_servers_leave_nothing_behind(run):
    async def main():
        async with aio.serve(echo) as server:
            async with aio.connect(url_of(server)) as connection:
                await connection.send("hello")
                await connection.recv()
                (served,) = server.connections
            references = [weakref.ref(served), weakref.ref(connection), weakref.ref(server)]
        return references

    references = run(main())
    for thread in threading.enumerate():
        if "wsecho" in thread.name:  # what it waited for is over, and so the thread is soon
            thread.join(PATIENCE)
            assert not thread.is_alive()
    gc.collect()
    assert [reference() for reference in references] == [None, None, None]


# --- Their handlers ---


def test_a_connection_is_closed_when_its_handler_returns(run):
    async def main():
        async def handler(connection):
            await connection.send("the only one")

        async with aio.serve(handler) as server, aio.connect(url_of(server)) as connection:
            assert [message async for message in connection] == ["the only one"]
            assert connection.close_code == 1000

    run(main())


def test_a_handler_that_fails_closes_its_connection_with_1011_and_is_logged(run, caplog):
    async def main():
        async def handler(connection):
            raise LookupError(await connection.recv())

        async with aio.serve(handler) as server:
            async with aio.connect(url_of(server)) as connection:
                await connection.send("no such thing")
                with pytest.raises(aio.ConnectionClosedError) as closed:
                    await connection.recv()
                assert closed.value.code == 1011
            async with aio.connect(url_of(server)) as connection:  # the server goes on
                await connection.ping()

    run(main())
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.name == "wsecho.server"
    assert record.message == "connection handler failed"
    assert record.exc_info[0] is LookupError


def test_a_handler_that_ends_with_its_connection_is_no_failure(run, caplog):
    async def main():
        async def handler(connection):
            while True:
                await connection.recv()

        async with aio.serve(handler) as server:
            for code in [1000, 4000]:
                connection = await aio.connect(url_of(server))
                await connection.close(code)
            await until(lambda: not server._handled)

    run(main())
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_the_log_may_be_another(run, caplog):
    async def main():
        async def handler(connection):
            raise LookupError

        async with aio.serve(handler, logger=logging.getLogger("mine")) as server:
            async with aio.connect(url_of(server)) as connection:
                await connection.wait_closed()

    run(main())
    assert "mine" in {record.name for record in caplog.records if record.levelno >= logging.ERROR}


def test_what_is_no_coroutine_function_may_handle_or_fail(run, caplog):
    async def main():
        class Handler:
            async def __call__(self, connection):
                await echo(connection)

        async with aio.serve(Handler()) as server, aio.connect(url_of(server)) as connection:
            await connection.send("hello")
            assert await connection.recv() == "hello"
        async with aio.serve(lambda connection: asyncio.ensure_future(echo(connection))) as server:
            async with aio.connect(url_of(server)) as connection:
                await connection.send("hello")
                assert await connection.recv() == "hello"
        async with aio.serve(lambda: None) as server:
            async with aio.connect(url_of(server)) as connection:
                await connection.wait_closed()
                assert connection.close_code == 1011

    run(main())


def test_a_handler_that_is_cancelled_leaves_with_1001(run):
    async def main():
        async def handler(connection):
            asyncio.current_task().cancel()
            await connection.recv()

        async with aio.serve(handler) as server, aio.connect(url_of(server)) as connection:
            await connection.wait_closed()
            assert connection.close_code == 1001

    run(main())


def test_each_handler_has_a_context_of_its_own(run):
    import contextvars

    async def main():
        number = contextvars.ContextVar("number")

        async def handler(connection):
            async for message in connection:
                if message == "?":
                    await connection.send(number.get())
                else:
                    number.set(message)

        async with aio.serve(handler) as server:
            connections = [await aio.connect(url_of(server)) for _ in range(3)]
            for index, connection in enumerate(connections):
                await connection.send(str(index))
            for index, connection in enumerate(connections):
                await connection.send("?")
                assert await connection.recv() == str(index)

    run(main())


# --- In a process of its own ---

INTERRUPTED = """
import asyncio, os, signal, sys, wsecho

async def echo(connection):
    async for message in connection:
        await connection.send(message)

async def main():
    async with wsecho.serve(echo) as server:
        async with wsecho.connect(f"ws://127.0.0.1:{server.port}/") as connection:
            await connection.send("hello")
            await connection.recv()
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(60)

try:
    if sys.argv[1:] == ["uvloop"]:
        import uvloop
        uvloop.install()
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
"""

FORGOTTEN = """
import asyncio, wsecho

async def main():
    server = await wsecho.serve(lambda connection: connection.wait_closed())
    connection = await wsecho.connect(f"ws://127.0.0.1:{server.port}/")
    return server, connection

kept = asyncio.new_event_loop().run_until_complete(main())
print("left")
"""


def outcome_of(program, *arguments):
    return subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program, *arguments],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_ctrl_c_ends_servers_and_clients(loop):
    if loop == "uvloop":
        pytest.importorskip("uvloop")
    outcome = outcome_of(INTERRUPTED, loop)
    assert (outcome.stdout, outcome.stderr) == ("interrupted\n", "")
    assert outcome.returncode == 0


def test_an_interpreter_that_ends_in_the_middle_ends_in_peace():
    outcome = outcome_of(FORGOTTEN)
    assert (outcome.stdout, outcome.returncode) == ("left\n", 0)
    assert "Traceback" not in outcome.stderr and "Fatal" not in outcome.stderr


def test_asyncio_is_not_loaded_before_it_is_asked_for():
    program = "import sys, wsecho; assert 'asyncio' not in sys.modules; wsecho.serve"
    assert outcome_of(program).returncode == 0
