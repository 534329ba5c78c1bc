"""The load generator from Python: runs the program wsecho-bench and gives what it found.

    result = wsecho.bench.run("ws://127.0.0.1:9001/", connections=10000, duration=10)
    print(result.messages_per_second, result.percentile(99))

`python -m wsecho bench` is the program itself.
"""

from __future__ import annotations

import json as _json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Iterable, List, Optional, Sequence, Tuple, Union

from ._bench_options import READERS, in_python, is_set, text_of, words_of
from ._bench_result import Bucket, Histogram, Result, load

__all__ = ["Bucket", "CannotRun", "Histogram", "Interrupted", "Result", "load", "program", "run"]

_Path = Union[str, "os.PathLike[str]"]
_Texts = Union[str, Iterable[str]]

_PROGRAM = "wsecho-bench"
_SPEAKS = f"{_PROGRAM}: "
_WRONG_OPTION = f"; see {_PROGRAM} --help"


class CannotRun(RuntimeError):
    """Nothing was measured: the server cannot be reached, this machine lacks descriptors or ports,
    or the program is not there."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run. What had been measured by then is in `result`, None if nothing had."""

    def __init__(self, result: Optional[Result]) -> None:
        super().__init__()
        self.result = result


def program() -> str:
    """The path of wsecho-bench: what the environment's WSECHO_BENCH names, else the one in this
    package, else the first in PATH. Raises CannotRun where there is none."""
    named = os.environ.get("WSECHO_BENCH")
    if named:
        return named
    ours = Path(__file__).with_name(_PROGRAM)
    found = str(ours) if os.access(ours, os.X_OK) else shutil.which(_PROGRAM)
    if found is None:
        raise CannotRun(f"{_PROGRAM} is neither in this package ({ours.parent}) nor in PATH")
    return found


def run(
    address: Optional[str] = None,
    *,
    scenario: Optional[str] = None,
    connections: Optional[int] = None,
    in_flight: Optional[int] = None,
    rate: Optional[float] = None,
    capacity: Optional[str] = None,
    separate_writes: bool = False,
    batch: Optional[int] = None,
    churn: bool = False,
    stall_share: Optional[float] = None,
    size: Union[int, str, Tuple[int, int], None] = None,
    binary: bool = False,
    subprotocol: Optional[str] = None,
    header: Optional[_Texts] = None,
    deflate: bool = False,
    insecure: bool = False,
    ca: Optional[_Path] = None,
    source_ip: Optional[_Texts] = None,
    threads: Optional[int] = None,
    ramp: Optional[float] = None,
    warm_up: Optional[float] = None,
    duration: Optional[float] = None,
    timeout: Optional[float] = None,
    server_pid: Union[int, Iterable[int], None] = None,
    calibrate: bool = False,
    json: Optional[_Path] = None,
    csv: Optional[_Path] = None,
    hgrm: Optional[_Path] = None,
    html: Optional[_Path] = None,
    require: Optional[_Texts] = None,
    quiet: bool = False,
    progress: Optional[Callable[[str], object]] = None,
) -> Result:
    """Loads the server at `address` (ws:// or wss://) and checks every answer byte for byte.

    The options are those of wsecho-bench, which `python -m wsecho bench --help` explains, with its
    defaults: `in_flight=4` is `--in-flight 4`. Times are in seconds. `size` may be a pair; `header`,
    `source_ip`, `server_pid` and `require` may be several. `progress` is called with a line each
    second; without it the line goes to sys.stderr, unless `quiet`.

    Returns when the run is over; other threads go on meanwhile. That messages were lost, or that a
    requirement does not hold, is told by the result's `ok`.

    Raises ValueError or TypeError for a wrong option, CannotRun if nothing could be measured, and
    Interrupted, a KeyboardInterrupt, on Ctrl-C: it has the result of the time until then.
    """
    options = {name: value for name, value in locals().items() if name in READERS}
    if address is None and calibrate is False:
        raise TypeError("address is required, unless calibrate is set")
    if progress is not None and not callable(progress):
        raise TypeError(f"progress must be callable, not {type(progress).__name__}")
    words = words_of(options)
    if address is not None:
        words += ["--", *text_of("address", address)]
    with tempfile.TemporaryDirectory(prefix="wsecho-bench-") as folder:
        show = _nothing if is_set("quiet", quiet) else _LiveLine()
        copy = None if json is None else Path(json)
        return _Run(words, Path(folder), copy).perform(progress or show)


def main(arguments: Sequence[str]) -> int:
    """Becomes wsecho-bench with these arguments. Returns only if it cannot."""
    try:
        path = program()
        sys.stdout.flush()
        os.execv(path, [_PROGRAM, *arguments])
    except (CannotRun, OSError) as error:
        print(f"{_PROGRAM}: {error}", file=sys.stderr)
        return 2


class _Run:
    """One process of the program, from its start to its result."""

    def __init__(self, words: List[str], folder: Path, copy: Optional[Path]) -> None:
        self._report = folder / "report"
        # Not json= itself: what was there before must not be taken for what this run wrote.
        self._results = folder / "results.json"
        self._copy = copy
        self._command = [program(), f"--json={self._results}", *words]
        self._said: List[str] = []  # by the program, besides its progress

    def perform(self, show: Callable[[str], object]) -> Result:
        _check_writable(self._copy)
        # A session of its own: Ctrl-C at a terminal is for us, and we end it once.
        with open(self._report, "wb") as report, self._start(report) as process:
            try:
                self._listen(process, show)
                status = process.wait()
            except KeyboardInterrupt:
                raise Interrupted(self._end_early(process)) from None
            finally:
                if process.poll() is None:  # whatever was raised meanwhile
                    process.kill()
                if isinstance(show, _LiveLine):
                    show.clear()
        return self._judge(status)

    def _start(self, report: Any) -> subprocess.Popen[str]:
        try:
            return subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=report,
                                    stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
                                    start_new_session=True)
        except OSError as error:
            raise CannotRun(f"{self._command[0]} does not run: {error.strerror}") from error

    def _listen(self, process: subprocess.Popen[str], show: Callable[[str], object]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            line = line.rstrip("\n")
            if line.startswith(_SPEAKS):
                self._said.append(line[len(_SPEAKS):])
            else:
                show(line)

    def _end_early(self, process: subprocess.Popen[str]) -> Optional[Result]:
        """It stops at once, waits for what is under way, and writes what it has."""
        process.terminate()
        self._listen(process, _nothing)
        process.wait()
        return self._read() if self._has_results() else None

    def _judge(self, status: int) -> Result:
        if status in (0, 1) and self._has_results():
            return self._read()
        if status < 0:
            raise CannotRun(f"{_PROGRAM} was ended by signal {-status}")
        said = " ".join(self._said) or f"{_PROGRAM} ended with status {status}"
        if said.endswith(_WRONG_OPTION):
            raise ValueError(in_python(said[:-len(_WRONG_OPTION)]))
        raise CannotRun(said)

    def _has_results(self) -> bool:
        return self._results.exists() and self._results.stat().st_size > 0

    def _read(self) -> Result:
        if self._copy is not None:
            shutil.copyfile(self._results, self._copy)
        document = _json.loads(self._results.read_text(encoding="utf-8"))
        report = self._report.read_text(encoding="utf-8", errors="replace")
        return Result(document, report.strip("\n"))


class _LiveLine:
    """Progress on sys.stderr, whatever that is now: in a terminal one line that changes."""

    def __init__(self) -> None:
        self._stream = sys.stderr
        self._terminal = self._stream is not None and self._stream.isatty()
        self._shown = False

    def __call__(self, line: str) -> None:
        if self._stream is None:  # Python was started without one
            return
        self._stream.write(f"\r\033[K{line}" if self._terminal else f"{line}\n")
        self._stream.flush()
        self._shown = True

    def clear(self) -> None:
        if self._shown and self._terminal:
            self._stream.write("\r\033[K")
            self._stream.flush()


def _nothing(_line: str) -> None:
    pass


def _check_writable(file: Optional[Path]) -> None:
    """Before a run, not after it. As the program does it for its other files."""
    try:
        if file is not None:
            file.open("ab").close()
    except OSError as error:
        raise CannotRun(f"cannot write {file}: {error.strerror}") from error
