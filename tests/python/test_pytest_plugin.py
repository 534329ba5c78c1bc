"""The pytest plug-in: a test that asks for a server gets one, and its end is clean."""

import importlib.metadata
import socket

import pytest

pytest_plugins = ["pytester"]

CLIENT = """
    from websockets.sync.client import connect
    from websockets.exceptions import ConnectionClosed
    import pytest
"""


def is_installed():
    """With its entry point; in a build tree there is none, and pytest has to be told."""
    try:
        points = importlib.metadata.distribution("wsecho").entry_points
    except importlib.metadata.PackageNotFoundError:
        return False
    return any(point.group == "pytest11" for point in points)


@pytest.fixture
def run(pytester):
    """Runs tests in a pytest of their own."""

    def run(source):
        pytester.makepyfile(test_it="\n".join(
            line[4:] for line in (CLIENT + source).splitlines()))
        words = [] if is_installed() else ["-p", "wsecho.pytest_plugin"]
        return pytester.runpytest_subprocess("-W", "error", "-p", "no:cacheprovider", *words)

    return run


def test_a_server_echoes_without_being_asked_for_anything_else(run):
    run("""
    def test_echo(wsecho_server):
        with connect(wsecho_server.url) as client:
            client.send("text")
            assert client.recv() == "text"
            client.send(b"bytes")
            assert client.recv() == b"bytes"
        assert wsecho_server.received == ["text", b"bytes"]
    """).assert_outcomes(passed=1)


def test_a_server_takes_the_callbacks_and_options_of_wsecho(run):
    run("""
    def test_close(wsecho_server):
        server = wsecho_server(on_message=lambda connection, message: connection.close(4001),
                               max_message_bytes=10)
        with connect(server.url) as client:
            client.send("hello")
            with pytest.raises(ConnectionClosed) as closed:
                client.recv()
            assert closed.value.rcvd.code == 4001
        with connect(server.url) as client:
            client.send("more than ten")
            with pytest.raises(ConnectionClosed) as closed:
                client.recv()
            assert closed.value.rcvd.code == 1009
    """).assert_outcomes(passed=1)


def test_a_test_may_have_several_servers(run):
    run("""
    def test_two(wsecho_server):
        other = wsecho_server()
        assert other.port != wsecho_server.port
        with connect(other.url) as client:
            client.send("hello")
            assert client.recv() == "hello"
        assert other.received == ["hello"]
        assert wsecho_server.received == []
    """).assert_outcomes(passed=1)


def test_a_server_may_be_stopped_and_another_take_its_port(run, own_host):
    run(f"""
    def test_restart(wsecho_server):
        first = wsecho_server(host={own_host!r})
        with connect(first.url) as client:
            first.stop()
            with pytest.raises(ConnectionClosed) as closed:
                client.recv()
            assert closed.value.rcvd.code == 1001
        wsecho_server(host={own_host!r}, port=first.port)
        with connect(first.url) as client:
            client.send("again")
            assert client.recv() == "again"
    """).assert_outcomes(passed=1)


def test_nothing_listens_after_the_test(run, pytester):
    run("""
    import pathlib

    def test_port(wsecho_server):
        pathlib.Path("port").write_text(str(wsecho_server.port))
    """).assert_outcomes(passed=1)
    port = int((pytester.path / "port").read_text())
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_each_test_has_servers_of_its_own(run):
    run("""
    seen = []

    @pytest.mark.parametrize("number", [1, 2])
    def test_received(wsecho_server, number):
        with connect(wsecho_server.url) as client:
            client.send(str(number))
            client.recv()
        assert wsecho_server.received == [str(number)]
    """).assert_outcomes(passed=2)


def test_an_exception_in_a_callback_fails_the_test(run):
    ran = run("""
    def fail(connection, message):
        raise LookupError("nobody is here")

    def test_unnoticed(wsecho_server):
        with connect(wsecho_server(on_message=fail).url) as client:
            client.send("hello")
            with pytest.raises(ConnectionClosed) as closed:
                client.recv()
            assert closed.value.rcvd.code == 1011
    """)
    ran.assert_outcomes(passed=1, errors=1)
    ran.stdout.fnmatch_lines(["*LookupError: nobody is here"])


def test_an_exception_that_the_test_takes_does_not(run):
    run("""
    def fail(connection, message):
        raise LookupError("nobody is here")

    def test_noticed(wsecho_server):
        server = wsecho_server(on_message=fail)
        with connect(server.url) as client:
            client.send("hello")
            with pytest.raises(ConnectionClosed):
                client.recv()
        (_, error), = server.errors
        assert isinstance(error, LookupError)
        server.errors.clear()
    """).assert_outcomes(passed=1)


def test_a_test_that_fails_ends_its_servers_too(run):
    run("""
    def test_fails(wsecho_server):
        connect(wsecho_server.url).close()
        assert False

    def test_the_next_one(wsecho_server):
        connect(wsecho_server.url).close()
    """).assert_outcomes(passed=1, failed=1)


def test_the_fixture_is_documented(run, pytester):
    words = [] if is_installed() else ["-p", "wsecho.pytest_plugin"]
    listed = pytester.runpytest_subprocess("--fixtures", *words)
    listed.stdout.fnmatch_lines(["wsecho_server*", "*servers on free ports, ended after the test.*"])
