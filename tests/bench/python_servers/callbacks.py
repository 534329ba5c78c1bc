"""An echo server on wsecho's callback API, to be measured beside others."""

import argparse
import signal
import sys

import wsecho


def echo(connection, message):
    connection.send(message)


def main() -> None:
    parser = argparse.ArgumentParser(description="wsecho's callback API, to be measured")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 for any")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with wsecho.Server(host="127.0.0.1", port=options.port, on_message=echo) as server:
        print(f"listening on 127.0.0.1:{server.port}", flush=True)
        server.wait()


if __name__ == "__main__":
    main()
