"""wsecho-echo as a process is what the tests of that program share with these."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "python"))

from collections.abc import Iterator

import pytest
from echo_process import EchoProcess, running_echo


@pytest.fixture
def echo() -> Iterator[EchoProcess]:
    """With the default options, on any free port."""
    with running_echo() as process:
        yield process
