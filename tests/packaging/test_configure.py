"""What the configure step refuses, with the reason."""

import os
import shutil
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent


def configure(folder, packages, source=TOP, *options):
    """With no package known but these: names and versions."""
    known = folder / "packages"
    known.mkdir()
    for name, version in packages.items():
        (known / f"{name}.pc").write_text(
            f"Name: {name}\nDescription: a stand-in\nVersion: {version}\nLibs:\nCflags:\n")
    return subprocess.run(
        ["cmake", "-S", source, "-B", folder / "build", "-G", "Ninja", *options],
        text=True, capture_output=True,
        env={**os.environ, "PKG_CONFIG_LIBDIR": str(known), "PKG_CONFIG_PATH": ""}, timeout=120)


def test_libwebsockets_before_4_1_is_refused_with_the_reason(tmp_path):
    configured = configure(tmp_path, {"libwebsockets": "4.0.20", "libuv": "1.44.2"})
    assert configured.returncode != 0
    words = " ".join(configured.stderr.split())
    assert "libwebsockets 4.0.20 is too old: wsecho needs 4.1 or newer, because" in words


def test_without_libwebsockets_it_names_the_package(tmp_path):
    configured = configure(tmp_path, {"libuv": "1.44.2"})
    assert configured.returncode != 0
    assert "apt-get install libwebsockets-dev" in " ".join(configured.stderr.split())


def test_without_zlib_it_names_the_package(tmp_path):
    configured = configure(tmp_path, {"libwebsockets": "4.1.6", "libuv": "1.44.2"})
    assert configured.returncode != 0
    assert "apt-get install zlib1g-dev" in " ".join(configured.stderr.split())


def test_the_python_package_names_all_that_is_missing_at_once(tmp_path):
    configured = configure(tmp_path, {"zlib": "1.2.13"}, TOP / "bindings" / "python")
    assert configured.returncode != 0
    words = " ".join(configured.stderr.split())
    assert "On Debian: apt-get install libwebsockets-dev libssl-dev" in words


def test_the_python_package_names_the_headers_of_python(tmp_path):
    python = tmp_path / "python-without-headers"
    python.write_text(f"#!/bin/sh\necho {tmp_path}/include\n")
    python.chmod(0o755)
    configured = configure(tmp_path, {}, TOP / "bindings" / "python", f"-DPython_EXECUTABLE={python}")
    words = " ".join(configured.stderr.split())
    assert "apt-get install libwebsockets-dev libssl-dev zlib1g-dev python3-dev" in words


WITHOUT_CLI11 = "-DCMAKE_DISABLE_FIND_PACKAGE_CLI11=ON"


def test_the_python_package_names_what_its_load_generator_lacks_and_how_to_do_without(tmp_path):
    configured = configure(tmp_path, {}, TOP / "bindings" / "python", WITHOUT_CLI11)
    words = " ".join(configured.stderr.split())
    assert "apt-get install libwebsockets-dev libssl-dev zlib1g-dev libcli11-dev " in words
    assert "pip install --config-settings=cmake.define.WSECHO_PYTHON_BENCH=OFF" in words


def test_the_python_package_without_a_load_generator_needs_nothing_for_it(tmp_path):
    configured = configure(tmp_path, {}, TOP / "bindings" / "python", WITHOUT_CLI11,
                           "-DWSECHO_PYTHON_BENCH=OFF")
    words = " ".join(configured.stderr.split())
    assert "apt-get install libwebsockets-dev libssl-dev zlib1g-dev" in words
    assert "libcli11-dev" not in words
    assert "WSECHO_PYTHON_BENCH" not in words


def test_so_it_does_without_a_compiler(tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("cmake", "ninja"):
        (tools / tool).symlink_to(shutil.which(tool))
    configured = subprocess.run(
        ["cmake", "-S", TOP / "bindings" / "python", "-B", tmp_path / "build", "-G", "Ninja"],
        text=True, capture_output=True, timeout=120,
        env={"PATH": str(tools), "PKG_CONFIG_LIBDIR": str(tmp_path)})
    assert configured.returncode != 0
    words = " ".join(configured.stderr.split())
    assert "On Debian: apt-get install g++ libwebsockets-dev libssl-dev zlib1g-dev" in words
