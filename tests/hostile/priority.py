"""Who runs first on two cores. The good peers measure, so they come before everything; the server
and the attackers come before whatever else the machine does, but attackers never before the good
peers."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

SERVER, ATTACKERS, ATTACKERS_BESIDE_NORMAL_PEERS = -20, -10, 19


def pin(core: int) -> None:
    os.sched_setaffinity(0, {core})


def run_in_real_time() -> bool:
    """Before all processes of its core that are not in real time, too; False if not allowed."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        return False
    return True


def may_run_in_real_time() -> bool:
    pid = os.fork()
    if pid == 0:
        os._exit(0 if run_in_real_time() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def set_niceness(niceness: int) -> None:
    """As near as this user may. Where the kernel groups processes by session, a niceness counts
    within the group alone, and the group has one of its own: see sched(7), autogroup."""
    with contextlib.suppress(OSError):
        os.setsid()
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness), encoding="ascii")
