"""The load generator from Python: what is asked reaches the program, what it found comes back."""

import inspect
import json
import os
import re
import signal
import subprocess
import sys
import threading

import pytest
import wsecho
from wsecho import bench
from wsecho._bench_options import READERS, words_of

SHORT = {"duration": 0.2, "warm_up": 0, "quiet": True}


def echo(connection, message):
    connection.send(message)


@pytest.fixture
def url():
    with wsecho.Server(host="127.0.0.1", port=0, on_message=echo) as server:
        yield f"ws://127.0.0.1:{server.port}/"


# ------------------------------------------------------------------ a run


def test_a_run_gives_what_came_back_and_how_long_it_took(url):
    result = bench.run(url, connections=20, **SHORT)
    assert result.ok, result
    assert (result.connections, result.lost, result.errors) == (20, 0, 0)
    assert result.messages > 0
    assert result.messages_per_second == pytest.approx(result.messages / result.seconds)
    assert 0 < result.percentile(50) <= result.percentile(99) <= result.percentile(100)
    assert result.latency_ms["p50"] == result.percentile(50)
    assert result.address == url
    assert not result.interrupted


def test_the_histogram_has_every_message(url):
    result = bench.run(url, connections=5, **SHORT)
    assert result.histogram.count >= result.messages > 0
    assert sum(bucket.count for bucket in result.histogram) == result.histogram.count
    assert result.histogram.percentile(50) == pytest.approx(result.percentile(50), rel=0.05)


def test_options_reach_the_program_by_their_names(url):
    result = bench.run(url, connections=3, in_flight=4, size=(10, 20), binary=True, threads=2,
                       header=["X-One: 1", "X-Two: 2"], **SHORT)
    found = result.to_dict()
    assert (found["connections"], found["in_flight"], found["threads"]) == (3, 4, 2)
    assert found["size"] == {"min": 10, "max": 20}
    assert found["binary"] is True


def test_the_server_may_be_this_very_process(url):
    result = bench.run(url, connections=5, server_pid=os.getpid(), **SHORT)
    assert result.cpu_us_per_message > 0
    assert result["server"]["rss_bytes"] > 0


def test_a_requirement_that_does_not_hold_is_told_of_and_raises_nothing(url):
    result = bench.run(url, connections=2, require=["lost=0", "p99<1ns"], **SHORT)
    assert not result.ok
    assert [each["met"] for each in result["requirements"]] == [True, False]


def test_messages_that_are_lost_make_a_result_that_is_not_ok():
    with wsecho.Server(host="127.0.0.1", port=0, on_message=lambda *_: None) as server:
        result = bench.run(f"ws://127.0.0.1:{server.port}/", connections=2, timeout=0.05, **SHORT)
    assert not result.ok
    assert result.lost > 0


def test_files_are_written_where_they_are_asked_for(url, tmp_path):
    files = {name: tmp_path / f"run.{name}" for name in ("json", "csv", "hgrm", "html")}
    result = bench.run(url, connections=2, **files, **SHORT)
    assert all(file.stat().st_size for file in files.values())
    assert json.loads(files["json"].read_text(encoding="utf-8")) == result.to_dict()


def test_a_result_is_read_again_from_its_file(url, tmp_path):
    file = tmp_path / "run.json"
    result = bench.run(url, connections=2, json=file, **SHORT)
    again = bench.load(file)
    assert again.to_dict() == result.to_dict()
    assert again.ok


def test_a_file_of_something_else_is_no_result(tmp_path):
    file = tmp_path / "other.json"
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match="not written by wsecho-bench"):
        bench.load(file)


# ------------------------------------------------------------------ a result


def test_what_is_changed_in_a_copy_changes_no_result(url):
    result = bench.run(url, connections=2, **SHORT)
    result.to_dict()["latency_ms"]["p50"] = -1
    result["latency_ms"]["p50"] = -1
    assert result.percentile(50) > 0


def test_a_result_prints_as_the_programs_report(url):
    result = bench.run(url, connections=2, **SHORT)
    assert "latency p99" in str(result)
    assert re.fullmatch(r"<wsecho.bench.Result: echo of ws://\S+, ok, .* messages/s, p99 .* ms>",
                        repr(result))


def test_a_notebook_shows_figures_and_a_plot_and_nothing_that_is_loaded(url):
    page = bench.run(url, connections=2, **SHORT)._repr_html_()
    assert "<td style='text-align:right'>2 of 2</td>" in page
    assert "<svg" in page and "<rect" in page
    assert "<script" not in page and "src=" not in page and "href=" not in page


def test_what_a_server_says_is_escaped_in_a_notebook(url):
    document = bench.run(url, connections=2, **SHORT).to_dict()
    document.update(errors=1, first_error="<script>", warnings=["<b>"])
    page = bench.Result(document)._repr_html_()
    assert "first error: &lt;script&gt;" in page
    assert "<p>&lt;b&gt;</p>" in page


def test_percentiles_of_a_histogram_are_those_of_its_buckets():
    histogram = bench.Histogram([bench.Bucket(1.0, 50), bench.Bucket(2.0, 49),
                                 bench.Bucket(9.0, 1)])
    assert [histogram.percentile(each) for each in (0, 50, 51, 99, 99.1, 100)] == [
        1.0, 1.0, 2.0, 2.0, 9.0, 9.0]
    assert (len(histogram), histogram[1].count) == (3, 49)


def test_an_empty_histogram_has_no_latencies():
    assert bench.Histogram([]).percentile(99) == 0.0
    assert bench.Histogram([])._repr_html_() == "<p>no latencies</p>"


@pytest.mark.parametrize("percent", [-1, 100.1, float("nan")])
def test_a_percentile_is_from_0_to_100(percent):
    with pytest.raises(ValueError, match="percent must be from 0 to 100"):
        bench.Histogram([]).percentile(percent)


# ------------------------------------------------------------------ bad input


@pytest.mark.parametrize("option, value", [
    ("connections", "5"), ("connections", True), ("in_flight", 1.5), ("rate", "fast"),
    ("size", (1, 2, 3)), ("size", (1, "2")), ("header", [1]), ("header", b"a: b"), ("churn", 1),
    ("quiet", None), ("ca", 5), ("server_pid", "1"), ("scenario", 5), ("progress", 5)])
def test_a_wrong_type_is_a_type_error_that_names_the_argument(option, value):
    with pytest.raises(TypeError, match=f"^{option} must be "):
        bench.run("ws://127.0.0.1:1/", **{option: value})


@pytest.mark.parametrize("option, value", [
    ("connections", 0), ("in_flight", 70000), ("rate", float("inf")), ("duration", float("nan")),
    ("duration", -1), ("size", "9-1"), ("scenario", "nope"), ("subprotocol", ""), ("batch", 4),
    ("require", "p77"), ("capacity", "fast"), ("header", "no colon"), ("stall_share", 0.5)])
def test_a_wrong_value_is_a_value_error_that_names_the_argument(option, value):
    with pytest.raises(ValueError, match=f"^{option}\\b"):
        bench.run("ws://127.0.0.1:1/", **{option: value})


def test_an_option_that_does_not_exist_is_a_type_error():
    with pytest.raises(TypeError, match="conections"):
        bench.run("ws://127.0.0.1:1/", conections=5)


@pytest.mark.parametrize("address", ["http://127.0.0.1/", "--help", ""])
def test_what_is_no_address_is_a_value_error(address):
    with pytest.raises(ValueError, match="address"):
        bench.run(address)


def test_an_address_is_required_unless_the_program_brings_its_own_server():
    with pytest.raises(TypeError, match="address is required"):
        bench.run()


def test_a_server_that_is_not_there_is_told_of():
    with pytest.raises(bench.CannotRun, match="cannot connect to ws://127.0.0.1:1/"):
        bench.run("ws://127.0.0.1:1/")


@pytest.mark.parametrize("name", ["json", "csv"])
def test_a_file_that_cannot_be_written_is_told_of_before_the_run(name):
    with pytest.raises(bench.CannotRun, match="cannot write /no/such/folder"):
        bench.run("ws://127.0.0.1:1/", duration=3600, **{name: "/no/such/folder/run"})


def test_a_run_that_cannot_be_made_leaves_an_earlier_result_alone(url, tmp_path):
    file = tmp_path / "run.json"
    bench.run(url, connections=2, json=file, **SHORT)
    earlier = file.read_bytes()
    with pytest.raises(ValueError):
        bench.run(url, batch=4, json=file)
    assert file.read_bytes() == earlier


def test_a_program_that_is_missing_is_told_of(monkeypatch):
    monkeypatch.setenv("WSECHO_BENCH", "/no/such/program")
    with pytest.raises(bench.CannotRun, match="/no/such/program does not run"):
        bench.run("ws://127.0.0.1:1/")


# ------------------------------------------------------------------ options


def test_the_public_names_are_these():
    assert set(bench.__all__) == {"Bucket", "CannotRun", "Histogram", "Interrupted", "Result",
                                  "load", "program", "run"}


def test_every_option_of_the_program_is_an_argument():
    text = subprocess.run([bench.program(), "--help"], check=True, capture_output=True,
                          text=True).stdout
    options = set(re.findall(r"^  (?:-h,)?--([a-z-]+)", text, re.MULTILINE))
    names = {option.replace("-", "_") for option in options - {"help", "man", "version"}}
    arguments = set(inspect.signature(bench.run).parameters)
    assert names == arguments - {"address", "progress"}
    assert names == set(READERS) | {"quiet"}


def test_several_values_become_what_the_program_takes():
    assert words_of({"header": ["a: b", "c: d"], "source_ip": ["127.0.0.2", "127.0.0.3"],
                     "server_pid": [1, 2], "churn": True, "binary": False, "rate": None}) == [
        "--header=a: b", "--header=c: d", "--source-ip=127.0.0.2,127.0.0.3", "--server-pid=1",
        "--server-pid=2", "--churn"]


# ------------------------------------------------------------------ progress and ends


def test_progress_is_a_line_each_second(url):
    lines = []
    bench.run(url, connections=2, duration=1, warm_up=0, progress=lines.append)
    assert any("open" in line for line in lines)
    assert not any(line.startswith("wsecho-bench: ") for line in lines)


def test_without_a_callable_progress_is_on_standard_error(url, capsys):
    bench.run(url, connections=2, duration=1, warm_up=0)
    assert "2 open" in capsys.readouterr().err
    bench.run(url, connections=2, **{**SHORT, "duration": 1})
    assert capsys.readouterr().err == ""


def test_what_progress_raises_ends_the_run(url):
    def fail(_line):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        bench.run(url, connections=2, duration=3600, progress=fail)


def test_other_threads_go_on_during_a_run(url):
    ticks = []
    over = threading.Event()

    def tick():
        while not over.wait(0.01):
            ticks.append(1)

    thread = threading.Thread(target=tick)
    thread.start()
    bench.run(url, connections=2, **SHORT)
    over.set()
    thread.join()
    assert ticks


def test_ctrl_c_ends_a_run_and_gives_what_was_measured(url):
    def interrupt(_line):
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as caught:
        bench.run(url, connections=2, duration=3600, warm_up=0, progress=interrupt)
    assert isinstance(caught.value, bench.Interrupted)
    assert caught.value.result.interrupted
    assert caught.value.result.messages > 0


def test_ctrl_c_is_heard_while_nothing_is_said(url):
    timer = threading.Timer(0.5, signal.pthread_kill,
                            (threading.main_thread().ident, signal.SIGINT))
    timer.start()
    with pytest.raises(bench.Interrupted):
        bench.run(url, connections=2, ramp=3600, quiet=True)
    timer.join()


# ------------------------------------------------------------------ python -m wsecho bench


def run_module(*words):
    return subprocess.run([sys.executable, "-m", "wsecho", "bench", *words], capture_output=True,
                          text=True, check=False, timeout=60)


def test_python_m_wsecho_bench_is_the_program(url):
    ran = run_module(url, "--connections", "2", "--duration", "0.1", "--warm-up", "0", "--quiet")
    assert ran.returncode == 0, ran.stderr
    assert "connections open" in ran.stdout


def test_python_m_wsecho_bench_gives_its_help_and_its_errors():
    assert "--connections" in run_module("--help").stdout
    ran = run_module("ws://127.0.0.1:1/", "--nope")
    assert ran.returncode == 2
    assert "--nope" in ran.stderr
