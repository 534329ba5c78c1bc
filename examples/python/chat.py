"""Chat rooms: the path is the room, ws://127.0.0.1:9001/kitchen, and what one says there all others
hear. Who comes in gets the last messages first. The first thing that one says is the name.

    python chat.py 9001
"""

import asyncio
import sys

import wsecho


async def chat(connection):
    server, room = connection.server, connection.request.path
    server.engine.set_history(room, max_messages=20, max_age_ms=3_600_000)
    await connection.subscribe_after(room, 0)  # from the oldest that is kept
    name = await connection.recv()
    server.publish(room, f"{name} came in: {server.channel_size(room)} are here")
    try:
        async for message in connection:
            server.publish(room, f"{name}: {message}", exclude=connection)
    finally:
        server.publish(room, f"{name} has left")


async def main(port):
    async with wsecho.serve(chat, "127.0.0.1", port) as server:
        print(f"listening on 127.0.0.1:{server.port}", flush=True)
        await server.wait_closed()


if __name__ == "__main__":
    try:
        asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 9001))
    except KeyboardInterrupt:
        pass
