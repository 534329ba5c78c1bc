"""The server under attack: started on a core of its own, watched, and ended."""

from __future__ import annotations

import os
import resource
import selectors
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Dict, List, Optional, Sequence, Tuple

import priority

START_SECONDS = 10.0
LOOK_SECONDS = 0.1


class HarnessError(Exception):
    """What kept the measurement from being made, in words for the person who runs it."""


@dataclass(frozen=True)
class Moment:
    """What the server had used up at one time."""

    at: float
    cpu_seconds: float
    waited_seconds: float
    """Time in which it could have run but something else had its core."""


class ServerProcess:
    """One wsecho-echo."""

    def __init__(self, command: Sequence[str], *, core: Optional[int], log: BinaryIO,
                 descriptors: Optional[int] = None, wrapper: Sequence[str] = (),
                 variables: Optional[Dict[str, str]] = None) -> None:
        def prepare() -> None:
            if core is not None:
                priority.pin(core)
                priority.set_niceness(priority.SERVER)
            if descriptors is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        self.command = list(command)
        with log:
            self._process = subprocess.Popen(
                [*wrapper, *command], stdout=subprocess.PIPE, stderr=log, preexec_fn=prepare,
                env={**os.environ, **(variables or {})})
        self._log = str(log.name)
        self.pid = self._process.pid
        self.address = self._listening_on()
        self.peak_descriptors = 0
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    def _listening_on(self) -> str:
        assert self._process.stdout is not None
        selector = selectors.DefaultSelector()
        selector.register(self._process.stdout, selectors.EVENT_READ)
        end = time.monotonic() + START_SECONDS
        line = b""
        while not line.endswith(b"\n"):
            if not selector.select(max(0.0, end - time.monotonic())):
                self.kill()
                raise HarnessError(f"{self.command[0]} did not listen within {START_SECONDS:g} s")
            byte = os.read(self._process.stdout.fileno(), 1)
            if not byte:
                self.kill()
                raise HarnessError(f"{self.command[0]} did not start: {self.complaint()}")
            line += byte
        return next(word for word in line.decode().split() if ":" in word).removeprefix(
            "ws://").rstrip("/,")

    def complaint(self) -> str:
        if not os.path.isfile(self._log):
            return "it said nothing"
        text = Path(self._log).read_text(encoding="utf-8", errors="replace")
        return (text.strip().splitlines() or ["it said nothing"])[-1]

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            try:
                self.peak_descriptors = max(self.peak_descriptors, self.descriptors())
            except OSError:
                return

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def resident_bytes(self) -> int:
        return self._status("VmRSS:")

    def peak_resident_bytes(self) -> int:
        return self._status("VmHWM:")

    def forget_peak(self) -> None:
        """Lets the kernel count the peak of memory from now on (proc(5), clear_refs)."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", encoding="ascii")

    def _status(self, name: str) -> int:
        try:
            text = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        except OSError:
            return 0
        for line in text.splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
        return 0

    def moment(self) -> Moment:
        """Read from schedstat, which counts nanoseconds of running and of waiting for a core."""
        ran = waited = 0
        for thread in Path(f"/proc/{self.pid}/task").glob("*/schedstat"):
            try:
                fields = thread.read_text(encoding="ascii").split()
            except OSError:
                continue
            ran += int(fields[0])
            waited += int(fields[1])
        return Moment(time.monotonic(), ran / 1e9, waited / 1e9)

    def is_running(self) -> bool:
        return self._process.poll() is None

    def terminate(self, patience: float) -> Tuple[Optional[float], Optional[int]]:
        """Seconds from SIGTERM to the end, None if it did not end in time, and its status."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            return None, None
        return time.monotonic() - began, status

    def status(self) -> Optional[int]:
        return self._process.poll()

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def __enter__(self) -> "ServerProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.kill()


def command_of(build: Path, host: str, options: List[str]) -> List[str]:
    path = build / "bin" / "wsecho-echo"
    if not os.access(path, os.X_OK):
        raise HarnessError(f"{path} is missing: build it, or name another --build-dir")
    return [str(path), "--host", host, "--port", "0", *options]


def help_of(build: Path) -> str:
    return subprocess.run([str(build / "bin" / "wsecho-echo"), "--help"], capture_output=True,
                          text=True, check=False).stdout
