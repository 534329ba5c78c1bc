"""The HTML report in a browser: every plot is on the canvas, and nothing of a server's runs."""

import json
import os
import pathlib
import subprocess
from collections.abc import Iterator

import pytest
from browser import Page, running_browser
from PIL import Image
from pixels import Box, Colour, colour_of, columns_with, mean_brightness

HERE = pathlib.Path(__file__).parent

LATENCY = ["plot-latency", "plot-percentiles", "plot-histogram"]
SERVER = ["plot-processor", "plot-memory"]
PLOTS = {
    "echo": ["plot-throughput", *LATENCY, *SERVER, "plot-connections"],
    "open_loop": ["plot-throughput", *LATENCY, *SERVER, "plot-connections"],
    "trouble": ["plot-throughput", *LATENCY, *SERVER, "plot-connections"],
    "fanout": ["plot-throughput", *LATENCY, "plot-connections"],  # without --server-pid
    "idle": [*SERVER, "plot-connections"],
    "capacity": ["plot-achieved", "plot-capacity-latency"],
    "sparse": [],
}

# Of each plot: where its canvas is, and the colours that its legend promises.
CANVASES = """
  [...document.querySelectorAll("figure[data-drawn=true]")].map((figure) => {
    const box = figure.querySelector("canvas").getBoundingClientRect();
    const colour = (swatch) => getComputedStyle(swatch).backgroundColor;
    return {
      id: figure.id,
      box: [box.left, box.top + scrollY, box.right, box.bottom + scrollY].map(Math.round),
      colours: [...figure.querySelectorAll(".swatch")].map(colour),
    };
  })
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with running_browser() as page:
        yield page


@pytest.fixture
def page(browser: Page) -> Iterator[Page]:
    """The browser's tab; a test during which it complains has failed."""
    browser.complaints.clear()
    browser.requests.clear()
    yield browser
    assert browser.complaints == []


def make_page(document: str, file: pathlib.Path) -> pathlib.Path:
    program = os.environ.get("WSECHO_HTML_REPORT")
    assert program, "set WSECHO_HTML_REPORT to the path of wsecho-html-report"
    with file.open("wb") as out:
        subprocess.run([program], input=document.encode(), stdout=out, check=True, timeout=30)
    return file


def open_sample(
    page: Page, name: str, directory: pathlib.Path, *, width: int = 1280, scheme: str = "light"
) -> None:
    document = (HERE / f"{name}.json").read_text()
    page.set_up(width=width, scheme=scheme)
    page.open(make_page(document, directory / f"{name}.html"))


def missing_series(picture: Image.Image, box: Box, colours: list[Colour]) -> list[Colour]:
    """Of these colours, those whose line does not cross a good part of the canvas."""
    needed = (box[2] - box[0]) // 12  # the narrowest: a bell among empty bins
    return [colour for colour in colours if columns_with(picture, box, colour) < needed]


def check_plots(page: Page, expected: list[str]) -> None:
    page.next_frame()
    canvases = page.value(CANVASES)
    assert [canvas["id"] for canvas in canvases] == expected
    picture = page.screenshot()
    for canvas in canvases:
        left, top, right, bottom = canvas["box"]
        assert right - left > 200 and bottom - top > 150, canvas
        assert canvas["colours"], canvas
        colours = [colour_of(css) for css in canvas["colours"]]
        assert missing_series(picture, (left, top, right, bottom), colours) == [], canvas


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PLOTS)
def test_every_series_of_every_plot_is_drawn(
    page: Page, name: str, scheme: str, tmp_path: pathlib.Path
) -> None:
    open_sample(page, name, tmp_path, scheme=scheme)
    check_plots(page, PLOTS[name])


def test_every_sample_is_looked_at() -> None:
    assert {file.stem for file in HERE.glob("*.json")} == set(PLOTS)


def test_a_plot_that_is_wiped_is_missed(page: Page, tmp_path: pathlib.Path) -> None:
    open_sample(page, "echo", tmp_path)
    check_plots(page, PLOTS["echo"])
    page.value("document.querySelector('#plot-percentiles canvas').getContext('2d').reset()")
    with pytest.raises(AssertionError, match="plot-percentiles"):
        check_plots(page, PLOTS["echo"])


def test_a_series_that_is_hidden_is_missed(page: Page, tmp_path: pathlib.Path) -> None:
    open_sample(page, "echo", tmp_path)
    page.value("document.querySelectorAll('#plot-latency .legend button')[3].click()")
    with pytest.raises(AssertionError, match="plot-latency"):
        check_plots(page, PLOTS["echo"])


def test_a_plot_that_is_removed_is_missed(page: Page, tmp_path: pathlib.Path) -> None:
    open_sample(page, "echo", tmp_path)
    page.value("document.getElementById('plot-memory').remove()")
    with pytest.raises(AssertionError, match="plot-memory"):
        check_plots(page, PLOTS["echo"])


def test_light_and_dark_follow_the_system_until_the_button_is_pressed(
    page: Page, tmp_path: pathlib.Path
) -> None:
    open_sample(page, "echo", tmp_path, scheme="dark")
    assert mean_brightness(page.screenshot()) < 60
    page.value("document.getElementById('theme').click()")
    assert mean_brightness(page.screenshot()) > 220
    check_plots(page, PLOTS["echo"])
    page.set_up(width=1280, scheme="light")
    page.set_up(width=1280, scheme="dark")
    assert mean_brightness(page.screenshot()) > 220


def test_paper_is_light_and_the_screen_dark_again(page: Page, tmp_path: pathlib.Path) -> None:
    open_sample(page, "echo", tmp_path, scheme="dark")
    page.value("window.themes = []; addEventListener('afterprint', () => themes.push('after'));"
               "addEventListener('beforeprint', () => themes.push(document.documentElement.dataset.theme))")
    assert page.call("Page.printToPDF", printBackground=True)["data"]
    assert page.value("themes") == ["light", "after"]
    assert mean_brightness(page.screenshot()) < 60


@pytest.mark.parametrize("name", ["echo", "trouble", "capacity"])
def test_on_a_phone_nothing_is_wider_than_the_screen(
    page: Page, name: str, tmp_path: pathlib.Path
) -> None:
    open_sample(page, name, tmp_path, width=390)
    assert page.value("document.documentElement.scrollWidth") <= 390
    check_plots(page, PLOTS[name])


def test_a_window_narrower_than_an_axis_is_no_trouble(page: Page, tmp_path: pathlib.Path) -> None:
    open_sample(page, "trouble", tmp_path, width=40)
    page.next_frame()
    page.set_up(width=390, scheme="light")
    page.next_frame()
    check_plots(page, PLOTS["trouble"])


def test_words_of_a_hostile_server_are_shown_and_do_nothing(
    page: Page, tmp_path: pathlib.Path
) -> None:
    open_sample(page, "trouble", tmp_path)
    first_error = json.loads((HERE / "trouble.json").read_text())["first_error"]
    assert "</script>" in first_error
    assert first_error in page.value("document.getElementById('notes').textContent")
    assert page.value("document.title").startswith("Echo")
    assert page.value("document.querySelectorAll('img, b, iframe, script').length") == 3
    assert page.value("document.querySelectorAll('img, b, iframe').length") == 0


def test_a_page_asks_for_nothing_but_itself(page: Page, tmp_path: pathlib.Path) -> None:
    open_sample(page, "trouble", tmp_path)
    page.next_frame()
    assert page.requests == [(tmp_path / "trouble.html").as_uri()]


def test_faults_and_unmet_requirements_are_red_and_named(
    page: Page, tmp_path: pathlib.Path
) -> None:
    open_sample(page, "trouble", tmp_path)
    bad = page.value("[...document.querySelectorAll('.check.bad')].map((one) => one.textContent)")
    assert bad == ["✗ 213 lost", "✗ 2 changed", "✗ 4 out of order", "✗ 25 errors"]
    assert page.value("document.querySelector('.verdict').textContent") == "2 requirements not met"
    open_sample(page, "echo", tmp_path)
    assert page.value("document.querySelectorAll('.bad').length") == 0
    assert page.value("document.querySelector('.verdict').className") == "verdict good"


@pytest.mark.parametrize(("name", "said"), [("echo", True), ("open_loop", False)])
def test_a_closed_loop_says_what_it_hides(
    page: Page, name: str, said: bool, tmp_path: pathlib.Path
) -> None:
    open_sample(page, name, tmp_path)
    notes = page.value("document.getElementById('notes').textContent")
    assert ("a stalled server hides" in notes) == said


def test_every_plot_has_a_name_and_its_numbers_as_a_table(
    page: Page, tmp_path: pathlib.Path
) -> None:
    open_sample(page, "echo", tmp_path)
    page.value("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    page.next_frame()
    rows = page.value(
        "[...document.querySelectorAll('figure')].map("
        "  (figure) => figure.querySelectorAll('tbody tr').length)"
    )
    assert len(rows) == len(PLOTS["echo"])
    assert min(rows) > 5
    names = page.value(
        "[...document.querySelectorAll('canvas')].map((canvas) => canvas.getAttribute('aria-label'))"
    )
    assert all(len(name) > 20 for name in names), names


def test_a_document_that_cannot_be_read_is_named_as_such(
    page: Page, tmp_path: pathlib.Path
) -> None:
    page.set_up(width=1280, scheme="light")
    page.open(make_page('{"scenario": ', tmp_path / "broken.html"))
    assert "cannot be read" in page.value("document.getElementById('notes').textContent")


def test_a_missing_browser_is_an_error_that_names_the_script(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with (
        pytest.raises(AssertionError, match="install-dependencies.sh build test"),
        running_browser(),
    ):
        pass
