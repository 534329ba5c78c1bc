"""The servers that python_servers.py lets take their turn: the floor, the C host, ours in Python,
and the rivals, which are peers (peer_builds.py) like any other."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence

import comparison
from comparison import REPOSITORY, ComparisonError
from peer_builds import Peer, Unbuildable, do, make_venv, select
from peers import FLOOR, Contender

HERE = Path(__file__).resolve().parent / "python_servers"

C_HOST = "C host"
CALLBACKS = "wsecho callbacks"
ASYNCIO = "wsecho asyncio"
AIOHTTP_STR = "aiohttp str"
RIVALS = ("websockets", "aiohttp", "picows", "socketify")


class OurPackage(Peer):
    """wsecho's package in a venv of its own, as `pip install` leaves it; or one that is named."""

    @property
    def source(self) -> Path:
        return HERE


def install_ours(peer: Peer) -> List[str]:
    """The command of the Python that has it. What was compiled before is not compiled again: the
    build has a folder that stays, and tools that are not installed anew for each."""
    python = make_venv(peer)
    do([python, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check",
        "--no-deps", "--force-reinstall", "--no-build-isolation",
        f"--config-settings=build-dir={peer.folder / 'cmake'}", REPOSITORY], peer.folder)
    return [str(python), "-B"]


def use_package(folder: Path) -> Callable[[Peer], List[str]]:
    return lambda peer: ["env", f"PYTHONPATH={folder}", str(make_venv(peer)), "-B"]


@dataclass
class Making:
    """What the contenders are made of; each is made when it is asked for."""

    bench: comparison.Bench
    package: Optional[Path]
    _python: List[str] = field(default_factory=list)

    def _ours(self, script: str) -> List[str]:
        if not self._python:
            build = install_ours if self.package is None else use_package(self.package)
            self._python = OurPackage("wsecho", "wsecho's Python package", ["python3"],
                                      build).command()
        return [*self._python, str(HERE / script)]

    def command(self, name: str) -> List[str]:
        if name == FLOOR:
            return self.bench.floor_command()
        if name == C_HOST:
            return self.bench.shortest_host_command()
        if name == CALLBACKS:
            return self._ours("callbacks.py")
        if name == ASYNCIO:
            return self._ours("asyncio_api.py")
        if name == AIOHTTP_STR:
            return [*select("aiohttp")[0].command(), "--text=str"]
        return select(name)[0].command()


NAMES: Dict[str, str] = {
    FLOOR: "bare epoll, recv, unmask, send: the least that a server can do",
    C_HOST: "wsecho-echo-c, the shortest host in C",
    CALLBACKS: "wsecho.Server(on_message=...)",
    ASYNCIO: "wsecho.aio.serve(), on uvloop",
    **{peer.name: peer.about for peer in select(",".join(RIVALS))},
    AIOHTTP_STR: "the same where text is str, as the handlers of all the others but picows get it",
}


def selected(names: Optional[str]) -> List[str]:
    """Those of a list with commas, or all, in the order of the table."""
    if names is None:
        return list(NAMES)
    wanted = names.split(",")
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        raise ComparisonError(f"unknown server '{', '.join(unknown)}': there are "
                              f"{', '.join(NAMES)}")
    return [name for name in NAMES if name in wanted]


def make(names: Sequence[str], making: Making) -> List[Contender]:
    """Those that cannot be made have a failure in place of a command."""
    contenders = []
    for name in names:
        contenders.append(Contender(name, [], modes=False))
        try:
            contenders[-1].command = making.command(name)
        except Unbuildable as reason:
            contenders[-1].failures[""] = str(reason)
        if contenders[-1].command:
            # Of every run's own words, the last tell why a server ended.
            log = REPOSITORY / "build" / "peers" / f"{name.replace(' ', '-')}.log"
            log.parent.mkdir(parents=True, exist_ok=True)
            contenders[-1].log = log
    return contenders


def python_version() -> str:
    return "Python {}.{}.{}".format(*sys.version_info)
