"""Connecting, and connecting again."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest
from event_loops import echo, hold, run, until, url_of  # noqa: F401

import wsecho
from wsecho import aio
from wsecho.aio.dialing import Dialing

QUICKLY = {"retry_first_ms": 1, "retry_max_ms": 10}


@pytest.fixture
def nowhere():
    """A URL at which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"ws://127.0.0.1:{unused.getsockname()[1]}/"


def test_a_connection_is_a_context_that_closes_it(run):
    async def main():
        async with aio.serve(echo) as server:
            async with aio.connect(url_of(server)) as connection:
                await connection.send("hello")
                assert await connection.recv() == "hello"
            assert connection.close_code == 1000

    run(main())


def test_a_connection_that_was_awaited_is_closed_by_hand(run):
    async def main():
        async with aio.serve(echo) as server:
            connection = await aio.connect(url_of(server))
            assert connection.state is wsecho.ConnectionState.OPEN
            await connection.close(4000)
            assert connection.close_code == 4000

    run(main())


def test_a_context_that_fails_closes_the_connection_and_passes_the_failure_on(run):
    async def main():
        async with aio.serve(echo) as server:
            with pytest.raises(LookupError):
                async with aio.connect(url_of(server)) as connection:
                    raise LookupError
            assert connection.close_code == 1000

    run(main())


def test_nobody_there_is_a_connection_error(run, nowhere):
    async def main():
        with pytest.raises(aio.ConnectError, match="refused") as failed:
            await aio.connect(nowhere)
        assert isinstance(failed.value, ConnectionError)
        assert isinstance(failed.value, wsecho.Error)
        assert failed.value.failure is wsecho.DialFailure.CONNECT
        assert failed.value.url == nowhere
        assert failed.value.attempts == 1

    run(main())


def test_a_status_is_an_error_of_its_own(run):
    async def main():
        async with aio.serve(echo, path="/here") as server:
            with pytest.raises(aio.InvalidStatus) as failed:
                await aio.connect(url_of(server, "/there"))
            assert failed.value.status_code == 404

    run(main())


def test_a_server_that_does_not_answer_is_a_timeout(run):
    async def main():
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"ws://127.0.0.1:{silent.getsockname()[1]}/"
            with pytest.raises(aio.ConnectTimeoutError) as failed:
                await aio.connect(url, connect_timeout_ms=50)
            assert isinstance(failed.value, TimeoutError)

    run(main())


def test_what_is_no_url_is_an_error_at_once(run):
    async def main():
        for wrong in ["http://localhost/", "localhost:9001", "", "ws://"]:
            with pytest.raises(ValueError, match="urls"):
                await aio.connect(wrong)
        with pytest.raises(TypeError, match="no_such_option"):
            await aio.connect("ws://localhost/", no_such_option=1)
        with pytest.raises(TypeError, match="connections"):
            aio.connect("ws://localhost/", connections=3)

    run(main())


def test_connecting_may_be_cancelled(run):
    async def main():
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"ws://127.0.0.1:{silent.getsockname()[1]}/"
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(aio.connect(url)._connect(), 0.05)
        dialing = await Dialing.of_running_loop()
        await until(lambda: dialing._users == 0)

    run(main())


def test_several_urls_are_tried_in_turn(run, nowhere):
    async def main():
        async with aio.serve(echo) as server:
            for urls in [[nowhere, url_of(server)], f"{nowhere} {url_of(server)}"]:
                async with aio.connect(urls) as connection:
                    await connection.send("hello")
                    assert await connection.recv() == "hello"
            with pytest.raises(aio.ConnectError):
                await aio.connect([nowhere, nowhere])

    run(main())


def test_a_single_connection_is_not_made_again(run):
    async def main():
        async with aio.serve(echo) as server:
            connection = await aio.connect(url_of(server), **QUICKLY)
            (served,) = await until(lambda: server.connections)
            await served.close(1012)
            await connection.wait_closed()
            await asyncio.sleep(0.1)
            assert server.statistics().connections_total == 1

    run(main())


def test_a_connection_that_ends_at_once_was_there(run):
    async def main():
        async def handler(connection):
            await connection.send("hello and goodbye")

        async with aio.serve(handler) as server:
            for _ in range(20):
                async with aio.connect(url_of(server)) as connection:
                    assert await connection.recv() == "hello and goodbye"

    run(main())


def test_clients_of_an_event_loop_share_an_engine_which_ends_with_them(run, monkeypatch):
    monkeypatch.setattr("wsecho.aio.dialing._LINGER", 0.01)

    async def main():
        async with aio.serve(hold) as server:
            one, two = [await aio.connect(url_of(server)) for _ in range(2)]
            engine = one.peer.server
            assert engine is two.peer.server
            await one.close()
            await asyncio.sleep(0.05)
            assert engine.is_running
            await two.close()
            await until(lambda: not engine.is_running)
            async with aio.connect(url_of(server)) as three:
                assert three.peer.server is not engine

    run(main())


def test_the_engines_end_may_meet_that_of_the_event_loop(run, monkeypatch):
    async def main():
        async with aio.serve(echo) as server, aio.connect(url_of(server)):
            pass

    for number in range(40):
        monkeypatch.setattr("wsecho.aio.dialing._LINGER", number / 10_000)
        run(main())


def test_each_event_loop_has_its_own(run):
    async def main():
        async with aio.serve(echo) as server:

            def talk_elsewhere():
                async def talk():
                    async with aio.connect(url_of(server)) as connection:
                        await connection.send("from another thread")
                        return await connection.recv(), connection.peer.server

                answers.append(asyncio.run(talk()))

            answers = []
            async with aio.connect(url_of(server)) as connection:
                thread = threading.Thread(target=talk_elsewhere)
                thread.start()
                await until(lambda: not thread.is_alive())
                assert answers[0][0] == "from another thread"
                assert answers[0][1] is not connection.peer.server

    run(main())


# --- Again and again ---


def test_iterating_connects_again_when_the_connection_is_lost(run):
    async def main():
        async def handler(connection):
            await connection.send(f"connection {next(numbers)}")
            await connection.recv()
            await connection.close(1011)

        numbers = iter(range(10))
        received = []
        async with aio.serve(handler) as server:
            async for connection in aio.connect(url_of(server), **QUICKLY):
                try:
                    received.append(await connection.recv())
                    if len(received) == 3:
                        break
                    await connection.send("next")
                    await connection.recv()
                except aio.ConnectionClosedError as closed:
                    assert closed.code == 1011
                    continue
        assert received == ["connection 0", "connection 1", "connection 2"]

    run(main())


def test_iterating_waits_until_the_server_is_there_again(run, own_host):
    async def main():
        server = await aio.serve(echo, own_host)
        port = server.port
        seen = []
        async for connection in aio.connect(f"ws://{own_host}:{port}/", **QUICKLY):
            await connection.send("hello")
            seen.append(await connection.recv())
            if len(seen) == 2:
                break
            server.close()
            await server.wait_closed()
            await connection.wait_closed()
            await asyncio.sleep(0.05)
            server = await aio.serve(echo, own_host, port)
        assert seen == ["hello", "hello"]
        server.close()
        await server.wait_closed()

    run(main())


def test_a_connection_that_is_left_is_closed_before_the_next(run):
    async def main():
        async with aio.serve(hold) as server:
            left = []
            async for connection in aio.connect(url_of(server), **QUICKLY):
                assert [each.close_code for each in left] == [1000] * len(left)
                left.append(connection)
                if len(left) == 3:
                    break
            await until(lambda: server.statistics().connections == 0)

    run(main())


def test_iterating_ends_where_trying_again_is_in_vain(run, nowhere):
    async def main():
        async with aio.serve(echo, path="/here") as server:
            with pytest.raises(aio.InvalidStatus):
                async for connection in aio.connect(url_of(server, "/there"), **QUICKLY):
                    pytest.fail("it does not serve this")
        with pytest.raises(aio.ConnectError) as failed:
            async for connection in aio.connect(nowhere, max_attempts=3, **QUICKLY):
                pytest.fail("nobody is there")
        assert failed.value.attempts == 3

    run(main())


def test_iterating_that_is_cancelled_leaves_nothing(run):
    async def main():
        async with aio.serve(hold) as server:

            async def follow():
                async for connection in aio.connect(url_of(server), **QUICKLY):
                    await connection.recv()

            following = asyncio.ensure_future(follow())
            await until(lambda: server.connections)
            following.cancel()
            with pytest.raises(asyncio.CancelledError):
                await following
            await asyncio.sleep(0)
            time.sleep(0.05)  # the event loop is busy, and the engine's thread might dial again
            dialing = await Dialing.of_running_loop()
            await until(lambda: dialing._users == 0)
            assert server.statistics().connections_total == 1

    run(main())


def test_what_fails_in_the_loop_ends_it(run):
    async def main():
        async with aio.serve(hold) as server:
            with pytest.raises(LookupError):
                async for connection in aio.connect(url_of(server), **QUICKLY):
                    raise LookupError
            await until(lambda: server.statistics().connections == 0)

    run(main())
