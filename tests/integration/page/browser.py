"""Headless Chromium, driven through its DevTools protocol: no network, a new profile."""

import base64
import contextlib
import io
import json
import pathlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from PIL import Image
from websockets.sync.client import ClientConnection, connect

# Generous: only a failure ever waits this long.
DEADLINE = 60

FLAGS = [
    "--headless",
    "--no-sandbox",  # tests run as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-port=0",
]


def program() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise AssertionError("no Chromium: run packaging/install-dependencies.sh build test")


class Page:
    """A tab, with all that it complained about or asked the network for."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._last_id = 0
        self._events: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        self.requests: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._last_id += 1
        request = {"id": self._last_id, "method": method, "params": parameters}
        self._connection.send(json.dumps(request))
        while (answer := self._receive()).get("id") != self._last_id:
            pass
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def _receive(self) -> dict[str, Any]:
        message = json.loads(self._connection.recv(DEADLINE))
        parameters = message.get("params", {})
        match message.get("method"):
            case "Runtime.exceptionThrown":
                self.complaints.append(str(parameters["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "warning"):
                self.complaints.append(str(parameters["args"]))
            case "Log.entryAdded" if parameters["entry"]["level"] in ("error", "warning"):
                self.complaints.append(str(parameters["entry"]))
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
            case str(name):
                self._events.append({"name": name, **parameters})
        return message

    def _wait_for(self, name: str) -> None:
        while not any(event["name"] == name for event in self._events):
            self._receive()

    def set_up(self, *, width: int, scheme: str) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", features=[feature])

    def open(self, file: pathlib.Path) -> None:
        self._events.clear()
        self.call("Page.navigate", url=file.as_uri())
        self._wait_for("Page.loadEventFired")

    def value(self, expression: str) -> Any:
        """Of a JavaScript expression, or of the promise that it gives."""
        result = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def next_frame(self) -> None:
        self.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def screenshot(self) -> Image.Image:
        """Of the whole page: a CSS pixel is a pixel."""
        self.next_frame()
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        return Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")


def _debugging_address(profile: pathlib.Path, process: subprocess.Popen[bytes]) -> str:
    port_file = profile / "DevToolsActivePort"
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        assert process.poll() is None, "Chromium ended at its start"
        lines = port_file.read_text().splitlines() if port_file.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise AssertionError("Chromium does not say where its DevTools listen")


@contextlib.contextmanager
def running_browser() -> Iterator[Page]:
    """One empty tab of a new Chromium."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        profile = pathlib.Path(directory)
        process = subprocess.Popen(
            [program(), *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            browser = _debugging_address(profile, process)
            with connect(browser, max_size=None, proxy=None) as connection:
                connection.send(json.dumps({"id": 0, "method": "Target.getTargets"}))
                while (answer := json.loads(connection.recv(DEADLINE))).get("id") != 0:
                    pass
                targets = answer["result"]["targetInfos"]
            tab = next(target["targetId"] for target in targets if target["type"] == "page")
            address = f"{browser.rpartition('/devtools/')[0]}/devtools/page/{tab}"
            with connect(address, max_size=None, proxy=None) as connection:
                yield Page(connection)
        finally:
            process.terminate()
            process.wait(DEADLINE)
