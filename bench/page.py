"""The map's page in Chromium: milliseconds until it is seen, can be moved, has answered a search, has drawn a frame.

    python bench/page.py [--points 50000 100000] [--opened 5] [--webgl] [--output FILE]

50,000 points are the built-in table's (principal components, clusters, ten neighbours each), more are made up. "seen": the
points stand on the screen and the search answers; "moved": plotly runs as well. Both are by the clock since the page was asked
for, the median of the openings; "own" is the processor time of the page's main thread until then, which other work on the
machine changes little. A search is a word typed until its completions stand in the list, "neighbours" a choice until they are
drawn; a frame is one step of the map until it is painted, medians. Without a graphics card the page paints its points itself;
--webgl makes plotly draw them with the WebGL that Chromium then simulates.
"""

from __future__ import annotations

import argparse
import datetime
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

import semap
import semap.map
from semap.map.chart import Chart

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WORDS = ["qu", "que", "king", "a", "water", "house", "th", "s", "tree"]
SEARCH = """(words) => words.map((text) => {
    const field = document.getElementById('search'), begin = performance.now();
    field.value = text;
    field.dispatchEvent(new Event('input'));
    return performance.now() - begin;
})"""
CHOOSE = """async (words) => {
    const times = [], field = document.getElementById('search'), stage = document.getElementById('stage');
    for (const word of words) {
        document.getElementById('clear').click();
        await new Promise((next) => setTimeout(next, 600));
        field.value = word;
        const begin = performance.now();
        document.getElementById('search-form').requestSubmit();
        while (Number(stage.dataset.neighbours) < 1) await new Promise(requestAnimationFrame);
        times.push(performance.now() - begin);
    }
    return times;
}"""
FRAMES = """async () => {
    const plot = document.getElementById('plot'), times = [];
    const [x0, x1] = plot._fullLayout.xaxis.range;
    for (let i = 0; i < 20; i++) {
        const begin = performance.now(), by = (x1 - x0) * i / 200;
        Plotly.relayout(plot, {'xaxis.range': [x0 + by, x1 + by]});
        await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
        times.push(performance.now() - begin);
    }
    return times;
}"""


def chart(n: int) -> Chart:
    """The built-in table where it has that many tokens, else points around fifty centres."""
    table = semap.load("english")
    if n <= len(table):
        return semap.map.chart_of(table, top=n, method="pca", title="english")
    rng = np.random.default_rng(1)
    clusters = rng.integers(0, 12, n)
    places = rng.normal(size=(12, 2))[clusters] * 6 + rng.normal(size=(n, 2))
    tokens = [*table.tokens, *(f"{table.tokens[at % len(table)]}-{at}" for at in range(n - len(table)))]
    near = (np.arange(n)[:, None] + np.arange(1, 11)) % n
    cosines = np.tile(np.linspace(0.9, 0.4, 10), (n, 1))
    names = [f"group {number}" for number in range(12)]
    return Chart(tokens, places, clusters=clusters, cluster_names=names, neighbours=near, similarities=cosines, color="cluster")


def opened(browser: Any, address: str) -> tuple[Any, list[float]]:
    """The open page, and the milliseconds until it was seen and could be moved, and its own work."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(address)
    page.wait_for_selector("html[data-ready]", timeout=120_000)
    found = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return page, [float(page.get_attribute("html", f"data-{name}")) for name in ("seen", "ready")] + [
        1000 * found["TaskDuration"]
    ]


def measured(browser: Any, n: int, times: int, webgl: bool, folder: Path) -> str:
    """A row of the table."""
    path = folder / f"{n}.html"
    path.write_text(semap.map.page_html(chart(n)), encoding="utf-8")
    address = path.as_uri() + ("#webgl" if webgl else "")
    rows = []
    for turn in range(times):
        page, row = opened(browser, address)
        rows.append(row)
        if turn < times - 1:
            page.close()
    seen, moved, own = (statistics.median(column) for column in zip(*rows, strict=True))
    search = statistics.median(page.evaluate(SEARCH, WORDS))
    choose = statistics.median(page.evaluate(CHOOSE, ["king", "water", "tree"]))
    frame = statistics.median(page.evaluate(FRAMES))
    page.close()
    size = path.stat().st_size / 1e6
    how = "simulated WebGL" if webgl else "its own"
    return f"| {n:,} | {how} | {size:.1f} | {seen:.0f} | {moved:.0f} | {own:.0f} | {search:.1f} | {choose:.0f} | {frame:.0f} |"


def main() -> None:
    """Print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, nargs="+", default=[50_000, 100_000])
    parser.add_argument("--opened", type=int, default=5, help="how often each page is opened")
    parser.add_argument("--webgl", action="store_true", help="measure the simulated WebGL too")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    lines = [
        "| points | painted by | MB | seen, ms | moved, ms | own, ms | search, ms | neighbours, ms | frame, ms |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        version = browser.version
        for n in options.points:
            for webgl in (False, True) if options.webgl else (False,):
                lines.append(measured(browser, n, options.opened, webgl, Path(folder)))
                print(lines[-1], flush=True)
        browser.close()
    load = os.getloadavg()[0]
    about = f"{datetime.date.today()}, Chromium {version} without a graphics card, load of the machine at the end {load:.1f}"
    text = "\n".join([about, "", *lines, ""])
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
