"""Which figures break which bound."""

import dataclasses
import math

import pytest
from phases import Newcomers, Phase
from verdict import Result, broken_bounds, was_disturbed, wrong_counts

MB = 1_000_000


def phase(p99_ms, lost=0):
    return Phase(messages=1000, lost=lost, p50_ms=0.2, p99_ms=p99_ms, worst_ms=p99_ms,
                 sent_late_p99_ms=0.1)


KEPT = Result(
    attack="pings", before=phase(0.5), during=phase(10.4), after=phase(0.5), p99_above_rest_ms=10,
    closed=0, closed_why="", changed=0,
    newcomers=Newcomers(50, 0, "", 12.0), newcomers_get_in=True,
    rss_before=10 * MB, rss_peak=20 * MB,
    rss_after=12 * MB,
    rss_allowed=20 * MB, cpu_share=0.9, waited_share=0.01, descriptors_peak=300, drain_seconds=2.09,
    drain_deadline=2, exit_status=0)


def test_figures_at_their_bounds_are_kept():
    assert broken_bounds(KEPT) == []


@pytest.mark.parametrize(("change", "words"), [
    ({"during": phase(10.6)}, "p99 10.1 ms above rest (at most 10)"),
    ({"during": phase(None)}, "nothing measured"),
    ({"after": phase(0.5, lost=3)}, "3 lost"),
    ({"closed": 2, "closed_why": "1008 rate"}, "2 closed (1008 rate)"),
    ({"changed": 1}, "1 changed"),
    ({"drain_seconds": 2.2}, "drain took 2.20 s (at most 2 + 0.1)"),
    ({"drain_seconds": None, "exit_status": None}, "did not end at SIGTERM"),
    ({"drain_seconds": None, "exit_status": -11}, "died in the attack (status -11)"),
    ({"newcomers": Newcomers(50, 9, "timed out", 12.0)},
     "9 of 50 newcomers kept out (timed out)"),
    ({"rss_peak": 21 * MB}, "21 MB (at most 20)"),
    ({"rss_after": 13 * MB}, "13.0 MB after it (10.0 before)"),
    ({"exit_status": -6}, "exit status -6"),
])
def test_each_broken_bound_is_named(change, words):
    assert broken_bounds(dataclasses.replace(KEPT, **change)) == [words]


def test_lost_messages_break_the_latency_bound_too():
    broken = broken_bounds(dataclasses.replace(KEPT, during=phase(math.inf, lost=20)))
    assert broken == ["more than 1 % never answered", "20 lost"]


def test_times_are_no_counts():
    slow = dataclasses.replace(KEPT, during=phase(900), drain_seconds=9, rss_after=99 * MB)
    assert len(broken_bounds(slow)) == 3
    assert wrong_counts(slow) == []
    assert wrong_counts(dataclasses.replace(KEPT, closed=1, closed_why="1013")) == [
        "1 closed (1013)"]


def test_an_attack_that_stops_the_server_itself_has_no_bound_of_latency():
    stopped = dataclasses.replace(KEPT, during=phase(2979), p99_above_rest_ms=math.inf)
    assert broken_bounds(stopped) == []


def test_newcomers_may_be_kept_out_where_all_places_are_taken():
    full = dataclasses.replace(KEPT, newcomers=Newcomers(50, 50, "503", None),
                               newcomers_get_in=False)
    assert broken_bounds(full) == []


def test_a_server_that_waited_for_its_core_was_disturbed():
    assert not was_disturbed(KEPT)
    assert was_disturbed(dataclasses.replace(KEPT, waited_share=0.2))
