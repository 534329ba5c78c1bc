"""The comparison of servers in Python: which take their turn, and what is required of them."""

import os
import re

import comparison
import peer_builds
import process_watch
import pytest
import python_contenders
import python_servers
from comparison import ComparisonError
from peer_builds import Unbuildable
from peer_measures import MEASURES
from peers import Contender, summary
from python_contenders import ASYNCIO, C_HOST, CALLBACKS, NAMES

ECHO = MEASURES[0]


def measured(name, *microseconds):
    made = Contender(name, ["true"], modes=False)
    made.rounds["echo"] = [
        found and {"messages/s": 1e6 / found, "CPU µs/message": found, "p99 ms": 1.0}
        for found in microseconds
    ]
    return made


def held(name, *megabytes):
    made = Contender(name, ["true"], modes=False)
    made.rounds["hold"] = [
        found and {"messages/s": 1.0, "CPU µs/message": 1.0, "peak MB": found, "lost": 0}
        for found in megabytes
    ]
    return made


ALL = [measured("floor", 4.0), measured(C_HOST, 4.0), measured(CALLBACKS, 5.0),
       measured(ASYNCIO, 10.0), measured("websockets", 25.0), measured("aiohttp", 24.0),
       measured("picows", 6.5), measured("socketify", 9.0), measured("aiohttp str", 26.0)]


def without(name):
    return [each for each in ALL if each.name != name]


def verdict(words, contenders=ALL, measure=ECHO):
    return python_servers.verdict(python_servers.arguments(words), measure, contenders)


def test_without_names_all_take_their_turn_in_the_order_of_the_table():
    assert python_contenders.selected(None) == [each.name for each in ALL]


def test_those_asked_for_take_their_turn_in_the_same_order():
    assert python_contenders.selected("picows,floor") == ["floor", "picows"]


@pytest.mark.parametrize("names", ["nope", "picows,nope", ""])
def test_a_server_that_does_not_exist_is_an_error_that_names_those_that_do(names):
    with pytest.raises(ComparisonError, match="there are floor, C host, wsecho callbacks"):
        python_contenders.selected(names)


def test_every_server_of_ours_has_its_file():
    making = python_contenders.Making(None, python_contenders.HERE)
    making._python = ["python"]
    for name in (CALLBACKS, ASYNCIO):
        script = making.command(name)[-1]
        assert python_contenders.HERE.joinpath(script).is_file()


def test_what_ours_need_is_pinned():
    text = (python_contenders.HERE / "requirements.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)


def test_a_server_that_cannot_be_made_is_left_out_and_says_why(monkeypatch):
    def fail(*_):
        raise Unbuildable("no network")

    monkeypatch.setattr(python_contenders.Making, "command", fail)
    made = python_contenders.make(["picows"], python_contenders.Making(None, None))
    lines = python_servers.lines_of(ECHO, summary(ECHO, made, ()), ())
    assert lines[1] == "picows  left out: no network"


def test_a_venv_of_another_python_is_made_anew(tmp_path):
    assert not peer_builds.is_of_this_python(tmp_path)
    (tmp_path / "pyvenv.cfg").write_text("home = /no/such\nversion = 2.7.18\n", encoding="utf-8")
    assert not peer_builds.is_of_this_python(tmp_path)


def test_the_table_has_the_cpu_as_multiples_of_the_references():
    references = ["floor", CALLBACKS]
    lines = python_servers.lines_of(ECHO, summary(ECHO, ALL, references), references)
    assert lines[0].split("  ")[-2:] == ["CPU/floor", "CPU/callbacks"]
    picows = next(line for line in lines if line.startswith("picows"))
    assert picows.split()[-2:] == ["1.62", "1.30"]


def test_nothing_is_required_unless_asked(capsys):
    assert verdict([], [measured(CALLBACKS, 900.0)])
    assert capsys.readouterr().out == ""


def test_with_require_every_bound_is_told_of(capsys):
    assert verdict(["--require"])
    assert capsys.readouterr().out.count("met: ") == len(python_servers.BOUNDS)


@pytest.mark.parametrize("name, worse", [
    (C_HOST, 3.0), ("picows", 5.2), ("socketify", 7.0), ("websockets", 19.0), ("aiohttp", 19.0),
    ("aiohttp str", 19.0)])
def test_each_bound_that_is_missed_fails(name, worse, capsys):
    assert not verdict(["--require"], [*without(name), measured(name, worse)])
    assert "NOT MET" in capsys.readouterr().out


def test_the_asyncio_api_has_a_bound_of_its_own():
    assert not verdict(["--require-asyncio", "2"], [*without(ASYNCIO), measured(ASYNCIO, 13.0)])
    assert verdict(["--require-asyncio", "1.5"], [*without(ASYNCIO), measured(ASYNCIO, 13.0)])


def test_a_bound_that_is_given_takes_the_place_of_the_usual_one():
    assert not verdict(["--require", "--require-picows", "1.4"])


def test_a_bound_on_what_was_not_measured_is_missed(capsys):
    assert not verdict(["--require-picows", "1.1"], without("picows"))
    assert "was not measured" in capsys.readouterr().out


def test_without_a_value_nothing_is_required_of_servers_that_are_left_out(capsys):
    assert verdict(["--require"], [*without("picows"), measured("picows", 1.0)][:3])
    assert capsys.readouterr().out.count("met: ") == 1


def test_a_server_that_failed_has_missed_its_bound():
    assert not verdict(["--require"], [*without("picows"), measured("picows", None)])


def test_bounds_hold_for_the_median_of_the_rounds_ratios():
    rounds = [measured(CALLBACKS, 5.0, 10.0, 5.0), measured("picows", 6.0, 12.0, 4.0)]
    assert verdict(["--require-picows", "1.2"], rounds)
    assert not verdict(["--require-picows", "1.21"], rounds)


def test_memory_has_its_bound_in_every_round_of_a_hold():
    assert verdict(["--hold", "10000", "--require"], [held(CALLBACKS, 60.0, 99.0)],
                   python_servers.HOLD)
    assert not verdict(["--hold", "10000", "--require"], [held(CALLBACKS, 60.0, 101.0)],
                       python_servers.HOLD)


def test_a_hold_in_which_a_round_failed_is_not_held():
    assert not verdict(["--hold", "10000", "--require-memory", "100"],
                       [held(CALLBACKS, 60.0, None)], python_servers.HOLD)


@pytest.mark.parametrize("words", [["--hold", "0"], ["--rounds", "x"], ["--require-nope", "1"]])
def test_wrong_options_end_with_status_2(words):
    with pytest.raises(SystemExit) as ended:
        python_servers.arguments(words)
    assert ended.value.code == 2


def test_the_help_has_examples_and_statuses(capsys):
    with pytest.raises(SystemExit):
        python_servers.arguments(["--help"])
    text = capsys.readouterr().out
    assert "examples:" in text
    assert "exit status:" in text
    assert all(name in " ".join(text.split()) for name in NAMES)


def test_the_peak_of_a_process_is_what_the_kernel_kept():
    assert process_watch.peak_resident_bytes(os.getpid()) > 0


def test_an_address_may_be_written_as_a_url():
    command = ["sh", "-c", "echo listening on ws://127.0.0.1:9/; read _"]
    with comparison.Server("some", command, 0) as server:
        assert server.address == "127.0.0.1:9"
