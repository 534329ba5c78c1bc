"""What every script promises: help with examples, and a clear word on a wrong option."""

import os
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent.parent
SCRIPTS = [
    *(path for path in sorted((TOP / "packaging").glob("*.sh")) if path.name != "common.sh"),
    *sorted((TOP / "tests/conformance").glob("*.sh")),
    TOP / "tests/conformance/run.py",
    TOP / "tests/fuzz/run.sh",
]


def call(script, *arguments):
    return subprocess.run([script, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)


def file_name(path):
    return path.name


@pytest.mark.parametrize("script", SCRIPTS, ids=file_name)
def test_help_has_examples_that_name_the_script(script):
    assert os.access(script, os.X_OK)
    result = call(script, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert "xample" in result.stdout
    examples = result.stdout[result.stdout.index("xample"):]
    assert str(script.relative_to(TOP)) in examples


@pytest.mark.parametrize("script", SCRIPTS, ids=file_name)
def test_a_wrong_option_ends_with_2_and_is_named(script):
    result = call(script, "--no-such-option")
    assert (result.returncode, result.stdout) == (2, "")
    assert "--no-such-option" in result.stderr


def test_fuzzing_needs_minutes_and_known_targets():
    script = TOP / "tests/fuzz/run.sh"
    for arguments in ([], ["soon"], ["0"], ["1", "no-such-target"]):
        result = call(script, *arguments)
        assert (result.returncode, result.stdout) == (2, ""), arguments


def test_each_fuzz_target_says_what_it_checks():
    result = call(TOP / "tests/fuzz/run.sh", "--list")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert len(lines) >= 14
    assert all(len(line.split(maxsplit=1)[1]) > 40 for line in lines)


def test_stages_are_listed_also_after_thorough():
    result = call(TOP / "packaging/test.sh", "--thorough", "--list")
    assert result.returncode == 0
    assert {"release", "asan", "tsan", "tidy", "conformance", "portable"} <= {line.split()[0] for line in result.stdout.splitlines()}
