"""Whom a server of coroutines lets in."""

from __future__ import annotations

import asyncio
import http

import pytest
from event_loops import echo, hold, run, until, url_of  # noqa: F401

import wsecho
from wsecho import aio


async def refusal_of(server, path="/", **options):
    with pytest.raises(aio.InvalidStatus) as refused:
        await aio.connect(url_of(server, path), **options)
    return refused.value.status_code


def test_the_request_is_known_to_the_handler(run):
    async def main():
        async def handler(connection):
            request = connection.request
            await connection.send(f"{request.path} {request.headers['X-Me']}")
            await connection.send(connection.header("x-me"))

        async with aio.serve(handler) as server:
            url = url_of(server, "/chat?room=1")
            async with aio.connect(url, headers={"X-Me": "somebody"}) as connection:
                assert await connection.recv() == "/chat?room=1 somebody"
                assert await connection.recv() == "somebody"
                assert connection.request.path == "/chat?room=1"
                assert connection.request.headers["x-me"] == "somebody"

    run(main())


def test_the_first_of_the_servers_subprotocols_that_is_offered_is_taken(run):
    async def main():
        async with aio.serve(hold, subprotocols=["v3", "v2", "v1"]) as server:
            async with aio.connect(url_of(server), subprotocols=["v1", "v2"]) as connection:
                assert connection.subprotocol == "v2"
                (served,) = await until(lambda: server.connections)
                assert served.subprotocol == "v2"
                assert served.request.subprotocols == ("v1", "v2")
            assert await refusal_of(server) == 400
            assert await refusal_of(server, subprotocols=["v9"]) == 400

    run(main())


def test_without_subprotocols_of_its_own_a_server_takes_none(run):
    async def main():
        async with aio.serve(hold) as server:
            async with aio.connect(url_of(server), subprotocols=["v1"]) as connection:
                assert connection.subprotocol is None

    run(main())


def test_the_application_may_choose_the_subprotocol(run):
    async def main():
        def select(connection, offered):
            if "bad" in offered:
                raise aio.NegotiationError("not that one")
            return "chat" if "chat" in offered else None

        async with aio.serve(hold, select_subprotocol=select) as server:
            for offered, taken in [(["chat", "x"], "chat"), (["x"], None), (None, None)]:
                async with aio.connect(url_of(server), subprotocols=offered) as connection:
                    assert connection.subprotocol == taken
            assert await refusal_of(server, subprotocols=["bad"]) == 400

    run(main())


def ask_at_once(connection, request):
    assert connection.request is request
    assert connection.remote_address[0] == "127.0.0.1"
    if request.path == "/secret":
        return connection.respond(http.HTTPStatus.UNAUTHORIZED, "who are you?\n")
    if request.path == "/failure":
        raise LookupError("nobody expected this")
    return None


async def ask_later(connection, request):
    await asyncio.sleep(0.01)
    return ask_at_once(connection, request)


@pytest.mark.parametrize("ask", [ask_at_once, ask_later])
def test_the_application_may_refuse_a_request(run, ask, caplog):
    async def main():
        async with aio.serve(echo, process_request=ask) as server:
            async with aio.connect(url_of(server)) as connection:
                await connection.send("let in")
                assert await connection.recv() == "let in"
            assert await refusal_of(server, "/secret") == 401
            assert await refusal_of(server, "/failure") == 500
            assert server.statistics().refusals[wsecho.Refusal.REJECTED] == 2

    run(main())
    assert "opening handshake failed" in caplog.messages


def test_what_the_client_reads_of_a_refusal_is_what_was_given(run):
    async def main():
        def ask(connection, request):
            return aio.Response(302, {"Location": "/elsewhere"}, b"over there\n")

        async with aio.serve(hold, process_request=ask) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(
                b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                b"Sec-WebSocket-Version: 13\r\n\r\n"
            )
            answer = (await reader.read()).decode()
            assert answer.startswith("HTTP/1.1 302 ")
            assert "Location: /elsewhere\r\n" in answer
            assert answer.endswith("\r\n\r\nover there\n")
            writer.close()
            await writer.wait_closed()

    run(main())


@pytest.mark.parametrize("is_coroutine", [False, True])
def test_the_application_may_add_headers_to_the_answer(run, is_coroutine):
    async def main():
        def add(connection, request, response):
            assert response.status_code == 101
            if request.path == "/nowhere":
                return connection.respond(404, "nothing here\n")
            response.headers["X-Server"] = "mine"
            return None

        async def add_later(*arguments):
            return add(*arguments)

        hook = add_later if is_coroutine else add
        async with aio.serve(hold, process_response=hook) as server:
            async with aio.connect(url_of(server)) as connection:
                assert connection.header("x-server") == "mine"
                assert connection.header("x-client", "none") == "none"
                (served,) = await until(lambda: server.connections)
                assert served.response.headers["X-Server"] == "mine"
            assert await refusal_of(server, "/nowhere") == 404

    run(main())


def test_a_client_that_leaves_while_it_is_asked_about_is_no_failure(run, caplog):
    async def main():
        asked = asyncio.Event()
        go_on = asyncio.Event()

        async def ask(connection, request):
            asked.set()
            await go_on.wait()

        async with aio.serve(hold, process_request=ask) as server:
            connecting = asyncio.ensure_future(aio.connect(url_of(server))._connect())
            await asked.wait()
            connecting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await connecting
            await until(lambda: server.statistics().refusals[wsecho.Refusal.DISCONNECTED])
            go_on.set()
        assert server.statistics().connections_total == 0

    run(main())
    assert caplog.messages == []


def test_who_waits_for_an_answer_is_refused_when_the_server_closes(run):
    async def main():
        asked = asyncio.Event()

        async def ask(connection, request):
            asked.set()
            await asyncio.sleep(60)

        async with aio.serve(hold, process_request=ask) as server:
            connecting = asyncio.ensure_future(refusal_of(server))
            await asked.wait()
        assert await connecting == 503

    run(main())


def test_connections_may_be_of_a_class_of_the_application(run):
    async def main():
        class Visitor(aio.ServerConnection):
            async def greet(self):
                await self.send(f"hello {self.request.headers['name']}")

        class Guest(aio.ClientConnection):
            pass

        async def handler(connection):
            await connection.greet()

        async with aio.serve(handler, create_connection=Visitor) as server:
            async with aio.connect(
                url_of(server), headers={"Name": "you"}, create_connection=Guest
            ) as connection:
                assert isinstance(connection, Guest)
                assert await connection.recv() == "hello you"

    run(main())


def test_origins_are_the_engines_option(run):
    async def main():
        async with aio.serve(hold, origins="https://example.com") as server:
            async with aio.connect(url_of(server), headers={"Origin": "https://example.com"}):
                pass
            assert await refusal_of(server, headers={"Origin": "https://evil.example"}) == 403

    run(main())
