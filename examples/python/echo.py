"""Sends every message back.

    python echo.py 9001
"""

import asyncio
import sys

import wsecho


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def main(port):
    async with wsecho.serve(echo, "127.0.0.1", port) as server:
        print(f"listening on 127.0.0.1:{server.port}", flush=True)
        await server.wait_closed()


if __name__ == "__main__":
    try:
        asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 9001))
    except KeyboardInterrupt:
        pass
