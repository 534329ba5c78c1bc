#!/usr/bin/env python3
"""Notes how it was called, and its limits; ends as STAND_IN_BENCH tells it to."""

import os
import resource
import sys
import time
from pathlib import Path

mood = os.environ.get("STAND_IN_BENCH", "")
soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
Path(os.environ["STAND_IN_NOTES"], "bench").write_text(f"{os.getpid()}\n{' '.join(sys.argv[1:])}\n{soft}\n")
print("a table")
if mood == "dawdles":
    time.sleep(60)
sys.exit(1 if mood == "loses a message" else 0)
