"""What tests do on an open page, and what they ask of it."""

from __future__ import annotations

from typing import Any


def search(page: Any, text: str) -> None:
    page.fill("#search", text)
    page.press("#search", "Enter")


def options(page: Any) -> list[str]:
    return page.locator("#search ~ ul [role=option] bdi").all_inner_texts()


def span(page: Any) -> list[float]:
    axes = "const {xaxis, yaxis} = document.getElementById('plot')._fullLayout"
    return page.evaluate(f"() => {{ {axes}; return [...xaxis.range, ...yaxis.range]; }}")


def middle(page: Any) -> list[float]:
    x0, x1, y0, y1 = span(page)
    return [(x0 + x1) / 2, (y0 + y1) / 2]


def settled(page: Any) -> None:
    """Wait until the map stands still."""
    page.evaluate("""async () => {
        const range = () => document.getElementById('plot')._fullLayout.xaxis.range.join();
        for (let before = '', same = 0; same < 4; before = range()) {
            await new Promise((next) => setTimeout(next, 60));
            same = before === range() ? same + 1 : 0;
        }
    }""")
