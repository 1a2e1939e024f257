"""A Chart in, one HTML page out that shows it in a browser and asks nothing of any other place."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import re
from importlib import resources
from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.errors import SettingsError
from semap.map.chart import Chart
from semap.map.page_backend import plotly_script

__all__ = ["page_html"]

# One script in the page: each file uses names of those before it.
_SCRIPTS = ("dom", "data", "groups", "view", "points", "overlay", "pointing", "search", "panel", "live", "start")
_MARK = re.compile(r"\{\{(\w+)\}\}")
_IN_SCRIPT = re.compile("[<>&\u2028\u2029\ud800-\udfff]")
_ENDS_SCRIPT = re.compile(r"<(?=/script|!--)", re.IGNORECASE)


def page_html(chart: Chart, *, live: bool = False, model: str = "", plotly: str | None = None) -> str:
    """Return a page of HTML with the points of a chart, to be saved as UTF-8 and opened from a disk or served.

    chart: what is shown; its neighbours, where it has them, are what choosing a token shows without a service.
    live: the page asks the service that it came from, under v1/ beside it, for neighbours, analogies, cosines and vectors of
    texts; without it the page makes no request at all, and its Content-Security-Policy forbids every one.
    model: the name of the table in that service. plotly: the script to use in place of that of the installed package.
    Raises MissingExtra (plotly is not installed) and SettingsError (a live page without a model).
    """
    if live and not model:
        raise SettingsError("a live page asks a service about one of its tables; give model, the name of that table")
    library = _inline(plotly_script() if plotly is None else plotly)
    script = _inline('(() => {\n"use strict";\n' + "".join(_asset(f"{name}.js") for name in _SCRIPTS) + "})();\n")
    parts = {
        "title": _text(chart.title or "Map of tokens"),
        "subtitle": _text(chart.subtitle),
        "style": _asset("page.css"),
        "policy": _policy(library, script, live=live),
        "data": _block(_data(chart, live, model)),
        "plotly": library,
        "script": script,
    }
    # One pass, so that braces inside what is put in are left alone; \r would be read as \n and the hashes not fit.
    return _MARK.sub(lambda mark: parts[mark[1]], _asset("page.html"))


def _asset(name: str) -> str:
    return (resources.files("semap.map") / "assets" / name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _text(text: str) -> str:
    """Text as HTML; half of a character pair, which UTF-8 does not have, as a question mark."""
    return html.escape(text.encode("utf-8", "replace").decode("utf-8"))


def _inline(script: str) -> str:
    """A script that no HTML parser ends early; these character pairs stand in JavaScript only inside strings and patterns."""
    return _ENDS_SCRIPT.sub(r"\\x3C", script).replace("\r\n", "\n").replace("\r", "\n")


def _policy(*scripts: str, live: bool) -> str:
    """Only these scripts run, and they reach nothing, or only the service of the page.

    'unsafe-eval': plotly's WebGL part (regl) writes its drawing functions as text. Styles stand on plotly's elements.
    """
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    reached = "'self'" if live else "'none'"
    return (
        f"default-src 'none'; script-src {hashes} 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
        f"connect-src {reached}; base-uri 'none'; form-action 'none'"
    )


def _data(chart: Chart, live: bool, model: str) -> dict[str, Any]:
    similarities = None if chart.similarities is None else np.clip(chart.similarities, -1, 1)
    return {
        "live": live,
        "model": model,
        "axes": list(chart.axes),
        "colour": chart.color,
        "colours": chart.colors,
        "links": [list(link) for link in chart.links],
        "names": chart.cluster_names,
        "tokens": list(chart.tokens),
        "counts": None if chart.counts is None else chart.counts.tolist(),
        "clusters": None if chart.clusters is None else chart.clusters.tolist(),
        "columns": {name: [_plain(value) for value in values] for name, values in chart.columns.items()},
        "x": _packed(chart.coordinates[:, 0], "<f4"),
        "y": _packed(chart.coordinates[:, 1], "<f4"),
        "neighbours": None if chart.neighbours is None else _packed(chart.neighbours, "<i4"),
        "similarities": None if similarities is None else _packed(np.rint(similarities * 32767), "<i2"),
    }


def _plain(value: Any) -> Any:
    """A value that JSON has: numbers that are none become null."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _packed(values: AnyArray, dtype: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype).tobytes()).decode("ascii")


def _block(data: dict[str, Any]) -> str:
    """JSON, one key a line, without a character that HTML, an older JavaScript or UTF-8 would take for something else."""
    lines = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, allow_nan=False)}" for key, value in data.items())
    return _IN_SCRIPT.sub(lambda found: f"\\u{ord(found[0]):04x}", "{" + ",\n".join(lines) + "}")
