"""A wsecho-echo for each test that asks for one."""

from collections.abc import Iterator

import pytest
from echo_process import EchoProcess, running_echo


@pytest.fixture
def echo() -> Iterator[EchoProcess]:
    """With the default options, on any free port."""
    with running_echo() as process:
        yield process
