"""The comparison with the peers: which are chosen, built and told of."""

import dataclasses
import json
import re
import subprocess

import comparison
import peer_builds
import peers
import pytest
from comparison import ComparisonError
from peer_measures import MEASURES, figures_of
from peers import Contender

ECHO = MEASURES[0]
IDLE = next(measure for measure in MEASURES if measure.name == "idle")
FOUND = {
    "messages_per_second": 1000.0,
    "latency_ms": {"p99": 5.0},
    "server": {"cpu_us_per_message": 4.0},
    "connect": {"server_cpu_us_per_connection": 15.0},
}


def contender(name, *rounds, failure=""):
    made = Contender(name, ["true"])
    made.rounds[ECHO.name] = [
        found and {"messages/s": found[0], "CPU µs/message": found[1], "p99 ms": found[2]}
        for found in rounds
    ]
    if failure:
        made.failures[ECHO.name] = failure
    return made


def peer(**changes):
    return dataclasses.replace(peer_builds.PEERS[0], **changes)


def test_without_names_all_peers_are_chosen():
    assert peer_builds.select(None) == list(peer_builds.PEERS)


def test_peers_come_in_the_order_asked_and_once():
    chosen = peer_builds.select("ws,gorilla,ws")
    assert [each.name for each in chosen] == ["ws", "gorilla"]


@pytest.mark.parametrize("names", ["nope", "gorilla,nope", ""])
def test_a_peer_that_does_not_exist_is_an_error_that_names_those_that_do(names):
    with pytest.raises(ComparisonError, match="there are gorilla"):
        peer_builds.select(names)


def test_every_peer_has_its_sources_and_every_source_its_peer():
    folders = {path.name for path in peer_builds.SOURCES.iterdir() if path.is_dir()}
    assert folders == {each.name for each in peer_builds.PEERS}


def test_no_manifest_names_a_registry_to_download_from():
    for manifest in peer_builds.SOURCES.rglob("package-lock.json"):
        assert "resolved" not in manifest.read_text(encoding="utf-8")
    for manifest in peer_builds.SOURCES.rglob("requirements.txt"):
        assert "://" not in manifest.read_text(encoding="utf-8")
    assert not list(peer_builds.SOURCES.rglob("Cargo.lock"))


def test_rust_manifests_pin_every_package_that_they_name():
    for manifest in peer_builds.SOURCES.rglob("Cargo.toml"):
        text = manifest.read_text(encoding="utf-8").partition("[dependencies]")[2]
        lines = [line for line in text.partition("[profile")[0].splitlines() if line]
        assert lines
        assert all('"=' in line for line in lines), manifest


def test_python_manifests_pin_every_package():
    for manifest in peer_builds.SOURCES.rglob("requirements.txt"):
        lines = [line for line in manifest.read_text(encoding="utf-8").splitlines()
                 if line and not line.startswith("#")]
        assert lines
        assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines), manifest


def test_a_missing_toolchain_is_named():
    assert peer(tools=["no-such-compiler"]).missing() == "no-such-compiler not found"


def test_a_peer_without_its_toolchain_is_left_out_and_says_why():
    built = peers.build([peer(name="absent", tools=["no-such-compiler"])])
    assert built[0].command == []
    assert built[0].failures[""] == "no-such-compiler not found"


def test_a_build_that_fails_says_its_first_error(tmp_path):
    script = "echo fine; echo 'error: no such thing'; echo later; exit 1"
    with pytest.raises(peer_builds.Unbuildable, match="error: no such thing"):
        peer_builds.do(["sh", "-c", script], tmp_path)


def test_a_manifest_is_installed_again_once_it_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(peer_builds, "SOURCES", tmp_path / "sources")
    monkeypatch.setattr(peer_builds, "BUILDS", tmp_path / "builds")
    made = peer(name="some")
    made.source.mkdir(parents=True)
    made.folder.mkdir(parents=True)
    manifest = made.source / "requirements.txt"
    manifest.write_text("a==1\n", encoding="ascii")
    assert peer_builds.is_stale(made, manifest.name)
    peer_builds.mark_fresh(made, manifest.name)
    assert not peer_builds.is_stale(made, manifest.name)
    manifest.write_text("a==2\n", encoding="ascii")
    assert peer_builds.is_stale(made, manifest.name)


def test_figures_are_read_from_the_generators_json():
    assert figures_of(ECHO, FOUND) == {
        "messages/s": 1000.0, "CPU µs/message": 4.0, "p99 ms": 5.0}


def test_a_figure_that_the_generator_does_not_have_is_none():
    assert figures_of(IDLE, FOUND) == {"bytes/connection": None}


def test_each_row_has_medians_and_ratios_to_ours_and_to_the_floor():
    found = [contender("wsecho", (1000.0, 4.0, 5.0), (1200.0, 4.4, 5.0)),
             contender("floor", (1100.0, 3.6, 4.0), (1300.0, 4.0, 4.0)),
             contender("ws", (500.0, 8.0, 9.0), (600.0, 8.8, 9.0))]
    row = peers.summary(ECHO, found)[2]
    assert row["figures"]["messages/s"]["median"] == 550.0
    assert row["figures"]["CPU µs/message"]["to_wsecho"] == pytest.approx(2.0)
    assert row["figures"]["CPU µs/message"]["to_floor"] == pytest.approx(2.211, abs=0.001)


def test_a_peer_that_failed_is_a_row_with_the_reason():
    found = [contender("wsecho", (1000.0, 4.0, 5.0)), contender("ws", None, failure="it fell over")]
    lines = peers.lines_of(ECHO, peers.summary(ECHO, found))
    assert "ws      left out: it fell over" in lines


def test_a_peer_that_failed_in_one_round_keeps_the_others_and_says_so():
    found = [contender("wsecho", (1000.0, 4.0, 5.0), (1000.0, 4.0, 5.0)),
             contender("ws", None, (500.0, 8.0, 9.0), failure="it fell over")]
    lines = peers.lines_of(ECHO, peers.summary(ECHO, found))
    assert any(line.startswith("ws") and "500" in line for line in lines)
    assert "  ws: a round failed: it fell over" in lines


def test_the_floor_has_no_row_where_its_figure_says_nothing():
    rows = peers.summary(IDLE, [Contender("wsecho", ["true"]), Contender("floor", ["true"])])
    assert [row["server"] for row in rows] == ["wsecho"]


def test_a_server_that_fails_does_not_end_the_run():
    class Broken:
        def server(self, name, *_):
            raise ComparisonError(f"{name} did not start")

    options = peers.arguments(["--rounds", "2"])
    found = [Contender("a", ["true"]), Contender("b", ["true"])]
    peers.take_turns(Broken(), found, [ECHO], options)
    assert found[1].failures == {"echo": "b did not start"}
    assert found[1].rounds == {"echo": [None, None]}


def test_a_server_that_does_not_start_gives_its_last_words(tmp_path):
    log = tmp_path / "log"
    command = ["sh", "-c", "echo first >&2; echo 'no such port' >&2; exit 1"]
    with pytest.raises(ComparisonError, match="did not start: no such port"):
        comparison.Server("some", command, 0, log)


@pytest.mark.parametrize("words", [["--rounds", "0"], ["--nope"], ["--connections", "x"]])
def test_wrong_options_end_with_status_2(words):
    with pytest.raises(SystemExit) as ended:
        peers.arguments(words)
    assert ended.value.code == 2


def test_measures_are_chosen_by_name():
    assert [measure.name for measure in peers.selected_measures("idle,echo")] == ["idle", "echo"]
    with pytest.raises(ComparisonError, match="unknown measure 'nope'"):
        peers.selected_measures("nope")


@pytest.mark.parametrize("script", ["peers.sh", "reference.sh", "build-programs.sh"])
def test_the_help_of_a_script_has_examples_and_statuses(script):
    command = [str(peer_builds.SOURCES.parent / script), "--help"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Example" in text
    assert "Exit status" in text


def test_the_report_is_json_that_keeps_every_round():
    found = [contender("wsecho", (1000.0, 4.0, 5.0), (1200.0, 4.4, 5.0))]
    text = json.dumps(peers.summary(ECHO, found))
    assert json.loads(text)[0]["figures"]["messages/s"]["rounds"] == [1000.0, 1200.0]
