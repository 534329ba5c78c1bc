"""wsecho-bench as a child process, and what it left."""

import json
import os
import pathlib
import subprocess
import tempfile
from dataclasses import dataclass, field
from typing import Any

# Generous: only a failure ever waits this long.
DEADLINE = 120

WRONGS = ("lost", "changed", "duplicated", "reordered", "unsolicited")


def binary() -> str:
    """The program under test: WSECHO_BENCH, which CTest sets."""
    return str(pathlib.Path(os.environ["WSECHO_BENCH"]))


@dataclass
class Ran:
    status: int
    out: str
    err: str
    results: dict[str, Any] = field(default_factory=dict)

    @property
    def wrongs(self) -> dict[str, int]:
        """What went wrong with messages, without what did not."""
        return {name: self.results[name] for name in WRONGS if self.results[name]}


def run_bench(*options: object, wrapper: tuple[str, ...] = ()) -> Ran:
    """Runs it to its end."""
    done = subprocess.run(
        [*wrapper, binary(), *map(str, options)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def measure(url: str, *options: object) -> Ran:
    """Runs it with --json, briefly and without a warm-up unless the options say otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "results.json")
        short = () if "--duration" in options else ("--duration", 0.5)
        cold = () if "--warm-up" in options else ("--warm-up", 0)
        ran = run_bench(url, *cold, *short, "--json", file, *options)
        if file.exists() and file.stat().st_size:
            ran.results = json.loads(file.read_text(encoding="utf-8"))
        return ran


def refusal(ran: Ran) -> str:
    """The one line of a run that could not be made."""
    assert (ran.status, ran.out) == (2, ""), ran
    lines = ran.err.splitlines()
    assert len(lines) == 1, ran.err
    assert lines[0].startswith("wsecho-bench: ")
    return lines[0]
