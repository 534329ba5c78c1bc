#!/usr/bin/env python3
"""A network that loses, delays and reorders packets, made of a tun interface, so that it works on
kernels without netem.

Whatever is sent to 10.9.0.2 comes back from there with both addresses exchanged: a connection from
10.9.0.1 to 10.9.0.2 is one with a server on 10.9.0.1. The checksums of IP and TCP stay right, since
they are sums."""

from __future__ import annotations

import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time
from typing import List, Tuple

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
LOST = 0.02
DELAY_SECONDS = (0.001, 0.020)
"""Chosen anew for each packet, so that packets overtake each other."""
MOST_WAITING = 1000


def exchanged(packet: bytes) -> bytes:
    """The packet with its IPv4 addresses exchanged."""
    return packet[:12] + packet[16:20] + packet[12:16] + packet[20:]


def main() -> None:
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", sys.argv[1].encode(), IFF_TUN | IFF_NO_PI))
    print("ready", flush=True)
    waiting: List[Tuple[float, int, bytes]] = []
    number = 0
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            os.write(tun, heapq.heappop(waiting)[2])
        wait = waiting[0][0] - now if waiting else None
        if not select.select([tun], (), (), wait)[0]:
            continue
        packet = os.read(tun, 65536)
        if packet[0] >> 4 != 4 or random.random() < LOST or len(waiting) >= MOST_WAITING:
            continue
        number += 1
        due = time.monotonic() + random.uniform(*DELAY_SECONDS)
        heapq.heappush(waiting, (due, number, exchanged(packet)))


if __name__ == "__main__":
    main()
