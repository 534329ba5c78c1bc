"""How messages are cut into phases, and their percentiles."""

import math

import pytest
from phases import Newcomers, Span, closings_before, newcomers, percentile, phase


def found(latencies_us, start=100.0, step=0.1):
    return {"start": start, "step": step, "latency_us": latencies_us,
            "sent_late_us": [10] * len(latencies_us), "closings": []}


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_a_value_that_was_measured(share, value):
    assert percentile(range(1, 101), share) == value


def test_nothing_has_no_percentile():
    assert percentile([], 0.5) is None


def test_a_message_belongs_to_the_phase_in_which_it_was_due():
    # Due at 100.0, 100.1, ... 100.9; the fourth took so long that it came after the span's end.
    measured = phase(found([1000, 1000, 1000, 900000, 1000, 1000, 1000, 1000, 1000, 1000]),
                     Span(100.25, 100.55))
    assert measured.messages == 3
    assert measured.worst_ms == 900


def test_a_lost_message_is_slower_than_every_other():
    measured = phase(found([1000] * 9 + [None]), Span(100.0, 101.0))
    assert measured.lost == 1
    assert measured.p50_ms == 1
    assert math.isinf(measured.p99_ms)


def test_a_span_without_messages_has_no_figures():
    measured = phase(found([]), Span(100.0, 101.0))
    assert (measured.messages, measured.p99_ms) == (0, None)


def test_closings_of_the_drain_do_not_count():
    closings = [(1.0, "1008 policy"), (5.0, "1001 going away")]
    assert closings_before({"closings": closings}, 4.0) == [(1.0, "1008 policy")]


def test_newcomers_of_the_attack_count_by_when_they_came():
    visits = [(1.0, 0.5), (2.0, 0.002), (2.5, "timed out"), (2.9, 0.030), (3.0, "refused")]
    assert newcomers(visits, Span(2.0, 3.0)) == Newcomers(3, 1, "timed out", 30.0)
    assert newcomers([], Span(2.0, 3.0)) == Newcomers(0, 0, "", None)
