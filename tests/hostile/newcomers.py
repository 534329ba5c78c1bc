#!/usr/bin/env python3
"""Well-behaved peers that come while an attack is under way: each opens a connection, has one
message echoed and leaves. Prints "ready", runs until a line comes in at standard input, and prints
for each when it came and how many seconds it took, or why it did not get in."""

from __future__ import annotations

import argparse
import json
import select
import socket
import sys
import threading
import time
from typing import List, Tuple, Union

import priority
from good_peers import FINAL, PING, PONG, TEXT, Peer, masked, next_frame

PATIENCE_SECONDS = 5.0
ECHO = b"let me in"


def visit(address: Tuple[str, int]) -> None:
    """Raises if the connection is refused or the echo does not come in time."""
    peer = Peer(0, address, deflate=False, patience=PATIENCE_SECONDS)
    assert peer.socket is not None
    with peer.socket as connection:
        connection.settimeout(PATIENCE_SECONDS)
        connection.sendall(masked(TEXT, ECHO))
        received = bytearray()
        while True:
            frame = next_frame(received)
            if frame is None:
                more = connection.recv(4096)
                if not more:
                    raise ConnectionError("closed before the echo")
                received += more
            elif frame[0] & 0xF not in (PING, PONG):  # a ping may come at any time
                break
        if frame != (FINAL | TEXT, ECHO):
            raise ConnectionError(f"{frame[0]:#x} {frame[1][:40]!r} instead of an echo")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True, metavar="HOST:PORT")
    parser.add_argument("--interval", type=float, default=0.1, help="seconds between two")
    parser.add_argument("--core", type=int, help="its own, where it runs before all others")
    options = parser.parse_args()
    if options.core is not None:
        priority.pin(options.core)
        if not priority.run_in_real_time():
            priority.set_niceness(priority.SERVER)
    host, _, port = options.address.rpartition(":")
    visits: List[Tuple[float, Union[float, str]]] = []

    def come(due: float) -> None:
        try:
            visit((host, int(port)))
            visits.append((due, time.monotonic() - due))
        except OSError as error:
            visits.append((due, str(error)))

    print("ready", flush=True)
    threads: List[threading.Thread] = []
    due = time.monotonic()
    while True:
        due += options.interval
        if select.select([0], (), (), max(0.0, due - time.monotonic()))[0]:
            break
        threads.append(threading.Thread(target=come, args=(due,), daemon=True))
        threads[-1].start()
    for thread in threads:
        thread.join(2 * PATIENCE_SECONDS)
    json.dump(sorted(visits), sys.stdout)
    print(flush=True)


if __name__ == "__main__":
    main()
