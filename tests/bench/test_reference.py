"""The reference suite: its cases, rows, requirements and options."""

import machine
import pytest
import reference
from reference_rows import (CPU_LIMIT, DEFLATE_TOPIC, EDGE_TOPIC, MEMORY_LIMIT, REUSE_TOPIC,
                            Requirement, Results, requirements, rows)
from reference_runs import (FLOOR, GORILLA, LOAD_SIZES, OURS, QUICK_DIVISOR, cases, figures_of,
                            processes_for)


def load(cpu=4.0, memory=10e6, rate=250000.0):
    return {"messages_per_second": rate, "mean_ms": 8.0, "p99_ms": 20.0,
            "cpu_us_per_message": cpu, "cpu_percent": cpu * rate / 1e4, "memory_bytes": memory,
            "descriptors": 5010, "connect_us": 15.0, "bytes_per_message": 500.0}


def results(ours, gorilla, floor=None, rounds=3, quick=False, deflate_missing="not there"):
    """Every case measured, with the same figures for a server in all of them."""
    made = Results(quick, deflate_missing)
    found = {OURS: ours, GORILLA: gorilla, FLOOR: floor or load()}
    for _ in range(rounds):
        for case in cases(quick, not deflate_missing):
            made.add(case.key, case.server, found[case.server])
    return made


def find(made, topic, what, connections=None):
    matching = [row for row in rows(made) if row.topic == topic and row.what.startswith(what)
                and connections in (None, row.connections)]
    assert len(matching) == 1
    return matching[0]


def test_neighbours_in_a_round_are_what_is_compared():
    order = cases(quick=False, with_deflate=False)
    assert [case.server for case in order[:3]] == [OURS, GORILLA, FLOOR]
    assert len({case.key for case in order[:3]}) == 1


def test_a_quick_run_has_a_tenth_of_the_connections():
    whole, quick = cases(False, False), cases(True, False)
    assert [case.connections // QUICK_DIVISOR for case in whole] == [
        case.connections for case in quick]


def test_compression_is_measured_only_with_a_generator_that_can():
    assert not any("--deflate" in case.load_options for case in cases(False, False))
    assert any("--deflate" in case.load_options for case in cases(False, True))


@pytest.mark.parametrize(("connections", "limit", "count"), [
    (15000, 20000, 1), (19936, 20000, 1), (25000, 20000, 2), (25000, 1 << 30, 1),
    (25000, 1024, 29),
])
def test_connections_are_shared_by_as_many_processes_as_the_limit_asks(connections, limit, count):
    assert processes_for(connections, limit) == count


def test_figures_of_two_generators_add_up():
    def one(messages, cpu, mean):
        return {"messages": messages, "messages_per_second": messages / 2,
                "latency_ms": {"mean": mean, "p99": mean * 2},
                "server": {"cpu_us_per_message": cpu},
                "connect": {"server_cpu_us_per_connection": 10.0}}

    found = figures_of([one(1000, 4.0, 10.0), one(3000, 6.0, 20.0)])
    assert found["messages_per_second"] == 2000
    assert found["cpu_us_per_message"] == pytest.approx(5.5)
    assert found["mean_ms"] == pytest.approx(17.5)
    assert found["p99_ms"] == 40.0
    assert found["cpu_percent"] == pytest.approx(1.1)


def test_a_row_shows_all_four_figures_and_their_ratios():
    row = find(results(load(rate=250000.0), load(rate=125000.0)), "Load", "messages/s", 5000)
    assert row.figures == {OURS: 250000.0, GORILLA: 125000.0, FLOOR: 250000.0}
    assert row.reference == 120000
    assert (row.to_gorilla, row.to_floor) == (2.0, 1.0)
    assert row.to_reference == pytest.approx(2.083, abs=0.001)
    assert row.rounds == 3


def test_every_size_of_the_reference_is_measured():
    found = rows(results(load(), load()))
    assert {row.connections for row in found} == set(LOAD_SIZES)


def test_a_quick_run_stands_beside_no_reference_figure():
    found = rows(results(load(), load(), quick=True))
    assert all(row.reference is None for row in found if row.topic != EDGE_TOPIC)


def test_a_failed_case_is_a_row_with_the_reason():
    made = results(load(), load())
    made.add("load 25000", OURS, None, "too few descriptors")
    made.add("load 25000", FLOOR, None, "too few descriptors")
    row = find(made, "Memory and CPU", "memory", 25000)
    assert row.note == "wsecho, floor: too few descriptors"


@pytest.mark.parametrize("connections", [1000, 10000])
def test_edge_triggered_is_told_as_a_share_of_level_triggered(connections):
    made = Results()
    for server, level, edge in ((OURS, 4.0, 3.0), (FLOOR, 2.0, 1.8)):
        made.add(f"level {connections}", server, load(cpu=level))
        made.add(f"edge {connections}", server, load(cpu=edge))
    row = find(made, EDGE_TOPIC, "CPU per message", connections)
    assert row.figures == pytest.approx({OURS: 0.75, FLOOR: 0.9})
    assert row.reference == 0.82


def test_compression_that_cannot_be_measured_is_a_row_with_the_reason():
    row = find(results(load(), load(), deflate_missing="no --deflate"), DEFLATE_TOPIC, "bytes")
    assert row.note == "left out: no --deflate"
    assert row.figures == {}


def test_compression_is_told_as_a_share_of_none():
    made = results(load(), load(), deflate_missing="")
    assert find(made, DEFLATE_TOPIC, "bytes").figures == {GORILLA: 1.0}


def test_a_connection_for_each_request_costs_the_handshake_too():
    made = results(load(cpu=4.0), load(cpu=6.0))
    row = find(made, REUSE_TOPIC, "CPU µs/request, connection for each")
    assert row.figures[OURS] == 19.0
    assert row.to_gorilla == pytest.approx(19 / 21)


def test_the_promises_are_checked_at_three_sizes():
    made = requirements(results(load(cpu=4.0, memory=1e6), load(cpu=8.0, memory=20e6)))
    assert len(made) == 6
    assert all(each.met for each in made)


@pytest.mark.parametrize(("cpu", "memory", "unmet"), [
    (0.67, 0.1, 0), (0.68, 0.1, 3), (0.67, 0.11, 3), (1.0, 1.0, 6),
])
def test_a_promise_is_broken_just_above_its_limit(cpu, memory, unmet):
    made = requirements(results(load(cpu=cpu, memory=memory), load(cpu=1.0, memory=1.0)))
    assert sum(not each.met for each in made) == unmet


def test_what_was_not_measured_is_not_met():
    assert not any(each.met for each in requirements(Results()))
    assert "NOT MET" in Requirement("CPU", None, CPU_LIMIT).in_words()


def test_a_verdict_says_value_and_limit():
    words = Requirement("memory", 0.05, MEMORY_LIMIT).in_words()
    assert words == "met: memory is 0.0500, required at most 0.1"


def test_the_printed_table_holds_every_row_and_note():
    found = rows(results(load(), load(), deflate_missing="no --deflate"))
    printed = "\n".join(reference.lines_of(found))
    for row in found:
        assert row.what in printed
        assert row.topic in printed
        assert row.note in printed


def test_full_and_quick_runs_have_their_own_defaults():
    full, quick = reference.arguments([]), reference.arguments(["--quick"])
    assert (full.rounds, full.duration) == (5, 5.0)
    assert (quick.rounds, quick.duration) == (1, 1.0)
    assert reference.arguments(["--quick", "--rounds", "4"]).rounds == 4


@pytest.mark.parametrize("words", [["--quick", "--require"], ["--rounds", "0"], ["--nope"]])
def test_wrong_options_end_with_status_2(words):
    with pytest.raises(SystemExit) as ended:
        reference.arguments(words)
    assert ended.value.code == 2


def test_the_machine_is_read_from_the_kernels_and_the_distributions_files():
    assert machine.cpu_model("processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\n") == "Some CPU @ 3 GHz"
    assert machine.memory_bytes("MemTotal:  1024 kB\nMemFree: 1 kB\n") == 1 << 20
    assert machine.distribution('NAME="Debian"\nPRETTY_NAME="Debian 12"\n') == "Debian 12"


def test_what_the_machine_does_not_say_is_unknown():
    assert machine.distribution("") == "unknown"
    assert machine.first_line_of(["/no/such/program"]) == "unknown"


def test_gorillas_version_is_the_one_that_its_manifest_pins():
    go_mod = "module m\n\ngo 1.23\n\nrequire github.com/gorilla/websocket v1.5.3\n"
    assert machine.required_version(go_mod, "github.com/gorilla/websocket") == "v1.5.3"
