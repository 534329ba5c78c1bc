"""Medians, ratios and tables."""

import pytest
from figures import in_words, median, median_ratio, ratio, table


def test_a_median_leaves_out_what_was_not_measured():
    assert median([3.0, None, 1.0, 2.0]) == 2.0


def test_a_median_of_nothing_is_nothing():
    assert median([]) is None
    assert median([None, None]) is None


@pytest.mark.parametrize(("value", "other"), [(None, 2.0), (2.0, None), (2.0, 0.0)])
def test_a_ratio_needs_both_sides(value, other):
    assert ratio(value, other) is None


def test_a_ratio_is_taken_round_by_round_before_the_median():
    # The second round ran while the machine was busy: both sides took ten times as long.
    ours, theirs = [2.0, 20.0, 2.0], [4.0, 40.0, 4.0]
    assert median_ratio(ours, theirs) == 0.5


def test_a_round_that_failed_on_one_side_does_not_count():
    assert median_ratio([1.0, None, 3.0], [2.0, 2.0, None]) == 0.5


def test_ratios_of_servers_that_never_ran_are_nothing():
    assert median_ratio([1.0], []) is None


@pytest.mark.parametrize(("figure", "words"), [
    (None, "–"), (0, "0"), (263421.7, "263,422"), (42.26, "42.3"), (3.456, "3.46"),
    (0.046812, "0.0468"), (-1234.5, "-1,234"),
])
def test_figures_show_the_digits_that_mean_something(figure, words):
    assert in_words(figure) == words


def test_a_table_has_names_on_the_left_and_figures_on_the_right():
    assert table([("server", "µs"), ("wsecho", "3.7"), ("a", "12.5")]) == [
        "server    µs",
        "wsecho   3.7",
        "a       12.5",
    ]


def test_words_in_place_of_figures_do_not_widen_the_columns():
    lines = table([("server", "a", "b"), ("gone", "left out: a long reason"), ("here", "1", "2")])
    assert lines == ["server  a  b", "gone    left out: a long reason", "here    1  2"]
