"""wsecho-bench compare takes what --json writes, and refuses anything else in one line."""

import json
import pathlib

import pytest
from bench import refusal, run_bench

GOOD = {"latency_ms": {"p50": 2.0, "p99": 8.0}, "connections": 10, "lost": 0, "scenario": "echo"}


def written(folder: pathlib.Path, name: str, text: str) -> pathlib.Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def row(out: str, name: str) -> list[str]:
    (line,) = (line for line in out.splitlines() if line.strip().startswith(name + "  "))
    return line.strip().removeprefix(name).split()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "nonsense", '{"latency": 1}', "\x00"],
    ids=["empty", "cut short", "a list", "no JSON", "another document", "binary"],
)  # fmt: skip
def test_what_is_no_result_is_refused_by_its_name(tmp_path: pathlib.Path, text: str) -> None:
    good = written(tmp_path, "good.json", json.dumps(GOOD))
    bad = written(tmp_path, "bad.json", text)
    for pair in ((bad, good), (good, bad)):
        assert str(bad) in refusal(run_bench("compare", *pair))


def test_a_folder_is_refused_by_its_name(tmp_path: pathlib.Path) -> None:
    assert str(tmp_path) in refusal(run_bench("compare", tmp_path, tmp_path))


def test_a_figure_that_one_of_them_lacks_has_no_ratio(tmp_path: pathlib.Path) -> None:
    left = written(tmp_path, "left.json", json.dumps(GOOD))
    other = {**GOOD, "latency_ms": {"p50": 3.0}, "lost": 5}
    right = written(tmp_path, "right.json", json.dumps(other))
    ran = run_bench("compare", left, right)
    assert (ran.status, ran.err) == (0, "")
    assert row(ran.out, "latency p50") == ["2", "3", "1.500", "ms"]
    assert row(ran.out, "latency p99") == ["8", "-", "ms"]
    assert row(ran.out, "lost") == ["0", "5"]  # nothing is five times as much as none


@pytest.mark.parametrize(
    "strange",
    [
        {"latency_ms": 3},
        {"latency_ms": {"p50": "fast", "p99": None}},
        {"connections_asked": "many", "scenario": 7},
        {"server": [1, 2], "fanout": None},
    ],
    ids=["no latencies", "words for numbers", "words for counts", "lists for objects"],
)
def test_figures_of_the_wrong_kind_are_left_out(
    tmp_path: pathlib.Path, strange: dict[str, object]
) -> None:
    left = written(tmp_path, "left.json", json.dumps(GOOD))
    right = written(tmp_path, "right.json", json.dumps({**GOOD, **strange}))
    ran = run_bench("compare", left, right)
    assert (ran.status, ran.err) == (0, "")
    assert row(ran.out, "connections open") == ["10", "10", "1.000"]


def test_a_result_that_speaks_to_the_terminal_is_not_heard(tmp_path: pathlib.Path) -> None:
    hostile = {**GOOD, "address": "ws://x/\x1b[2J\x07", "started": "\r\nmore"}
    file = written(tmp_path, "hostile.json", json.dumps(hostile))
    ran = run_bench("compare", file, file)
    assert ran.status == 0
    assert not {"\x1b", "\x07", "\r"} & set(ran.out)
