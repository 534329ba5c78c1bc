#!/usr/bin/env python3
"""Runs the Autobahn TestSuite against wsecho-echo and says whether it conforms.

Prints a table of the results to stdout, and every case that is not OK, NON-STRICT or
INFORMATIONAL in behaviour or close behaviour. Progress goes to stderr.
"""

import argparse
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from judge import judge, report

HERE = Path(__file__).resolve().parent
SOURCE_TREE = HERE.parent.parent
COMPRESSION = ("12", "13")
USUAL_EXCLUSIONS = ("9", *COMPRESSION)  # performance, and what is off by default
START_SECONDS = 20
LARGEST_MESSAGE = 16 * 1024 * 1024  # of group 9

EXAMPLES = """
examples:
  tests/conformance/run.py
  tests/conformance/run.py --groups 9
  tests/conformance/run.py --groups 12,13 -- --deflate-takeover
  tests/conformance/run.py --build-dir build/asan --groups 2,5,7
  tests/conformance/run.py --url ws://127.0.0.1:9000/
  tests/conformance/run.py -- --threads 2

exit status: 0 conforms (or only fails as expected.json says), 1 it does not, or the run
  broke off, 2 asked wrongly, 3 this machine lacks something
"""


class Trouble(Exception):
    """Ends the run with words for the user."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build-dir", type=Path, default=SOURCE_TREE / "build/release",
                        help="build with bin/wsecho-echo (default build/release)")
    parser.add_argument("--url", help="test the server that already runs there, and start none")
    parser.add_argument("--groups", help="groups of cases, like 1,2,7 or all (default: all but 9, 12 and 13)")
    parser.add_argument("--expected", type=Path, default=HERE / "expected.json", metavar="FILE",
                        help="the failures that are allowed (default: expected.json beside this script)")
    parser.add_argument("--report", type=Path, default=SOURCE_TREE / "build/conformance", metavar="DIR",
                        help="where to leave wstest's own report of each case (default build/conformance)")
    parser.add_argument("--silence", type=float, default=90, metavar="SECONDS",
                        help="give up when no case has begun for so long (default 90)")
    parser.add_argument("server_options", nargs="*", metavar="-- OPTION",
                        help="further options for wsecho-echo")
    options = parser.parse_args()
    if options.groups and options.groups != "all":
        if not re.fullmatch(r"[0-9]+(,[0-9]+)*", options.groups):
            parser.error(f"--groups is a list like 1,2,7 or 'all', not '{options.groups}'")
    if options.url and options.server_options:
        parser.error("options for wsecho-echo and --url exclude each other")
    return options


def needed_options(groups):
    """What wsecho-echo has to be told for these groups of cases."""
    chosen = ["9", *COMPRESSION] if groups == "all" else groups.split(",")
    needed = []
    if "9" in chosen:
        needed += ["--max-message", str(LARGEST_MESSAGE)]
    if any(group in chosen for group in COMPRESSION):
        needed += ["--deflate", "--deflate-threshold", "0"]
    return needed


def spec(url, groups):
    if groups is None:
        cases, excluded = ["*"], [f"{group}.*" for group in USUAL_EXCLUSIONS]
    elif groups == "all":
        cases, excluded = ["*"], []
    else:
        cases, excluded = [f"{group}.*" for group in groups.split(",")], []
    return {
        "outdir": "./out",
        "servers": [{"agent": "wsecho", "url": url}],
        "cases": cases,
        "exclude-cases": excluded,
        "exclude-agent-cases": {},
    }


def stop(process, seconds):
    """Ends the process; says whether it did so by itself when asked."""
    process.terminate()
    try:
        process.wait(timeout=seconds)
        return True
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False


class EchoServer:
    """wsecho-echo on a free port, for the time of a with block."""

    def __init__(self, build_dir, options):
        self.program = build_dir / "bin/wsecho-echo"
        self.options = options

    def __enter__(self):
        if not self.program.exists():
            raise Trouble(f"{self.program} is not there: build it with 'cmake --build --preset release'")
        self.process = subprocess.Popen(
            [self.program, "--host", "127.0.0.1", "--port", "0", *self.options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        )
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            ready = self.process.stdout.readline() if selector.select(START_SECONDS) else ""
        match = re.fullmatch(r"listening on (\S+)\n", ready)
        if not match:
            stop(self.process, 1)
            raise Trouble(f"wsecho-echo did not start: its first line was '{ready.strip()}'")
        # What else it prints passes on, so that it never waits for us to read.
        threading.Thread(target=shutil.copyfileobj, args=(self.process.stdout, sys.stderr), daemon=True).start()
        self.url = f"ws://{match[1]}/"
        return self

    def __exit__(self, kind, *_):
        ended_early = self.process.poll() is not None
        in_time = stop(self.process, 10)
        if kind is not None:
            return
        if ended_early:
            raise Trouble(f"wsecho-echo ended during the run, with status {self.process.returncode}")
        if not in_time:
            raise Trouble("wsecho-echo did not stop in ten seconds")
        if self.process.returncode != 0:
            raise Trouble(f"wsecho-echo stopped with status {self.process.returncode}")


class Progress:
    """One line that is rewritten on a terminal, one line per group elsewhere."""

    def __init__(self, total):
        self.total, self.count, self.group = total, 0, None
        self.terminal = sys.stderr.isatty()

    def case(self, name):
        self.count += 1
        group = name.partition(".")[0]
        if self.terminal:
            print(f"\r{self.count}/{self.total} case {name:<10}", end="", file=sys.stderr, flush=True)
        elif group != self.group:
            say(f"{self.count}/{self.total} group {group}")
        self.group = group

    def end(self):
        if self.terminal:
            print("\r" + " " * 40 + "\r", end="", file=sys.stderr, flush=True)


def lines_until_silence(process, seconds):
    """Yields the process's lines; raises if none comes for so long.

    Bounded by silence and not in total: a server that never answers can hold one case for
    minutes, and a slow machine may take as long for all of them together."""
    descriptor, rest, last = process.stdout.fileno(), b"", "nothing"
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            if not selector.select(seconds):
                raise Trouble(f"wstest has been silent for {seconds:g} s; its last line was: {last}")
            piece = os.read(descriptor, 65536)
            if not piece:
                return
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                last = line.decode(errors="replace")
                yield last


def keep_report(out, report_dir):
    report_dir.mkdir(parents=True, exist_ok=True)
    for old in report_dir.glob("wsecho_case_*"):
        old.unlink()
    shutil.copytree(out, report_dir, dirs_exist_ok=True)


def run_wstest(root, url, groups, silence, report_dir):
    """Returns (case -> result, number of cases that wstest announced)."""
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    folder = Path(tempfile.mkdtemp(dir=root / "tmp", prefix="run-"))
    command = ["chroot", root, "env", "-i", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "PYTHONPATH=/opt/wstest",
               "sh", "-c", f"cd /tmp/{folder.name} && exec pypy -u /opt/wstest/wstest_main.py "
               "-m fuzzingclient -s spec.json"]
    announced, progress, said = 0, None, []
    try:
        (folder / "spec.json").write_text(json.dumps(spec(url, groups)))
        process = subprocess.Popen([*as_root, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        try:
            for line in lines_until_silence(process, silence):
                said.append(line)
                if match := re.match(r"Ok, will run (\d+) test cases", line):
                    announced = int(match[1])
                    progress = Progress(announced)
                elif progress and (match := re.match(r"Running test case ID (\S+)", line)):
                    progress.case(match[1])
        finally:
            if progress:
                progress.end()
            stop(process, 5)
        index = folder / "out/index.json"
        if not index.exists():
            raise Trouble("wstest wrote no results. Its last lines:\n" + "\n".join(said[-15:]))
        keep_report(index.parent, report_dir)
        return json.loads(index.read_text()).get("wsecho", {}), announced
    finally:
        # wstest ran as root, and so its results are root's.
        subprocess.run([*as_root, "rm", "-rf", folder], check=False)


def main():
    options = arguments()
    made = subprocess.run([HERE / "make-wstest.sh"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if made.returncode:
        return made.returncode
    root = Path(made.stdout.strip())

    def run(url):
        say(f"running the Autobahn TestSuite against {url}")
        return run_wstest(root, url, options.groups, options.silence, options.report)

    try:
        exceptions = json.loads(options.expected.read_text())
        if options.url:
            results, announced = run(options.url)
        else:
            needed = needed_options(options.groups or "")
            with EchoServer(options.build_dir, [*needed, *options.server_options]) as server:
                results, announced = run(server.url)
        verdict = judge(results, announced, exceptions)
    except (Trouble, ValueError, OSError) as trouble:
        say(f"run.py: {trouble}")
        return 1
    print(report(verdict))
    say(f"{'conforms' if verdict.passed else 'does not conform'}; a report of each case is in {options.report}")
    return 0 if verdict.passed else 1


if __name__ == "__main__":
    # As Ctrl-C does: so that the with blocks stop what they started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
