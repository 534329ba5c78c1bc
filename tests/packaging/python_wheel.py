"""The Python package's sdist and wheels, as packaging/python-wheel.sh makes them and as those who
install them find them. Not named test_*: it compiles the core, which takes minutes, and is a stage
of its own: packaging/test.sh --stage wheel."""

from __future__ import annotations

import configparser
import email
import os
import platform
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import List

import pytest

TOP = Path(__file__).resolve().parent.parent.parent
PYTHON = Path(getattr(sys, "_base_executable", sys.executable)).resolve()

ECHO = """
import asyncio, wsecho

async def echo(connection):
    async for message in connection:
        await connection.send(message)

async def main():
    async with wsecho.serve(echo) as server:
        async with wsecho.connect(f"ws://127.0.0.1:{server.port}/") as connection:
            await connection.send("hello")
            print(await connection.recv(), wsecho.__file__)
asyncio.run(main())
"""


def run(*command: object, folder: Path) -> str:
    """What it prints; nothing of this environment is known to it but where programs are, and what
    pip and the compiler's cache go by."""
    kept = ("PATH", "HOME", "SSL_CERT_FILE")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in kept or name.startswith(("PIP_", "CMAKE_", "CCACHE_"))
    }
    ran = subprocess.run([str(word) for word in command], cwd=folder, env=environment, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> List[Path]:
    """The sdist, the wheel made of it, and the mended wheel."""
    folder = tmp_path_factory.mktemp("dist")
    paths = run(TOP / "packaging" / "python-wheel.sh", "--python", PYTHON, "--output", folder,
                folder=folder).split()  # fmt: skip
    return [Path(path) for path in paths]


@pytest.fixture(scope="module", params=["as it is", "mended"])
def python(
    request: pytest.FixtureRequest, made: List[Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Of a fresh environment with nothing but the wheel in it."""
    venv = tmp_path_factory.mktemp("venv")
    run(PYTHON, "-m", "venv", venv, folder=venv)
    wheel = made[1] if request.param == "as it is" else made[2]
    run(venv / "bin" / "pip", "install", "--no-deps", wheel, folder=venv)
    return venv / "bin" / "python"


def version() -> str:
    header = (TOP / "capi" / "include" / "wsecho" / "version.h").read_text(encoding="utf-8")
    return ".".join(re.findall(r"#define WSECHO_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))


def test_the_sdist_holds_the_sources_and_no_litter(made):
    with tarfile.open(made[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert made[0].name == f"wsecho-{version()}.tar.gz"
    assert {"pyproject.toml", "LICENSE", "lib/CMakeLists.txt", "capi/include/wsecho/wsecho.h"} <= names
    litter = [name for name in names if re.match(r"build/|\.git/|\.ci/|.*__pycache__|.*\.(so|o|png)$", name)]
    assert not litter


def test_a_wheel_is_for_this_python_and_for_no_other(made):
    tag = "cp{0}{1}-cp{0}{1}".format(*platform.python_version_tuple())
    machine = platform.machine()
    assert made[1].name == f"wsecho-{version()}-{tag}-linux_{machine}.whl"
    assert re.fullmatch(rf"wsecho-{re.escape(version())}-{tag}-manylinux_2_\d+_{machine}\.whl", made[2].name)


@pytest.mark.parametrize("which", [1, 2], ids=["as it is", "mended"])
def test_a_wheel_has_all_that_the_package_is_made_of(made, which):
    with zipfile.ZipFile(made[which]) as archive:
        files = {info.filename: info for info in archive.infolist()}
        described = f"wsecho-{version()}.dist-info"
        metadata = email.message_from_bytes(archive.read(f"{described}/METADATA"))
        plug_ins = configparser.ConfigParser()
        plug_ins.read_string(archive.read(f"{described}/entry_points.txt").decode())
    module = [name for name in files if re.fullmatch(r"wsecho/_wsecho\.cpython-.*\.so", name)]
    assert len(module) == 1
    assert {"wsecho/libwsecho.so.0", "wsecho/py.typed", "wsecho/_wsecho.pyi", "wsecho/aio/__init__.py"} <= set(files)
    assert files["wsecho/wsecho-bench"].external_attr >> 16 & 0o111, "no program"
    assert (metadata["Version"], metadata["Requires-Python"]) == (version(), ">=3.9")
    entry_points = {group: dict(plug_ins[group]) for group in plug_ins.sections()}
    assert entry_points == {"pytest11": {"wsecho": "wsecho.pytest_plugin"}}


def test_the_mended_wheel_brings_what_debian_has_and_others_may_not(made):
    with zipfile.ZipFile(made[2]) as archive:
        names = " ".join(archive.namelist())
    for library in ("libwebsockets", "libssl", "libcrypto"):
        assert re.search(rf"wsecho\.libs/{library}-\w+\.so", names), library


def test_what_was_installed_echoes_to_coroutines(python, tmp_path):
    hello, place = run(python, "-I", "-W", "error", "-c", ECHO, folder=tmp_path).split()
    assert hello == "hello"
    assert Path(place).is_relative_to(python.parent.parent)


def test_what_was_installed_is_a_host_and_a_load_generator(python, tmp_path):
    assert "usage: python -m wsecho" in run(python, "-m", "wsecho", "--help", folder=tmp_path)
    assert "--in-flight" in run(python, "-m", "wsecho", "bench", "--help", folder=tmp_path)
    load = """
import wsecho, wsecho.bench
with wsecho.Server(on_message=lambda connection, message: connection.send(message)) as server:
    result = wsecho.bench.run(f"ws://127.0.0.1:{server.port}/", connections=10, duration=0.2, warm_up=0)
    print(result.messages > 0, result.lost)
"""
    assert run(python, "-I", "-W", "error", "-c", load, folder=tmp_path) == "True 0\n"
