"""packaging/run.sh, with scripts in place of the two programs that it builds and starts."""

import os
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PACKAGING = HERE.parent.parent / "packaging"


class Tree:
    def __init__(self, folder):
        self.notes = folder / "notes"
        self.notes.mkdir()
        self.top = folder / "a tree"  # a space: paths must be quoted
        shutil.copytree(HERE / "stand_in", self.top)
        shutil.copytree(PACKAGING, self.top / "packaging")
        # What the machine has is not what is tested here.
        (self.top / "packaging/install-dependencies.sh").write_text("#!/bin/sh\n")
        self.elsewhere = folder / "elsewhere"
        self.elsewhere.mkdir()

    def start(self, *options, hard_limit=None, **moods):
        def limit():
            # Who runs the tests in the background has it ignored, and bash cannot trap it then.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if hard_limit:
                resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard_limit, 256), hard_limit))

        return subprocess.Popen(
            [self.top / "packaging/run.sh", *options], cwd=self.elsewhere, text=True, preexec_fn=limit,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "STAND_IN_NOTES": str(self.notes), **moods},
        )

    def run(self, *options, **settings):
        process = self.start(*options, **settings)
        process.output, process.errors = process.communicate(timeout=60)
        return process

    def note(self, program):
        return (self.notes / program).read_text().splitlines()

    def assert_stopped(self, program):
        pid = int(self.note(program)[0])
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def test_a_good_run_prints_the_table_alone_and_stops_the_server(tree):
    run = tree.run("--connections", "100", "--size=64", "--duration", "2", "--json", "out.json")
    assert (run.returncode, run.output) == (0, "a table\n"), run.errors
    server = tree.note("server")
    assert server[1] == "--host 127.0.0.1 --port 0 --max-connections 100"
    assert tree.note("bench")[1] == (
        f"ws://127.0.0.1:1/ --connections 100 --size 64 --duration 2 --server-pid {server[0]}"
        f" --html {tree.top}/build/report.html --json out.json"
    )
    tree.assert_stopped("server")


def test_the_page_goes_where_it_is_wanted(tree):
    run = tree.run("--html", "here.html")
    assert run.returncode == 0, run.errors
    assert "--html here.html" in tree.note("bench")[1]
    assert "here.html" in run.errors


def test_a_lost_message_fails_the_run(tree):
    run = tree.run(STAND_IN_BENCH="loses a message")
    assert run.returncode == 1
    assert "the run failed" in run.errors
    tree.assert_stopped("server")


def test_a_server_that_does_not_start_is_told_in_its_own_words(tree):
    run = tree.run(STAND_IN_SERVER="refuses")
    assert run.returncode == 1
    assert "the address is in use" in run.errors
    assert not (tree.notes / "bench").exists()


def test_a_server_that_stops_badly_fails_the_run(tree):
    run = tree.run(STAND_IN_SERVER="stops badly")
    assert run.returncode == 1
    assert "wsecho-echo ended with status 7" in run.errors


def test_a_low_descriptor_limit_is_told_and_as_many_connections_as_fit_are_opened(tree):
    run = tree.run("--connections", "1000", hard_limit=500)
    assert run.returncode == 0, run.errors
    assert "the descriptor limit is 500, and 1000 connections need 1064" in run.errors
    assert "--connections 436 " in tree.note("bench")[1]
    assert "--max-connections 436" in tree.note("server")[1]
    assert tree.note("bench")[2] == "500"


def test_the_soft_limit_is_raised_as_far_as_needed(tree):
    run = tree.run("--connections", "1000", hard_limit=2000)
    assert run.returncode == 0, run.errors
    assert "descriptor limit" not in run.errors
    assert tree.note("bench")[2] == "1064"


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_both_programs(tree, signal_number):
    run = tree.start(STAND_IN_BENCH="dawdles")
    deadline = time.monotonic() + 30
    while not (tree.notes / "bench").exists() or not tree.note("bench"):
        assert time.monotonic() < deadline and run.poll() is None
        time.sleep(0.05)
    run.send_signal(signal_number)
    run.communicate(timeout=30)
    assert run.returncode == 128 + signal_number
    tree.assert_stopped("bench")
    tree.assert_stopped("server")
