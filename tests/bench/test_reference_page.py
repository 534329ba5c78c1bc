"""The reference suite's page: whole in itself, and with every row."""

import re
from html import escape
from html.parser import HTMLParser

import pytest
from reference_page import bars, page
from reference_rows import Requirement, rows
from test_reference import load, results

VOID = {"meta", "link", "br"}
MACHINE = {"CPU": "Some <CPU>", "kernel": "6.18"}


def made(requirements=()):
    found = rows(results(load(), load(cpu=8.0, memory=200e6)))
    return found, page("How it was measured", MACHINE, found, list(requirements))


class Balanced(HTMLParser):
    """Fails on an element that is closed out of order."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_needs_nothing_from_elsewhere():
    _, text = made()
    assert not re.search(r"(src|href)\s*=|url\(|@import|<script|https?://", text)


def test_every_element_is_closed():
    _, text = made()
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []


def test_the_page_holds_every_row_with_its_note():
    found, text = made()
    assert len(re.findall(r'<td class="bars">', text)) == len(found)
    for row in found:
        assert escape(row.what) in text
        assert escape(row.topic) in text
        assert escape(row.note) in text


def test_the_page_follows_the_readers_light_or_dark():
    _, text = made()
    assert "prefers-color-scheme: dark" in text
    assert "color-scheme: light dark" in text


def test_the_machine_is_described_and_its_words_are_escaped():
    _, text = made()
    assert "Some &lt;CPU&gt;" in text
    assert "6.18" in text


def test_requirements_are_shown_as_met_or_not():
    _, text = made([Requirement("a", 0.5, 0.67), Requirement("b", 0.7, 0.67)])
    assert '<li class="met">met: a' in text
    assert '<li class="unmet">NOT MET: b' in text


@pytest.mark.parametrize(("figures", "reference", "widths"), [
    ([1.0, 2.0, None], 4.0, ["25.0", "50.0", "100.0"]),
    ([None, None, None], None, []),
    ([5.0, 0.0, 10.0], None, ["50.0", "0.0", "100.0"]),
])
def test_a_bar_is_as_long_as_its_figure_beside_the_largest(figures, reference, widths):
    assert re.findall(r"width:([\d.]+)%", bars(figures, reference)) == widths
