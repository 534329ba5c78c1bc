"""An echo or broadcast server on aiohttp, to be measured beside wsecho.

Choices: uvloop; the C extensions that come with the wheel; compression and the access log off.
Text stays bytes from the wire to the wire, which decode_text=False is there for; with --text=str it
is what handlers of aiohttp get by default. aiohttp has no broadcast, so that one is a plain loop.
"""

import argparse
import asyncio
import resource
import signal
from typing import Awaitable, Callable

import uvloop
from aiohttp import WSMsgType, web

BACKLOG = 4096
MAX_MESSAGE = 64 << 20
DATA = (WSMsgType.TEXT, WSMsgType.BINARY)

Handler = Callable[[web.Request], Awaitable[web.WebSocketResponse]]

members: set[web.WebSocketResponse] = set()


async def upgrade(request: web.Request, decode_text: bool = False) -> web.WebSocketResponse:
    connection = web.WebSocketResponse(compress=False, max_msg_size=MAX_MESSAGE,
                                       decode_text=decode_text)
    await connection.prepare(request)
    return connection


async def echo(request: web.Request) -> web.WebSocketResponse:
    connection = await upgrade(request)
    async for message in connection:
        if message.type in DATA:
            await connection.send_frame(message.data, message.type)
    return connection


async def echo_str(request: web.Request) -> web.WebSocketResponse:
    connection = await upgrade(request, decode_text=True)
    async for message in connection:
        if message.type is WSMsgType.TEXT:
            await connection.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await connection.send_bytes(message.data)
    return connection


async def join(request: web.Request) -> web.WebSocketResponse:
    connection = await upgrade(request)
    members.add(connection)
    try:
        async for message in connection:
            if message.type in DATA:
                await publish(message.data, message.type)
    finally:
        members.discard(connection)
    return connection


async def publish(data: bytes, kind: WSMsgType) -> None:
    for connection in tuple(members):
        try:
            await connection.send_frame(data, kind)
        except ConnectionError:
            pass  # a peer that is gone shows at its own read


async def run(port: int, handler: Handler) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    application = web.Application()
    application.router.add_get("/", handler)
    # Open connections are not waited for at the end.
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=BACKLOG)
    await site.start()
    print(f"listening on 127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await stop.wait()
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description="aiohttp, to be measured")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 for any")
    parser.add_argument("--mode", choices=("echo", "broadcast"), default="echo")
    parser.add_argument("--text", choices=("bytes", "str"), default="bytes",
                        help="as what the echo's handler gets text")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    handler = join if options.mode == "broadcast" else echo
    if handler is echo and options.text == "str":
        handler = echo_str
    uvloop.run(run(options.port, handler))


if __name__ == "__main__":
    main()
