"""Pictures of charts: their form, their bytes, and what is written on them."""

import struct
import sys
import xml.etree.ElementTree as ElementTree
import zlib

import numpy as np
import pytest

import semap
from semap.errors import CannotWrite, SemapWarning, SettingsError
from semap.map import chart_of, picture_of, write_picture
from semap.map.chart import Chart
from semap.map.palette import KINDS, OTHER, colors_of

pytest.importorskip("matplotlib", reason="matplotlib is not installed")


def _pixels(content):
    """Height, width and the bytes of a PNG, unfiltered enough to tell blank pictures from others."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _texts(content):
    """What is written in an SVG, and where: text -> (x, y)."""
    root = ElementTree.fromstring(content)
    return ["".join(each.itertext()).strip() for each in root.iter("{http://www.w3.org/2000/svg}text")]


def _chart(n=40, **facts):
    rng = np.random.default_rng(6)
    return Chart([f"token{number}" for number in range(n)], rng.normal(size=(n, 2)), **facts)


def test_a_png_has_the_size_that_was_asked_for():
    assert _pixels(picture_of(_chart(), size=(6, 5), dpi=50)) == (300, 250)


def test_without_a_size_the_page_is_as_high_as_the_map_needs():
    places = np.random.default_rng(6).normal(size=(80, 2))
    tokens = [str(number) for number in range(80)]
    flat, tall = (_pixels(picture_of(Chart(tokens, places * stretch), dpi=50)) for stretch in ([5, 1], [1, 5]))
    assert flat == (600, 300)
    assert tall == (600, 500)


def test_an_svg_holds_the_tokens_as_texts_with_title_axes_and_legend():
    chart = _chart(
        clusters=[0, 1] * 20, cluster_names=["first kind", "second kind"], color="cluster", title="A & B <C>", subtitle="about",
        axes=("left → right", "low → high"),
    )  # fmt: skip
    texts = _texts(picture_of(chart, "svg"))
    assert {"A & B <C>", "about", "left → right", "low → high", "clusters", "first kind", "second kind"} <= set(texts)
    assert sum(text.startswith("token") for text in texts) == 40


def test_a_crowd_is_named_as_far_as_there_is_room_and_its_most_important_tokens_first():
    chart = _chart(3000)
    texts = [text for text in _texts(picture_of(chart, "svg", labels=25)) if text.startswith("token")]
    assert len(texts) == 25
    assert "token0" in texts


def test_tokens_of_links_are_always_named():
    chart = _chart(3000, links=[("token2990", "token2991"), ("token2992", "token2993")])
    texts = _texts(picture_of(chart, "svg", labels=0))
    assert [text for text in texts if text.startswith("token")] == ["token2990", "token2991", "token2992", "token2993"]


def test_dollar_signs_are_no_mathematics_and_long_tokens_are_cut():
    tokens = ["$x^2$", "a_b$", "\\alpha", "very" * 20]
    texts = _texts(picture_of(Chart(tokens, [[0, 0], [1, 1], [2, 0], [3, 1]]), "svg"))
    assert {"$x^2$", "a_b$", "\\alpha"} <= set(texts)
    assert any(text.startswith("veryvery") and text.endswith("…") for text in texts)


def test_a_title_that_is_too_long_ends_in_an_ellipsis_within_the_page():
    texts = _texts(picture_of(_chart(title="A title " * 40), "svg"))
    (title,) = (text for text in texts if text.startswith("A title"))
    assert title.endswith("…")
    assert 60 < len(title) < 160


@pytest.mark.parametrize("form", ["png", "svg"])
def test_equal_charts_give_equal_pictures(form):
    chart = _chart(clusters=[0] * 40, cluster_names=["all"], color="cluster", links=[("token1", "token2")])
    assert picture_of(chart, form, dpi=40) == picture_of(chart, form, dpi=40)


def test_a_picture_says_nothing_of_when_and_with_what_it_was_made():
    content = picture_of(_chart(), "svg")
    assert b"<dc:date>" not in content
    assert b"Matplotlib" not in picture_of(_chart(), "png", dpi=40)


def test_tokens_of_any_script_do_not_warn_in_an_svg():
    tokens = ["Ärger", "Привет", "κόσμος", "שלום", "مرحبا", "北京", "日本", "한국어", "नमस्ते", "😀", "a\u0301", "\ud800", "\x00"]
    chart = Chart(tokens, [[number % 4, number // 4] for number in range(len(tokens))])
    assert {"Привет", "北京", "😀"} <= set(_texts(picture_of(chart, "svg")))


def test_characters_that_no_font_has_are_counted_in_a_png():
    tokens = ["plain", "\U00013000\U00013001", "\U000e0101x"]  # hieroglyphs; a sign of the supplementary special plane
    with pytest.warns(SemapWarning, match="texts of the picture have characters that no installed font has"):
        picture_of(Chart(tokens, [[0, 0], [1, 1], [2, 0]]), dpi=40)


def test_drawing_leaves_no_state_behind():
    import matplotlib

    before = dict(matplotlib.rcParams)
    picture_of(_chart(), "svg")
    assert dict(matplotlib.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules or sys.modules["matplotlib.pyplot"].get_fignums() == []


def test_one_place_for_all_tokens_can_be_drawn():
    picture_of(Chart(["a", "b", "c"], [[1, 1]] * 3), dpi=40)
    picture_of(Chart(["a"], [[0, 0]], axes=("x", "y")), dpi=40)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"form": "gif"}, "png or svg, not 'gif'"),
        ({"size": (1, 9)}, "1 x 9 inches; give 4 to 40"),
        ({"dpi": 5}, "dpi is 5"),
        ({"labels": -1}, "labels is -1"),
    ],
)
def test_settings_of_no_picture_are_refused(settings, told):
    with pytest.raises(SettingsError, match=told):
        picture_of(_chart(), **settings)


def test_the_ending_of_a_path_says_the_form(tmp_path):
    write_picture(_chart(), tmp_path / "a.SVG")
    assert (tmp_path / "a.SVG").read_bytes().startswith(b"<?xml")
    with pytest.raises(SettingsError, match=r"ends in \.png or \.svg"):
        write_picture(_chart(), tmp_path / "a.jpg")
    with pytest.raises(CannotWrite):
        write_picture(_chart(), tmp_path / "no" / "a.svg")


def test_the_plane_of_gender_and_royalty_is_drawn_with_its_parallelogram():
    words = ["king", "queen", "man", "woman", "prince", "princess", "duke", "duchess"]
    chart = chart_of(
        semap.load("english"), words=words, x=("man", "woman"), y=("common", "royal"), analogies=[("man", "king", "woman")]
    )
    content = picture_of(chart, "svg")
    assert {"man → woman", "common → royal", *words} <= set(_texts(content))
    assert content.count(b"stroke-dasharray") >= 2


def test_clusters_past_the_colours_and_values_past_the_kinds_are_others():
    names = [f"cluster {number}" for number in range(15)]
    colors = colors_of(_chart(30, clusters=[number % 15 for number in range(30)], cluster_names=names, color="cluster"))
    assert [color for _, color, _ in colors.kinds] == [*KINDS, OTHER, OTHER, OTHER]
    values = [f"v{number % 20}" for number in range(39)] + [None]
    kinds = colors_of(_chart(40, columns={"v": values}, color="v")).kinds
    assert [name for name, _, _ in kinds[-2:]] == ["8 others", "no value"]
    assert sum(n for _, _, n in kinds) == 40


def test_numbers_are_coloured_on_a_scale_and_frequencies_by_their_logarithm():
    colors = colors_of(_chart(4, columns={"n": [2, None, 6, 4]}, color="n"))
    assert colors.scale.tolist()[0:1] + colors.scale.tolist()[2:] == [0, 1, 0.5]
    assert np.isnan(colors.scale[1])
    assert colors.ticks == [(0, "2"), (0.5, "4"), (1, "6")]
    frequency = colors_of(_chart(3, counts=[1, 100, 10], color="frequency"))
    assert frequency.scale.tolist() == [0, 1, 0.5]
    assert frequency.ticks == [(0, "1"), (0.5, "10"), (1, "100")]
    picture_of(_chart(4, columns={"n": [2, None, 6, 4]}, color="n"), dpi=40)


def test_a_column_without_any_value_can_be_drawn():
    picture_of(_chart(3, columns={"n": [None, None, None]}, color="n"), dpi=40)


def test_compressed_pixels_are_not_all_white():
    content = picture_of(_chart(), dpi=40)
    parts, at = [], 8
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        parts += [content[at + 8 : at + 8 + length]] if kind == b"IDAT" else []
        at += 12 + length
    assert len(set(zlib.decompress(b"".join(parts)))) > 50
