#!/usr/bin/env python3
"""Says that it listens, and waits to be stopped. STAND_IN_SERVER makes it misbehave."""

import os
import signal
import sys
import time
from pathlib import Path

mood = os.environ.get("STAND_IN_SERVER", "")
Path(os.environ["STAND_IN_NOTES"], "server").write_text(f"{os.getpid()}\n{' '.join(sys.argv[1:])}\n")
if mood == "refuses":
    sys.exit("wsecho-echo: the address is in use")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7 if mood == "stops badly" else 0))
print("listening on 127.0.0.1:1", flush=True)
time.sleep(60)
