"""The servers that wsecho is compared with: what each needs, how it is built, how it starts.

Sources lie in peers/NAME, with their versions pinned; whatever is built goes to
build/peers/NAME."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, Mapping, Optional, Sequence

from comparison import REPOSITORY, ComparisonError

SOURCES = Path(__file__).resolve().parent / "peers"
BUILDS = REPOSITORY / "build" / "peers"


class Unbuildable(Exception):
    """Why a peer cannot be built here, in a few words."""


@dataclass(frozen=True)
class Peer:
    name: str
    about: str
    tools: Sequence[str]
    build: Callable[[Peer], List[str]]
    """Builds it, unless it is built, and returns the command that starts it."""
    header: str = ""
    package: str = ""

    @property
    def source(self) -> Path:
        return SOURCES / self.name

    @property
    def folder(self) -> Path:
        return BUILDS / self.name

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def missing(self) -> str:
        """What this machine lacks for it; empty if nothing."""
        absent = [tool for tool in self.tools if shutil.which(tool) is None]
        if absent:
            return f"{' and '.join(absent)} not found"
        if self.header and not has_header(self.header):
            return f"{self.package} is not installed"
        return ""

    def command(self) -> List[str]:
        lacking = self.missing()
        if lacking:
            raise Unbuildable(lacking)
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.build(self)


def has_header(header: str) -> bool:
    probe = f"#if !__has_include(<{header}>)\n#error\n#endif\n"
    compiler = ["cc", "-x", "c", "-E", "-"]  # it only asks whether the file is there
    run = subprocess.run(compiler, input=probe, text=True, capture_output=True, check=False)
    return run.returncode == 0


def do(
    command: Sequence[object], folder: Path, environment: Optional[Mapping[str, str]] = None
) -> None:
    """One step of a build. All that it says is kept, and the last line given if it fails."""
    run = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        lines = run.stdout.strip().splitlines() or [f"status {run.returncode}"]
        telling = [line for line in lines if "error" in line.lower()] or lines[-1:]
        raise Unbuildable(f"'{command[0]} {command[1]}' failed: {telling[0].strip()}")


def build_go(peer: Peer) -> List[str]:
    program = peer.folder / "server"
    do(["go", "build", "-trimpath", "-o", program, "."], peer.source)
    return [str(program)]


def build_rust(peer: Peer) -> List[str]:
    """In a copy: cargo writes its lock file, which would name a registry, beside the manifest."""
    target = peer.folder / "target"
    shutil.copytree(peer.source, peer.folder / "source", dirs_exist_ok=True)
    do(["cargo", "build", "--release", "--quiet"], peer.folder / "source",
       {"CARGO_TARGET_DIR": str(target)})
    return [str(target / "release" / f"wsecho-peer-{peer.name}")]


def build_with_make(peer: Peer) -> List[str]:
    program = peer.folder / "server"
    do(["make", f"OUT={program}"], peer.source)
    return [str(program)]


def build_node(peer: Peer) -> List[str]:
    if is_stale(peer, "package-lock.json"):
        for name in ("package.json", "package-lock.json"):
            shutil.copy(peer.source / name, peer.folder / name)
        # Its native parts come ready in the package: no script of anybody's is run.
        do(["npm", "ci", "--prefix", peer.folder, "--ignore-scripts", "--no-audit", "--no-fund"],
           peer.folder)
        mark_fresh(peer, "package-lock.json")
    shutil.copy(peer.source / "server.js", peer.folder / "server.js")
    return [shutil.which("node") or "node", str(peer.folder / "server.js")]


def build_python(peer: Peer) -> List[str]:
    # -B: nothing is written into the source tree.
    return [str(make_venv(peer)), "-B", str(peer.source / "server.py")]


def make_venv(peer: Peer) -> Path:
    """Of the Python that runs this, so that all measured in one run have the same."""
    python = peer.folder / "venv" / "bin" / "python"
    if is_stale(peer, "requirements.txt") or not is_of_this_python(peer.folder / "venv"):
        stamp(peer, "requirements.txt").unlink(missing_ok=True)
        do([sys.executable, "-m", "venv", "--clear", peer.folder / "venv"], peer.folder)
        do([python, "-m", "pip", "install", "--quiet", "--no-input",
            "--disable-pip-version-check", "--requirement", peer.source / "requirements.txt"],
           peer.folder)
        mark_fresh(peer, "requirements.txt")
    return python


def is_of_this_python(venv: Path) -> bool:
    base = getattr(sys, "_base_executable", sys.executable)  # what makes it, were we in one, too
    wanted = {"home": str(Path(base).parent), "version": "{}.{}.{}".format(*sys.version_info)}
    try:
        lines = (venv / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    found = dict(line.replace(" ", "").partition("=")[::2] for line in lines)
    return all(found.get(key) == value for key, value in wanted.items())


def stamp(peer: Peer, manifest: str) -> Path:
    return peer.folder / f"installed-{manifest}"


def is_stale(peer: Peer, manifest: str) -> bool:
    installed = stamp(peer, manifest)
    wanted = (peer.source / manifest).read_bytes()
    return not installed.exists() or installed.read_bytes() != wanted


def mark_fresh(peer: Peer, manifest: str) -> None:
    shutil.copy(peer.source / manifest, stamp(peer, manifest))


PEERS: Sequence[Peer] = (
    Peer("gorilla", "gorilla/websocket, Go", ["go"], build_go),
    Peer("coder", "coder/websocket, Go", ["go"], build_go),
    Peer("tokio-tungstenite", "tokio-tungstenite, Rust", ["cargo"], build_rust),
    Peer("fastwebsockets", "fastwebsockets, Rust", ["cargo"], build_rust),
    Peer("ws", "ws, Node.js", ["node", "npm"], build_node),
    Peer("websockets", "websockets on uvloop, Python", ["python3"], build_python),
    Peer("aiohttp", "aiohttp on uvloop, Python", ["python3"], build_python),
    Peer("picows", "picows on uvloop, Python", ["python3"], build_python),
    Peer("socketify", "socketify (uWebSockets), Python", ["python3"], build_python),
    Peer("beast", "Boost.Beast, C++", ["c++", "make"], build_with_make,
         header="boost/beast.hpp", package="libboost-dev"),
    Peer("libwebsockets", "plain libwebsockets, C", ["cc", "make"], build_with_make,
         header="libwebsockets.h", package="libwebsockets-dev"),
)


def select(names: Optional[str]) -> List[Peer]:
    """The peers of a list with commas; all of them without one."""
    if names is None:
        return list(PEERS)
    known: Dict[str, Peer] = {peer.name: peer for peer in PEERS}
    wanted = [name for name in names.split(",") if name]
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        raise ComparisonError(
            f"unknown peer '{', '.join(unknown)}': there are {', '.join(known)}"
        )
    return [known[name] for name in dict.fromkeys(wanted)]
