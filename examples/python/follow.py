"""The client side: prints what a server sends, and connects again whenever the connection is lost,
after growing pauses.

    python follow.py ws://127.0.0.1:9001/
"""

import asyncio
import sys

import wsecho


async def follow(url):
    async for connection in wsecho.connect(url, retry_first_ms=100, retry_max_ms=5000):
        print(f"connected to {url}", flush=True)
        try:
            async for message in connection:
                print(message, flush=True)
        except wsecho.ConnectionClosed as closed:
            print(f"lost: {closed}", flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(follow(sys.argv[1] if sys.argv[1:] else "ws://127.0.0.1:9001/"))
    except KeyboardInterrupt:
        pass
