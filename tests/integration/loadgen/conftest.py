"""wsecho-echo's process is the other program tests' helper."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "python"))
