#!/usr/bin/env python3
"""Seconds of a flood, a bomb and a storm: nothing is lost, changed or closed, and the server ends
with status 0. No time is looked at: that is for a machine of its own.

Usage: smoke.py BUILD-DIRECTORY"""

import subprocess
import sys
from pathlib import Path

ATTACKS = ["pings", "bomb-small", "reset-storm"]

if __name__ == "__main__":
    run = Path(__file__).resolve().parent / "run.py"
    sys.exit(subprocess.run(
        [sys.executable, str(run), *ATTACKS, "--build-dir", sys.argv[1], "--plain", "--attackers",
         "4", "--peers", "20", "--duration", "0.5", "--rest", "0.3", "--drain", "0.5",
         "--processes", "1", "--require", "counts"],
        check=False).returncode)
