"""Nothing in, plotly's bundled script out; the one file that imports plotly."""

from __future__ import annotations

from semap.errors import MissingExtra

__all__ = ["plotly_script"]


def plotly_script() -> str:
    """Return the JavaScript of plotly, minified, as the installed package carries it. Raises MissingExtra."""
    try:
        from plotly.offline import get_plotlyjs
    except ImportError:
        raise MissingExtra("plotly", "map") from None
    return str(get_plotlyjs())
