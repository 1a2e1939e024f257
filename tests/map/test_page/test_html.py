"""What stands in a page: the chart as plain JSON, scripts under their hashes, nothing that points elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from html.parser import HTMLParser
from importlib import resources
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semap.errors import MissingExtra, SettingsError
from semap.map.chart import Chart
from semap.map.page import page_html

SCRIPT = "var Plotly = {};"


class Parsed(HTMLParser):
    """The scripts of a page and the attributes of its elements, by a parser that is not a browser's but ends scripts as one."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[str] = []
        self.attributes: list[tuple[str, dict[str, Any]]] = []
        self._inside = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.attributes.append((tag, dict(attrs)))
        self._inside = tag == "script"
        if self._inside:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[-1] += data


def chart_in(page: str) -> dict[str, Any]:
    return json.loads(Parsed(page).scripts[0])


def numbers(text: str, dtype: str) -> Any:
    return np.frombuffer(base64.b64decode(text), dtype)


def of_tokens(*tokens: str, **more: Any) -> Chart:
    return Chart(list(tokens), np.arange(2 * len(tokens)).reshape(-1, 2), **more)


def test_the_page_carries_every_part_of_the_chart(royal: Chart) -> None:
    data = chart_in(page_html(royal, plotly=SCRIPT))
    assert data["tokens"] == list(royal.tokens)
    assert data["counts"] == [7, 900, 800, 120, 90, 30, 20, 5, 1]
    assert data["clusters"] == [1, 0, 0, 0, 0, 0, 0, 1, 2]
    assert data["names"] == ["royals", "fruit", "towns"]
    assert data["links"] == [["man", "king"], ["woman", "queen"]]
    assert data["colours"] == ["cluster", "frequency", "kind", "weight"]
    assert numbers(data["x"], "<f4").tolist() == [8, 0, 0, 4, 4, 5, 4, 9, -3]
    assert numbers(data["y"], "<f4").tolist() == [8, 0, 4, 0, 4, 1, -1, 8, 9]
    assert numbers(data["neighbours"], "<i4").reshape(9, 2)[3].tolist() == [6, 4]
    assert numbers(data["similarities"], "<i2").reshape(9, 2)[7] / 32767 == pytest.approx([0.9, -0.2], abs=2e-5)


def test_a_number_that_is_none_becomes_null(royal: Chart) -> None:
    assert chart_in(page_html(royal, plotly=SCRIPT))["columns"]["weight"] == [1.5, 2, 3, None, 5, 6, 7, 8, None]


def test_a_chart_without_counts_clusters_or_neighbours_has_a_page() -> None:
    data = chart_in(page_html(of_tokens("a", "b", "c"), plotly=SCRIPT))
    assert (data["counts"], data["clusters"], data["neighbours"], data["colour"]) == (None, None, None, "")


@pytest.mark.parametrize(
    "token",
    [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "\u2028\u2029",
        '"\\',
        "שלום",
        "👩‍👩‍👧",
        "\0\x1f\x7f",
        "\ufeff",
        "{{script}}",
        "]]>",
        "&amp;",
    ],
)
def test_no_token_leaves_its_place(token: str) -> None:
    page = page_html(of_tokens("a", token, "b", title=token, subtitle=token, axes=(token, "")), plotly=SCRIPT)
    assert len(Parsed(page).scripts) == 3
    assert chart_in(page)["tokens"] == ["a", token, "b"]
    assert chart_in(page)["axes"] == [token, ""]


@given(st.lists(st.text(), min_size=1, max_size=5, unique=True))
def test_any_text_comes_back_as_it_was(tokens: list[str]) -> None:
    page = page_html(of_tokens(*tokens), plotly=SCRIPT)
    assert chart_in(page)["tokens"] == tokens
    page.encode("utf-8")


def test_half_of_a_character_pair_stands_as_its_number() -> None:
    page = page_html(of_tokens("\ud83d", "b"), plotly=SCRIPT)
    assert r'"\ud83d"' in page
    page.encode("utf-8")


def test_tokens_can_be_read_in_the_source() -> None:
    assert '"köln", "東京"' in page_html(of_tokens("köln", "東京"), plotly=SCRIPT)


@pytest.mark.parametrize(("live", "reached"), [(False, "'none'"), (True, "'self'")])
def test_only_the_scripts_of_the_page_may_run_and_they_reach_nothing_else(royal: Chart, live: bool, reached: str) -> None:
    parsed = Parsed(page_html(royal, live=live, model="royal" if live else "", plotly=SCRIPT))
    policy = next(each["content"] for tag, each in parsed.attributes if each.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == reached
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in parsed.scripts[1:]]
    assert rules["script-src"] == f"'sha256-{hashes[0]}' 'sha256-{hashes[1]}' 'unsafe-eval'"


def test_nothing_in_the_page_is_loaded_from_elsewhere(royal: Chart) -> None:
    parsed = Parsed(page_html(royal, plotly=SCRIPT))
    loaded = [each[key] for _, each in parsed.attributes for key in ("src", "href", "action", "srcset") if key in each]
    assert [target for target in loaded if not target.startswith(("data:", "#"))] == []
    style = (resources.files("semap.map") / "assets" / "page.css").read_text()
    assert not re.search(r"url\(|@import", style)


def test_a_script_that_would_end_early_is_written_so_that_it_does_not() -> None:
    page = page_html(of_tokens("a", "b"), plotly='var Plotly = "</script><!--";\r\n')
    assert Parsed(page).scripts[1] == 'var Plotly = "\\x3C/script>\\x3C!--";\n'


def test_the_same_chart_gives_the_same_page(royal: Chart) -> None:
    assert page_html(royal, plotly=SCRIPT) == page_html(royal, plotly=SCRIPT)


def test_a_live_page_needs_the_name_of_its_table(royal: Chart) -> None:
    with pytest.raises(SettingsError, match="give model, the name of that table"):
        page_html(royal, live=True, plotly=SCRIPT)


def test_without_plotly_one_sentence_says_what_brings_it(royal: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotly.offline", None)
    with pytest.raises(MissingExtra, match=r"pip install 'semap\[map\]'"):
        page_html(royal)


def test_the_scripts_of_the_folder_all_stand_in_the_page(royal: Chart) -> None:
    script = Parsed(page_html(royal, plotly=SCRIPT)).scripts[2]
    files = [each for each in (resources.files("semap.map") / "assets").iterdir() if each.name.endswith(".js")]
    assert len(files) == 11
    assert all(each.read_text(encoding="utf-8") in script for each in files)
