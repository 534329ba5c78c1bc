"""The most memory that a server's options allow, as docs/hostile-peers.md states it. Pure."""

from __future__ import annotations

import re
from typing import Dict, List, Optional

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

PER_CONNECTION = 4 * KIB
PER_REQUEST = 8 * KIB
PER_INFLATER = 48 * KIB
PER_DEFLATER = 264 * KIB
OF_A_LOOP = 4 * MIB
"""Read buffer, spare chunks and what the allocator keeps."""
ALLOCATOR = 1.25

MAX_MESSAGE = 1 * MIB
MAX_QUEUED = 4 * MIB
MAX_QUEUED_TOTAL = 1 * GIB


def allowed_bytes(rss_before: int, connections: int, options: List[str],
                  help_text: str = "") -> int:
    """For so many connections of attackers at once, beside what the server had before them. The
    server's --help tells the defaults of what the options do not name."""
    given = {**defaults_in(help_text), **dict_of(options)}
    queued = min(connections * number(given, "--max-queued", MAX_QUEUED),
                 number(given, "--max-queued-total", MAX_QUEUED_TOTAL) or GIB * 1024)
    receiving = connections * number(given, "--max-message", MAX_MESSAGE)
    total = number(given, "--max-receiving-total", 0)
    if total:
        receiving = min(receiving, total)
    each = PER_CONNECTION + PER_REQUEST
    if "--deflate" in options:
        each += PER_INFLATER + (PER_DEFLATER if "--deflate-takeover" in options else 0)
    return int(rss_before + OF_A_LOOP + ALLOCATOR * (queued + receiving + connections * each))


def dict_of(options: List[str]) -> Dict[str, str]:
    """Each option with the word after it; the last one counts."""
    return {name: value for name, value in zip(options, options[1:]) if name.startswith("--")}


def defaults_in(help_text: str) -> Dict[str, str]:
    """Of options with a number, as in "  --max-queued-total UINT=1073741824"; zero is a default
    that says nothing."""
    found = re.findall(r"^ +(--[a-z-]+) UINT=(\d+)", help_text, re.MULTILINE)
    return {name: value for name, value in found if int(value)}


def number(given: Dict[str, str], name: str, default: int) -> int:
    value: Optional[str] = given.get(name)
    return default if value is None else int(value)
