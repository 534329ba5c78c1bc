"""The machine that figures were measured on, in words: a figure without it means little."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import Dict, Sequence


def describe() -> Dict[str, str]:
    return {
        "CPU": cpu_model(read("/proc/cpuinfo")),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory_bytes(read('/proc/meminfo')) / 1e9:.1f} GB",
        "kernel": platform.release(),
        "distribution": distribution(read("/etc/os-release")),
    }


def read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def cpu_model(cpuinfo: str) -> str:
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine() or "unknown"


def memory_bytes(meminfo: str) -> int:
    for line in meminfo.splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    return 0


def distribution(os_release: str) -> str:
    for line in os_release.splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip().strip('"')
    return "unknown"


def first_line_of(command: Sequence[str]) -> str:
    """What a program says of its version; 'unknown' if it is not there."""
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    lines = run.stdout.strip().splitlines()
    return lines[0] if lines else "unknown"


def required_version(go_mod: str, module: str) -> str:
    """The version of a module that a go.mod asks for."""
    for line in go_mod.splitlines():
        words = line.replace("require", "").split()
        if words[:1] == [module]:
            return words[1]
    return "unknown"
