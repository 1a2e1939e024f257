"""Who reads the page, and on what: screen readers, light and dark, telephones, strange tokens, hardly any and no WebGL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from semap.map.chart import Chart
from semap.map.page import page_html

from .moves import middle, search, settled, span

Open = Callable[..., Any]


def test_tokens_in_view_are_a_list_for_who_does_not_see_the_map(royal_map: Any) -> None:
    page = royal_map.page
    page.click("#in-view summary")
    page.wait_for_selector("#in-view-list li")
    assert page.locator("#in-view-list bdi").all_inner_texts() == [
        "man", "woman", "king", "queen", "kingdom", "prince", "apple", "pear", "köln",
    ]  # fmt: skip
    page.click("#in-view-list button >> text=köln")
    assert page.inner_text("#chosen-token") == "köln"
    assert page.locator("#neighbours li").count() == 0


def test_every_field_and_button_has_a_name(royal_map: Any) -> None:
    nameless = royal_map.page.evaluate("""() => [...document.querySelectorAll('button, input, select, textarea')]
        .filter((each) => each.checkVisibility())
        .filter((each) => !(each.textContent.trim() || each.getAttribute('aria-label') || each.labels?.length))
        .map((each) => each.outerHTML)""")
    assert nameless == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_follow_the_system_and_the_button(
    royal: Chart, watch: Open, as_file: Callable[[str], str], scheme: Any
) -> None:
    watched = watch(as_file(page_html(royal)), color_scheme=scheme)
    page = watched.page
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    watched.shot(f"map-{scheme}")
    lightness = "() => Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])"
    before = page.evaluate(lightness)
    page.click("#theme")
    assert page.get_attribute("#theme", "aria-pressed") == str(scheme == "light").lower()
    assert abs(page.evaluate(lightness) - before) > 100


def test_text_stands_out_from_its_ground_in_light_and_dark(royal_map: Any) -> None:
    """WCAG 2.2, success criterion 1.4.3: a contrast of at least 4.5."""
    for theme in ("light", "dark"):
        colours = royal_map.page.evaluate(COLOURS, theme)
        pairs = [("ink", "paper"), ("ink", "ground"), ("ink", "bar"), ("quiet", "paper"), ("quiet", "ground"), ("quiet", "bar")]
        for above, below in [*pairs, ("alert-ink", "alert"), ("accent", "paper")]:
            lighter, darker = sorted([luminance(colours[above]), luminance(colours[below])], reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (theme, above, below)


def luminance(colour: str) -> float:
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return float(np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])


COLOURS = """(theme) => {
    const root = document.documentElement, before = root.dataset.theme;
    root.dataset.theme = theme;
    const style = getComputedStyle(root);
    const found = Object.fromEntries(['paper', 'ground', 'ink', 'quiet', 'bar', 'alert', 'alert-ink', 'accent']
        .map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    root.dataset.theme = before;
    return found;
}"""


def test_on_a_telephone_nothing_is_wider_than_the_screen(royal: Chart, watch: Open, as_file: Callable[[str], str]) -> None:
    watched = watch(as_file(page_html(royal)), width=360, height=740, has_touch=True, is_mobile=True)
    page = watched.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    watched.shot("map-telephone")
    search(page, "king")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    watched.shot("map-telephone-neighbours")


def test_two_fingers_zoom_and_a_tap_chooses(royal: Chart, watch: Open, as_file: Callable[[str], str]) -> None:
    page = watch(as_file(page_html(royal)), width=360, height=740, has_touch=True, is_mobile=True).page
    before = span(page)
    session = page.context.new_cdp_session(page)

    def fingers(kind: str, *places: tuple[int, int]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", (160, 250), (200, 250))
    fingers("touchMove", (140, 250), (220, 250))
    fingers("touchEnd")
    settled(page)
    assert span(page)[1] - span(page)[0] == pytest.approx((before[1] - before[0]) / 2, rel=0.05)
    fingers("touchStart", (180, 250))
    fingers("touchMove", (140, 250))
    fingers("touchEnd")
    settled(page)
    assert middle(page)[0] > (before[0] + before[1]) / 2


def test_who_asks_for_less_motion_is_there_at_once(royal: Chart, watch: Open, as_file: Callable[[str], str]) -> None:
    page = watch(as_file(page_html(royal)), reduced_motion="reduce").page
    search(page, "apple")
    assert middle(page) == pytest.approx([8, 8])


def test_meaningful_axes_say_what_they_stand_for(royal: Chart, watch: Open, as_file: Callable[[str], str]) -> None:
    chart = Chart(list(royal.tokens), royal.coordinates, axes=("man → woman", "<b>common</b> → royal &amp;"), title="A plane")
    watched = watch(as_file(page_html(chart)))
    titles = watched.page.locator(".xtitle, .ytitle").all_text_contents()
    assert titles == ["man → woman", "<b>common</b> → royal &amp;"]
    watched.shot("map-axes")


def test_strange_tokens_are_shown_as_text_everywhere(watch: Open, as_file: Callable[[str], str]) -> None:
    tokens = [
        "<img src=x onerror=alert(1)>",
        "שלום",
        "👩‍👩‍👧 family",
        "a\tb\0",
        "</script>",
        "x" * 300,
        "$E=mc^2$",
        "<a href='//e.org'>",
    ]
    chart = Chart(
        tokens, np.random.default_rng(2).normal(size=(8, 2)), clusters=[0] * 8, cluster_names=["<b>all</b>"],
        columns={"<i>": ["</script>"] * 8}, neighbours=[[1]] * 8, similarities=[[0.5]] * 8, title="<script>alert(1)</script>",
    )  # fmt: skip
    watched = watch(as_file(page_html(chart)), width=360)
    page = watched.page
    for token, said in [
        ("<IMG", tokens[0]),
        ("שלום", tokens[1]),
        ("👩‍👩‍👧", tokens[2]),
        ("a", "a\\u0009b\\u0000"),
        ("xx", "x" * 300),
    ]:
        page.fill("#search", token)
        page.press("#search", "ArrowDown")
        page.press("#search", "Enter")
        assert page.inner_text("#chosen-token") == said
    assert page.locator("aside img, aside a, aside b").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    watched.shot("map-strange")


def test_tokens_without_a_shape_and_columns_named_like_parts_of_javascript_have_names(
    watch: Open, as_file: Callable[[str], str]
) -> None:
    chart = Chart(
        ["", " ", "\u3000", "word"], [[0, 0], [1, 0], [0, 1], [1, 1]],
        columns={"constructor": ["a"] * 4, "__proto__": ["b"] * 4, "toString": [1, 2, 3, 4]},
    )  # fmt: skip
    page = watch(as_file(page_html(chart))).page
    page.click("#in-view summary")
    page.wait_for_selector("#in-view-list li")
    assert page.locator("#in-view-list bdi").all_inner_texts() == ["(empty)", "\\u0020", "\\u3000", "word"]
    assert page.locator("#colour option").all_inner_texts() == ["constructor", "__proto__", "toString", "One colour"]
    page.select_option("#colour", "__proto__")
    assert page.locator("#legend bdi").all_inner_texts() == ["b"]


@pytest.mark.parametrize("n", [0, 2])
def test_a_map_of_hardly_anything_opens(watch: Open, as_file: Callable[[str], str], n: int) -> None:
    watched = watch(as_file(page_html(Chart(["a", "b"][:n], np.zeros((n, 2))))))
    assert watched.page.locator("#legend button").inner_text().split() == ["All", "tokens", str(n)]


def test_with_webgl_plotly_draws_the_points_itself(royal: Chart, watch: Open, as_file: Callable[[str], str]) -> None:
    """Chromium simulates WebGL here, which the page leaves alone unless it is told not to."""
    page = watch(as_file(page_html(royal)) + "#webgl").page
    traces = page.evaluate("document.getElementById('plot').data.map((each) => [each.type, each.x.length])")
    assert traces == [["scattergl", 6], ["scattergl", 2], ["scattergl", 1]]
