"""Each of examples/ideas does what its first lines say."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from echo_process import DEADLINE, idea, running_idea
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve


def test_handshake_lets_in_whom_the_directory_knows() -> None:
    with running_idea("handshake") as host, connect(host.url("/?token=ada")) as connection:
        assert connection.response is not None
        assert connection.response.headers["X-User"] == "Ada"
        connection.send("hello")
        assert connection.recv() == "hello"


@pytest.mark.parametrize("uri", ["/", "/?token=eve", f"/?token={'x' * 100}"])
def test_handshake_tells_the_others_why_not(uri: str) -> None:
    with running_idea("handshake") as host:
        with pytest.raises(InvalidStatus) as refused, connect(host.url(uri)):
            pass
        response = refused.value.response
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert response.body is not None
        assert b"token" in response.body


@pytest.mark.parametrize(
    ("origin", "status"), [("http://localhost:3000", 101), ("https://elsewhere.example", 403)]
)
def test_handshake_takes_pages_of_its_list_alone(origin: str, status: int) -> None:
    headers = {"Origin": origin}
    with running_idea("handshake") as host:
        try:
            with connect(host.url("/?token=ada"), additional_headers=headers) as connection:
                assert connection.response is not None
                assert connection.response.status_code == status
        except InvalidStatus as refused:
            assert refused.response.status_code == status


def test_paths_have_their_own_callbacks_and_limits() -> None:
    with running_idea("paths") as host:
        with connect(host.url("/echo")) as alone, connect(host.url("/rooms/1")) as one:
            with connect(host.url("/rooms/2")) as other:
                alone.send("x" * 1000)
                assert alone.recv() == "x" * 1000
                one.send("to everybody")
                assert [each.recv() for each in (alone, one, other)] == ["to everybody"] * 3
                one.send("x" * 201)
                with pytest.raises(ConnectionClosedError) as closed:
                    one.recv()
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == 1009
        with pytest.raises(InvalidStatus), connect(host.url("/elsewhere")):
            pass


def test_channels_are_rooms_for_those_who_connect_to_them() -> None:
    with running_idea("channels") as host, contextlib.ExitStack() as stack:

        def enter(room: str) -> ClientConnection:
            return stack.enter_context(connect(host.url(f"/rooms/{room}")))

        ada, bob, eve = enter("kitchen"), enter("kitchen"), enter("cellar")
        welcomes = [each.recv() for each in (ada, bob, eve)]
        assert welcomes == ["1 in this room", "2 in this room", "1 in this room"]
        eve.send("anybody?")
        ada.send("tea is ready")
        assert bob.recv() == "tea is ready"
        bob.send("coming")
        assert ada.recv() == "coming"
        with pytest.raises(TimeoutError):
            eve.recv(timeout=0)


def test_limits_has_three_connections_for_an_address_and_answers_in_turn() -> None:
    with running_idea("limits") as host, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(host.url())) for _ in range(3)]
        with pytest.raises(InvalidStatus) as refused:
            connect(host.url())
        assert refused.value.response.status_code == 429
        for number in range(20):
            clients[0].send(f"word {number:02}")
        answers = [clients[0].recv() for _ in range(20)]
        assert answers == [f"word {number:02}"[::-1].encode() for number in range(20)]


def test_backpressure_gives_the_slow_the_newest_price_of_each_symbol() -> None:
    changes = 1500
    with running_idea("backpressure") as host:
        with connect(host.url(), max_queue=1) as slow, connect(host.url()) as fast:
            for price in range(1, changes + 1):
                fast.send("1")
                assert json.loads(fast.recv())["price"] == price
            newest = {}
            seen = 0
            while len(newest) < 10 or min(newest.values()) <= changes - 10:
                tick = json.loads(slow.recv())
                assert tick["price"] > newest.get(tick["symbol"], 0)
                newest[tick["symbol"]] = tick["price"]
                seen += 1
            assert seen < changes


def test_history_gives_who_was_away_what_it_missed() -> None:
    with running_idea("history") as host:
        with connect(host.url()) as one:
            hello = json.loads(one.recv())
            assert hello["newest"] == 0
            for number in (1, 2, 3):
                one.send("a word")
                assert json.loads(one.recv()) == {"number": number}
        with connect(host.url(f"/?{hello['epoch']}-1")) as back:
            assert [json.loads(back.recv()) for _ in range(2)] == [{"number": 2}, {"number": 3}]
            assert json.loads(back.recv()) == {**hello, "newest": 3, "complete": True}
        with connect(host.url("/?4-2")) as of_another_epoch:
            answers = [json.loads(of_another_epoch.recv()) for _ in range(4)]
            assert [answer.get("number") for answer in answers] == [1, 2, 3, None]
            assert answers[-1]["complete"] is False


def test_events_are_taken_in_batches_and_echoed() -> None:
    with running_idea("events") as host:
        with connect(host.url()) as connection:
            for number in range(200):
                connection.send(f"message {number}")
            for number in range(200):
                assert connection.recv() == f"message {number}"
        host.signal(signal.SIGTERM)
        ended = host.wait()
    assert ended.out == "closed: 200 messages\n"


def test_drain_says_1012_and_counts_who_answered() -> None:
    with running_idea("drain") as host:
        with connect(host.url(), max_size=None) as connection:
            for _ in range(3):
                connection.send("more")
                assert connection.recv() == "." * 1_000_000
            host.signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosedError) as closed:
                connection.recv()
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1012, "back in a minute")
        ended = host.wait()
    assert re.search(r"closed with 1012 after \d+ ms: 3 messages, 0 bytes unsent\n", ended.out)
    assert ended.out.endswith("of 1 connections 1 answered, 0 were cut off\n")


def test_heartbeat_gives_a_peer_its_own() -> None:
    with running_idea("heartbeat") as host, connect(host.url()) as connection:
        for wish, answer in (("5", "ok"), ("4294967295", "interval_ms: must be at most 49 days")):
            connection.send(wish)
            words = connection.recv()
            while words.endswith(" us"):  # of the heartbeat of all
                words = connection.recv()
            assert words == answer
        told = [connection.recv() for _ in range(5)]
        assert all(re.fullmatch(r"\d+ us", words) for words in told)
        connection.send("as all")
        while connection.recv() != "ok":
            pass


def test_rates_have_who_sends_more_wait_or_end() -> None:
    with running_idea("rates") as host:
        with connect(host.url()) as connection:
            begin = time.monotonic()
            for number in range(25):
                connection.send(f"word {number}")
            assert [connection.recv() for _ in range(25)] == [f"word {n}" for n in range(25)]
            assert time.monotonic() - begin >= 1.4
        with connect(host.url("/strict")) as connection:
            with pytest.raises(ConnectionClosedError) as closed:
                for number in range(25):
                    connection.send(f"word {number}")
                while True:
                    connection.recv()
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (
                1008,
                "too much in a second",
            )
        host.signal(signal.SIGTERM)
        ended = host.wait()
    assert re.fullmatch(r"waits: [1-9]\d*, closed: 1\n", ended.out)


def test_proxies_are_believed_about_the_client() -> None:
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    with running_idea("proxies") as host:
        with connect(host.url(), additional_headers=headers) as connection:
            assert connection.recv() == "203.0.113.9"


def test_deflate_sends_less_to_who_offers_it() -> None:
    with running_idea("deflate") as host:
        for compression, at_most in (("deflate", 2_000), (None, 103_000)):
            with connect(host.url(), compression=compression) as connection:
                assert len(connection.recv()) == 100_000
                connection.send("how much?")
                assert int(connection.recv()) < at_most


def test_prepared_sends_the_same_to_everybody() -> None:
    with running_idea("prepared") as host:
        with connect(host.url()) as one, connect(host.url()) as other:
            assert one.recv() == other.recv() == "." * 100_000
            one.send("again")
            assert one.recv() == other.recv() == "." * 100_000


@contextlib.contextmanager
def serving(handler: Callable[[ServerConnection], None]) -> Iterator[str]:
    """A server of Python's websockets; its URL."""
    with serve(handler, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"
        finally:
            server.shutdown()
            thread.join()


def url_of_nobody() -> str:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        return f"ws://127.0.0.1:{gone.getsockname()[1]}/"


def test_dialer_fails_over_connects_again_and_subscribes_again() -> None:
    subscribed = []

    def shout(connection: ServerConnection) -> None:
        subscribed.append(connection.recv())
        if len(subscribed) == 1:
            return  # which closes it
        for message in connection:
            connection.send(message.upper())

    with serving(shout) as url, subprocess.Popen(
        [str(idea("dialer")), f"{url_of_nobody()} {url}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as dialer:
        assert dialer.stderr is not None
        assert dialer.stdin is not None
        assert dialer.stdout is not None
        told = [dialer.stderr.readline().split(":")[0] for _ in range(5)]
        # The first endpoint is tried again behind the loss of the other.
        assert told == ["trying again", "connected to ws", "trying again", "trying again"] + [
            "connected to ws"
        ]
        dialer.stdin.write("hello\nword\n")
        dialer.stdin.flush()
        assert [dialer.stdout.readline() for _ in range(2)] == ["HELLO\n", "WORD\n"]
        dialer.stdin.close()
        assert dialer.wait(DEADLINE) == 0
    assert subscribed == ["subscribe", "subscribe"]


def test_dialer_gives_up_where_it_is_not_let_in() -> None:
    with running_idea("paths") as host:
        ended = subprocess.run(
            [str(idea("dialer")), host.url("/elsewhere")],
            input="unheard\n",
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "given up: the endpoint answered 404 Not Found\n"
