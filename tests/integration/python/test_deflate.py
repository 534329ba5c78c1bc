"""permessage-deflate between wsecho-echo and two clients: Python's websockets and Node's ws."""

import asyncio
import itertools
import json
import os
import pathlib
import random
import subprocess
from collections.abc import Callable, Coroutine

import pytest
from echo_process import DEADLINE, EchoProcess, running_echo
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import CloseCode

MAX_MESSAGE = 1 << 20

# What the server is told, and what the client offers.
SERVERS = {
    "plain": ("--deflate",),
    "everything": ("--deflate", "--deflate-threshold", "0", "--deflate-takeover"),
    "small": ("--deflate", "--deflate-threshold", "0", "--deflate-window-bits", "9"),
}
OFFERS = {
    "default": ClientPerMessageDeflateFactory(client_max_window_bits=True),
    "forgetful": ClientPerMessageDeflateFactory(
        server_no_context_takeover=True,
        client_no_context_takeover=True,
        client_max_window_bits=True,
    ),
    "small": ClientPerMessageDeflateFactory(server_max_window_bits=9, client_max_window_bits=10),
}
PAIRS = list(itertools.product(SERVERS, OFFERS))


def connected(echo: EchoProcess, offer: str = "default") -> connect:
    return connect(echo.url(), compression=None, extensions=[OFFERS[offer]])


def random_messages(seed: int, count: int) -> list[str | bytes]:
    """Prose, noise and what is in between, of any size."""
    chance = random.Random(seed)
    messages: list[str | bytes] = []
    for _ in range(count):
        size = chance.choice([chance.randrange(300), chance.randrange(80_000)])
        kind = chance.randrange(3)
        if kind == 0:
            words = chance.choices(["alpha", "béta", "γάμμα", "𝛿"], k=size // 4)
            messages.append(" ".join(words))
        elif kind == 1:
            messages.append(chance.randbytes(size))
        else:
            messages.append(bytes(chance.choices(b"ab", k=size)))
    return messages


def run(talk: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(asyncio.wait_for(talk(), 4 * DEADLINE))


async def echo_of(connection: ClientConnection, message: str | bytes) -> str | bytes:
    await connection.send(message)
    return await connection.recv()


@pytest.mark.parametrize(("server", "offer"), PAIRS)
def test_random_messages_come_back(server: str, offer: str) -> None:
    async def talk() -> None:
        async with connected(echo, offer) as connection:
            assert len(connection.protocol.extensions) == 1
            for message in random_messages(seed=7, count=60):
                assert await echo_of(connection, message) == message
            for size in (0, 1, 125, 126, 65535, 65536, MAX_MESSAGE):
                for message in (os.urandom(size), "x" * size):
                    assert await echo_of(connection, message) == message

    with running_echo(*SERVERS[server]) as echo:
        run(talk)


@pytest.mark.parametrize("server", SERVERS)
def test_messages_in_fragments_come_back_whole(server: str) -> None:
    async def talk() -> None:
        async with connected(echo) as connection:
            for _ in range(5):
                await connection.send(["one ", "", "two ", "three " * 1000])
                assert await connection.recv() == "one two " + "three " * 1000

    with running_echo(*SERVERS[server]) as echo:
        run(talk)


@pytest.mark.parametrize(("server", "offer"), PAIRS)
def test_many_in_flight_come_back_in_order(server: str, offer: str) -> None:
    async def talk() -> None:
        messages = random_messages(seed=8, count=150)
        async with connected(echo, offer) as connection:

            async def send() -> None:
                for message in messages:
                    await connection.send(message)

            sending = asyncio.create_task(send())
            for message in messages:
                assert await connection.recv() == message
            await sending

    with running_echo(*SERVERS[server]) as echo:
        run(talk)


@pytest.mark.parametrize("server", SERVERS)
def test_a_broadcast_reaches_who_compresses_how_and_who_does_not(server: str) -> None:
    async def talk() -> None:
        async with (
            connected(echo, "default") as one,
            connected(echo, "small") as two,
            connected(echo, "forgetful") as three,
            connect(echo.url(), compression=None) as plain,
        ):
            peers = (one, two, three, plain)
            messages = random_messages(seed=9, count=40)
            for number, message in enumerate(messages):
                await peers[number % len(peers)].send(message)
                for peer in peers:
                    assert await peer.recv() == message

    with running_echo("--mode", "broadcast", *SERVERS[server]) as echo:
        run(talk)


def test_what_a_browser_offers_is_taken_and_less_travels() -> None:
    async def talk() -> None:
        async with connect(echo.url()) as connection:
            assert connection.response is not None
            assert connection.response.headers["Sec-WebSocket-Extensions"] == (
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
            )
            text = "again and again " * 10_000
            assert await echo_of(connection, text) == text

    with running_echo("--deflate", "--stats") as echo:
        run(talk)
        ended = echo.stop()
    statistics = json.loads(ended.out)
    assert statistics["messages_received"] == 1
    assert 0 < statistics["bytes_sent"] < 10_000
    assert 0 < statistics["bytes_received"] < 10_000


@pytest.mark.parametrize("server", SERVERS)
def test_a_bomb_is_refused_with_1009(server: str) -> None:
    async def talk() -> None:
        async with connected(echo) as connection:
            await connection.send(bytes(20 * MAX_MESSAGE))
            with pytest.raises(ConnectionClosedError) as closed:
                await connection.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == CloseCode.MESSAGE_TOO_BIG
        async with connected(echo) as connection:
            assert await echo_of(connection, "still there") == "still there"

    with running_echo(*SERVERS[server]) as echo:
        run(talk)


# Where Debian's package node-ws puts it; another may be named before.
NODE_PATH = os.pathsep.join(filter(None, [os.environ.get("NODE_PATH"), "/usr/share/nodejs"]))


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(
    "offer",
    [
        {"threshold": 0},
        {"threshold": 0, "serverNoContextTakeover": True, "clientNoContextTakeover": True},
        {"threshold": 0, "serverMaxWindowBits": 10, "clientMaxWindowBits": 9},
    ],
)
def test_random_messages_of_node_s_ws_come_back(server: str, offer: dict[str, object]) -> None:
    client = pathlib.Path(__file__).with_name("ws_echo_client.js")
    with running_echo(*SERVERS[server]) as echo:
        ended = subprocess.run(
            ["node", str(client), echo.url(), json.dumps(offer)],
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            env={**os.environ, "NODE_PATH": NODE_PATH},
        )
    assert ended.returncode == 0, ended
    assert "201 came back by permessage-deflate" in ended.stdout
