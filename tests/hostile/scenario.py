"""One attack from start to end: rest, attack, rest, attack with SIGTERM in its midst."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import priority
from attacks import Attack
from environment import ENVIRONMENTS
from memory_bound import allowed_bytes
from phases import Span, closings_before, newcomers, phase
from server_process import HarnessError, ServerProcess, command_of, help_of
from verdict import Result

HERE = Path(__file__).resolve().parent
WARM_UP_SECONDS = 0.5
SETTLE_SECONDS = 1.0
SECONDS_OF_ATTACK_BEFORE_DRAIN = 1.0
DRAIN_PATIENCE_SECONDS = 30.0
READY_SECONDS = 30.0


@dataclass(frozen=True)
class Setting:
    """What all attacks of a run have in common."""

    build: Path
    server_core: Optional[int]
    """None: neither cores nor priorities of their own."""
    client_core: Optional[int]
    event_loop: str = "auto"
    deflate: bool = False
    attackers: int = 100
    attacker_processes: int = 2
    rest: float = 2.0
    duration: float = 5.0
    peers: int = 200
    rate: float = 10.0
    drain: float = 2.0
    server_options: List[str] = field(default_factory=list)

    def title(self) -> str:
        return f"{self.event_loop}, {'with' if self.deflate else 'without'} deflate"

    def settle(self) -> float:
        """Seconds after the attack that belong to no phase."""
        return min(SETTLE_SECONDS, self.rest)

    def begin_of_attack(self) -> float:
        """Seconds of attack before SIGTERM."""
        return min(SECONDS_OF_ATTACK_BEFORE_DRAIN, self.duration)


class Helper:
    """A Python process of ours that says "ready", and one line of JSON at its end."""

    def __init__(self, wrapper: Sequence[str], script: str, *words: object) -> None:
        self._process = subprocess.Popen(
            [*wrapper, sys.executable, str(HERE / script), *map(str, words)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._script = script
        self.ready = ""
        self.ready = self._line(READY_SECONDS)

    def _line(self, patience: float) -> str:
        assert self._process.stdout is not None
        selector = selectors.DefaultSelector()
        selector.register(self._process.stdout, selectors.EVENT_READ)
        if not selector.select(patience):
            raise HarnessError(f"{self._script} said nothing for {patience:g} s, "
                               f"after {self.ready.strip()!r}")
        line = self._process.stdout.readline().decode()
        if not line:
            _, complaint = self._process.communicate()
            raise HarnessError(f"{self._script} failed: {complaint.decode().strip()}")
        return line

    def tell(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"go\n")
        self._process.stdin.flush()

    def signal(self, number: int) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)

    def answer(self, patience: float = READY_SECONDS) -> Any:
        found = json.loads(self._line(patience))
        self._process.wait(patience)
        return found

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


class Attackers:
    """The processes of one attack, started early so that their start is no part of it."""

    def __init__(self, attack: Attack, setting: Setting, address: str,
                 wrapper: Sequence[str]) -> None:
        total = setting.attackers
        processes = min(setting.attacker_processes, total)
        place: List[object] = []
        if setting.client_core is not None:
            niceness = (priority.ATTACKERS if priority.may_run_in_real_time()
                        else priority.ATTACKERS_BESIDE_NORMAL_PEERS)
            place = ["--core", setting.client_core, "--nice", niceness]
        self.helpers: List[Helper] = []
        try:
            for index in range(processes):
                share = total // processes + (index < total % processes)
                self.helpers.append(Helper(
                    wrapper, "attackers.py", attack.name, "--address", address,
                    "--attackers", share, *place))
        except BaseException:
            self.kill()
            raise

    def begin(self) -> None:
        for helper in self.helpers:
            helper.tell()

    def signal(self, number: int) -> None:
        for helper in self.helpers:
            helper.signal(number)

    def end(self) -> Dict[str, int]:
        """What they did, of all processes."""
        self.signal(signal.SIGTERM)
        total: Counter = Counter()
        for helper in self.helpers:
            total.update(helper.answer())
        return dict(total)

    def kill(self) -> None:
        for helper in self.helpers:
            helper.kill()


def measure(attack: Attack, setting: Setting) -> Result:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = stack.enter_context(ENVIRONMENTS[attack.environment]())
        options = server_options(attack, setting)
        server = stack.enter_context(ServerProcess(
            command_of(setting.build, environment.host, options), core=setting.server_core,
            log=environment.log(folder), descriptors=attack.descriptors,
            wrapper=environment.wrapper, variables=environment.variables))
        port = server.address.rpartition(":")[2]
        core = [] if setting.client_core is None else ["--core", setting.client_core]
        good = Helper(environment.wrapper, "good_peers.py", "--address", f"127.0.0.1:{port}",
                      "--peers", setting.peers, "--rate", setting.rate,
                      *core, *(["--deflate"] if setting.deflate or attack.needs_deflate else []))
        stack.callback(good.kill)

        target = f"{environment.attackers_address or '127.0.0.1'}:{port}"
        attackers = Attackers(attack, setting, target, environment.wrapper)
        new = Helper(environment.wrapper, "newcomers.py", "--address", f"127.0.0.1:{port}", *core)
        stack.callback(new.kill)
        stack.callback(attackers.kill)
        time.sleep(WARM_UP_SECONDS)
        before = lasting(setting.rest)
        rss_before = server.resident_bytes()

        server.forget_peak()
        server.peak_descriptors = 0
        first = server.moment()
        attackers.begin()
        environment.begin(server, attackers)
        during = lasting(setting.duration)
        last = server.moment()
        environment.end(server, attackers)
        done = attackers.end()
        new.tell()
        rss_peak = server.peak_resident_bytes()
        descriptors_peak = server.peak_descriptors

        again = Attackers(attack, setting, target, environment.wrapper)
        stack.callback(again.kill)
        time.sleep(setting.settle())
        after = lasting(setting.rest)
        rss_after = server.resident_bytes()

        again.begin()
        time.sleep(setting.begin_of_attack())
        drain_at = time.monotonic()
        alive = server.is_running()
        drain_seconds, status = (server.terminate(DRAIN_PATIENCE_SECONDS) if alive
                                 else (None, server.status()))
        again.kill()
        good.tell()
        found = good.answer()
        visits = new.answer()

    closings = closings_before(found, drain_at)
    spent = last.at - first.at
    return Result(
        attack=attack.name,
        before=phase(found, before), during=phase(found, during), after=phase(found, after),
        p99_above_rest_ms=attack.p99_above_rest_ms,
        closed=len(closings), closed_why=most_common(why for _, why in closings),
        changed=found["changed"],
        newcomers=newcomers(visits, during), newcomers_get_in=attack.newcomers_get_in,
        rss_before=rss_before, rss_peak=rss_peak, rss_after=rss_after,
        rss_allowed=allowed_bytes(rss_before, attack.connections * setting.attackers, options,
                                  help_of(setting.build)),
        cpu_share=(last.cpu_seconds - first.cpu_seconds) / spent,
        waited_share=(last.waited_seconds - first.waited_seconds) / spent,
        descriptors_peak=descriptors_peak,
        drain_seconds=drain_seconds, drain_deadline=setting.drain, exit_status=status,
        attackers=done)


def server_options(attack: Attack, setting: Setting) -> List[str]:
    deflate = ["--deflate"] if setting.deflate or attack.needs_deflate else []
    return ["--event-loop", setting.event_loop, "--threads", "1",
            "--drain", f"{setting.drain:g}", *deflate, *attack.server_options,
            *setting.server_options]


def lasting(seconds: float) -> Span:
    begin = time.monotonic()
    time.sleep(seconds)
    return Span(begin, time.monotonic())


def most_common(texts: Any) -> str:
    counted = Counter(texts).most_common(1)
    return counted[0][0] if counted else ""


def usable_core(core: int) -> int:
    cores = os.sched_getaffinity(0)
    return core if core in cores else min(cores)
