"""The forms of a report agree with each other, and the program is a citizen of its terminal."""

import csv
import json
import os
import pathlib
import pty
import re
import signal
import subprocess

import pytest
from bench import DEADLINE, binary, measure, run_bench
from echo_process import EchoProcess

SHORT = ("--connections", "5", "--warm-up", "0", "--duration", "1.2")


def document_in(page: str) -> dict[str, object]:
    found = re.search(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_all_files_tell_the_same_run(echo: EchoProcess, tmp_path: pathlib.Path) -> None:
    files = {kind: tmp_path / f"run.{kind}" for kind in ("json", "csv", "hgrm", "html")}
    options = [word for kind, file in files.items() for word in (f"--{kind}", str(file))]
    ran = run_bench(echo.url(), *SHORT, "--server-pid", echo.pid, *options)
    assert ran.status == 0, ran.err
    results = json.loads(files["json"].read_text())

    assert results["messages"] <= results["sent"]
    assert results["attempts"] == {"started": 5, "opened": 5, "failed": {}, "closed": {}}
    assert results["server"]["cpu_us_per_message"] > 0
    assert results["server"]["voluntary_switches"] + results["server"]["involuntary_switches"] > 0
    assert results["machine"]["cores"] == os.cpu_count()
    latency = results["latency_ms"]
    assert latency["min"] <= latency["p50"] <= latency["p99"] <= latency["p9999"] <= latency["max"]
    measured = [second for second in results["series"] if second["phase"] == "measured"]
    assert sum(second["messages"] for second in measured) == results["messages"]
    # What was answered after the end is in the histogram, and not in the messages.
    assert 0 <= sum(count for _, count in results["histogram"]) - results["messages"] <= 5

    rows = list(csv.DictReader(files["csv"].read_text().splitlines()))
    assert [int(row["messages"]) for row in rows] == [s["messages"] for s in results["series"]]

    assert document_in(files["html"].read_text()) == results
    assert "http://" not in re.sub(r"/\*!.*?\*/", "", files["html"].read_text(), flags=re.DOTALL)


def test_the_hgrm_file_has_the_percentiles_of_the_report(
    echo: EchoProcess, tmp_path: pathlib.Path
) -> None:
    file = tmp_path / "run.hgrm"
    ran = measure(echo.url(), *SHORT[:2], "--hgrm", file)
    lines = [line.split() for line in file.read_text().splitlines() if re.match(r" +\d", line)]
    values = {float(line[1]): float(line[0]) for line in lines}
    assert values[0.5] == pytest.approx(ran.results["latency_ms"]["p50"], abs=0.001)
    assert values[1.0] == pytest.approx(ran.results["latency_ms"]["max"], abs=0.001)
    assert list(values.values()) == sorted(values.values())


@pytest.mark.parametrize(
    ("requirement", "status"),
    [("lost=0,p99<60s", 0), ("rate>1", 0), ("p50<1ns", 1), ("lost=0,rate>1000M", 1), ("cpu<1s", 1)],
)
def test_requirements_decide_the_exit_status(
    echo: EchoProcess, requirement: str, status: int
) -> None:
    ran = measure(echo.url(), "--connections", 5, "--require", requirement)
    assert ran.status == status, ran.err
    assert ("wsecho-bench: not met: " in ran.err) == (status == 1)
    assert all(each["met"] for each in ran.results["requirements"]) == (status == 0)


def test_two_results_are_compared_by_their_ratios(
    echo: EchoProcess, tmp_path: pathlib.Path
) -> None:
    file = tmp_path / "run.json"
    run_bench(echo.url(), *SHORT, "--json", file)
    ran = run_bench("compare", file, file)
    assert (ran.status, ran.err) == (0, "")
    rate = next(line for line in ran.out.splitlines() if line.strip().startswith("messages/s"))
    assert rate.split()[-1] == "1.000"
    file.write_text("[]")
    assert run_bench("compare", file, file).status == 2


def test_without_a_terminal_each_second_is_a_plain_line(echo: EchoProcess) -> None:
    ran = run_bench(echo.url(), *SHORT)
    seconds = [line for line in ran.err.splitlines() if "msg/s" in line]
    assert len(seconds) >= 1
    assert all("p50" in line and "p99" in line and "0 errors" in line for line in seconds)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", ran.err + ran.out)


def test_quiet_says_nothing_on_standard_error(echo: EchoProcess) -> None:
    # Nothing is sent at any rate, so that there is nothing to warn of.
    ran = run_bench(echo.url(), "--scenario", "idle", *SHORT, "--quiet")
    assert (ran.status, ran.err) == (0, "")


def test_quiet_leaves_warnings_and_results(echo: EchoProcess) -> None:
    ran = run_bench(echo.url(), *SHORT, "--quiet")
    assert ran.status == 0
    # A slow machine gives reason to warn.
    assert all(": warning: " in line for line in ran.err.splitlines()), ran.err
    assert "messages/s" in ran.out


def on_a_terminal(*options: str, **environment: str) -> str:
    """What a run writes to a terminal, its two streams together."""
    ours, theirs = pty.openpty()
    around = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [binary(), *options], stdin=theirs, stdout=theirs, stderr=theirs,
        env={**around, "TERM": "xterm", **environment},
    )
    os.close(theirs)
    text = b""
    try:
        while piece := os.read(ours, 65536):
            text += piece
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait(DEADLINE) == 0
    return text.decode()


def test_a_terminal_gets_a_bar_that_is_wiped_and_colours_unless_it_wants_none(
    echo: EchoProcess,
) -> None:
    seen = on_a_terminal(echo.url(), *SHORT)
    assert re.search(r"\recho \[#*\.*\] \d+ s, \d+ s left \| 5 open \| [\d,]+ msg/s", seen)
    assert re.search(r"\r +\r", seen)
    assert "\x1b[32m" in seen
    assert "\x1b" not in on_a_terminal(echo.url(), *SHORT, NO_COLOR="1")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_with_its_whole_report(
    echo: EchoProcess, tmp_path: pathlib.Path, number: signal.Signals
) -> None:
    file = tmp_path / "run.json"
    bench = subprocess.Popen(
        [binary(), echo.url(), "--connections", "10", "--threads", "2", "--duration", "3600",
         "--json", str(file)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # Who runs the tests in the background has it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert bench.stderr is not None
    while "echo 1 s" not in bench.stderr.readline():
        assert bench.poll() is None
    bench.send_signal(number)
    out, _ = bench.communicate(timeout=DEADLINE)
    assert bench.returncode == 0
    assert "(ended early)" in out
    results = json.loads(file.read_text())
    assert results["interrupted"] is True
    assert results["messages"] > 0
    assert (results["lost"], results["errors"]) == (0, 0)


def test_help_names_every_option_and_the_man_page_too() -> None:
    shown = run_bench("--help")
    assert (shown.status, shown.err) == (0, "")
    options = set(re.findall(r"^ +(?:-h,)?(--[a-z-]+)", shown.out, re.MULTILINE))
    assert {"--rate", "--capacity", "--require", "--html", "--help"} <= options
    assert "Examples:" in shown.out
    man = run_bench("--man").out.replace("\\-", "-")
    assert options <= set(re.findall(r"--[a-z-]+", man))


def test_the_man_page_is_good_roff(tmp_path: pathlib.Path) -> None:
    page = tmp_path / "wsecho-bench.1"
    page.write_text(run_bench("--man").out)
    lint = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", str(page)],
        capture_output=True, text=True, check=False,
    )
    assert (lint.returncode, lint.stdout) == (0, "")


def test_version_is_one_line() -> None:
    assert re.fullmatch(r"wsecho-bench \d+\.\d+\.\d+\n", run_bench("--version").out)


def test_calibration_loads_the_floor() -> None:
    if not pathlib.Path(binary()).with_name("wsecho-floor").exists():
        pytest.fail("wsecho-floor is not beside wsecho-bench: build the benchmarks")
    ran = run_bench("--calibrate", *SHORT)
    assert ran.status == 0, ran.err
    assert "generator CPU per message" in ran.out
    assert "server CPU per message" in ran.out
