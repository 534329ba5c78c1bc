"""Each scenario does what it says, to a good server."""

import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench import measure, refusal
from echo_process import EchoProcess, running_echo
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve


def test_idle_connections_answer_the_servers_pings() -> None:
    with running_echo("--heartbeat-interval", "0.05") as echo:
        ran = measure(echo.url(), "--scenario", "idle", "--connections", 20,
                      "--server-pid", echo.pid)
    assert ran.status == 0, ran.err
    assert ran.results["idle"]["pings_answered"] >= 20
    assert ran.results["connections_at_end"] == 20
    assert ran.results["idle"]["server_cpu_percent"] > 0


def test_connect_opens_and_says_what_it_cost(echo: EchoProcess) -> None:
    ran = measure(echo.url(), "--scenario", "connect", "--connections", 50,
                  "--server-pid", echo.pid)
    assert ran.status == 0, ran.err
    assert ran.results["handshake_ms"]["max"] > 0
    assert ran.results["connect"]["server_cpu_us_per_connection"] > 0


def test_churn_opens_each_connection_again_and_again(echo: EchoProcess) -> None:
    ran = measure(echo.url(), "--scenario", "connect", "--churn", "--connections", 10,
                  "--threads", 2)
    assert ran.status == 0, ran.err
    assert ran.results["handshakes"] > 100
    attempts = ran.results["attempts"]
    assert attempts["started"] == attempts["opened"] >= ran.results["handshakes"]


@pytest.mark.parametrize("threads", [1, 2])
def test_in_a_fanout_everybody_gets_each_message(threads: int) -> None:
    with running_echo("--mode", "broadcast", "--threads", "2") as echo:
        ran = measure(echo.url(), "--scenario", "fanout", "--connections", 30, "--batch", 4,
                      "--threads", threads)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    fanout = ran.results["fanout"]
    assert fanout["rounds"] > 10
    assert ran.results["messages"] >= fanout["rounds"] * 4 * 30 - 4 * 30
    assert fanout["first_ms"]["p50"] <= fanout["last_ms"]["p50"]


def test_a_fanout_on_a_server_that_does_not_broadcast_loses_and_ends(echo: EchoProcess) -> None:
    ran = measure(echo.url(), "--scenario", "fanout", "--connections", 3, "--batch", 2)
    assert ran.status == 1
    assert ran.wrongs == {"lost": 4}


def test_slow_readers_do_not_keep_the_others_from_their_echoes() -> None:
    with running_echo("--max-queued", "2097152") as echo:
        ran = measure(echo.url(), "--scenario", "slow", "--stall-share", 0.25,
                      "--connections", 20, "--duration", 2)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    assert ran.results["messages"] > 2 * 15  # of the others: not the first ones alone
    stalled = 20 - ran.results["connections_at_end"]
    assert stalled == sum(ran.results["attempts"]["closed"].values()) <= 5


def test_after_a_storm_all_are_back(echo: EchoProcess) -> None:
    ran = measure(echo.url(), "--scenario", "storm", "--connections", 100, "--threads", 2)
    assert ran.status == 0, ran.err
    assert ran.results["connections_at_end"] == 100
    assert ran.results["handshakes"] >= 100
    assert len(ran.results["storm"]["recovery_seconds"]) >= 1


def test_a_mixed_crowd_idles_echoes_and_comes_and_goes(echo: EchoProcess) -> None:
    ran = measure(echo.url(), "--scenario", "mixed", "--connections", 40)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    assert ran.results["messages"] > 0
    assert ran.results["handshakes"] > 2


def test_capacity_ends_with_a_rate_that_holds_and_one_that_does_not(echo: EchoProcess) -> None:
    ran = measure(echo.url(), "--capacity", "max<60s", "--rate", 200_000, "--duration", 0.2,
                  "--connections", 20)
    capacity = ran.results["capacity"]
    passed = [step["passed"] for step in capacity["steps"]]
    assert False in passed
    if capacity["knee_rate"] is not None:
        assert capacity["knee_rate"] == max(
            step["rate"] for step in capacity["steps"] if step["passed"]
        )
    assert not ran.wrongs


def test_a_ramp_spreads_the_opening(echo: EchoProcess) -> None:
    ran = measure(echo.url(), "--ramp", 1, "--connections", 20)
    assert ran.status == 0, ran.err
    assert ran.results["connect"]["seconds"] > 0.9


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """For localhost and 127.0.0.1, signed by itself, with its key in the same file."""
    file = tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(file), "-out", str(tmp_path / "public.pem")],
        check=True, capture_output=True,
    )
    file.write_text(file.read_text() + (tmp_path / "public.pem").read_text())
    return file


class Stranger:
    """An echo server on the websockets package, and what its clients told it."""

    def __init__(self, **settings: object) -> None:
        self.requests: list[object] = []
        self.addresses: set[str] = set()

        def echo(connection: ServerConnection) -> None:
            self.requests.append(connection.request)
            self.addresses.add(connection.remote_address[0])
            try:
                for message in connection:
                    connection.send(message)
            except (ConnectionClosed, OSError):
                pass

        self._server = serve(echo, "127.0.0.1", 0, **settings)
        self.port = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()


@pytest.fixture
def plain_stranger() -> Iterator[Stranger]:
    stranger = Stranger(compression="deflate")
    yield stranger
    stranger.close()


@pytest.fixture
def chatting_stranger() -> Iterator[Stranger]:
    stranger = Stranger(subprotocols=["chat"])
    yield stranger
    stranger.close()


@pytest.fixture
def tls_stranger(certificate: Path) -> Iterator[Stranger]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    stranger = Stranger(ssl=context, compression=None)
    yield stranger
    stranger.close()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_tls_with_a_trusted_certificate_is_just_another_connection(
    tls_stranger: Stranger, certificate: Path, host: str
) -> None:
    ran = measure(f"wss://{host}:{tls_stranger.port}/", "--ca", certificate, "--connections", 3,
                  "--in-flight", 3, "--size", "10-40000")
    assert (ran.status, ran.wrongs) == (0, {}), ran.err
    assert ran.results["messages"] > 0
    assert ran.results["tls"] is True


def test_a_certificate_that_nobody_vouches_for_is_refused_by_name(tls_stranger: Stranger) -> None:
    line = refusal(measure(f"wss://127.0.0.1:{tls_stranger.port}/"))
    assert "self-signed certificate" in line or "self signed certificate" in line


def test_a_certificate_for_another_host_is_refused(
    tls_stranger: Stranger, certificate: Path
) -> None:
    line = refusal(measure(f"wss://127.0.0.2:{tls_stranger.port}/", "--ca", certificate))
    assert "refused" in line.lower() or "mismatch" in line.lower()


def test_insecure_takes_any_certificate(tls_stranger: Stranger) -> None:
    ran = measure(f"wss://127.0.0.1:{tls_stranger.port}/", "--insecure", "--connections", 2)
    assert (ran.status, ran.wrongs) == (0, {}), ran.err


def test_plain_tcp_where_tls_is_expected_is_refused_in_one_line(echo: EchoProcess) -> None:
    refusal(measure(echo.url().replace("ws://", "wss://"), "--insecure"))


@pytest.mark.parametrize("size", ["5", "256", "20000", "10-1000"])
def test_deflated_messages_come_back_and_take_fewer_bytes(
    plain_stranger: Stranger, size: str
) -> None:
    load = ("--connections", 2, "--in-flight", 2, "--size", size)
    deflated = measure(
        f"ws://127.0.0.1:{plain_stranger.port}/", *load, "--deflate")
    plain = measure(f"ws://127.0.0.1:{plain_stranger.port}/", *load)
    for ran in (deflated, plain):
        assert (ran.status, ran.wrongs) == (0, {}), ran.err
    if size != "5":
        def bytes_each(results: dict[str, int]) -> float:
            return results["bytes_received"] / results["messages"]

        assert bytes_each(deflated.results) < 0.8 * bytes_each(plain.results)


def test_subprotocol_and_headers_reach_the_server(chatting_stranger: Stranger) -> None:
    url = f"ws://127.0.0.1:{chatting_stranger.port}/room?x=1"
    ran = measure(url, "--subprotocol", "chat", "--header", "X-Test: one", "--header",
                  "Authorization: Bearer two", "--connections", 1)
    assert ran.status == 0, ran.err
    (request,) = chatting_stranger.requests
    assert request.path == "/room?x=1"
    assert request.headers["X-Test"] == "one"
    assert request.headers["Authorization"] == "Bearer two"
    assert request.headers["Sec-WebSocket-Protocol"] == "chat"
    assert "HTTP/1.1 400" in refusal(measure(url, "--subprotocol", "news"))


def test_connections_come_from_the_sources_in_turn(plain_stranger: Stranger) -> None:
    measure(f"ws://127.0.0.1:{plain_stranger.port}/", "--connections", 4, "--source-ip",
            "127.0.0.7,127.0.0.8")
    assert plain_stranger.addresses == {"127.0.0.7", "127.0.0.8"}
