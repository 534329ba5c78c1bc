"""The public names: what is here stays, and what is not here is nobody's business."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import wsecho

PUBLIC = {
    # servers and connections
    "CloseEvent", "Connection", "DrainReport", "Handshake", "Missed", "PreparedMessage", "RoundTrips",
    "Server", "Statistics",
    # event queues and dialers
    "Dialer", "DialerEvent", "EventQueue",
    # numbers
    "BackpressurePolicy", "CloseCause", "ConnectionState", "DialFailure", "DialerState", "EventType",
    "Initiator", "LogLevel", "ProxyHeader", "RatePolicy", "Refusal",
    # errors
    "Error", "CallError", "InvalidArgumentError", "InvalidOptionError", "WrongStateError",
    "InCallbackError", "VersionError", "SystemRefusedError", "AddressInUseError",
    "AddressUnavailableError", "PermissionRefusedError", "DescriptorLimitError", "OutOfMemoryError",
    "EventLoopError", "SystemFailureError", "ConnectionStateError", "GoneError", "ClosingError",
    "BackpressureError", "TooBigError", "NotFoundError", "LimitError", "LateError",
    # coroutines
    "ConnectionClosed", "ConnectionClosedError", "ConnectionClosedOK", "connect", "serve",
    "__version__",
}  # fmt: skip


def test_the_public_names_are_these():
    assert len(wsecho.__all__) == len(set(wsecho.__all__))
    assert set(wsecho.__all__) == PUBLIC


def test_each_of_them_is_there():
    for name in PUBLIC:
        assert hasattr(wsecho, name)


def test_the_load_generator_is_there_when_it_is_asked_for():
    code = "import wsecho, sys; before = 'wsecho.bench' in sys.modules; print(before, wsecho.bench.run)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("False <function run")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        wsecho.nothing


def test_classes_say_that_they_are_of_the_package():
    for name in PUBLIC - {"__version__"}:
        assert getattr(wsecho, name).__module__.split(".")[0] == "wsecho"


def test_nothing_else_shows():
    # An installed package with a plug-in is rewritten by pytest, whose names begin with "@".
    shown = {name for name in vars(wsecho) if not name.startswith(("_", "@"))}
    modules = {"constants", "errors", "records", "aio", "bench", "pytest_plugin"}
    assert shown - modules <= PUBLIC | {"annotations"}


def test_the_version_is_that_of_the_header():
    header = Path(__file__).resolve().parents[2] / "capi" / "include" / "wsecho" / "version.h"
    numbers = re.findall(r"WSECHO_VERSION_\w+ (\d+)", header.read_text(encoding="utf-8"))
    assert wsecho.__version__ == ".".join(numbers)


def test_each_public_name_says_what_it_is():
    for name in PUBLIC - {"__version__"}:
        value = getattr(wsecho, name)
        assert value.__doc__, name
        for attribute, member in vars(value).items():
            is_ours = callable(member) and not attribute.startswith("_")
            if is_ours and value.__module__ == "wsecho" and not issubclass(value, tuple):
                assert member.__doc__, f"{name}.{attribute}"
