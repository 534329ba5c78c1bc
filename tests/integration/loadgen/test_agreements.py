"""A handshake must agree to what is measured: what it does not is refused in one line."""

import pytest
from bench import measure, refusal, run_bench
from echo_process import EchoProcess
from misbehaving_server import SWITCHING, MisbehavingServer, echo

DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate"


def with_header(*lines: bytes) -> bytes:
    """The right response, with these header lines too."""
    return SWITCHING.removesuffix(b"\r\n") + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


@pytest.mark.parametrize(
    ("response", "options", "words"),
    [
        (SWITCHING.replace(b"Upgrade: websocket\r\n", b""), (), "Upgrade"),
        (SWITCHING.replace(b"Connection: Upgrade\r\n", b""), (), "Upgrade"),
        (SWITCHING.replace(b"Upgrade: websocket", b"Upgrade: h2c"), (), "Upgrade"),
        (SWITCHING.replace(b"101 Switching Protocols", b"200 OK"), (), "200 OK"),
        (with_header(b"Sec-WebSocket-Protocol: chat"), (), "'chat', which was not offered"),
        (SWITCHING, ("--subprotocol", "chat"), "does not speak subprotocol 'chat'"),
        (with_header(DEFLATE), (), "which was not offered"),
        (with_header(DEFLATE), ("--deflate",), "context takeover"),
        (SWITCHING, ("--deflate",), "permessage-deflate"),
        (b"HTTP/1.1 101 " + b"a" * 20_000, (), "16 KiB"),
    ],
    ids=[
        "no Upgrade",
        "no Connection",
        "an upgrade to something else",
        "a page",
        "a subprotocol of its own",
        "no subprotocol",
        "compression of its own",
        "compression that remembers",
        "no compression",
        "a head without an end",
    ],
)
def test_what_was_not_agreed_on_is_refused_by_name(
    response: bytes, options: tuple[str, ...], words: str
) -> None:
    with MisbehavingServer(echo, response=response) as server:
        line = refusal(run_bench(server.url, "--connections", 3, *options))
    assert words in line
    assert server.counts == {"connections": 1}  # and no message was sent


def test_a_server_that_hangs_up_in_the_handshake_is_refused() -> None:
    with MisbehavingServer(echo, response=b"HTTP/1.1 101 Swi") as server:
        line = refusal(run_bench(server.url))
    assert "closed" in line


def test_deflate_on_a_server_without_it_sends_nothing_deflated(echo: EchoProcess) -> None:
    assert "permessage-deflate" in refusal(run_bench(echo.url(), "--deflate"))


@pytest.mark.parametrize(
    "response",
    [
        SWITCHING.replace(b"Connection: Upgrade", b"connection:keep-alive ,  UPGRADE"),
        SWITCHING.replace(b"Upgrade: websocket", b"UPGRADE:\tWebSocket "),
        with_header(b"X-Long: " + b"x" * 10_000),
    ],
    ids=["a list", "other letters and blanks", "a long head"],
)
def test_a_response_may_be_written_in_many_ways(response: bytes) -> None:
    with MisbehavingServer(echo, response=response) as server:
        ran = measure(server.url, "--connections", 2)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    assert server.counts["messages"] == ran.results["sent"] > 0
