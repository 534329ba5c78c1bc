"""What the comparison commands share: servers and generator on cores of their own, rounds
that alternate, medians, and exit statuses."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import selectors
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Iterable, List, NoReturn, Optional, Sequence

REPOSITORY = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 10
STOP_SECONDS = 15
BUSY = 1.5  # processes that run, as a mean of the last minute


class ComparisonError(Exception):
    """What went wrong, in words for the person who runs the comparison."""


def parser(
    description: str, *, rounds: Optional[int], connections: Optional[int]
) -> argparse.ArgumentParser:
    """A parser with the options that every comparison takes; without --connections if it is
    None."""
    result = argparse.ArgumentParser(
        description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    result.add_argument("--build-dir", type=Path, default=REPOSITORY / "build" / "release")
    result.add_argument("--rounds", type=positive, default=rounds, help="the median is reported")
    if connections is not None:
        result.add_argument("--connections", type=positive, default=connections)
    result.add_argument("--server-core", type=int, default=1, help="where the servers run")
    result.add_argument("--generator-core", type=int, default=0, help="where the load comes from")
    result.add_argument(
        "--echo-options",
        type=shlex.split,
        default=[],
        metavar="OPTIONS",
        help="more options for wsecho-echo, in one argument: --echo-options=--threads=1",
    )
    return result


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


class Bench:
    """The programs of one build, each run pinned to its core."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._programs = arguments.build_dir / "bin"
        self._server_core = self._usable(arguments.server_core)
        self._generator_core = self._usable(arguments.generator_core)
        self._echo_options = arguments.echo_options
        if self._server_core == self._generator_core:
            note("servers and generator share a core: rates mean little, CPU times still do")
        load = os.getloadavg()[0]
        if load > BUSY:
            note(f"the machine is at work already (load {load:.1f}): what is close may come out wrong")

    @staticmethod
    def _usable(core: int) -> int:
        cores = os.sched_getaffinity(0)
        return core if core in cores else min(cores)

    def _command(self, program: str, options: Iterable[str]) -> List[str]:
        path = self._programs / program
        if not os.access(path, os.X_OK):
            raise ComparisonError(f"{path} is missing: build it, or name another --build-dir")
        return [str(path), *options]

    def echo(self, *options: str) -> Server:
        return self.server("wsecho", self.echo_command(*options))

    def echo_command(self, *options: str, port: int = 0) -> List[str]:
        place = ["--host", "127.0.0.1", "--port", str(port)]
        return self._command("wsecho-echo", [*place, *options, *self._echo_options])

    def floor(self, *options: str) -> Server:
        return self.server("floor", self.floor_command(*options))

    def floor_command(self, *options: str) -> List[str]:
        return self._command("wsecho-floor", options)

    def shortest_host_command(self, port: int = 0) -> List[str]:
        """wsecho-echo-c: what a host costs that does nothing but echo."""
        return self._command("wsecho-echo-c", [str(port)])

    def server(self, name: str, command: List[str], log: Optional[Path] = None) -> Server:
        """Any server that says where it listens; what it complains of goes to `log`."""
        return Server(name, command, self._server_core, log)

    def output_of(self, program: str, *options: str) -> str:
        """What a program of the build prints, as for --help."""
        command = self._command(program, options)
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def load(self, server: Server, *options: object) -> dict:
        """One run of wsecho-bench; its JSON. A lost, changed or failed message is an error."""
        return self.load_all([server], *options)[0]

    def bare_load(self, server: Server, *options: object) -> dict:
        """One run of wsecho-bare-client; its JSON."""
        command = self._command(
            "wsecho-bare-client",
            ["--port", server.address.rpartition(":")[2], *map(str, options)],
        )
        run = subprocess.run(
            command, capture_output=True, text=True, check=False,
            preexec_fn=pin(self._generator_core),
        )
        if run.returncode != 0:
            raise ComparisonError(f"wsecho-bare-client failed: {run.stderr.strip()}")
        return json.loads(run.stdout)

    def load_all(self, servers: Sequence[Server], *options: object) -> List[dict]:
        """A generator for each of the servers, all at once; the same as `load` for each."""
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
            files = [Path(folder) / f"{number}.json" for number in range(len(servers))]
            runs = []
            for server, results in zip(servers, files):
                runs.append(self._start_load(server, results, options))
                running.callback(end, runs[-1])
            complaints = [run.communicate()[1].strip() for run in runs]
            for server, run, results, complaint in zip(servers, runs, files, complaints):
                if run.returncode != 0:
                    raise ComparisonError(
                        f"the run against {server.name} failed (status {run.returncode}): "
                        f"{server.ending() or complaint or summary_of(results)}"
                    )
            return [json.loads(results.read_text(encoding="utf-8")) for results in files]

    def _start_load(
        self, server: Server, results: Path, options: Iterable[object]
    ) -> subprocess.Popen:
        command = self._command(
            "wsecho-bench",
            [
                f"ws://{server.address}/",
                "--server-pid",
                str(server.pid),
                "--quiet", "--json",
                str(results),
                *map(str, options),
            ],
        )
        return subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=pin(self._generator_core),
        )


def summary_of(results: Path) -> str:
    try:
        found = json.loads(results.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "it left no results"
    keys = ("connections", "errors", "lost", "changed")
    return ", ".join(f"{key} {found[key]}" for key in keys)


def end(process: subprocess.Popen) -> None:
    """Without asking; nothing to do where it has ended."""
    if process.poll() is None:
        process.kill()
        process.wait()


def pin(core: int) -> Callable[[], None]:
    return lambda: os.sched_setaffinity(0, {core})


class Server:
    """A server process, from its line "listening on HOST:PORT" until the end of the block."""

    def __init__(
        self, name: str, command: List[str], core: int, log: Optional[Path] = None
    ) -> None:
        self.name = name
        self.address = ""
        self._log = log
        with contextlib.ExitStack() as files:
            complaints = None if log is None else files.enter_context(log.open("wb"))
            self._process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                preexec_fn=pin(core),
            )
        try:
            self.address = self._wait_until_listening()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def _wait_until_listening(self) -> str:
        marker = "listening on "
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(START_SECONDS):
                raise ComparisonError(f"{self.name} did not listen within {START_SECONDS} s")
        line = self._process.stdout.readline().strip()
        if not line.startswith(marker):
            raise ComparisonError(
                f"{self.name} did not start: {self._last_words() or f'it printed {line!r}'}"
            )
        return line[len(marker) :].removeprefix("ws://").rstrip("/")

    def ending(self) -> str:
        """In words, how it ended of itself; empty while it runs."""
        if self._process.poll() is None:
            return ""
        words = f"it ended with status {self._process.returncode}"
        last_words = self._last_words()
        return f"{words}: {last_words}" if last_words else words

    def _last_words(self) -> str:
        if self._log is None:
            return ""
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                note(f"{self.name} did not stop within {STOP_SECONDS} s and is killed")
                self._process.kill()
                self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def note(text: str) -> None:
    print(f"note: {text}", file=sys.stderr, flush=True)


def say(text: str = "") -> None:
    print(text, flush=True)


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def pause_between_runs() -> None:
    """Lets a server finish with the connections of the run before."""
    time.sleep(0.5)


def requirement(name: str, value: float, limit: Optional[float], *, at_most: bool) -> bool:
    """Whether `value` keeps to `limit`; says so when one was given."""
    if limit is None:
        return True
    met = value <= limit if at_most else value >= limit
    relation = "at most" if at_most else "at least"
    say(f"{'met' if met else 'NOT MET'}: {name} is {value:,.3f}, required {relation} {limit:,.3f}")
    return met


def run(compare: Callable[[], bool]) -> NoReturn:
    """Ends with 0 if what was required was met, 1 if not, 2 if the comparison failed."""
    # An exception, so that the servers and generators are stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(0 if compare() else 1)
    except ComparisonError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of our table has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
