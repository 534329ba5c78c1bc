"""Python programs in a process of their own, which has to end by itself and to say nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from typing import Optional

import pytest
import websockets.exceptions
import websockets.sync.client
from conftest import PATIENCE

BEGIN = """
import os, signal, socket, sys, threading, time, gc
import wsecho
def echo(connection, message):
    connection.send(message)
def say(*words):  # in handlers of signals, too, where print() may be what they interrupt
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())
def interrupt():  # as Ctrl-C does
    os.kill(os.getpid(), signal.SIGINT)
def silent_peer_of(server):  # let in, it never answers a close
    peer = socket.create_connection(("127.0.0.1", server.port))
    peer.sendall(b"GET / HTTP/1.1\\r\\nHost: a\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
                 b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n")
    while not peer.recv(4096).endswith(b"\\r\\n\\r\\n"):
        pass
    return peer
"""


class Program:
    """A Python process that prints what it does. With it ends what it has forked."""

    def __init__(self, text: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-X", "dev", "-c", BEGIN + textwrap.dedent(text)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip

    def line(self) -> str:
        line = self._process.stdout.readline()
        assert line, self._process.communicate()[1]
        return line.rstrip("\n")

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def tell(self, line: str = "") -> None:
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def end(self, status: int = 0, complaint: Optional[str] = "") -> str:
        """What it printed until it ended; with this status, and this on its standard error:
        nothing by default, None is anything."""
        try:
            out, errors = self._process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGABRT)  # for faulthandler's words
            out, errors = self._process.communicate()
            pytest.fail(f"it does not end: {out}{errors}")
        assert (self._process.returncode, (complaint or "") in errors) == (status, True), out + errors
        if complaint == "":
            assert errors == ""
        return out

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):  # all of it has ended
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


def connect(port: str):
    return websockets.sync.client.connect(f"ws://127.0.0.1:{port}/", compression=None)


def closed_with(client) -> int:
    with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
        while True:
            client.recv(timeout=PATIENCE)
    return closed.value.rcvd.code if closed.value.rcvd else 1006
