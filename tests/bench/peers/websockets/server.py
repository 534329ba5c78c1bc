"""An echo or broadcast server on websockets, to be measured beside wsecho.

Choices: the asyncio implementation on uvloop, compression off, and its keepalive off, too, which
would be a task for each connection. Echoes are awaited, which applies backpressure; broadcasts use
the library's own broadcast(), which encodes a message once.
"""

import argparse
import asyncio
import resource
import signal

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

BACKLOG = 4096
MAX_MESSAGE = 64 << 20

members: set[ServerConnection] = set()


async def echo(connection: ServerConnection) -> None:
    try:
        async for message in connection:
            await connection.send(message)
    except ConnectionClosed:
        pass


async def join(connection: ServerConnection) -> None:
    members.add(connection)
    try:
        async for message in connection:
            broadcast(members, message)
    except ConnectionClosed:
        pass
    finally:
        members.discard(connection)


async def run(port: int, mode: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    handler = echo if mode == "echo" else join
    server = await serve(handler, "127.0.0.1", port, compression=None, ping_interval=None,
                         max_size=MAX_MESSAGE, backlog=BACKLOG)
    print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await stop.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="websockets, to be measured")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 for any")
    parser.add_argument("--mode", choices=("echo", "broadcast"), default="echo")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    uvloop.run(run(options.port, options.mode))


if __name__ == "__main__":
    main()
