"""A live feed for a dashboard, as dashboard.html shows it: the machine's load, ten times a second, to
whoever looks. Of what a slow viewer has not read, the newest value alone is kept.

    python dashboard.py 9001
"""

import asyncio
import json
import os
import sys
import time

import wsecho

LOAD = 1  # the key of its messages: a newer one takes the place of one that waits


async def show(connection):
    await connection.subscribe("load")
    async for _ in connection:  # a viewer has nothing to say; its close ends this
        pass


async def feed(server):
    while True:
        if server.channel_size("load"):
            value = {"time": time.time(), "load": os.getloadavg()[0], "viewers": len(server.connections)}
            server.publish("load", wsecho.PreparedMessage(json.dumps(value), key=LOAD))
        await asyncio.sleep(0.1)


async def main(port):
    # "null": a page that was opened as a file.
    async with wsecho.serve(show, "127.0.0.1", port, origins="same null") as server:
        print(f"listening on 127.0.0.1:{server.port}", flush=True)
        await feed(server)


if __name__ == "__main__":
    try:
        asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 9001))
    except KeyboardInterrupt:
        pass
