"""`semap map`: a table in, a page, a picture or files of its tokens in the plane out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from semap.cli import map_options as options
from semap.cli.interrupts import interrupts
from semap.cli.opened import check_folder_writable, check_writable, open_table, path_of
from semap.cli.options import AsJson, Ids, Quiet, TableName
from semap.cli.sheet import Sheet, show
from semap.cli.stderr import remark
from semap.cli.watched import Watched
from semap.errors import SettingsError

if TYPE_CHECKING:
    from semap.map.chart import Chart
    from semap.table.table import Table

__all__ = ["map"]

_ENDINGS = (".html", ".png", ".svg", ".map")
_MOST_PRINTED = 100  # tokens; more need a page
_WORTH_A_NOTE = 15.0  # seconds


def map(  # the command's name; nothing here needs Python's own
    table: TableName,
    output: options.Outputs = None,
    to: options.To = None,
    method: options.MapMethod = "umap",
    top: options.Top = 10_000,
    words: options.Words = None,
    words_from: options.WordsFrom = None,
    x: options.Axis = None,
    y: options.Axis = None,
    analogy: options.Analogies = None,
    clusters: options.Clusters = "auto",
    color: options.Color = None,
    metadata: options.MetadataFile = None,
    neighbours: options.Neighbours = 10,
    labels: options.Labels = 220,
    title: options.Title = None,
    seed: options.Seed = 1,
    threads: options.Threads = 0,
    ids: Ids = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Draw a table: its tokens in the plane, those that are alike close together.

    A page needs no network and no server; it zooms, searches and shows neighbours. Two axes with a meaning, --x and --y, place
    the tokens between opposite words instead. Without -o, up to 100 chosen tokens are printed with their coordinates.

    \b
    Examples:
      semap map english -o map.html
      semap map english --top 2000 --method pca -o map.png
      semap map english --x man:woman --y common:royal --words king,queen,man,woman
      semap map english --words king,queen,man,woman --analogy man,king,woman --method pca -o royal.svg
      semap map wiki.semap --metadata topics.tsv --color topic -o map.html
      semap map english -o projector/ --to projector
    """
    outputs = output or []
    chosen = _chosen(words, words_from)
    if not outputs and not as_json and (chosen is None or len(chosen) > _MOST_PRINTED):
        raise typer.BadParameter(f"give -o OUT, or up to {_MOST_PRINTED} --words to print")
    if to is not None and not outputs:
        raise typer.BadParameter("--to projector needs the folder to write to; give -o FOLDER")
    _check_outputs(outputs, to, [path for path in (path_of(table), ids, metadata, words_from) if path is not None])
    opened = open_table(table, ids, searching=True)
    from semap.map.charting import chart_of
    from semap.progress import progress_for

    began = time.monotonic()
    if method == "umap" and x is None and not quiet:
        _announce(min(top, len(opened)) if chosen is None else len(chosen))
    chart = chart_of(
        opened, top=top, words=chosen, method=method, x=x, y=y, analogies=analogy or (), clusters=clusters, color=color,
        metadata=metadata, neighbours=neighbours, seed=seed, threads=threads, title=Path(table).stem if title is None else title,
        progress=Watched(progress_for(not quiet), interrupts),
    )  # fmt: skip
    seconds = time.monotonic() - began
    for path in outputs:
        interrupts.stage, interrupts.writing = f"writing {path}", True
        _write(chart, opened, path, to, labels)
    if as_json or not (quiet and outputs):
        _show(chart, outputs, seconds, as_json)


def _chosen(words: Sequence[str] | None, words_from: Path | None) -> list[str] | None:
    """The tokens that were asked for, from the command line and a file."""
    chosen = list(words or ())
    if words_from is not None:
        from semap.text.lines import Lines
        from semap.text.source import Files, find_source

        found = find_source(words_from, "strict")
        assert isinstance(found, Files)  # what a path always is
        chosen += [line.text for line in Lines(found, "strict") if line.text]
    return chosen if words is not None or words_from is not None else None


def _check_outputs(outputs: Sequence[Path], to: str | None, inputs: Sequence[Path]) -> None:
    """Refuse now what could not be written after minutes of work."""
    for path in outputs:
        if to == "projector":
            check_folder_writable(path)
            continue
        ending = path.suffix.lower()
        if ending not in _ENDINGS:
            known = "a page (.html), a picture (.png, .svg) or coordinates (.map)"
            raise SettingsError(f"{path}: its ending says no form; give {known}, or --to projector for a folder")
        check_writable(path, "", inputs)
        if ending == ".html":
            from semap.map.page_backend import plotly_script

            plotly_script()
        elif ending != ".map":
            from semap.map.picture_backend import check_library

            check_library()


def _announce(n_tokens: int) -> None:
    from semap.map.coordinates import expected_seconds

    seconds = expected_seconds(n_tokens)
    if seconds >= _WORTH_A_NOTE:
        why = "on one thread, so that the same seed gives the same map"
        remark(f"UMAP of {n_tokens:,} tokens takes about {seconds:.0f} s, {why}; --method pca takes none of them")


def _write(chart: Chart, table: Table, path: Path, to: str | None, labels: int) -> None:
    if to == "projector":
        from semap.map.projector import write_projector

        write_projector(chart, table, path)
    elif path.suffix.lower() == ".map":
        from semap.map.stored import save_chart

        save_chart(chart, path, table)
    elif path.suffix.lower() == ".html":
        from semap.map.page import page_html
        from semap.storage.atomic import atomic_file

        with atomic_file(path) as file:
            file.write(page_html(chart).encode("utf-8", "backslashreplace"))
    else:
        from semap.map.picture import write_picture

        write_picture(chart, path, labels=labels)


def _show(chart: Chart, outputs: Sequence[Path], seconds: float, as_json: bool) -> None:
    """Say what was written; without outputs, the coordinates themselves."""
    names = [{"name": name, "tokens": int(n)} for name, n in zip(chart.cluster_names, _sizes(chart), strict=True)]
    document: dict[str, Any] = {**chart.facts, "axes": list(chart.axes), "clusters": names, "seconds": round(seconds, 3)}
    document["links"] = [list(link) for link in chart.links]
    document["outputs"] = [{"path": str(path), "bytes": _size(path)} for path in outputs]
    if not outputs:
        document["points"] = [
            {"token": token, "x": place[0], "y": place[1]}
            for token, place in zip(chart.tokens, chart.coordinates.tolist(), strict=True)
        ]
    show(document, [_sheet(chart, outputs)], as_json)


def _sheet(chart: Chart, outputs: Sequence[Path]) -> Sheet:
    if outputs:
        lines = [(f"wrote {path}: {chart.subtitle}, {_size(path):,} bytes",) for path in outputs]
        return Sheet(("",), lines)
    pairs = zip(chart.tokens, chart.coordinates.tolist(), strict=True)
    rows = [(token, f"{x:.3f}", f"{y:.3f}") for token, (x, y) in pairs]
    names = ("token", chart.axes[0] or "x", chart.axes[1] or "y")
    return Sheet(names, rows, title=chart.subtitle, right=frozenset({1, 2}), headings=True, notes=[chart.subtitle])


def _sizes(chart: Chart) -> list[int]:
    import numpy as np

    return [] if chart.clusters is None else np.bincount(chart.clusters, minlength=len(chart.cluster_names)).tolist()


def _size(path: Path) -> int:
    """Bytes of a file, or of the files in a folder."""
    if path.is_dir():
        return sum(each.stat().st_size for each in path.iterdir() if each.is_file())
    return path.stat().st_size
