"""A map saved to a disk, opened in Chromium: it is searched, moved and coloured, with the mouse and without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from semap.map.chart import Chart
from semap.map.page import page_html

from .moves import middle, options, search, settled, span

Open = Callable[..., Any]


def test_a_map_opens_from_a_file_and_asks_for_nothing_else(royal_map: Any) -> None:
    assert royal_map.page.title() == "Royal fruit"
    assert len(royal_map.requests) == 1


def test_the_analogy_that_came_with_the_map_is_a_parallelogram(royal: Chart, watch: Open, as_file: Callable[[str], str]) -> None:
    royal_map = watch(as_file(page_html(royal)))
    assert royal_map.drawn("quads") == "1"
    button = royal_map.page.locator("#links button")
    assert button.get_attribute("aria-pressed") == "true"
    assert button.inner_text().split() == ["man", "→", "king,", "woman", "→", "queen"]
    royal_map.shot("map-analogy")


def test_searching_completes_by_frequency_and_shows_the_neighbours(royal_map: Any) -> None:
    page = royal_map.page
    page.fill("#search", "KIN")
    assert options(page) == ["king", "kingdom"]
    royal_map.shot("map-search")
    page.press("#search", "ArrowDown")
    assert page.get_attribute("#search", "aria-expanded") == "true"
    marked = page.get_attribute("#search", "aria-activedescendant")
    assert page.locator(f"#{marked}").get_attribute("aria-selected") == "true"
    page.press("#search", "Enter")
    assert page.inner_text("#chosen-token") == "king"
    assert page.locator("#neighbours li").all_inner_texts() == ["prince\n0.750", "queen\n0.700"]
    assert "king: 2 nearest; prince 0.75, queen 0.70" in page.inner_text("#status")
    settled(page)
    assert royal_map.drawn("neighbours") == "2"
    assert middle(page) == pytest.approx([4, 0], abs=1e-6)
    royal_map.shot("map-neighbours")


def test_the_arrow_keys_go_round_and_escape_closes_the_list(royal_map: Any) -> None:
    page = royal_map.page
    page.fill("#search", "k")
    shown = options(page)
    assert shown == ["king", "kingdom", "köln"]
    page.press("#search", "ArrowUp")
    assert page.locator("[role=option][aria-selected=true] bdi").inner_text() == "köln"
    page.press("#search", "ArrowDown")
    assert page.locator("[role=option][aria-selected=true] bdi").inner_text() == "king"
    page.press("#search", "Escape")
    assert page.get_attribute("#search", "aria-expanded") == "false"
    assert page.locator("[role=listbox]:visible").count() == 0


def test_an_unknown_token_is_said_and_others_are_offered(royal_map: Any) -> None:
    page = royal_map.page
    search(page, "kingly")
    assert "“kingly” is not among the 9 tokens of this map" in page.inner_text("[role=alert]")
    page.click("#message button >> text=kingdom")
    assert page.inner_text("#chosen-token") == "kingdom"
    assert page.inner_text("#message") == ""


def test_a_neighbour_leads_to_its_own_neighbours(royal_map: Any) -> None:
    search(royal_map.page, "apple")
    royal_map.page.click("#neighbours button >> text=pear")
    assert royal_map.page.inner_text("#chosen-token") == "pear"
    assert royal_map.page.locator("#neighbours span").all_inner_texts() == ["0.900", "-0.200"]


def test_clearing_the_choice_leaves_the_map_as_it_was(royal_map: Any) -> None:
    search(royal_map.page, "apple")
    royal_map.page.click("#clear")
    assert not royal_map.page.is_visible("#chosen")
    royal_map.page.wait_for_timeout(100)
    assert royal_map.drawn("neighbours") == "0"


@pytest.mark.parametrize(
    ("colour", "legend"),
    [
        ("cluster", ["royals 6", "fruit 2", "towns 1"]),
        ("frequency", ["1 to 9 3", "10 to 99 3", "100 to 999 3"]),
        ("kind", ["p 5", "f 2", "t 1", "no value 1"]),
        (
            "weight",
            [
                "1.5 to under 2 1",
                "2 to under 3 1",
                "3 to under 5 1",
                "5 to under 6 1",
                "6 to under 7 1",
                "7 or more 2",
                "no value 2",
            ],
        ),
        ("", ["All tokens 9"]),
    ],
)
def test_the_legend_says_what_each_colour_is_and_how_many_points_have_it(royal_map: Any, colour: str, legend: list[str]) -> None:
    royal_map.page.select_option("#colour", colour)
    assert [" ".join(text.split()) for text in royal_map.page.locator("#legend button").all_inner_texts()] == legend


def test_a_group_that_is_hidden_can_not_be_pointed_at_and_has_no_names(royal_map: Any) -> None:
    page = royal_map.page
    page.locator("#links button").press("Escape")
    page.click("#legend button >> text=fruit")
    page.click("#in-view summary")
    page.wait_for_function("document.querySelectorAll('#in-view-list li').length === 7")
    assert "7 of 9 tokens" in page.inner_text("#in-view-note")


def test_pointing_at_a_point_tells_its_token_and_a_click_chooses_it(royal_map: Any) -> None:
    page = royal_map.page
    x, y = page.evaluate("""() => {
        const {xaxis, yaxis} = document.getElementById('plot')._fullLayout;
        const box = document.getElementById('stage').getBoundingClientRect();
        return [box.left + xaxis._offset + xaxis.l2p(8), box.top + yaxis._offset + yaxis.l2p(8)];
    }""")
    page.mouse.move(x + 3, y - 2)
    assert page.inner_text("#tip").startswith("apple\nseen 7 times · fruit · kind: f")
    page.mouse.click(x + 3, y - 2)
    assert page.inner_text("#chosen-token") == "apple"


def test_a_point_has_the_colour_of_its_group_and_nothing_else_is_painted(royal_map: Any) -> None:
    """Nine discs of 8 pixels, each of the pixels whose middle is at most 4 away."""
    pixel, painted = royal_map.page.evaluate("""() => {
        const canvas = document.getElementById('points'), {xaxis, yaxis} = document.getElementById('plot')._fullLayout;
        const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const at = 4 * (Math.round(yaxis.l2p(8)) * canvas.width + Math.round(xaxis.l2p(8)));
        return [[...data.slice(at, at + 3)], data.filter((value, place) => place % 4 === 3 && value > 0).length];
    }""")
    assert pixel == pytest.approx([0xD9, 0x62, 0x2B], abs=2)  # the canvas keeps colours multiplied by their cover
    middles = np.arange(8) - 3.5
    assert painted == 9 * int((np.hypot(*np.meshgrid(middles, middles)) <= 4).sum())


def test_dragging_moves_the_map_and_chooses_nothing(royal_map: Any) -> None:
    page = royal_map.page
    before = middle(page)
    page.mouse.move(500, 420)
    page.mouse.down()
    page.mouse.move(400, 380, steps=4)
    page.mouse.up()
    settled(page)
    assert middle(page)[0] > before[0]
    assert middle(page)[1] < before[1]
    assert not page.is_visible("#chosen")


def test_the_wheel_zooms(royal_map: Any) -> None:
    page = royal_map.page
    before = span(page)
    page.mouse.move(450, 430)
    page.mouse.wheel(0, -300)
    settled(page)
    assert span(page)[1] - span(page)[0] < before[1] - before[0]


def test_the_map_is_moved_with_the_keyboard_alone(royal_map: Any) -> None:
    page = royal_map.page
    whole = span(page)
    page.focus("#stage")
    page.keyboard.press("+")
    settled(page)
    assert span(page)[1] - span(page)[0] == pytest.approx((whole[1] - whole[0]) * 0.6)
    page.keyboard.press("ArrowRight")
    settled(page)
    assert middle(page)[0] > (whole[0] + whole[1]) / 2
    page.keyboard.press("0")
    settled(page)
    assert span(page) == pytest.approx(whole)
    page.keyboard.press("Enter")
    assert page.is_visible("#chosen")
    page.keyboard.press("Escape")
    assert not page.is_visible("#chosen")


def test_the_first_tab_leads_to_the_search(royal: Chart, watch: Open, as_file: Callable[[str], str]) -> None:
    page = watch(as_file(page_html(royal))).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.type("pea")
    assert options(page) == ["pear"]
