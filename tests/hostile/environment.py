"""What is done to the machine, the server or the network beside an attack."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from server_process import HarnessError, ServerProcess

HERE = Path(__file__).resolve().parent


class Environment:
    """Nothing special. A context, entered before the server starts."""

    host = "127.0.0.1"
    """Where the server listens."""
    variables: Dict[str, str] = {}
    attackers_address: Optional[str] = None
    """The host that attackers connect to, if not the good peers'."""

    def __init__(self) -> None:
        self.wrapper: List[str] = []
        """What every program of the attack is started by."""

    def __enter__(self) -> "Environment":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def log(self, folder: Path) -> Any:
        """Where the server's standard error goes."""
        return (folder / "server.log").open("wb")

    def begin(self, server: ServerProcess, attackers: Any) -> None:
        """Called when the attack begins."""

    def end(self, server: ServerProcess, attackers: Any) -> None:
        """Called when it ends, before the attackers are ended."""


class FullDisk(Environment):
    """Every write of the log fails with ENOSPC: that is what /dev/full is for."""

    def log(self, folder: Path) -> Any:
        return open("/dev/full", "wb")


class UnreadLog(Environment):
    """The log is a pipe that is full after 64 KiB."""

    def log(self, folder: Path) -> Any:
        self._kept, writing = os.pipe()
        return os.fdopen(writing, "wb")

    def __exit__(self, *_: object) -> None:
        os.close(self._kept)


class StoppedPeers(Environment):
    """The attackers are stopped while messages of theirs are under way."""

    def begin(self, server: ServerProcess, attackers: Any) -> None:
        self._timer = threading.Timer(0.5, attackers.signal, (signal.SIGSTOP,))
        self._timer.start()

    def end(self, server: ServerProcess, attackers: Any) -> None:
        self._timer.join()
        attackers.signal(signal.SIGCONT)


class StoppedServer(Environment):
    """The server stands still for three seconds."""

    SECONDS = 3.0

    def begin(self, server: ServerProcess, attackers: Any) -> None:
        os.kill(server.pid, signal.SIGSTOP)
        self._timer = threading.Timer(self.SECONDS, os.kill, (server.pid, signal.SIGCONT))
        self._timer.start()

    def end(self, server: ServerProcess, attackers: Any) -> None:
        self._timer.join()


class ClockJumps(Environment):
    """A library that is loaded before libc answers for the wall clock."""

    def __enter__(self) -> "ClockJumps":
        compiler = shutil.which("cc")
        if compiler is None:
            raise HarnessError("no C compiler for the clock that jumps")
        self._files = contextlib.ExitStack()
        folder = Path(self._files.enter_context(tempfile.TemporaryDirectory()))
        library = folder / "jumping_clock.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(library),
                        str(HERE / "jumping_clock.c"), "-ldl"], check=True)
        self.variables = {"LD_PRELOAD": str(library)}
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()


class Namespace(Environment):
    """A network of its own, which needs root."""

    commands: Sequence[str] = ()

    def __enter__(self) -> "Namespace":
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "; ".join(
                ["set -e", "ip link set lo up", *self.commands, "echo ready", "exec cat"])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert self._holder.stdout is not None
        if not self._holder.stdout.readline():
            _, complaint = self._holder.communicate()
            raise HarnessError(f"no network namespace: {complaint.decode().strip()}")
        self.wrapper = ["nsenter", f"--net=/proc/{self._holder.pid}/ns/net", "--"]
        return self

    def __exit__(self, *_: object) -> None:
        self._holder.kill()
        self._holder.communicate()


class TinyBuffers(Namespace):
    """Socket buffers at the smallest that the kernel gives."""

    commands = ("sysctl -qw net.ipv4.tcp_wmem='4096 4096 4096' net.ipv4.tcp_rmem='4096 4096 4096'",)


class BadNetwork(Namespace):
    """Attackers come through faulty_network.py; the good peers by the loopback interface."""

    commands = ("ip tuntap add dev tun0 mode tun", "ip addr add 10.9.0.1/24 dev tun0",
                "ip link set tun0 up")
    host = "0.0.0.0"
    attackers_address = "10.9.0.2"

    def __enter__(self) -> "BadNetwork":
        super().__enter__()
        self._network = subprocess.Popen(
            [*self.wrapper, sys.executable, str(HERE / "faulty_network.py"), "tun0"],
            stdout=subprocess.PIPE)
        assert self._network.stdout is not None
        if not self._network.stdout.readline():
            super().__exit__()
            raise HarnessError("the faulty network did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._network.kill()
        self._network.communicate()
        super().__exit__()


ENVIRONMENTS = {
    "": Environment, "full-disk": FullDisk, "unread-log": UnreadLog,
    "stopped-peers": StoppedPeers, "stopped-server": StoppedServer, "clock-jumps": ClockJumps,
    "tiny-buffers": TinyBuffers, "bad-network": BadNetwork,
}
