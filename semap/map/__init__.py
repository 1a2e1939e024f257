"""A table as a picture: coordinates in the plane, clusters, axes with a meaning, pages and images of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from semap.map.chart import Chart
    from semap.map.charting import chart_of
    from semap.map.page import page_html
    from semap.map.picture import picture_of, write_picture
    from semap.map.projector import write_projector
    from semap.map.stored import open_chart, save_chart

__all__ = ["Chart", "chart_of", "open_chart", "page_html", "picture_of", "save_chart", "write_picture", "write_projector"]

# No file has the name of a function: once imported, it would stand here in the function's place.
_homes = {
    "Chart": "chart",
    "chart_of": "charting",
    "open_chart": "stored",
    "page_html": "page",
    "picture_of": "picture",
    "save_chart": "stored",
    "write_picture": "picture",
    "write_projector": "projector",
}


def __getattr__(name: str) -> Any:
    if name not in _homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_homes[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
