"""The explorer as `semap serve` gives it: the real service, the built-in table, a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
pytest.importorskip("msgspec")

from semap.errors import SemapWarning
from semap.map.chart import Chart
from semap.map.stored import save_chart
from semap.serve.app import build_app
from semap.serve.explorer import SHOWN, explorer_page
from semap.serve.server import Server, address, listen
from semap.serve.settings import ServeSettings
from semap.serve.tables import Tables
from semap.table.table import Table

from .test_html import chart_in, numbers

Open = Callable[..., Any]


def small_table(n: int = 6, dim: int = 3) -> Table:
    rng = np.random.default_rng(3)
    return Table([f"t{number}" for number in range(n)], rng.normal(size=(n, dim)))


def page_of(path: Path) -> dict[str, Any]:
    tables = Tables.open({"wiki": path})
    try:
        return chart_in(explorer_page(tables, "wiki").decode())
    finally:
        tables.close()


def test_without_a_stored_map_the_principal_components_are_shown(tmp_path: Path) -> None:
    table = small_table()
    table.save(tmp_path / "wiki.semap")
    data = page_of(tmp_path / "wiki.semap")
    assert data["tokens"] == list(table.tokens)
    assert (data["live"], data["model"], data["neighbours"]) == (True, "wiki", None)
    units = table.vectors / np.linalg.norm(table.vectors, axis=1, keepdims=True)
    centred = units - units.mean(axis=0)
    spread = np.linalg.svd(centred, compute_uv=False)[:2]
    shown = np.stack([numbers(data["x"], "<f4"), numbers(data["y"], "<f4")])
    assert np.linalg.norm(shown, axis=1) == pytest.approx(spread, rel=1e-4)


def test_the_map_beside_a_table_is_shown(tmp_path: Path) -> None:
    table = small_table()
    table.save(tmp_path / "wiki.semap")
    save_chart(Chart(["t3", "t1"], [[7, 8], [9, 10]], title="other"), tmp_path / "wiki.map", table)
    data = page_of(tmp_path / "wiki.semap")
    assert data["tokens"] == ["t3", "t1"]


def test_a_map_of_another_table_is_left_out_and_said(tmp_path: Path) -> None:
    small_table().save(tmp_path / "wiki.semap")
    save_chart(Chart(["t3", "t1"], [[7, 8], [9, 10]]), tmp_path / "wiki.map", small_table(7))
    with pytest.warns(SemapWarning, match="is not shown, principal components are.*make the map of this table again"):
        assert len(page_of(tmp_path / "wiki.semap")["tokens"]) == 6


@pytest.mark.parametrize(("n", "dim"), [(1, 3), (2, 3), (5, 1)])
def test_tables_too_small_for_a_plane_lie_on_a_line(tmp_path: Path, n: int, dim: int) -> None:
    small_table(n, dim).save(tmp_path / "wiki.semap")
    assert len(page_of(tmp_path / "wiki.semap")["tokens"]) == n


@pytest.fixture(scope="module")
def english(watching: Open) -> Iterator[Any]:
    """The explorer of `english`, open."""
    tables = Tables.open({"english": "english"})
    settings = ServeSettings(port=0, log=False)
    bound = listen(settings)
    server = Server(build_app(tables, settings), lambda: None)
    thread = threading.Thread(target=server.serve_on, args=(bound,), daemon=True)
    thread.start()
    yield watching(address(bound), complaints=True)  # refusals of the service, which the browser counts
    server.stop()
    thread.join(20)
    assert not thread.is_alive()


def test_the_explorer_searches_all_of_the_table(english: Any) -> None:
    page = english.page
    assert page.title() == "english"
    assert page.evaluate("JSON.parse(document.getElementById('chart').textContent).tokens.length") == SHOWN
    page.fill("#search", "queen")
    page.press("#search", "Enter")
    page.wait_for_selector("#neighbours li")
    assert page.locator("#neighbours li").count() == 10
    assert "king" in page.locator("#neighbours bdi").all_inner_texts()
    page.wait_for_timeout(600)
    english.shot("english-neighbours")


def test_the_explorer_draws_man_to_king_as_woman_to_queen(english: Any) -> None:
    page = english.page
    for letter, token in (("a", "man"), ("b", "king"), ("c", "woman")):
        page.fill(f"#analogy-{letter}", token)
    page.click("#analogy-form button")
    page.wait_for_selector("#analogy-answers li")
    assert "queen" in page.locator("#analogy-answers bdi").all_inner_texts()
    page.click("#analogy-answers button >> text=queen")
    page.wait_for_function("document.getElementById('stage').dataset.quads === '1'")
    page.wait_for_timeout(600)
    english.shot("english-analogy")


def test_the_explorer_measures_and_encodes(english: Any) -> None:
    page = english.page
    page.fill("#cosine-a", "cat")
    page.fill("#cosine-b", "dog")
    page.click("#cosine-form button")
    page.wait_for_selector("#cosine-answer strong")
    assert 0.4 < float(page.inner_text("#cosine-answer strong")) < 1
    page.fill("#text", "The ship sails over the ocean, qwrtzlp")
    page.click("#text-form button")
    page.wait_for_selector("#text-nearest li")
    assert page.locator("#text-answer .unknown").all_text_contents() == ["qwrtzlp (unknown)"]
    assert "6 known, 1 unknown · 200 dimensions · norm 1.000" in page.inner_text("#text-answer")
    page.wait_for_timeout(600)
    english.shot("english-text")


def test_the_explorer_says_what_the_service_refuses(english: Any) -> None:
    page = english.page
    page.fill("#search", "quene")
    page.press("#search", "Enter")
    page.wait_for_selector("#message button")
    assert "'quene' is not among the 50,000 tokens of 'english'" in page.inner_text("#message")
    assert "queen" in page.locator("#message button").all_inner_texts()
    page.fill("#text", "qwrtzlp")
    page.click("#text-form button")
    page.wait_for_function(
        "document.getElementById('message').textContent.length > 0 && !document.querySelector('#message button')"
    )
