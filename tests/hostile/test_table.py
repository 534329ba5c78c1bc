"""Figures in words."""

import dataclasses
import math

import pytest
from table import COLUMNS, in_markdown, megabytes, milliseconds, row, verdict
from test_verdict import KEPT


@pytest.mark.parametrize(("value", "words"), [
    (None, "–"), (0.21, "0.2"), (99.94, "99.9"), (130.2, "130"), (44000, "44,000"),
    (math.inf, "lost"),
])
def test_milliseconds_show_the_digits_that_mean_something(value, words):
    assert milliseconds(value) == words


def test_megabytes_show_the_digits_that_mean_something():
    assert (megabytes(8_040_000), megabytes(1_038_000_000)) == ("8.0", "1,038")


def test_a_row_has_a_cell_for_each_column():
    cells = row(KEPT)
    assert len(cells) == len(COLUMNS)
    assert cells[0] == "pings" and cells[-1] == "kept"


def test_a_verdict_on_a_busy_machine_says_so():
    assert verdict(dataclasses.replace(KEPT, waited_share=0.3)) == "kept (machine was busy)"


def test_markdown_has_a_line_below_its_head():
    assert in_markdown([["a", "b"], ["1", "2"]]) == ["| a | b |", "| --- | --- |", "| 1 | 2 |"]
