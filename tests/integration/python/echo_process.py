"""A host as a child process: started, found out where it listens, ended, its words kept."""

import contextlib
import os
import pathlib
import queue
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass

# Generous: only a failure ever waits this long.
DEADLINE = 30


def binary() -> pathlib.Path:
    """The program under test: WSECHO_ECHO, which CTest sets."""
    try:
        return pathlib.Path(os.environ["WSECHO_ECHO"])
    except KeyError:
        raise RuntimeError("set WSECHO_ECHO to the path of wsecho-echo") from None


def idea(name: str) -> pathlib.Path:
    """One of examples/ideas, which are built beside wsecho-echo."""
    return binary().with_name(f"wsecho-{name}")


# Those of the build under test: CTest tells.
EVENT_LOOPS = os.environ.get("WSECHO_EVENT_LOOPS", "epoll, epoll-level, poll, libuv").split(", ")


@dataclass
class Ended:
    status: int
    out: str
    err: str


class EchoProcess:
    """A running host, wsecho-echo or another, that has said that it listens."""

    def __init__(
        self,
        *options: str,
        wrapper: tuple[str, ...] = (),
        program: pathlib.Path | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            [*wrapper, str(program or binary()), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.first_line = self._read_first_line()
        self.address = self.first_line.removeprefix("listening on ")

    def _read_first_line(self) -> str:
        assert self._process.stdout is not None
        lines: queue.Queue[str] = queue.Queue()
        reader = threading.Thread(target=lambda: lines.put(self._process.stdout.readline()))
        reader.start()
        try:
            line = lines.get(timeout=DEADLINE)
        except queue.Empty:
            line = ""
        if not line.startswith("listening on "):
            self._process.kill()
            out, err = self._process.communicate()
            reader.join()
            raise AssertionError(f"the host did not start: {line}{out}{err}")
        reader.join()
        return line.rstrip("\n")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def url(self, path: str = "/") -> str:
        return f"ws://{self.address}{path}"

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def wait(self) -> Ended:
        try:
            out, err = self._process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise AssertionError("the host did not end in time") from None
        return Ended(self._process.returncode, out, err)

    def stop(self) -> Ended:
        """SIGTERM, and what is left of its output."""
        self.signal(signal.SIGTERM)
        return self.wait()

    @property
    def running(self) -> bool:
        return self._process.poll() is None


@contextlib.contextmanager
def running_echo(*options: str, wrapper: tuple[str, ...] = ()) -> Iterator[EchoProcess]:
    """On any free port of this machine, unless the options say otherwise.

    It must end well, as must every sanitizer that looks on.
    """
    if "--port" not in options:
        options = ("--port", "0", *options)
    with ending_well(EchoProcess(*options, wrapper=wrapper)) as echo:
        yield echo


@contextlib.contextmanager
def running_idea(name: str) -> Iterator[EchoProcess]:
    """On any free port of this machine."""
    with ending_well(EchoProcess("0", program=idea(name))) as host:
        yield host


@contextlib.contextmanager
def ending_well(host: EchoProcess) -> Iterator[EchoProcess]:
    try:
        yield host
    finally:
        if host.running:
            ended = host.stop()
            assert (ended.status, without_drain(ended.err)) == (0, ""), ended


def without_drain(err: str) -> str:
    """Without the line of wsecho-echo about the connections that were still open."""
    return re.sub(r"^wsecho-echo: of \d+ connections .*\n", "", err)


def run_echo(*options: str) -> Ended:
    """Runs it to its end, for options with which it does not serve."""
    done = subprocess.run(
        [str(binary()), *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
