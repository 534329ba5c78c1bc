"""Packets of one port of this machine while a test runs, and how long each echo took in them.

tcpdump writes them; the reading of its file (the classic pcap format) and of the frames is here.
"""

import contextlib
import os
import pathlib
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

MASKING_KEY = bytes((0x37, 0xFA, 0x21, 0x3D))  # wsecho-bench's one key
SEQUENCE = b'"sequence" : "'
CONNECTION = b'"connection":"'
DEADLINE = 60


@contextlib.contextmanager
def captured(port: int, file: pathlib.Path) -> Iterator[None]:
    assert os.geteuid() == 0, "a capture needs root: run this test as root"
    command = ["tcpdump", "-i", "lo", "-n", "-U", "--immediate-mode", "-s", "200", "-w", str(file)]
    process = subprocess.Popen(
        [*command, f"tcp port {port}"], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        said = ""
        while "listening on" not in said:
            said = process.stderr.readline()
            assert said, "tcpdump did not start"
        yield
    finally:
        process.terminate()
        _, said = process.communicate(timeout=DEADLINE)
    assert " 0 packets dropped by kernel" in " " + said.replace("\n", " "), said


@dataclass(frozen=True)
class Segment:
    time: float  # seconds
    source: int  # port
    target: int
    payload: bytes  # as much as was captured


def segments(file: pathlib.Path) -> Iterator[Segment]:
    """TCP segments with payload, over Ethernet and IPv4 as the loopback has them."""
    data = file.read_bytes()
    magic, link = struct.unpack("<I", data[:4])[0], struct.unpack("<I", data[20:24])[0]
    assert (magic, link) == (0xA1B2C3D4, 1), "not a pcap file with Ethernet frames"
    at = 24
    while at + 16 <= len(data):
        whole, fraction, size, _ = struct.unpack("<IIII", data[at : at + 16])
        packet = data[at + 16 : at + 16 + size]
        at += 16 + size
        ip = packet[14:]
        tcp = ip[4 * (ip[0] & 0x0F) :]
        length = struct.unpack(">H", ip[2:4])[0]
        header = 4 * (ip[0] & 0x0F) + 4 * (tcp[12] >> 4)
        if length > header:
            source, target = struct.unpack(">HH", tcp[:4])
            yield Segment(whole + fraction / 1e6, source, target, tcp[4 * (tcp[12] >> 4) :])


def unmasked(frame: bytes) -> bytes:
    """The payload of a client's frame of 126 to 65,535 bytes, as far as it was captured."""
    return bytes(byte ^ MASKING_KEY[at % 4] for at, byte in enumerate(frame[8:]))


def stamp(payload: bytes) -> tuple[bytes, bytes] | None:
    """What tells a message from all others of the run."""
    numbers = []
    for name in (SEQUENCE, CONNECTION):
        found = payload.find(name)
        if found < 0:
            return None
        numbers.append(payload[found + len(name) : found + len(name) + 8])
    return numbers[0], numbers[1]


def latencies(file: pathlib.Path, port: int) -> list[float]:
    """Seconds from each message's packet to its echo's, sorted."""
    sent: dict[tuple[bytes, bytes], float] = {}
    took = []
    for segment in segments(file):
        if segment.target == port and segment.payload[:1] == b"\x81":
            mark = stamp(unmasked(segment.payload))
            if mark:
                sent.setdefault(mark, segment.time)
        elif segment.source == port and segment.payload[:1] == b"\x81":
            mark = stamp(segment.payload[4:])
            if mark in sent:
                took.append(segment.time - sent.pop(mark))
    return sorted(took)


def percentile(values: list[float], fraction: float) -> float:
    """The smallest value that at least this share is not above."""
    return values[max(0, -(-int(len(values) * fraction * 1000) // 1000) - 1)]
