"""What the configure step refuses, with the reason."""

import os
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent


def configure(folder, packages):
    """With no package known but these: names and versions."""
    known = folder / "packages"
    known.mkdir()
    for name, version in packages.items():
        (known / f"{name}.pc").write_text(
            f"Name: {name}\nDescription: a stand-in\nVersion: {version}\nLibs:\nCflags:\n")
    return subprocess.run(
        ["cmake", "-S", TOP, "-B", folder / "build", "-G", "Ninja"], text=True, capture_output=True,
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
