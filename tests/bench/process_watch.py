"""Resident memory and descriptors of server processes while they are under load."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Sequence

LOOK_SECONDS = 0.2


def resident_bytes(pid: int) -> int:
    return bytes_in_status(pid, "VmRSS:")


def peak_resident_bytes(pid: int) -> int:
    """The most that it ever had, as the kernel kept it: nothing between two looks is missed."""
    return bytes_in_status(pid, "VmHWM:")


def bytes_in_status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


class Watch:
    """The most that the processes had together, from one look every so often. What they held
    at the start, before anybody connected, is not counted as memory."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._pids = pids
        self._empty_bytes = sum(resident_bytes(pid) for pid in pids)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.memory_bytes = 0
        self.descriptors = 0

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            try:
                resident = sum(resident_bytes(pid) for pid in self._pids)
                count = sum(descriptors(pid) for pid in self._pids)
            except OSError:
                return  # a process has ended, which the generator says, too
            self.memory_bytes = max(self.memory_bytes, resident - self._empty_bytes)
            self.descriptors = max(self.descriptors, count)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
