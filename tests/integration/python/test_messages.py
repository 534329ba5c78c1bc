"""Messages between wsecho-echo and websockets, a client that wsecho's authors did not write."""

import asyncio
import os

import pytest
from echo_process import DEADLINE, EchoProcess, running_echo
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError
from websockets.frames import CloseCode

MAX_MESSAGE = 1 << 20


async def echo_of(connection: ClientConnection, message: str | bytes) -> str | bytes:
    await connection.send(message)
    return await asyncio.wait_for(connection.recv(), DEADLINE)


def test_every_size_comes_back_as_text_and_as_binary(echo: EchoProcess) -> None:
    async def talk() -> None:
        async with connect(echo.url()) as connection:
            for size in (0, 1, 125, 126, 127, 65535, 65536, 500_000, MAX_MESSAGE):
                text = ("0123456789abcdef" * (size // 16 + 1))[:size]
                data = os.urandom(size)
                assert await echo_of(connection, text) == text
                assert await echo_of(connection, data) == data

    asyncio.run(talk())


def test_characters_of_every_length_come_back(echo: EchoProcess) -> None:
    async def talk() -> None:
        async with connect(echo.url()) as connection:
            words = "a\x00\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"
            assert await echo_of(connection, words) == words

    asyncio.run(talk())


def test_a_message_in_fragments_comes_back_whole(echo: EchoProcess) -> None:
    async def talk() -> None:
        async with connect(echo.url()) as connection:
            await connection.send(["one ", "", "two ", "three"])
            assert await asyncio.wait_for(connection.recv(), DEADLINE) == "one two three"

    asyncio.run(talk())


def test_a_client_that_offers_compression_goes_without(echo: EchoProcess) -> None:
    async def talk() -> None:
        async with connect(echo.url(), compression="deflate") as connection:
            assert connection.protocol.extensions == []
            assert await echo_of(connection, "plain") == "plain"

    asyncio.run(talk())


def test_a_message_over_the_limit_is_refused_with_1009() -> None:
    async def talk(echo: EchoProcess) -> None:
        async with connect(echo.url()) as connection:
            assert await echo_of(connection, "x" * 1000) == "x" * 1000
            with pytest.raises(ConnectionClosedError) as closed:
                await echo_of(connection, "x" * 1001)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == CloseCode.MESSAGE_TOO_BIG

    with running_echo("--max-message", "1000") as echo:
        asyncio.run(talk(echo))


def test_two_hundred_clients_talk_at_once() -> None:
    async def one(echo: EchoProcess, number: int) -> None:
        async with connect(echo.url()) as connection:
            for turn in range(10):
                message = f"client {number}, turn {turn}"
                assert await echo_of(connection, message) == message

    async def all_of_them(echo: EchoProcess) -> None:
        await asyncio.gather(*(one(echo, number) for number in range(200)))

    with running_echo("--threads", "2") as echo:
        asyncio.run(all_of_them(echo))


def test_in_broadcast_mode_everybody_gets_each_message_and_the_sender_too() -> None:
    async def talk(echo: EchoProcess) -> None:
        async with asyncio.TaskGroup() as group:
            opening = [group.create_task(opened(echo)) for _ in range(20)]
        clients = [task.result() for task in opening]
        for sender, message in ((0, "from the first"), (19, b"from the last")):
            await clients[sender].send(message)
            for client in clients:
                assert await asyncio.wait_for(client.recv(), DEADLINE) == message
        await asyncio.gather(*(client.close() for client in clients))

    async def opened(echo: EchoProcess) -> ClientConnection:
        return await connect(echo.url())

    with running_echo("--mode", "broadcast", "--threads", "3") as echo:
        asyncio.run(talk(echo))


def test_in_channel_mode_those_of_one_path_get_each_message_and_the_sender_too() -> None:
    async def talk(echo: EchoProcess) -> None:
        async with (
            connect(echo.url("/a")) as one,
            connect(echo.url("/a")) as same,
            connect(echo.url("/b")) as other,
        ):
            await one.send("in a")
            await other.send("in b")
            for client, message in ((one, "in a"), (same, "in a"), (other, "in b")):
                assert await asyncio.wait_for(client.recv(), DEADLINE) == message

    with running_echo("--mode", "channel") as echo:
        asyncio.run(talk(echo))


def test_in_channel_mode_a_path_that_is_no_channels_name_is_refused() -> None:
    async def talk(echo: EchoProcess) -> None:
        async with connect(echo.url("/" + "a" * 255)) as client:
            with pytest.raises(ConnectionClosedError) as closed:
                await asyncio.wait_for(client.recv(), DEADLINE)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == CloseCode.POLICY_VIOLATION

    with running_echo("--mode", "channel") as echo:
        asyncio.run(talk(echo))


def test_the_clients_own_keepalive_is_answered(echo: EchoProcess) -> None:
    async def talk() -> None:
        # It closes the connection with 1011 where a pong is missing for ping_timeout.
        async with connect(echo.url(), ping_interval=0.02, ping_timeout=DEADLINE) as connection:
            for _ in range(10):
                answered = await connection.ping()
                assert await asyncio.wait_for(answered, DEADLINE) > 0
            assert await echo_of(connection, "kept alive") == "kept alive"
            assert connection.latency > 0

    asyncio.run(talk())


def test_the_servers_heartbeat_is_answered_by_the_client() -> None:
    async def talk(echo: EchoProcess) -> None:
        async with connect(echo.url(), ping_interval=None) as connection:
            # The close is 1001: it was idle for many heartbeats, and never found silent.
            with pytest.raises(Exception) as closed:
                await asyncio.wait_for(connection.recv(), DEADLINE)
            assert "1001" in str(closed.value)

    options = ("--heartbeat-interval", "0.05", "--heartbeat-timeout", "0.2", "--idle-timeout", "1")
    with running_echo(*options) as echo:
        asyncio.run(talk(echo))
