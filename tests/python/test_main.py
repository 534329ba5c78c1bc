"""python -m wsecho: the echo host."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
import websockets.sync.client
from conftest import PATIENCE

import wsecho

COMMAND = [sys.executable, "-W", "error", "-m", "wsecho"]


def run(*arguments):
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=PATIENCE
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_echoes_and_ends_by_a_signal(number):
    with subprocess.Popen(
        [*COMMAND, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as host:
        begin, _, address = host.stdout.readline().strip().rpartition(" ")
        assert begin == "listening on"
        with websockets.sync.client.connect(f"ws://{address}/") as client:
            for message in ("text", b"binary"):
                client.send(message)
                assert client.recv(timeout=PATIENCE) == message
            host.send_signal(number)
            out, errors = host.communicate(timeout=PATIENCE)
        assert (host.returncode, out, errors) == (0, "", "")


def test_an_address_in_use_is_told_in_a_line(make_server):
    ended = run("--port", str(make_server().port))
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith("python -m wsecho: cannot listen on 127.0.0.1:")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--port", "x"], ["--other"], ["more"]])
def test_asked_wrongly_it_says_so(arguments):
    ended = run(*arguments)
    assert ended.returncode == 2
    assert "usage: python -m wsecho" in ended.stderr


@pytest.mark.parametrize("arguments", [["--port", "70000"], ["--threads", "257"]])
def test_so_it_does_where_the_engine_refuses(arguments):
    ended = run(*arguments)
    assert ended.returncode == 1
    assert arguments[0].strip("-") in ended.stderr


def test_help_and_version_are_there():
    assert "sends every message back" in run("--help").stdout
    assert run("--version").stdout == f"wsecho {wsecho.__version__}\n"
