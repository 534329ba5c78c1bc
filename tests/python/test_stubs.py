"""The stubs say of the extension module what is so."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import header
import pytest

import wsecho
from wsecho import _wsecho

PACKAGE = Path(wsecho.__file__).parent
TREE = ast.parse((PACKAGE / "_wsecho.pyi").read_text(encoding="utf-8"))
CLASSES = {node.name: node for node in TREE.body if isinstance(node, ast.ClassDef)}
PUBLIC = [name for name in CLASSES if not name.startswith("_")]


def names_in(node: ast.ClassDef) -> set:
    functions = {it.name for it in node.body if isinstance(it, ast.FunctionDef)}
    attributes = {it.target.id for it in node.body if isinstance(it, ast.AnnAssign)}
    return functions | attributes


def keywords(typed_dict: str) -> set:
    node = CLASSES[typed_dict]
    bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
    inherited = [keywords(base) for base in bases if base in CLASSES]
    return names_in(node).union(*inherited)


def test_the_package_is_typed():
    assert (PACKAGE / "py.typed").exists()


def test_every_class_of_the_module_is_there_and_no_other():
    module = {name for name, value in vars(_wsecho).items() if isinstance(value, type)}
    assert module == set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_class_has_the_names_that_the_stub_gives_it(name):
    real = {it for it in vars(getattr(_wsecho, name)) if not it.startswith("_")}
    stub = {it for it in names_in(CLASSES[name]) if not it.startswith("_")}
    assert stub == real


@pytest.mark.parametrize(
    "struct, typed_dict, more",
    [
        ("wsecho_server_options", "_ServerOptions", {"event_queue", "zero_copy", "on_error"}),
        ("wsecho_path_options", "_PathOptions", {"zero_copy", "on_error"}),
        ("wsecho_dialer_options", "_DialerOptions", {"zero_copy", "on_error", "on_state"}),
        ("wsecho_drain_options", "_DrainOptions", set()),
        ("wsecho_heartbeat", "_Heartbeat", set()),
        ("wsecho_history", "_History", set()),
    ],
)
def test_the_keywords_are_those_of_the_struct(struct, typed_dict, more):
    expected = set(header.fields(struct)) | more
    if more:
        expected |= {name for name in header.fields("wsecho_callbacks") if "pass" not in name}
    if struct == "wsecho_dialer_options":
        expected -= {"on_handshake"}
    assert keywords(typed_dict) == expected - {"log_user", "header_count", "urls"}


def test_mypy_agrees_with_the_module():
    pytest.importorskip("mypy")
    run = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "wsecho._wsecho", "--allowlist",
         str(Path(__file__).with_name("stubtest-allowlist.txt"))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr


USE = '''
from typing import Union
import wsecho

def on_message(connection: wsecho.Connection, message: Union[str, bytes]) -> None:
    connection.send(message)
    connection.send(memoryview(b"a"), text=True)
    connection.user = 1

with wsecho.Server(port=9001, on_message=on_message, threads=None) as server:
    server.publish("news", wsecho.PreparedMessage("a"), exclude=server.connections[0])
    name: Union[str, int] = server.connections[0].header("name", 3)
    closes: int = server.statistics().closes[wsecho.CloseCause.PEER]
    dialer = wsecho.Dialer(server, "ws://localhost/", on_state=lambda dialer, event: print(event.state))
    for kind, connection, value in wsecho.EventQueue().take():
        connection.close(1000)
'''
MISUSE = '''
import wsecho
wsecho.Server(port="9001")  # E
wsecho.Server(prt=9001)  # E
wsecho.Server(on_open=lambda connection, message: None)  # E
server = wsecho.Server()
server.broadcast(3)  # E
server.connections[0].id = 3  # E
'''


@pytest.mark.parametrize("text, errors", [(USE, 0), (MISUSE, MISUSE.count("# E"))])
def test_a_checker_takes_what_is_right_and_nothing_else(tmp_path, text, errors):
    pytest.importorskip("mypy")
    program = tmp_path / "program.py"
    program.write_text(text, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", str(program)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    lines = {line.split(":")[1] for line in run.stdout.splitlines() if ": error:" in line}
    assert len(lines) == errors, run.stdout + run.stderr
