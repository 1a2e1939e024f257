"""Charts small and large, and a real browser that tells what a page asked for and what it complained about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

from semap.map.chart import Chart
from semap.map.page import page_html

from .moves import settled

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SHOTS = Path(__file__).parents[3] / "build" / "screenshots"  # looked at by people; not committed


@pytest.fixture(scope="session")
def royal() -> Chart:
    """Nine tokens whose neighbours, groups and places are known: the four of the analogy stand in a square."""
    tokens = ["apple", "man", "woman", "king", "queen", "kingdom", "prince", "pear", "köln"]
    places = [[8, 8], [0, 0], [0, 4], [4, 0], [4, 4], [5, 1], [4, -1], [9, 8], [-3, 9]]
    near = np.array([[7, 8], [2, 3], [1, 4], [6, 4], [3, 2], [3, 6], [3, 5], [0, 8], [-1, -1]])
    cosines = np.array(
        [[0.9, 0.1], [0.8, 0.5], [0.8, 0.6], [0.75, 0.7], [0.7, 0.6], [0.6, 0.5], [0.75, 0.4], [0.9, -0.2], [0, 0]]
    )
    return Chart(
        tokens=tokens, coordinates=places, counts=[7, 900, 800, 120, 90, 30, 20, 5, 1],
        clusters=[1, 0, 0, 0, 0, 0, 0, 1, 2], cluster_names=["royals", "fruit", "towns"],
        columns={"kind": ["f", "p", "p", "p", "p", "t", "p", "f", None], "weight": [1.5, 2, 3, float("nan"), 5, 6, 7, 8, None]},
        neighbours=near, similarities=cosines, links=[("man", "king"), ("woman", "queen")],
        color="cluster", title="Royal fruit", subtitle="9 tokens",
    )  # fmt: skip


@pytest.fixture(scope="session")
def crowd() -> Callable[[int], Chart]:
    """Makes charts of many tokens around twelve centres, with ten neighbours each."""

    def made(n: int) -> Chart:
        rng = np.random.default_rng(5)
        clusters = rng.integers(0, 12, n)
        places = rng.normal(size=(12, 2))[clusters] * 8 + rng.normal(size=(n, 2))
        tokens = [f"{'abcdefghijklmnopqrst'[at % 20]}{at * 7919 % 104_729:x}" for at in range(n)]
        tokens[n // 2] = "queen"
        near = (np.arange(n)[:, None] + np.arange(1, 11)) % n
        return Chart(
            tokens=tokens, coordinates=places, counts=np.sort(rng.integers(1, 100_000, n))[::-1], clusters=clusters,
            cluster_names=[f"group {number}" for number in range(12)], neighbours=near,
            similarities=np.tile(np.linspace(0.9, 0.3, 10), (n, 1)), color="cluster", title=f"{n:,} tokens",
        )  # fmt: skip

    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, driven by playwright, whose event loop must not run on when tests of other folders want one of their own."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no page can be looked at")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}: no page can be looked at")
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield running
        running.close()


@dataclass
class Watched:
    """A page that is open, and what it asked for and complained about."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def shot(self, name: str) -> None:
        """Keep a picture of the page."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")

    def drawn(self, name: str) -> str:
        """What the canvas of the page says that it holds."""
        return str(self.page.locator("#stage").get_attribute(f"data-{name}"))


def _watching(browser: Any) -> Iterator[Callable[..., Watched]]:
    """Opens addresses; at the end no page has left this machine, and none has complained but of what was expected."""
    opened: list[tuple[Any, Watched, bool]] = []

    def look(
        address: str,
        *,
        width: int = 1280,
        height: int = 800,
        complaints: bool = False,
        ready: str = "html[data-ready]",
        **context: Any,
    ) -> Watched:
        own = browser.new_context(viewport={"width": width, "height": height}, **context)
        page = own.new_page()
        watched = Watched(page)
        page.on("request", lambda request: watched.requests.append(request.url))
        page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        page.on("console", lambda said: watched.complaints.append(said.text) if said.type == "error" else None)
        opened.append((own, watched, complaints))
        page.goto(address)
        page.wait_for_selector(ready, timeout=60_000)
        return watched

    yield look
    for own, watched, complaints in opened:
        own.close()
        places = {urlsplit(url).hostname for url in watched.requests if urlsplit(url).scheme in ("http", "https", "ws", "wss")}
        assert places <= {"127.0.0.1"}, watched.requests
        assert complaints or watched.complaints == []


watch = pytest.fixture(_watching, name="watch")
watching = pytest.fixture(_watching, scope="module", name="watching")  # for a page that many tests share


@pytest.fixture
def as_file(tmp_path: Path) -> Callable[[str], str]:
    """Writes a page to a file and says its address."""

    def written(page: str) -> str:
        path = tmp_path / "map.html"
        path.write_text(page, encoding="utf-8")
        return path.as_uri()

    return written


@pytest.fixture(scope="module")
def royal_page(royal: Chart, watching: Callable[..., Watched], tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("royal") / "map.html"
    path.write_text(page_html(royal), encoding="utf-8")
    return watching(path.as_uri())


@pytest.fixture
def royal_map(royal_page: Any) -> Any:
    """The open map of `royal`, as it was when it was opened but for the analogy: most of a test would go to opening it again."""
    page = royal_page.page
    page.evaluate("""() => {
        document.getElementById('clear').click();
        document.getElementById('in-view').open = false;
        const colour = document.getElementById('colour');
        colour.value = 'cluster';
        colour.onchange();
        document.getElementById('whole').click();
        document.activeElement.blur();
    }""")
    settled(page)
    return royal_page
