"""An echo or broadcast server on socketify, to be measured beside wsecho: uWebSockets in
Python.

Choices: compression off, and bounds wide enough that no message is dropped (by default
uWebSockets drops what exceeds 64 KiB waiting for a peer), and no idle timeout. Broadcasts are
published to a topic that every connection subscribes to: uWebSockets gathers what is published in
one turn of its loop. It runs its own libuv loop, so uvloop has no part in it. Its pools of objects
(websocket_factory_max_items) are for PyPy: with them it takes more here.
"""

import argparse
import os
import resource
import signal
from types import FrameType
from typing import Optional

from socketify import App, AppListenOptions, CompressOptions, OpCode, WebSocket

MAX_MESSAGE = 64 << 20
TOPIC = "all"


def echo(connection: WebSocket, message: str | bytes, opcode: OpCode) -> None:
    connection.send(message, opcode)


def join(connection: WebSocket) -> None:
    connection.subscribe(TOPIC)


def publish(connection: WebSocket, message: str | bytes, opcode: OpCode) -> None:
    connection.publish(TOPIC, message, opcode)


def stop(_signal: int, _frame: Optional[FrameType]) -> None:
    # Its loop does not end while connections are open.
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description="socketify, to be measured")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 for any")
    parser.add_argument("--mode", choices=("echo", "broadcast"), default="echo")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    behaviour = {
        "compression": CompressOptions.DISABLED,
        "max_payload_length": MAX_MESSAGE,
        "max_backpressure": MAX_MESSAGE,
        "idle_timeout": 0,
    }
    if options.mode == "echo":
        behaviour["message"] = echo
    else:
        behaviour.update(open=join, message=publish)
    app = App()
    app.ws("/*", behaviour)
    app.listen(
        AppListenOptions(port=options.port, host="127.0.0.1"),
        lambda config: print(f"listening on 127.0.0.1:{config.port}", flush=True),
    )
    signal.signal(signal.SIGTERM, stop)
    app.run()


if __name__ == "__main__":
    main()
