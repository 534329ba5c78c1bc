"""The examples do what they say."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import websockets.sync.client
from conftest import PATIENCE

import wsecho

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "python"


@pytest.fixture
def start():
    """Programs that run until the test is over, and then end well at Ctrl-C."""
    running = []

    def start_one(name, argument="0"):
        program = subprocess.Popen(
            [sys.executable, "-W", "error", str(EXAMPLES / name), argument],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        running.append(program)
        return program

    yield start_one
    for program in running:
        if program.poll() is None:
            program.send_signal(signal.SIGINT)
    for program in running:
        _, errors = program.communicate(timeout=PATIENCE)
        assert (program.returncode, errors) == (0, "")


@pytest.fixture
def url_of(start):
    def url(name, port="0"):
        line = start(name, port).stdout.readline()
        return f"ws://{re.fullmatch('listening on (.*)', line.strip())[1]}/"

    return url


def connect(url):
    return websockets.sync.client.connect(url, compression=None)


def test_echo_sends_every_message_back(url_of):
    with connect(url_of("echo.py")) as client:
        for message in ["text", b"binary"]:
            client.send(message)
            assert client.recv(PATIENCE) == message


def test_chat_has_rooms_that_remember(url_of):
    url = url_of("chat.py")
    with connect(url + "kitchen") as alice, connect(url + "cellar") as carol:
        alice.send("Alice")
        assert alice.recv(PATIENCE) == "Alice came in: 1 are here"
        carol.send("Carol")
        assert carol.recv(PATIENCE) == "Carol came in: 1 are here"
        with connect(url + "kitchen") as bob:
            assert bob.recv(PATIENCE) == "Alice came in: 1 are here"
            bob.send("Bob")
            assert alice.recv(PATIENCE) == "Bob came in: 2 are here"
            assert bob.recv(PATIENCE) == "Bob came in: 2 are here"
            bob.send("hello")
            assert alice.recv(PATIENCE) == "Bob: hello"
        assert alice.recv(PATIENCE) == "Bob has left"


def test_dashboard_feeds_its_viewers(url_of):
    url = url_of("dashboard.py")
    with connect(url) as one, connect(url) as two:
        for viewer in [one, two]:
            value = json.loads(viewer.recv(PATIENCE))
            assert set(value) == {"time", "load", "viewers"}
        while json.loads(one.recv(PATIENCE))["viewers"] != 2:
            pass


def test_the_dashboards_page_reads_what_is_fed():
    page = (EXAMPLES / "dashboard.html").read_text(encoding="utf-8")
    fed = re.search(r'value = \{(.*)\}', (EXAMPLES / "dashboard.py").read_text(encoding="utf-8"))[1]
    read = re.search(r"const \{ (.*) \} = JSON.parse", page)[1].split(", ")
    assert set(read) <= set(re.findall(r'"(\w+)":', fed))


def test_follow_comes_back_after_the_server_did(start, own_host):
    with wsecho.Server(host=own_host) as server:
        url = f"ws://{own_host}:{server.port}/"
        follower = start("follow.py", url)
        assert follower.stdout.readline() == f"connected to {url}\n"
        port = server.port
    with wsecho.Server(host=own_host, port=port):
        assert follower.stdout.readline() == f"connected to {url}\n"


def test_each_example_is_in_the_readme():
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for name in os.listdir(EXAMPLES):
        assert name == "README.md" or f"[`{name}`]({name})" in readme
