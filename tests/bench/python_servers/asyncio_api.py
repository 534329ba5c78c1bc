"""An echo server on wsecho's asyncio API and uvloop, to be measured beside others."""

import argparse
import asyncio
import signal

import uvloop

from wsecho.aio import serve


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def run(port: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serve(echo, "127.0.0.1", port) as server:
        print(f"listening on 127.0.0.1:{server.port}", flush=True)
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="wsecho's asyncio API, to be measured")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 for any")
    options = parser.parse_args()
    uvloop.run(run(options.port))


if __name__ == "__main__":
    main()
