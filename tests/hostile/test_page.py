"""The generated parts of the page."""

from pathlib import Path

import pytest
from attacks import ATTACKS
from page import PageError, Run, attacks_table, figures, with_part
from test_verdict import KEPT

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "hostile-peers.md"


def test_a_part_is_replaced_and_the_rest_stays():
    text = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n"
    once = with_part(text, "x", ["new"])
    assert once == "a\n<!-- x: begin -->\n\nnew\n\n<!-- x: end -->\nb\n"
    assert with_part(once, "x", ["new"]) == once


@pytest.mark.parametrize("text", ["", "<!-- x: begin -->", "<!-- x: end --><!-- x: begin -->"])
def test_a_page_without_the_part_is_an_error(text):
    with pytest.raises(PageError):
        with_part(text, "x", [])


def test_figures_have_a_row_for_each_attack_and_count_those_that_kept_the_bounds():
    lines = figures({"cores": "2"}, "100 attackers.", [Run("epoll", [KEPT, KEPT])])
    assert lines[0] == "cores 2. 100 attackers."
    assert "2 of 2 attacks within all bounds." in lines
    assert sum(line.startswith("| pings |") for line in lines) == 2


def test_the_page_lists_every_attack_as_the_command_knows_it():
    text = PAGE.read_text(encoding="utf-8")
    assert with_part(text, "attacks", attacks_table(ATTACKS.values())) == text
