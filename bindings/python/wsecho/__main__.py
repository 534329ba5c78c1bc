"""python -m wsecho: an echo host. python -m wsecho bench: the load generator."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import List, Optional

import wsecho


def echo(connection: wsecho.Connection, message: object) -> None:
    try:
        connection.send(message)  # type: ignore[arg-type]  # as it came: str or memoryview
    except wsecho.BackpressureError:
        connection.close(1013, "reads too slowly")


def arguments(given: List[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m wsecho",
        description="A WebSocket server that sends every message back. Ctrl-C ends it.",
        epilog="'python -m wsecho bench --help': the load generator.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s, this machine only")
    parser.add_argument("--port", type=int, default=9001, help="0: any; default: %(default)s")
    parser.add_argument("--threads", type=int, default=1, help="loop threads; default: %(default)s")
    parser.add_argument(
        "--max-connections", type=int, default=0, help="default: what the descriptor limit allows"
    )
    parser.add_argument("--max-message-bytes", type=int, default=1 << 20, help="default: 1 MiB")
    parser.add_argument("--deflate", action="store_true", help="compress with peers that offer it")
    parser.add_argument("--version", action="version", version=f"wsecho {wsecho.__version__}")
    return parser.parse_args(given)


def serve(given: List[str]) -> int:
    options = vars(arguments(given))
    # As an exception, so that peers are told.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with wsecho.Server(on_message=echo, zero_copy=True, **options) as server:
            print(f"listening on {options['host']}:{server.port}", flush=True)
            server.wait()
    except KeyboardInterrupt:
        return 0
    except wsecho.Error as error:
        print(f"python -m wsecho: {error}", file=sys.stderr)
        return 1
    return 0


def main(given: Optional[List[str]] = None) -> int:
    given = sys.argv[1:] if given is None else given
    if given[:1] == ["bench"]:
        from wsecho import bench

        return bench.main(given[1:])
    return serve(given)


if __name__ == "__main__":
    sys.exit(main())
