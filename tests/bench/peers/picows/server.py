"""An echo or broadcast server on picows, to be measured beside wsecho.

Choices: uvloop, with aiofastnet, which picows depends on and takes by itself; its automatic
pings as they come, which is none. Frames are answered from a view of the read buffer, since
send() copies. A frame's type is read once, since each reading makes a Python object of it.
Messages in several frames pass frame by frame, as they would not in a program that looks into
them. picows has no broadcast, so that one is a plain loop.
"""

import argparse
import asyncio
import resource
import signal

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server

BACKLOG = 4096
MAX_MESSAGE = 64 << 20
# Grows with what comes: many connections are measured, and the default is 16 KiB for each.
READ_BUFFER = 1024
DATA = (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION)

members: set[WSTransport] = set()


def answer_close(transport: WSTransport, frame: WSFrame) -> None:
    transport.send_close(frame.get_close_code(), frame.get_close_message())
    transport.disconnect()


class Echo(WSListener):
    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind in DATA:
            transport.send(kind, frame.get_payload_as_memoryview(), frame.fin)
        elif kind == WSMsgType.CLOSE:
            answer_close(transport, frame)


class Member(WSListener):
    def on_ws_connected(self, transport: WSTransport) -> None:
        members.add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        members.discard(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type in DATA:
            kind, payload, fin = frame.msg_type, frame.get_payload_as_bytes(), frame.fin
            for member in members:
                member.send(kind, payload, fin)
        elif frame.msg_type == WSMsgType.CLOSE:
            answer_close(transport, frame)


async def run(port: int, mode: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    listener = Echo if mode == "echo" else Member
    server = await ws_create_server(lambda _: listener(), "127.0.0.1", port,
                                    max_frame_size=MAX_MESSAGE,
                                    read_buffer_init_size=READ_BUFFER, backlog=BACKLOG)
    print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await stop.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="picows, to be measured")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 for any")
    parser.add_argument("--mode", choices=("echo", "broadcast"), default="echo")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    uvloop.run(run(options.port, options.mode))


if __name__ == "__main__":
    main()
